"""A server that answers every request with the same reply, so quick that the client is what is measured.

It prints its port, and lives as long as its standard input.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import trustme

_MEDIUM = {
    "id": 1,
    "idMal": 1,
    "type": "ANIME",
    "title": {"romaji": "A", "english": "A", "native": "A"},
    "siteUrl": "https://anilist.co/anime/1",
    "isAdult": False,
}


def reply(size: int) -> bytes:
    """Return the answer: a medium whose description makes the whole some ``size`` bytes."""
    content = {"data": {"Media": {**_MEDIUM, "description": ""}}}
    content["data"]["Media"]["description"] = "x" * max(size - len(json.dumps(content)), 0)
    body = json.dumps(content).encode()
    head = (
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        f"X-RateLimit-Limit: 90\r\nX-RateLimit-Remaining: 89\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def complete(data: bytes) -> bool:
    head, end, body = data.partition(b"\r\n\r\n")
    sizes = [line[15:] for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"]
    return bool(end) and len(body) >= sum(map(int, sizes))


def answer_all(connection: socket.socket, answer: bytes) -> None:
    with contextlib.suppress(OSError), connection:
        while data := connection.recv(65_536):
            while not complete(data):
                data += connection.recv(65_536)
            connection.sendall(answer)


def serve(size: int, certificate: str) -> None:
    """Answer on one connection after another, each in a process of its own."""
    answer = reply(size)
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0), backlog=256) as server:
        print(server.getsockname()[1], flush=True)
        threading.Thread(target=end_with_parent, daemon=True).start()
        while True:
            connection = server.accept()[0]
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if os.fork() == 0:
                with contextlib.suppress(OSError):
                    answer_all(
                        context.wrap_socket(connection, server_side=True)
                        if context
                        else connection,
                        answer,
                    )
                os._exit(0)
            connection.close()


def end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


@contextlib.contextmanager
def standin(size: int = 2000, *, tls: bool = False) -> Iterator[tuple[str, str]]:
    """Run one; yield its origin and, with ``tls``, the path of the authority to trust."""
    command = [sys.executable, "-m", "benchmarks.standin", "--size", str(size)]
    with tempfile.TemporaryDirectory() as folder:
        authority = str(Path(folder) / "authority.pem")
        if tls:
            ca = trustme.CA()
            pem = Path(folder) / "server.pem"
            ca.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(pem)
            ca.cert_pem.write_to_path(authority)
            command += ["--certificate", str(pem)]
        with subprocess.Popen(  # noqa: S603  ourselves
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as server:
            assert server.stdout is not None  # noqa: S101  it was asked for
            port = int(server.stdout.readline())
            try:
                yield f"{'https' if tls else 'http'}://127.0.0.1:{port}", authority if tls else ""
            finally:
                server.kill()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=2000)
    parser.add_argument("--certificate", default="")
    options = parser.parse_args()
    serve(options.size, options.certificate)

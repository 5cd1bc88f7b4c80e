"""A server that answers every request with the same reply, so quick that the client is what is measured.

It prints its port, and lives as long as its standard input.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import json
import os
import random
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import trustme

_MEDIUM = {
    "id": 1,
    "idMal": 1,
    "type": "ANIME",
    "title": {"romaji": "A", "english": "A", "native": "A"},
    "siteUrl": "https://anilist.co/anime/1",
    "isAdult": False,
}
_WORDS = ("sword", "hero", "magic", "girl", "school", "time", "summer", "night", "star", "moon")


def content(size: int) -> bytes:
    """Return an answer of some ``size`` bytes: a medium, and a list that is as long as it takes."""
    chance = random.Random(1)  # noqa: S311  the same answer each time
    medium = {**_MEDIUM, "description": " ".join(chance.choices(_WORDS, k=320))}
    entries: list[dict[str, Any]] = []
    while len(found := json.dumps({"data": {"Media": medium, "list": entries}})) < size:
        share = (size - len(found)) // 1000
        entries += [_entry(len(entries) + number, chance) for number in range(share or 1)]
    return found.encode()


def _entry(number: int, chance: random.Random) -> dict[str, Any]:
    """Return an entry of somebody's list, with what is usually asked for."""
    title = " ".join(chance.choices(_WORDS, k=3))
    return {
        "id": chance.randrange(10**9),
        "status": "COMPLETED",
        "score": chance.randrange(101) / 10,
        "progress": chance.randrange(100),
        "notes": None,
        "startedAt": {"year": 2020, "month": chance.randrange(1, 13), "day": None},
        "updatedAt": 1_600_000_000 + chance.randrange(10**8),
        "media": {
            **_MEDIUM,
            "id": number,
            "title": {"romaji": title, "english": title, "native": "葬送のフリーレン"},
            "coverImage": {
                "large": f"https://s4.anilist.co/cover/bx{chance.getrandbits(60):x}.jpg"
            },
            "siteUrl": f"https://anilist.co/anime/{number}",
        },
    }


def reply(body: bytes, encoding: str = "identity") -> bytes:
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: {encoding}\r\n"
        f"X-RateLimit-Limit: 90\r\nX-RateLimit-Remaining: 89\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def replies(size: int) -> tuple[bytes, bytes]:
    """Return the answer as it is, and in gzip, which AniList speaks to whoever understands it."""
    body = content(size)
    return reply(body), reply(gzip.compress(body, 6), "gzip")


def complete(data: bytes) -> bool:
    head, end, body = data.partition(b"\r\n\r\n")
    sizes = [line[15:] for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"]
    return bool(end) and len(body) >= sum(map(int, sizes))


def answer_all(connection: socket.socket, answers: tuple[bytes, bytes]) -> None:
    with contextlib.suppress(OSError), connection:
        while data := connection.recv(65_536):
            while not complete(data):
                data += connection.recv(65_536)
            connection.sendall(answers[b"gzip" in data])


def serve(size: int, certificate: str) -> None:
    """Answer on one connection after another, each in a process of its own."""
    answers = replies(size)
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
                        answers,
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

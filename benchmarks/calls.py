"""What a call costs beside ``requests``: ``python -m benchmarks.calls``.

The same query, the same stand-in with a fixed reply, interleaved in one run; medians of many rounds, and
ratios to a kept ``requests.Session`` that posts and reads the JSON. The floor is a raw socket. Nothing
here takes AniList's 100 to 400 ms: it is what a worker's processor pays besides.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests
from django.conf import settings

QUERY = "query Title($id: Int) { Media(id: $id) { id title { romaji } description } }"


def serve(size: int) -> None:
    """Be the stand-in: read a request, send the fixed reply, on one connection after another."""
    text = {"data": {"Media": {"id": 1, "title": {"romaji": "A"}, "description": "x" * size}}}
    body = json.dumps(text).encode()
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    reply = head.encode() + body
    with socket.create_server(("127.0.0.1", 0)) as server:
        print(server.getsockname()[1], flush=True)
        while True:
            connection = server.accept()[0]
            if os.fork() == 0:
                answer_all(connection, reply)
                os._exit(0)
            connection.close()


def answer_all(connection: socket.socket, reply: bytes) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while data := connection.recv(65_536):
        while not complete(data):
            data += connection.recv(65_536)
        connection.sendall(reply)


def complete(data: bytes) -> bool:
    head, end, body = data.partition(b"\r\n\r\n")
    sizes = [line[15:] for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"]
    return bool(end) and len(body) >= sum(map(int, sizes))


def contestants(port: int) -> dict[str, Callable[[], Any]]:
    """Return what is compared, by name."""
    url = f"http://127.0.0.1:{port}/graphql"
    payload = {"query": QUERY, "variables": {"id": 1}}
    plain = requests.Session()
    client = ours(port)
    return {
        "raw socket": raw(port, json.dumps(payload).encode()),
        "requests.Session": lambda: plain.post(url, json=payload, timeout=8).json()["data"],
        "requests.post": lambda: requests.post(url, json=payload, timeout=8).json()["data"],
        "ours, asked": lambda: client.execute(QUERY, {"id": 1}, cache=0),
        "ours, remembered": lambda: client.execute(QUERY, {"id": 1}),
    }


def raw(port: int, body: bytes) -> Callable[[], Any]:
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    head = f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n"
    request = head.encode() + body

    def exchange() -> Any:
        connection.sendall(request)
        data = connection.recv(65_536)
        while not complete(data):
            data += connection.recv(1 << 20)
        return json.loads(data.partition(b"\r\n\r\n")[2])["data"]

    return exchange


def ours(port: int) -> Any:
    """Return the whole client as a visitor's page has it: budget, retries, memory, classification."""
    import django  # noqa: PLC0415  settings come first

    folder = tempfile.mkdtemp(prefix="anilist-benchmark-")
    settings.configure(
        DEBUG=True,
        SECRET_KEY="only-for-benchmarks",  # noqa: S106
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django_anilist"],
        ANILIST_SANDBOX_URL=f"http://127.0.0.1:{port}",
        ANILIST_BUDGET=str(Path(folder) / "budget"),
    )
    django.setup()
    from django.contrib.auth.models import AnonymousUser  # noqa: PLC0415

    from django_anilist import gateway, shared  # noqa: PLC0415
    from django_anilist.api.turns import WEB  # noqa: PLC0415

    shared.BUDGET_WINDOW = 0.0  # every slot is free again at once: the cost, and no waiting
    return gateway.AniList(AnonymousUser, lane=WEB, max_wait=2.0)


def measure(port: int, rounds: int, calls: int) -> dict[str, float]:
    """Return the median seconds of a call, by name, the contestants taking turns."""
    players = contestants(port)
    times: dict[str, list[float]] = {name: [] for name in players}
    for play in players.values():
        for _ in range(20):
            play()
    for _ in range(rounds):
        for name, play in players.items():
            started = time.perf_counter()
            for _ in range(calls):
                play()
            times[name].append((time.perf_counter() - started) / calls)
    return {name: statistics.median(found) for name, found in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--calls", type=int, default=50, help="calls of each in a round")
    parser.add_argument("--size", type=int, default=2000, help="bytes of the reply, about")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.size)
    command = [sys.executable, "-m", "benchmarks.calls", "--serve", "--size", str(options.size)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        assert server.stdout is not None  # noqa: S101  it was asked for
        found = measure(int(server.stdout.readline()), options.rounds, options.calls)
        server.kill()
    print(f"{'call':<20}{'x floor':>10}{'x requests.Session':>22}")
    for name, seconds in found.items():
        floor, session = found["raw socket"], found["requests.Session"]
        print(f"{name:<20}{seconds / floor:>10.2f}{seconds / session:>22.3f}")


if __name__ == "__main__":
    main()

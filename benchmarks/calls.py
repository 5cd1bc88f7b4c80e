"""What a call costs beside other clients: ``python -m benchmarks --only calls``.

The same stand-in with a fixed reply, everybody interleaved in one run; medians of many rounds, as
ratios to a kept ``requests.Session`` that posts and reads the JSON. The floor is a raw socket. Nothing
here takes AniList's 100 to 400 ms: it is what a worker's processor pays besides.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings

from benchmarks.report import Table
from benchmarks.site import set_up
from benchmarks.standin import standin

QUERY = "query Title($id: Int) { Media(id: $id) { id title { romaji } description } }"
PAYLOAD = {"query": QUERY, "variables": {"id": 1}}
AT_ONCE = 50

Play = Callable[[], Any]


def contestants(origin: str, authority: str = "") -> dict[str, Play]:
    """Return what is compared, by name: those of our peers that are installed."""
    url = f"{origin}/graphql"
    plain = requests.Session()
    more: dict[str, Any] = {"json": PAYLOAD, "timeout": 8, "verify": authority or True}
    client = ours(origin, authority)
    found: dict[str, Play] = {} if authority else {"raw socket": raw(origin)}
    found |= {
        "requests.Session": lambda: plain.post(url, **more).json()["data"],
        "requests.post": lambda: requests.post(url, **more).json()["data"],  # noqa: S113  in more
    }
    if not authority:
        for peer in (httpx_client, gql_client, pyanilist_client, anisearch_client, wrapper_client):
            with contextlib.suppress(ImportError):
                found |= peer(url)
    return found | {
        "ours, asked": lambda: client.execute(QUERY, {"id": 1}, cache=0),
        "ours, remembered": lambda: client.execute(QUERY, {"id": 1}),
    }


def raw(origin: str) -> Play:
    connection = socket.create_connection(("127.0.0.1", urlsplit(origin).port or 80))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    body = json.dumps(PAYLOAD).encode()
    head = f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n"
    request = head.encode() + body

    def exchange() -> Any:
        connection.sendall(request)
        parts = [connection.recv(1 << 20)]
        size = sum(map(int, _lengths(parts[0])))
        while sum(map(len, parts)) < parts[0].index(b"\r\n\r\n") + 4 + size:
            parts.append(connection.recv(1 << 20))
        return json.loads(b"".join(parts).partition(b"\r\n\r\n")[2])["data"]

    return exchange


def _lengths(data: bytes) -> Iterator[bytes]:
    for line in data.partition(b"\r\n\r\n")[0].lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            yield line[15:]


def httpx_client(url: str) -> dict[str, Play]:
    import httpx  # noqa: PLC0415  may be missing

    client = httpx.Client()
    return {"httpx.Client": lambda: client.post(url, json=PAYLOAD).json()["data"]}


def gql_client(url: str) -> dict[str, Play]:
    from gql import Client, gql  # noqa: PLC0415
    from gql.transport.requests import RequestsHTTPTransport  # noqa: PLC0415

    query = gql(QUERY)
    session = Client(transport=RequestsHTTPTransport(url=url)).connect_sync()
    query.variable_values = {"id": 1}
    return {"gql, parsed once": lambda: session.execute(query)}


def pyanilist_client(url: str) -> dict[str, Play]:
    from pyanilist import AniList  # noqa: PLC0415

    client = AniList(url)
    return {"pyanilist": lambda: client.get_media(id=1)}


def anisearch_client(url: str) -> dict[str, Play]:
    from Anisearch import Anilist  # noqa: PLC0415
    from Anisearch.connection import SETTINGS  # noqa: PLC0415

    SETTINGS["api_url"] = url
    client = Anilist()
    return {"anisearch": lambda: client.raw_query({"id": 1}, QUERY)}


def wrapper_client(url: str) -> dict[str, Play]:
    import anilist.client as wrapper  # noqa: PLC0415

    wrapper.ANILIST_ENDPOINT = url
    client = wrapper.AniListClient(rate_limit_rpm=10**9)
    return {"anilist-wrapper": lambda: client.get_media(1)}


def ours(origin: str, authority: str = "") -> Any:
    """Return the whole client as a visitor's page has it: budget, retries, memory, classification."""
    set_up()
    settings.ANILIST_SANDBOX_URL = origin
    settings.ANILIST_CA_BUNDLE = authority or None

    from django.contrib.auth.models import AnonymousUser  # noqa: PLC0415  settings come first

    from django_anilist import gateway, shared  # noqa: PLC0415
    from django_anilist.api.turns import WEB  # noqa: PLC0415

    shared.BUDGET_WINDOW = 0.0  # every slot is free again at once: the cost, and no waiting
    return gateway.AniList(AnonymousUser, lane=WEB, max_wait=2.0)


def measure(players: dict[str, Play], rounds: int, calls: int) -> dict[str, tuple[float, float]]:
    """Return the median seconds of a call and of its processor time, the contestants taking turns."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in players}
    for play in players.values():
        for _ in range(20):
            play()
    for _ in range(rounds):
        for name, play in players.items():
            started, busy = time.perf_counter(), time.process_time()
            for _ in range(calls):
                play()
            spent = time.perf_counter() - started, time.process_time() - busy
            times[name].append((spent[0] / calls, spent[1] / calls))
    return {
        name: (
            statistics.median(wall for wall, _ in found),
            statistics.median(cpu for _, cpu in found),
        )
        for name, found in times.items()
    }


def table(size: int, rounds: int, calls: int, *, tls: bool = False) -> Table:
    with standin(size, tls=tls) as (origin, authority):
        found = measure(contestants(origin, authority), rounds, calls)
    wall, cpu = found["requests.Session"]
    words = f"{size // 1000} KB over TLS" if tls else f"{size // 1000} KB"
    return Table(
        f"calls-{size // 1000}kb{'-tls' if tls else ''}",
        f"One call, a reply of {words}",
        "Times a kept requests.Session that posts the same and reads the JSON. Floor: a raw socket.",
        ["client", "x requests.Session", "processor, x requests.Session"],
        [[name, mine[0] / wall, mine[1] / cpu] for name, mine in found.items()],
        "x requests.Session",
    )


async def _together(play: Callable[[], Any]) -> float:
    started = time.perf_counter()
    await asyncio.gather(*(play() for _ in range(AT_ONCE)))
    return (time.perf_counter() - started) / AT_ONCE


async def _asynchronous(origin: str, rounds: int) -> dict[str, float]:
    url, client = f"{origin}/graphql", ours(origin)
    players: dict[str, Callable[[], Any]] = {
        "ours, asked": lambda: client.aexecute(QUERY, {"id": 1}, cache=0),
        "ours, remembered": lambda: client.aexecute(QUERY, {"id": 1}),
    }
    async with contextlib.AsyncExitStack() as stack:
        with contextlib.suppress(ImportError):
            import httpx  # noqa: PLC0415  may be missing

            kept = await stack.enter_async_context(httpx.AsyncClient(timeout=30))
            players = {"httpx.AsyncClient": lambda: kept.post(url, json=PAYLOAD)} | players
        times: dict[str, list[float]] = {name: [] for name in players}
        for _ in range(rounds):
            for name, play in players.items():
                times[name].append(await _together(play))
    return {name: statistics.median(found) for name, found in times.items()}


def asynchronous(rounds: int) -> Table:
    with standin() as (origin, _):
        found = asyncio.run(_asynchronous(origin, rounds))
    base = next(iter(found.values()))
    first = next(iter(found))
    return Table(
        "calls-async",
        f"{AT_ONCE} tasks at once in one event loop, a reply of 2 KB",
        f"Time per call, times {first}. Ours goes through threads: one code base for both worlds.",
        ["client", f"x {first}"],
        [[name, seconds / base] for name, seconds in found.items()],
        f"x {first}",
    )


def tables(*, quick: bool = False) -> Iterator[Table]:
    """Yield all tables of calls."""
    rounds, calls = (3, 10) if quick else (30, 50)
    yield table(2_000, rounds, calls)
    yield table(600_000, rounds, max(calls // 5, 2))
    yield table(2_000, rounds, max(calls // 5, 2), tls=True)
    yield asynchronous(max(rounds // 3, 3))

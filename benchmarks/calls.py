"""What a call costs beside other clients: ``python -m benchmarks --only calls``.

The same stand-in with a fixed reply, everybody interleaved in one run; medians of many rounds, as
ratios to a kept ``requests.Session`` that posts and reads the JSON. The floor is a raw socket. Nothing
here takes AniList's 100 to 400 ms: it is what a worker's processor pays besides.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import random
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from django.conf import settings

from benchmarks.peers import PAYLOAD, QUERY, Play, peers
from benchmarks.report import Table
from benchmarks.site import set_up
from benchmarks.standin import standin
from django_anilist.api import decoding

AT_ONCE = 50
BASE, COLUMN = "requests.Session", "x Session"
#: What is compared with trusts an authority by these.
_TRUST = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


def ours(origin: str, authority: str = "", cache: str = "default") -> Any:
    """Return the whole client as a visitor's page has it: budget, retries, memory, classification.

    Without a ``cache`` it remembers nothing, as the clients that it is compared with.
    """
    set_up()
    settings.ANILIST_CACHE = cache
    settings.ANILIST_SANDBOX_URL = origin
    settings.ANILIST_CA_BUNDLE = authority or None

    from django.contrib.auth.models import AnonymousUser  # noqa: PLC0415  settings come first

    from django_anilist import gateway, shared  # noqa: PLC0415
    from django_anilist.api.turns import WEB  # noqa: PLC0415

    shared.BUDGET_WINDOW = 0.0  # every slot is free again at once: the cost, and no waiting
    return gateway.AniList(AnonymousUser, lane=WEB, max_wait=2.0)


def our_ways(origin: str, authority: str) -> dict[str, Play]:
    keeping_nothing, client = ours(origin, authority, cache=""), ours(origin, authority)

    from django_anilist import shared  # noqa: PLC0415  settings come first

    def cold() -> Any:
        shared.close_connections()
        return ours(origin, authority).execute(QUERY, {"id": 1}, cache=0)

    ways: dict[str, Play] = {
        "ours, cold: a new connection": cold,
        "ours, asked": lambda: client.execute(QUERY, {"id": 1}, cache=0),
        "ours, asked, nothing kept": lambda: keeping_nothing.execute(QUERY, {"id": 1}),
        "ours, remembered": lambda: client.execute(QUERY, {"id": 1}),
    }
    if decoding.orjson is None:
        return ways
    return {**ways, "ours, asked, without orjson": _by_python(ways["ours, asked"])}


def _by_python(play: Play) -> Play:
    """Have JSON read as it is where there is no orjson."""

    usual = decoding.orjson

    def played() -> Any:
        decoding.orjson = None
        try:
            return play()
        finally:
            decoding.orjson = usual

    return played


Spent = tuple[float, float]


def measure(players: dict[str, Play], rounds: int, calls: int) -> dict[str, list[Spent]]:
    """Return the seconds of a call and of its processor time in each round, everybody taking turns.

    In another order each round: who comes after a client of new connections finds a server that is
    still closing them.
    """
    times: dict[str, list[Spent]] = {name: [] for name in players}
    for play in players.values():
        for _ in range(20):
            play()
    gc.freeze()  # what is there by now is nobody's to look through
    for _ in range(rounds):
        for name in random.sample(list(players), len(players)):
            times[name].append(_timed(players[name], calls))
    gc.unfreeze()
    return times


def ratio(ours: list[Spent], base: list[Spent], what: int = 0) -> float:
    """Return how many times as much ours is, round by round: what slows a round down slows all of it."""
    return statistics.median(a[what] / b[what] for a, b in zip(ours, base, strict=True))


def _timed(play: Play, calls: int) -> Spent:
    gc.collect()  # what somebody else left is not to be cleared away in this one's time
    play()  # and to come back to a cold processor is not what a call costs
    started, busy = time.perf_counter(), time.process_time()
    for _ in range(calls):
        play()
    return (time.perf_counter() - started) / calls, (time.process_time() - busy) / calls


@contextlib.contextmanager
def trusted(authority: str) -> Iterator[None]:
    """Let everybody trust ``authority``, where there is one."""
    if authority:
        os.environ.update(dict.fromkeys(_TRUST, authority))
    try:
        yield
    finally:
        for name in _TRUST:
            os.environ.pop(name, None)


def table(size: int, rounds: int, calls: int, *, tls: bool = False) -> Table:
    with standin(size, tls=tls) as (origin, authority), trusted(authority):
        players = peers(f"{origin}/graphql") | our_ways(origin, authority)
        found = measure(players, rounds, calls)
    base, floor = found[BASE], found["raw socket"]
    words = f"{size // 1000} KB over TLS" if tls else f"{size // 1000} KB"
    return Table(
        f"calls-{size // 1000}kb{'-tls' if tls else ''}",
        f"One call, a reply of {words}",
        f"Times a kept {BASE} that posts the same and reads the JSON: by the clock, by the processor "
        "time of this process, and times the floor, which is a raw socket. No other client keeps what "
        "comes back; ours does, unless it is told otherwise.",
        ["client", COLUMN, "processor", "x floor"],
        [
            [name, ratio(mine, base), ratio(mine, base, 1), ratio(mine, floor)]
            for name, mine in found.items()
        ],
        COLUMN,
    )


# Many tasks of one event loop

Tasks = Callable[[], Awaitable[Any]]


async def _together(play: Tasks) -> float:
    started = time.perf_counter()
    await asyncio.gather(*(play() for _ in range(AT_ONCE)))
    return (time.perf_counter() - started) / AT_ONCE


async def _asynchronous(origin: str, rounds: int) -> dict[str, float]:
    url, client = f"{origin}/graphql", ours(origin)
    base = peers(url)[BASE]
    async with contextlib.AsyncExitStack() as stack:
        players: dict[str, Tasks] = {f"{BASE} in threads": lambda: asyncio.to_thread(base)}
        with contextlib.suppress(ImportError):
            import httpx  # noqa: PLC0415  may be missing

            kept = await stack.enter_async_context(httpx.AsyncClient(timeout=30))
            players["httpx.AsyncClient"] = lambda: kept.post(url, json=PAYLOAD)
        players["ours, asked"] = lambda: client.aexecute(QUERY, {"id": 1}, cache=0)
        players["ours, remembered"] = lambda: client.aexecute(QUERY, {"id": 1})
        times: dict[str, list[float]] = {name: [] for name in players}
        for _ in range(rounds):
            for name, play in players.items():
                times[name].append(await _together(play))
    return {name: statistics.median(found) for name, found in times.items()}


def asynchronous(rounds: int) -> Table:
    with standin() as (origin, _):
        found = asyncio.run(_asynchronous(origin, rounds))
    base = found[f"{BASE} in threads"]
    return Table(
        "calls-async",
        f"{AT_ONCE} tasks at once in one event loop, a reply of 2 KB",
        f"Time per call, times a {BASE} called by ``asyncio.to_thread``. Ours goes through threads too: "
        "one code base for both worlds.",
        ["client", COLUMN],
        [[name, seconds / base] for name, seconds in found.items()],
        COLUMN,
    )


def tables(*, quick: bool = False) -> Iterator[Table]:
    """Yield all tables of calls."""
    rounds = 3 if quick else 100
    yield table(2_000, rounds, calls=20)
    yield table(600_000, max(rounds // 3, 3), calls=10)
    yield table(2_000, rounds, calls=20, tls=True)
    yield asynchronous(max(rounds // 10, 3))

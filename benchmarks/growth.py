"""How costs grow: ``python -m benchmarks --only growth``. An exponent of 1 is linear, 0 is constant."""

from __future__ import annotations

import statistics
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings

from benchmarks.cells import Cell
from benchmarks.people import fill
from benchmarks.report import Table, exponent
from benchmarks.sandbox import sandbox as sandbox_process
from benchmarks.site import make_tables, set_up
from django_anilist.api.client import Client
from django_anilist.api.endpoints import sandbox
from django_anilist.api.memory import Memory
from django_anilist.api.transport import Call, Reply, RequestsTransport

#: Whatever takes longer is not repeated, in seconds.
_LONG = 0.5
#: What is quick is done so often for one figure.
_TIMES = 50


@dataclass(frozen=True)
class Point:
    """What was measured at one size: seconds, the most bytes held meanwhile, requests to AniList."""

    size: int
    seconds: float
    memory: int
    requests: int = 0


Axis = Callable[[tuple[int, ...]], Iterator[Point]]


def seconds(work: Callable[[], Any]) -> float:
    """Return the median time of ``work``, of one try where it is long."""
    times: list[float] = []
    while len(times) < 7 and sum(times) < _LONG:
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def memory(work: Callable[[], Any]) -> int:
    """Return the bytes that ``work`` holds at its peak, in all threads of this process."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def often(size: int, work: Callable[[], Any]) -> Point:
    """Measure what is quick and asks nobody."""
    work()
    return Point(size, seconds(lambda: [work() for _ in range(_TIMES)]) / _TIMES, memory(work))


class CountingTransport(RequestsTransport):
    """Knows how many requests it has sent, and waits for a busy machine."""

    sent = 0

    def send(self, call: Call) -> Reply:
        self.sent += 1
        return super().send(replace(call, deadline=600.0))


def users(sizes: tuple[int, ...]) -> Iterator[Point]:
    """The row of one user among so many."""
    from django.contrib.auth.models import User  # noqa: PLC0415  settings come first

    from django_anilist import tokens  # noqa: PLC0415

    settings.DEBUG = False  # which would keep every query
    for size in sizes:
        fill(size)
        user = User.objects.order_by("pk")[size // 2]
        yield often(size, lambda user=user: tokens.for_user(User(pk=user.pk)))
    settings.DEBUG = True


def lists(sizes: tuple[int, ...]) -> Iterator[Point]:
    """A whole list of so many entries, from the sandbox."""
    for size in sizes:
        with sandbox_process("--entries", str(size)) as (address, _, _):
            transport = CountingTransport(referer="http://localhost/", user_agent="benchmark")
            client = Client(transport, sandbox(address))

            def work(client: Client = client) -> Any:
                return client.media_list(user_name="alice")

            taken, transport.sent = seconds(work), 0
            yield Point(size, taken, memory(work), transport.sent)


def remembered(sizes: tuple[int, ...]) -> Iterator[Point]:
    """One answer among so many that are remembered."""
    from django_anilist.answer_store import DjangoAnswerStore  # noqa: PLC0415  settings come first

    store = Memory(DjangoAnswerStore("default"))
    generation = store.generation(None)
    kept = 0
    for size in sizes:
        digests = [number.to_bytes(16, "big") for number in range(kept, size)]
        for start in range(0, len(digests), 500):
            some = digests[start : start + 500]
            store.keep(None, generation, dict.fromkeys(some, (200, b"{}")), 3600)
        kept = size
        wanted = (size // 2).to_bytes(16, "big")
        yield often(size, lambda wanted=wanted: store.recall(None, wanted))


def views(sizes: tuple[int, ...]) -> Iterator[Point]:
    """So many views that want the same medium at once."""
    from django.contrib.auth.models import AnonymousUser  # noqa: PLC0415  settings come first

    from django_anilist import answer_store, shared  # noqa: PLC0415
    from django_anilist.gateway import AniList  # noqa: PLC0415
    from django_anilist.signals import anilist_asked  # noqa: PLC0415

    attempts: list[int] = []

    def heard(sender: Any, event: Any, **more: Any) -> None:
        attempts.append(event.attempts)

    def together(size: int) -> None:
        answer_store._local.clear()
        attempts.clear()
        threads = [
            threading.Thread(target=lambda: AniList.for_page(AnonymousUser()).media(1))
            for _ in range(size)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    shared.BUDGET_WINDOW = 0.0
    anilist_asked.connect(heard)
    with sandbox_process() as (address, _, _):
        settings.ANILIST_SANDBOX_URL = address
        for size in sizes:
            taken = seconds(lambda size=size: together(size))
            held = memory(lambda size=size: together(size))
            yield Point(size, taken, held, sum(attempts))
    anilist_asked.disconnect(heard)


AXES: dict[str, tuple[Axis, tuple[int, ...]]] = {
    "users: the row of one": (users, (10, 100, 1_000, 10_000, 100_000)),
    "entries: a whole list": (lists, (10, 100, 1_000, 5_000, 11_000)),
    "answers remembered: one of them": (remembered, (10, 100, 1_000, 10_000)),
    "views at once: all of them": (views, (1, 10, 50, 100, 200)),
}


def tables(*, quick: bool = False) -> Iterator[Table]:
    set_up()
    make_tables()
    found = {
        name: list(axis(sizes[:3] if quick else sizes)) for name, (axis, sizes) in AXES.items()
    }
    yield Table(
        "growth",
        "How costs grow",
        "The exponents of the power laws that fit best: 1 is linear, 0 does not grow at all. Time, and "
        "the memory of Python's objects at its peak; requests to AniList at the most of them.",
        ["ours, what grows", "exponent of time", "exponent of memory", "requests"],
        [_fitted(name, points) for name, points in found.items()],
        "exponent of time",
    )
    yield Table(
        "growth-points",
        "How costs grow, point by point",
        "Milliseconds, mebibytes at the peak, and requests to AniList.",
        ["ours, what grows", "milliseconds", "MiB", "requests"],
        [
            [f"{p.size:,} {name}", p.seconds * 1000, p.memory / 2**20, p.requests]
            for name, points in found.items()
            for p in points
        ],
    )


def _fitted(name: str, points: list[Point]) -> list[Cell]:
    return [
        name,
        exponent([(float(p.size), p.seconds) for p in points]),
        exponent([(float(p.size), float(max(p.memory, 1))) for p in points]),
        points[-1].requests,
    ]

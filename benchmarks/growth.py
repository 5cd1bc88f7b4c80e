"""How costs grow: ``python -m benchmarks --only growth``. An exponent of 1 is linear, 0 is constant."""

from __future__ import annotations

import datetime
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings

from benchmarks.report import Cell, Table, exponent
from benchmarks.site import set_up
from django_anilist.api.client import Client
from django_anilist.api.endpoints import sandbox
from django_anilist.api.memory import Memory
from django_anilist.api.transport import RequestsTransport
from django_anilist.sandbox import Plan, Sandbox

#: Whatever takes longer is not repeated, in seconds.
_LONG = 0.5


def seconds(work: Callable[[], Any]) -> float:
    """Return the median time of ``work``, of one try where it is long."""
    times: list[float] = []
    while len(times) < 7 and sum(times) < _LONG:
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def users(sizes: tuple[int, ...]) -> Iterator[tuple[int, float]]:
    """The row of one user among so many."""
    from django.contrib.auth.models import User  # noqa: PLC0415  settings come first
    from django.core.management import call_command  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from django_anilist import tokens  # noqa: PLC0415
    from django_anilist.models import AniListToken  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    now = timezone.now()
    dates = {"connected_at": now, "expires_at": now + datetime.timedelta(days=365)}
    for size in sizes:
        have = User.objects.count()
        fresh = [User(username=f"user{number}") for number in range(have, size)]
        made = User.objects.bulk_create(fresh, batch_size=2000)
        AniListToken.objects.bulk_create(
            [AniListToken(user=user, anilist_id=user.pk, sealed="-", **dates) for user in made],
            batch_size=2000,
        )
        user = User.objects.order_by("pk")[size // 2]
        yield size, seconds(lambda user=user: [tokens.for_user(user) for _ in range(50)]) / 50


def lists(sizes: tuple[int, ...]) -> Iterator[tuple[int, float]]:
    """A whole list of so many entries, from the sandbox."""
    for size in sizes:
        with Sandbox(plan=Plan(entries=size)) as box:
            transport = RequestsTransport(referer="http://localhost/", user_agent="benchmark")
            client = Client(transport, sandbox(box.url))
            yield size, seconds(lambda client=client: client.media_list(user_name="alice"))


def remembered(sizes: tuple[int, ...]) -> Iterator[tuple[int, float]]:
    """One answer among so many that are remembered."""
    from django_anilist.answer_store import DjangoAnswerStore  # noqa: PLC0415

    memory = Memory(DjangoAnswerStore("default"))
    generation = memory.generation(None)
    kept = 0
    for size in sizes:
        digests = [number.to_bytes(16, "big") for number in range(kept, size)]
        for start in range(0, len(digests), 500):
            some = digests[start : start + 500]
            memory.keep(None, generation, dict.fromkeys(some, (200, b"{}")), 3600)
        kept = size
        wanted = (size // 2).to_bytes(16, "big")
        yield (
            size,
            seconds(lambda wanted=wanted: [memory.recall(None, wanted) for _ in range(50)]) / 50,
        )


def views(sizes: tuple[int, ...]) -> Iterator[tuple[int, float]]:
    """So many views that want the same medium at once."""
    from django.contrib.auth.models import AnonymousUser  # noqa: PLC0415

    from django_anilist import answer_store, shared  # noqa: PLC0415
    from django_anilist.gateway import AniList  # noqa: PLC0415

    shared.BUDGET_WINDOW = 0.0
    with Sandbox() as box:
        settings.ANILIST_SANDBOX_URL = box.url
        for size in sizes:

            def together(size: int = size) -> None:
                answer_store._local.clear()
                threads = [
                    threading.Thread(target=lambda: AniList.for_page(AnonymousUser()).media(1))
                    for _ in range(size)
                ]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()

            yield size, seconds(together)


AXES: dict[
    str, tuple[Callable[[tuple[int, ...]], Iterator[tuple[int, float]]], tuple[int, ...]]
] = {
    "users: one user's row": (users, (10, 100, 1_000, 10_000, 100_000)),
    "entries: a whole list": (lists, (10, 100, 1_000, 5_000, 11_000)),
    "answers remembered: one of them": (remembered, (10, 100, 1_000, 10_000)),
    "views at once: all of them": (views, (1, 10, 50, 100, 200)),
}


def tables(*, quick: bool = False) -> Iterator[Table]:
    set_up()
    rows: list[list[Cell]] = []
    for name, (measure, sizes) in AXES.items():
        points = list(measure(sizes[:3] if quick else sizes))
        slope = exponent([(float(size), taken) for size, taken in points])
        first, last = points[0], points[-1]
        rows.append([name, first[0], first[1] * 1000, last[0], last[1] * 1000, slope])
    yield Table(
        "growth",
        "How costs grow",
        "Milliseconds at the least and the most, and the exponent of the power law that fits between.",
        ["what grows: what is timed", "from", "ms", "to", "ms there", "exponent"],
        rows,
    )

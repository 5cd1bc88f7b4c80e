"""What a page of many media costs: ``python -m benchmarks --only pages``.

Against the sandbox, which answers each request after 200 ms, as the network and AniList would.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import requests
from django.conf import settings

from benchmarks.counting import CountingSandbox
from benchmarks.people import connected
from benchmarks.queries import queries_in
from benchmarks.report import Table
from benchmarks.site import make_tables, set_up
from django_anilist.sandbox.seed import medium

#: Seconds that every answer takes.
DELAY = 0.2
#: What AniList allows in a minute.
BUDGET = 30
ONE = "query ($id: Int) { Media(id: $id) { id title { userPreferred } coverImage { large } } }"
FIFTY = """query ($ids: [Int]) { Page(perPage: 50) { media(id_in: $ids) {
  id title { userPreferred } coverImage { large } } } }"""
SIZES = (1, 50, 200, 1000)
#: One request per id is not played for more: it takes as long again for each.
PATIENCE = 200
FIRST = 800_001

Way = Callable[[str, list[int]], Any]


def one_by_one(url: str, ids: list[int]) -> None:
    with requests.Session() as session:
        for number in ids:
            post(session, url, ONE, {"id": number})


def by_fifties(url: str, ids: list[int]) -> None:
    with requests.Session() as session:
        for start in range(0, len(ids), 50):
            post(session, url, FIFTY, {"ids": ids[start : start + 50]})


def post(session: requests.Session, url: str, query: str, variables: dict[str, Any]) -> None:
    payload = {"query": query, "variables": variables}
    headers = {"Referer": "http://localhost/"}
    session.post(url, json=payload, headers=headers, timeout=30).raise_for_status()


def forget() -> None:
    """Make our next page a cold one."""
    from django.core.cache import caches  # noqa: PLC0415  settings come first

    from django_anilist import answer_store  # noqa: PLC0415

    answer_store._local.clear()
    caches["default"].clear()


def ours(user: Any, ids: list[int]) -> None:
    from django_anilist.gateway import AniList  # noqa: PLC0415  settings come first

    found = AniList.for_page(user).media_many(ids)
    if len(found) != len(ids):
        raise RuntimeError(f"{len(found)} media of {len(ids)} came")


@dataclass
class Spent:
    """What a page took. ``busy`` is the processor time of its thread, in seconds like the clock's."""

    requests: int
    seconds: float
    busy: float
    queries: int


def spent(box: CountingSandbox, way: Callable[[], Any]) -> Spent:
    before = len(box.seen)
    started, busy = time.perf_counter(), time.thread_time()
    queries = queries_in(way)
    ended = time.perf_counter() - started, time.thread_time() - busy
    return Spent(len(box.seen) - before, *ended, queries)


def visit(box: CountingSandbox, user: Any, ids: list[int]) -> Spent:
    """Return what one page takes of a user that this request has just loaded."""
    loaded = type(user).objects.get(pk=user.pk)
    return spent(box, lambda: ours(loaded, ids))


def usual(found: list[Spent]) -> Spent:
    """Return the medians of several tries."""
    columns = zip(*((s.requests, s.seconds, s.busy, s.queries) for s in found), strict=True)
    asked, seconds, busy, queries = map(statistics.median, columns)
    return Spent(int(asked), seconds, busy, int(queries))


def compared(box: CountingSandbox, user: Any, size: int) -> Iterator[tuple[str, Spent]]:
    """Yield each way of getting ``size`` media, by name."""
    url, ids = f"{box.url}/graphql", list(range(FIRST, FIRST + size))
    if size <= PATIENCE:
        yield "one request per id", spent(box, lambda: one_by_one(url, ids))
    yield "one Page per 50", spent(box, lambda: by_fifties(url, ids))
    cold, warm = [], []
    for _ in range(3):
        forget()
        cold.append(visit(box, user, ids))
        warm.append(visit(box, user, ids))
    yield "ours, cold", usual(cold)
    yield "ours, warm", usual(warm)


def of_many_media(box: CountingSandbox, user: Any, sizes: tuple[int, ...]) -> Table:
    rows = [
        [f"{size:,} media: {name}", s.requests, s.requests / BUDGET, s.seconds, s.busy * 1000, s.queries]
        for size in sizes
        for name, s in compared(box, user, size)
    ]  # fmt: skip
    return Table(
        "pages",
        "A page of many media",
        f"Requests sent, and what they are in minutes of a budget of {BUDGET}; seconds, of which "
        f"each answer takes {DELAY:g}; milliseconds of processor time; database queries. The reader has "
        "connected an account. One request per id would take 1,000 times "
        f"{DELAY:g} s and more for 1,000 media, and is not played.",
        ["page", "requests", "minutes of budget", "seconds", "processor, ms", "queries"],
        [list(row) for row in rows],
        "requests",
    )


def at_once(box: CountingSandbox, user: Any, many: int, size: int) -> Table:
    ids = list(range(FIRST, FIRST + size))
    rows = []
    for name in ("cold", "warm"):
        if name == "cold":
            forget()
        before, started = len(box.seen), time.perf_counter()
        together(lambda: ours(user, ids), many)
        rows.append([f"ours, {name}", len(box.seen) - before, time.perf_counter() - started])
    return Table(
        "pages-at-once",
        f"{many} visitors open the same page of {size} media at once",
        "Requests sent, and seconds until all have their page. In one process of one thread for each "
        "visitor. The last two are not played: it is what they come to.",
        ["way", "requests", "seconds"],
        [
            *rows,
            ["one Page per 50", many * -(-size // 50), None],
            ["one request per id", many * size, None],
        ],
        "requests",
    )


def together(work: Callable[[], Any], many: int) -> None:
    from django.db import connection  # noqa: PLC0415  settings come first

    def alone() -> None:
        try:
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=alone) for _ in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def tables(*, quick: bool = False) -> Iterator[Table]:
    set_up()
    make_tables()
    from django.contrib.auth.models import AnonymousUser  # noqa: PLC0415  settings come first

    from django_anilist import shared  # noqa: PLC0415

    shared.BUDGET_WINDOW = 0.0
    sizes = (1, 50) if quick else SIZES
    with CountingSandbox() as box:
        for number in range(max(sizes)):
            box.store.add_media(medium(FIRST + number, "ANIME", f"Title {number}"))
        settings.ANILIST_SANDBOX_URL = box.url
        alice = connected(box, "alice")
        box.dials.slow = DELAY
        yield of_many_media(box, alice, sizes)
        yield at_once(box, AnonymousUser(), 10 if quick else 100, max(sizes[:3]))

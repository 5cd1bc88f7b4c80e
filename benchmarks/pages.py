"""What a page of many media costs: ``python -m benchmarks --only pages``.

Against the sandbox, which answers each request after a fixed while, as the network and AniList would.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import requests
from django.conf import settings

from benchmarks.report import Cell, Table
from benchmarks.site import set_up
from django_anilist.sandbox import Sandbox
from django_anilist.sandbox.seed import medium

#: Seconds that every answer takes. AniList's own are 0.1 to 0.4; one request per id takes long enough.
DELAY = 0.02
ONE = "query ($id: Int) { Media(id: $id) { id title { userPreferred } coverImage { large } } }"
FIFTY = """query ($ids: [Int]) { Page(perPage: 50) { media(id_in: $ids) {
  id title { userPreferred } coverImage { large } } } }"""
SIZES = (1, 50, 200, 1000)
FIRST = 800_001


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


def ours(url: str, ids: list[int]) -> None:
    from django.contrib.auth.models import AnonymousUser  # noqa: PLC0415  settings come first

    from django_anilist.gateway import AniList  # noqa: PLC0415

    AniList.for_page(AnonymousUser()).media_many(ids)


def tables(*, quick: bool = False) -> Iterator[Table]:
    set_up()
    from django.core.cache import caches  # noqa: PLC0415

    from django_anilist import answer_store, shared  # noqa: PLC0415

    shared.BUDGET_WINDOW = 0.0
    sizes = SIZES[:3] if quick else SIZES
    with Sandbox() as box:
        for number in range(max(sizes)):
            box.store.add_media(medium(FIRST + number, "ANIME", f"Title {number}"))
        settings.ANILIST_SANDBOX_URL = box.url
        box.dials.slow = DELAY

        def forget() -> None:
            answer_store._local.clear()
            caches["default"].clear()

        rows: list[list[Cell]] = []
        for size in sizes:
            ids = list(range(FIRST, FIRST + size))
            rows += _compared(box, ids, forget)
        yield Table(
            "pages",
            "A page of many media",
            f"Requests sent, seconds (each answer takes {DELAY:g} s), and times ours when cold.",
            ["way", "media", "requests", "seconds", "x ours, cold"],
            rows,
        )
        yield _at_once(box, forget, 10 if quick else 100)


def _compared(box: Sandbox, ids: list[int], forget: Callable[[], None]) -> list[list[Cell]]:
    url = f"{box.url}/graphql"
    ways: dict[str, Callable[[], None]] = {
        "one request per id": lambda: one_by_one(url, ids),
        "one Page per 50": lambda: by_fifties(url, ids),
        "ours, cold": lambda: (forget(), ours(url, ids))[1],
        "ours, warm": lambda: ours(url, ids),
    }
    found = {
        name: _timed(box, way, 3 if name.startswith("ours") else 1) for name, way in ways.items()
    }
    cold = found["ours, cold"][1]
    return [
        [name, len(ids), asked, seconds, seconds / cold] for name, (asked, seconds) in found.items()
    ]


def _timed(box: Sandbox, way: Callable[[], None], rounds: int) -> tuple[int, float]:
    times, asked = [], 0
    for _ in range(rounds):
        before, started = len(box.requests), time.perf_counter()
        way()
        times.append(time.perf_counter() - started)
        asked = len(box.requests) - before
    return asked, statistics.median(times)


def _at_once(box: Sandbox, forget: Callable[[], None], many: int) -> Table:
    ids = list(range(FIRST, FIRST + 200))
    forget()
    before = len(box.requests)
    threads = [threading.Thread(target=ours, args=("", ids)) for _ in range(many)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    return Table(
        "pages-at-once",
        f"{many} visitors open the same page of 200 media at once",
        "In one process, nothing remembered before.",
        ["way", "requests", "seconds, all of them"],
        [["ours", len(box.requests) - before, seconds], ["one request per id", 200 * many, None]],
    )

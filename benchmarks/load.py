"""Pages a second, beside the same site without AniList: ``python -m benchmarks.load``.

Both sites run under gunicorn with threads, on the same database, and are asked in turns, so that what
else the machine does slows both. AniList is well, slow (each answer takes twenty seconds) and down, with
what was asked before still remembered, and with nothing remembered. ``--keep`` writes
``docs/hardness/load.json``.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

import redis

from benchmarks.hardness import Row, keep
from benchmarks.live import services
from benchmarks.live.ports import HOST, free_port
from benchmarks.live.stage import WORKERS, Stage, served, stage
from benchmarks.live.times import Times
from benchmarks.live.users import accounts, set_up
from benchmarks.live.visitors import Tally, Visitor

CLIENTS, AT_ONCE = 4, 20
PAGES = ("/", "/title/1/", "/reviews/")
#: How AniList does, and whether the site still knows what it was told.
WEATHERS: dict[str, tuple[dict[str, object], bool]] = {
    "well": ({}, True),
    "slow": ({"slow": 20}, True),
    "down": ({"switched_off": "on"}, True),
    "slow, nothing remembered": ({"slow": 20}, False),
    "down, nothing remembered": ({"switched_off": "on"}, False),
}
_FAIR = {"slow": 0, "switched_off": "off"}
#: No page may wait for AniList for longer, in seconds, whatever else it waits for on a busy machine.
LONGEST = 3.5
_QUIET = {"LIVE_LOG_LEVEL": "ERROR"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--pages", type=int, default=400, help="of each kind, in each weather (400)"
    )
    parser.add_argument("--quick", action="store_true", help="20 of each, to see that it runs")
    parser.add_argument("--keep", action="store_true", help="write docs/hardness/load.json")
    options = parser.parse_args()
    try:
        rows = list(load(20 if options.quick else options.pages))
    except services.MissingError as error:
        print(f"No load: {error}.")
        return int(os.environ.get("CI") == "true")
    if options.keep:
        keep("load", "Pages a second, beside a site without AniList", rows)
    return not options.quick and any(row.failed for row in rows)


def load(many: int) -> Iterator[Row]:
    """Measure ``many`` pages of each kind in each weather; yield the figures."""
    usual: dict[str, float] = {}
    with two_sites() as (visitors, at, cache):
        for name, (dials, remembered) in WEATHERS.items():
            for page in PAGES:
                at.dial(**_FAIR)
                prepare(visitors, page, cache, remembered=remembered)
                at.dial(**dials)
                ours, other = taken(visitors, page, many)
                last = ours.percentiles[-1] / 1000
                row = compared(f"{page} with AniList {name}", ours, other)
                row.failed = last > usual.setdefault(page, last) + LONGEST
                print(row.text, flush=True)
                yield row


@contextmanager
def two_sites() -> Iterator[tuple[list[Visitor], Stage, redis.Redis]]:
    """Serve the site and the one without AniList; yield a visitor of each, signed in."""
    with (
        services.database("django_anilist_load") as database,
        services.own_redis() as url,
        stage(database, url, users=1, limit=0, window=60.0) as at,
        redis.Redis.from_url(url) as cache,
    ):
        set_up(at, 1)
        beside = replace(at, site=f"http://{HOST}:{free_port()}")
        with (
            served("gunicorn", at, **_QUIET),
            served("gunicorn", beside, **_QUIET, LIVE_WITHOUT_ANILIST="1"),
        ):
            account = accounts(at)[0]
            visitors = [Visitor(each, "user0", account, Tally(), 0) for each in (at, beside)]
            for visitor in visitors:
                visitor.arrive()
            visitors[0].connect()
            for _ in range(20):
                visitors[0].review()
            yield visitors, at, cache


def prepare(visitors: list[Visitor], page: str, cache: redis.Redis, *, remembered: bool) -> None:
    """Let every process open the page once, and forget the last outage, or everything."""
    for key in cache.scan_iter("django-anilist:budget*" if remembered else "*"):
        cache.delete(key)
    for visitor in visitors if remembered else visitors[1:]:
        for _ in range(2 * WORKERS):
            visitor.get(page)


def taken(visitors: list[Visitor], page: str, many: int) -> list[Times]:
    """Open the page ``many`` times on each site, a few on one and then a few on the other."""
    found = [Times([], Counter()), Times([], Counter())]
    with ThreadPoolExecutor(CLIENTS) as pool:
        for _ in range(many // AT_ONCE):
            for visitor, times in zip(visitors, found, strict=True):
                started = time.perf_counter()
                for status, taken in pool.map(partial(timed, visitor), [page] * AT_ONCE):
                    times.each.append(taken)
                    times.statuses[status] += 1
                times.seconds += time.perf_counter() - started
    return found


def compared(name: str, ours: Times, other: Times) -> Row:
    """Return the figures of the site beside those without AniList."""
    ratio = ours.percentiles[0] / other.percentiles[0]
    refused = ours.statuses[503]
    note = f"without: {other.text}; {ratio:.2f} times as long"
    note += f"; {refused} of {len(ours.each)} say that AniList does not answer" * bool(refused)
    if not set(ours.statuses) <= {200, 503} or set(other.statuses) != {200}:
        raise RuntimeError(f"{name}: {ours.statuses}, and without: {other.statuses}")
    goal = f"p99 at most {LONGEST:g} s more than with AniList well"
    return Row(name, goal, f"{ours.text} (p50, p95, p99)", note)


def timed(visitor: Visitor, page: str) -> tuple[int, float]:
    started = time.perf_counter()
    status = visitor.get(page).status_code
    return status, (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    sys.exit(main())

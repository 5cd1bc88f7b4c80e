"""Use without a pause: ``python -m benchmarks.soak --minutes 30``, half of it for each server.

Eight threads of visitors connect, disconnect, read pages with all tags, save entries and run tasks on
the example site, under gunicorn with threads and then under uvicorn, with PostgreSQL and Redis, while a
twentieth of what AniList answers is broken in ever other ways. AniList's minute is a second long, so
that its limit is met as often as in a day. Every few seconds all rest for a moment, and what the site's
processes hold is noted. Exits with 1 where something is not as it must be.

``--keep`` writes the figures to ``docs/hardness/soak.json``. Nothing leaves the loopback network.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import cycle

from benchmarks.hardness import Row, keep
from benchmarks.live import services
from benchmarks.live.judging import Sample, judged, sample
from benchmarks.live.stage import Served, Stage, served, stage
from benchmarks.live.users import accounts, set_up
from benchmarks.live.visitors import Tally, Visitor

SERVERS = ("gunicorn", "uvicorn")
CLIENTS, VISITORS_EACH = 8, 3
#: What AniList takes in its minute, which is a second here: less than visitors want at times.
LIMIT, WINDOW = 30, 1.0
#: Seconds between one look at the site's processes and the next.
ROUND = 4.0
#: So many rounds all come at once, before anybody looks.
CROWDED = 6
#: Every so many of these looks are printed.
TOLD = 15
_USUAL = {
    "where": "both", "share": 5, "switched_off": "off", "blocked": "", "cut": "off", "html": "off",
    "status": 0, "broken_json": "off", "huge": 0, "slow": 0, "drip": 0,
}  # fmt: skip
FAULTS = (
    {"status": 500}, {"cut": "on"}, {"html": "on"}, {"broken_json": "on"}, {"slow": 1}, {"status": 502},
    {"drip": 0.001}, {"huge": 4}, {"blocked": "You poll too often."}, {"html": "on", "status": 503},
    {"switched_off": "on"}, {"status": 521},
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--quick", action="store_true", help="half a minute, to see that it runs")
    parser.add_argument("--keep", action="store_true", help="write docs/hardness/soak.json")
    options = parser.parse_args()
    minutes = 0.5 if options.quick else options.minutes
    try:
        rows = soak(minutes)
    except services.MissingError as error:
        print(f"No soak: {error}.")
        return int(os.environ.get("CI") == "true")
    if options.keep:
        keep("soak", f"{minutes:g} minutes of use", rows)
    return any(row.failed for row in rows)


def soak(minutes: float) -> list[Row]:
    """Soak the site under each server for its share of ``minutes``; return what was found."""
    rows = []
    with prepared() as (at, visitors):
        for kind in SERVERS:
            tally = Tally()
            for visitor in visitors:
                visitor.tally = tally
            with served(kind, at) as server:
                samples = used(at, server, visitors, minutes * 60 / len(SERVERS))
            found = judged(kind, at, server, visitors, samples)
            for row in found:
                print(row.text, flush=True)
            show_trouble(server, tally)
            rows += found
    return rows


@contextmanager
def prepared() -> Iterator[tuple[Stage, list[Visitor]]]:
    """Start all but the site, and make users who can sign in."""
    many = CLIENTS * VISITORS_EACH
    with (
        services.database("django_anilist_soak") as database,
        services.own_redis() as redis,
        stage(database, redis, users=many, limit=LIMIT, window=WINDOW) as at,
    ):
        set_up(at, many)
        people = enumerate(accounts(at))
        yield at, [Visitor(at, f"user{place}", name, Tally(), place) for place, name in people]


def used(at: Stage, server: Served, visitors: list[Visitor], seconds: float) -> list[Sample]:
    """Use the site for so long, in rounds; return what its processes held between them."""
    for visitor in visitors:
        visitor.arrive()
    crowd(at, visitors)
    end, faults, samples = time.monotonic() + seconds, cycle(FAULTS), []
    shares = [visitors[place::CLIENTS] for place in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as pool:
        while time.monotonic() < end:
            at.dial(**{**_USUAL, **next(faults)})
            list(pool.map(live, shares))
            time.sleep(0.3)  # what was asked last is put away
            samples.append(sample(server, visitors[0].tally))
            if len(samples) % TOLD == 0:
                print(f"  {samples[-1]}", flush=True)
    at.dial(**{**_USUAL, "share": 0})
    return samples


def crowd(at: Stage, visitors: list[Visitor]) -> None:
    """Have all of them come at once, to a slow AniList: what connections there may be are opened now."""
    at.dial(**{**_USUAL, "share": 100, "slow": 1})
    with ThreadPoolExecutor(len(visitors)) as pool:
        for _ in range(CROWDED):
            list(pool.map(live, [[visitor] for visitor in visitors]))


def live(visitors: list[Visitor]) -> None:
    """Let these visitors do one thing after another for a round."""
    end = time.monotonic() + ROUND
    while time.monotonic() < end:
        for visitor in visitors:
            try:
                visitor.do_something()
            except Exception as error:  # noqa: BLE001  whatever it is, the soak found it
                visitor.tally.unhandled.append(f"{type(error).__name__}: {error}"[:300])


def show_trouble(server: Served, tally: Tally) -> None:
    """Print the first of what must not have been."""
    found = [*tally.unhandled, *tally.leaks, *server.watch.errors, *server.watch.leaks]
    for line in found[:20]:
        print(f"  ! {line}")
    print(
        f"  {dict(sorted(tally.counts.items()))}; {server.watch.lines:,} lines of log", flush=True
    )


if __name__ == "__main__":
    sys.exit(main())

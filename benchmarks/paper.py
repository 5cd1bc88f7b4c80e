"""What is too large to play, on paper and in virtual time: ``python -m benchmarks --only paper``."""

from __future__ import annotations

import collections
import itertools
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.cells import Cell
from benchmarks.redis_server import address
from benchmarks.report import Table
from benchmarks.virtual import LIMIT, WINDOW, World, percentile
from django_anilist.api.lockfile import SharedBudget
from django_anilist.api.redis_store import RedisBudget
from django_anilist.api.turns import TASK, WEB, Asker

HOSTS, WORKERS = 100, 16
VIEWS_A_DAY = 1_000_000
HOUR, DAY = 3_600.0, 86_400.0
HIT_RATES = (90.0, 95.0, 95.5, 96.0, 97.0, 98.0, 99.0)
#: What tasks and pages wait for their turn at most, in seconds; see ``ANILIST_MAX_WAIT``.
TASK_WAIT, WEB_WAIT = 120.0, 2.0


def tables(*, quick: bool = False) -> Iterator[Table]:
    yield many_hosts(120.0 if quick else 600.0)
    yield a_million_views(HOUR if quick else DAY)


# One Redis


def many_hosts(seconds: float) -> Table:
    """How one budget bears every worker of many machines, all of which want it all the time."""
    everybody = HOSTS * WORKERS
    crowds = {
        "ours: 8 workers, tasks": (8, 0),
        f"ours: {everybody:,} workers, tasks": (everybody, 0),
        f"ours: {everybody:,} workers, pages": (0, everybody),
        f"ours: {everybody:,} workers, half of them pages": (everybody // 2, everybody // 2),
    }
    rows = [_crowd(name, tasks, pages, seconds) for name, (tasks, pages) in crowds.items()]
    return Table(
        "hosts",
        f"{HOSTS} hosts of {WORKERS} workers on one Redis",
        f"Every worker asks without end, for {seconds / 60:g} virtual minutes: the product's own budget "
        "against the sandbox's limiter. The share of the budget used in per cent, refusals by AniList, "
        "what 95 of 100 of those served had waited at most in seconds, the longest queue, how often "
        "Redis is asked in a second, and what of one core that takes in per cent, by the time that its "
        "script takes in a Redis here with such a queue.",
        ["who asks", "budget %", "429s", "p95", "queue", "a second", "core %"],
        rows,
        "budget %",
    )


def _crowd(name: str, tasks: int, pages: int, seconds: float) -> list[Cell]:
    world = World()
    for number in range(tasks):
        world.begin(world.forever(TASK, TASK_WAIT), at=number / 1000)
    for number in range(pages):
        world.begin(world.forever(WEB, WEB_WAIT), at=number / 1000)
    queue = 0
    for moment in range(10, int(seconds) + 1, 10):
        world.run(float(moment))
        queue = max(queue, len(world.budget.waiters))
    share = 100 * len(world.served) / (LIMIT * seconds / WINDOW)
    a_second = world.asked / seconds
    script = script_seconds(queue)
    load = None if script is None else 100 * a_second * script
    waited = percentile(world.served, 95)
    return [name, share, world.refused, waited, queue, a_second, load]


def script_seconds(queue: int, times: int = 200) -> float | None:
    """Return what one question takes in Redis itself beside a queue so long; ``None`` without one."""
    url = address()
    if not url:
        return None
    from redis import Redis  # noqa: PLC0415  an extra

    with tempfile.TemporaryDirectory() as folder, Redis.from_url(url) as redis:
        path = Path(folder)
        budget = RedisBudget(url, path.name, SharedBudget(str(path / "budget"), WINDOW, 30.0))
        for number in range(LIMIT + queue):
            budget.ask(Asker(number, TASK, max_wait=1e6))
        redis.config_resetstat()
        for number in range(times):
            budget.ask(Asker(LIMIT + number % max(queue, 1), TASK, max_wait=1e6))
        spent = redis.info("commandstats")["cmdstat_evalsha"]["usec_per_call"]
        budget.close()
        return float(spent) / 1e6


# One budget


def a_million_views(seconds: float) -> Table:
    a_minute = VIEWS_A_DAY / DAY * 60
    enough = 100 * (1 - LIMIT / a_minute)
    return Table(
        "hit-rates",
        f"{VIEWS_A_DAY:,} page views a day at {LIMIT} requests a minute",
        f"On paper: {a_minute:.0f} views come in a minute, so the queue of those whose answer is not "
        f"remembered is bounded if more than {enough:.2f} per cent of them are. By simulation, views "
        "coming at random: how many wait after an hour and at the end, and what 95 of 100 wait at most "
        f"in seconds, if all have patience, over {seconds / HOUR:g} hours; and which share of the pages "
        f"that must ask is told to come again, in per cent, as none waits longer than {WEB_WAIT:g} s "
        "for its turn: an hour of the product's own budget.",
        [
            "remembered",
            "asked a minute",
            "waiting: 1 h",
            "at the end",
            "p95",
            "told to come again %",
        ],
        [_hit_rate(rate, a_minute / 60, seconds) for rate in HIT_RATES],
        "told to come again %",
    )


def _hit_rate(rate: float, views_a_second: float, seconds: float) -> list[Cell]:
    misses = views_a_second * (1 - rate / 100)
    after_hour, at_end, waited = patient(misses, seconds)
    world = World()
    world.begin(world.visitors(misses, WEB, WEB_WAIT))
    world.run(HOUR)
    away = 100 * world.turned_away / (world.turned_away + len(world.served))
    return [f"{rate:g} %", misses * 60, after_hour, at_end, waited, away]


def patient(a_second: float, seconds: float) -> tuple[int, int, float]:
    """Return the queue after an hour and at the end, and the 95th percentile of the waits.

    As slots work: the n-th request leaves once the one ``LIMIT`` before it left a window ago.
    """
    chance = random.Random(1)  # noqa: S311  the same each time
    left: collections.deque[float] = collections.deque([-WINDOW] * LIMIT, maxlen=LIMIT)
    came, gone = [], []
    for moment in itertools.accumulate(iter(lambda: chance.expovariate(a_second), None)):
        if moment > seconds:
            break
        left.append(max(moment, left[0] + WINDOW))
        came.append(moment)
        gone.append(left[-1])
    waits = (out - into for into, out in zip(came, gone, strict=True))
    return _waiting(came, gone, HOUR), _waiting(came, gone, seconds), percentile(waits, 95)


def _waiting(came: list[float], gone: list[float], moment: float) -> int:
    return sum(into <= moment < out for into, out in zip(came, gone, strict=True))

"""The processes that play for the budget in ``benchmarks/game.py``."""

from __future__ import annotations

import dataclasses
import os
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from benchmarks.policies import POLICIES, Policed
from django_anilist.api.breaker import PERIOD
from django_anilist.api.client import Client
from django_anilist.api.conversation import Ways
from django_anilist.api.endpoints import sandbox
from django_anilist.api.errors import AniListError, RateLimited
from django_anilist.api.events import Event
from django_anilist.api.lockfile import SharedBudget
from django_anilist.api.pacing import PacedTransport
from django_anilist.api.redis_store import RedisBudget
from django_anilist.api.transport import RequestsTransport, Transport
from django_anilist.api.turns import TASK, WEB, BudgetStore

#: What AniList allows, and in how many seconds.
LIMIT, MINUTE = 30, 60.0
QUERY = "{ Media(id: 1) { id } }"


@dataclasses.dataclass(frozen=True)
class Player:
    """What one process of the game needs to know. ``lanes`` names the lane of each of its threads."""

    url: str
    path: str
    window: float
    policy: str = "lock file"
    lanes: tuple[str, ...] = (TASK, TASK)
    redis: str = ""
    #: Seconds, of a minute, between two requests of a web thread; 0 asks without end.
    web_pause: float = 0.0

    @property
    def scale(self) -> float:
        return self.window / MINUTE


def store(player: Player) -> BudgetStore:
    period = PERIOD * player.scale
    here = SharedBudget(player.path, player.window, period)
    if player.policy == "Redis":
        name = Path(player.path).parent.name
        return RedisBudget(player.redis, name, here, window=player.window, period=period)
    return here


#: From the lane of a thread of this process to its transport.
Way = Callable[[str], Transport]


def connection() -> RequestsTransport:
    return RequestsTransport(referer="http://localhost/", user_agent="benchmark")


def our_way(player: Player) -> Way:
    budget = store(player)

    def way(lane: str) -> Transport:
        max_wait = 2.0 * player.scale if player.web_pause and lane == WEB else 10 * player.window
        return PacedTransport(connection(), budget, lane=lane, max_wait=max_wait)

    return way


def their_way(player: Player) -> Way:
    name = Path(player.path).parent.name
    make = POLICIES[player.policy](LIMIT, player.window, player.redis, name)
    return lambda lane: Policed(connection(), make())


@dataclasses.dataclass
class Whistle:
    """Begins and ends a match for all its processes, by the clock that they share."""

    ready: Any
    begin: Any
    until: Any

    @classmethod
    def of(cls, context: Any) -> Whistle:
        return cls(context.Semaphore(0), context.Event(), context.Value("d", 0.0))

    def start(self, players: int, seconds: float) -> float:
        """Wait until all are there, and let them play for ``seconds``; return when they began."""
        for _ in range(players):
            if not self.ready.acquire(timeout=300):
                raise TimeoutError("not all players came")
        started = time.monotonic()
        self.until.value = started + seconds
        self.begin.set()
        return started

    def left(self) -> float:
        """Return the seconds until the end."""
        return max(self.until.value - time.monotonic(), 0.0)


def play(player: Player, folder: str, whistle: Whistle) -> None:
    """Be one process: ask as fast as the policy lets, and note in ``folder`` how each call went."""
    with (Path(folder) / f"{os.getpid()}.calls").open("w", 1, "utf-8") as notes:
        _play(player, notes, whistle)


def _play(player: Player, notes: TextIO, whistle: Whistle) -> None:
    way = their_way(player) if player.policy in POLICIES else our_way(player)
    threads = [
        threading.Thread(target=ask, args=(player, way(lane), lane, notes, whistle), daemon=True)
        for lane in player.lanes
    ]
    whistle.ready.release()
    whistle.begin.wait()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(whistle.left() + 2 * player.window)


def ask(player: Player, way: Transport, lane: str, notes: TextIO, whistle: Whistle) -> None:
    def tell(event: Event) -> None:
        notes.write(f"{event.lane}\t{event.outcome}\t{event.waited}\n")

    ways = Ways(lane=lane, deadline=max(8.0 * player.scale, 0.5), observers=(tell,))
    client = Client(way, sandbox(player.url), ways=ways)
    while whistle.left():
        pause = player.web_pause * player.scale if lane == WEB else 0.0
        try:
            client.execute(QUERY)
        except RateLimited as error:
            pause = pause or min(error.retry_after, player.window / 60)
        except AniListError:
            pause = pause or player.window / 60
        time.sleep(pause * random.uniform(0, 2) if player.web_pause else pause)  # noqa: S311

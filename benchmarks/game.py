"""Who gets what out of the budget: ``python -m benchmarks --only game``, or some games ``python -m benchmarks.game``.

Four processes of two threads ask for far more than AniList allows, for several windows. The sandbox's
limiter plays AniList's edge: a sliding window, and a lock-out for the first request too many. Printed is
the share of the budget that got through once the first window was over, the 429s drawn and the lock-outs
they came in, and how long those served had waited for their turn, in hundredths of a window.

A window is scaled down from a minute to a few seconds; whatever the budget measures in windows scales
with it, and so do the deadlines here. What a request takes on this machine does not: the shorter the
window, the more of a slot's time is lost to it.
"""

from __future__ import annotations

import argparse
import dataclasses
import multiprocessing
import os
import random
import signal
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.cells import Cell, shown
from benchmarks.counting import CountingSandbox
from benchmarks.policies import POLICIES, Policed
from benchmarks.redis_server import address
from benchmarks.report import Table as Report
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

PROCESSES, LIMIT, MINUTE = 4, 30, 60.0
_COLUMNS = (
    "budget %", "429s", "lock-outs", "task p50", "task p95", "task p99", "web p50", "web p95", "web p99",
    "web away",
)  # fmt: skip
QUERY = "{ Media(id: 1) { id } }"


@dataclasses.dataclass(frozen=True)
class Player:
    """What one process of the game needs to know. ``lanes`` names the lane of each of its threads."""

    url: str
    path: str
    window: float
    until: float
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


def play(player: Player, results: Any) -> None:
    """Be one process: ask as fast as the policy lets, and tell what each request had waited."""
    way = their_way(player) if player.policy in POLICIES else our_way(player)
    threads = [
        threading.Thread(target=ask, args=(player, way(lane), lane, results), daemon=True)
        for lane in player.lanes
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(player.until - time.monotonic(), 0) + 2 * player.window)


def ask(player: Player, way: Transport, lane: str, results: Any) -> None:
    def tell(event: Event) -> None:
        results.put((event.lane, event.outcome, event.waited))

    ways = Ways(lane=lane, deadline=max(8.0 * player.scale, 0.5), observers=(tell,))
    client = Client(way, sandbox(player.url), ways=ways)
    while time.monotonic() < player.until:
        pause = player.web_pause * player.scale if lane == WEB else 0.0
        try:
            client.execute(QUERY)
        except RateLimited as error:
            pause = pause or min(error.retry_after, player.window / 60)
        except AniListError:
            pause = pause or player.window / 60
        time.sleep(pause * random.uniform(0, 2) if player.web_pause else pause)  # noqa: S311


@dataclasses.dataclass
class Score:
    """How a game went: the share of the budget used after the first window, and what was refused."""

    share: float
    refused: int
    lock_outs: int
    waits: dict[str, list[float]]
    turned_away: dict[str, int]

    def waited(self, lane: str, percent: int) -> float:
        """Return how long ``percent`` of those served in ``lane`` had waited at the most, in windows."""
        waits = sorted(self.waits.get(lane, []))
        if len(waits) < 2:
            return waits[0] if waits else 0.0
        return statistics.quantiles(waits, n=100, method="inclusive")[percent - 1]


#: What happens meanwhile, asked at the start of each window.
Meanwhile = Callable[["Table", int], None]


@dataclasses.dataclass
class Table:
    """The sandbox and the processes that play at it."""

    box: CountingSandbox
    template: Player
    results: Any
    players: list[Any] = dataclasses.field(default_factory=list)

    def add(self) -> None:
        context = multiprocessing.get_context("spawn")
        process = context.Process(target=play, args=(self.template, self.results))
        process.start()
        self.players.append(process)

    def kill_one(self) -> None:
        """Kill a process without a word, and put another in its place."""
        victim = self.players.pop(0)
        os.kill(victim.pid, signal.SIGKILL)
        victim.join()
        self.add()


def nothing(table: Table, window: int) -> None:
    """Let the game go on."""


def kill(table: Table, window: int) -> None:
    table.kill_one()


def change_limit(table: Table, window: int) -> None:
    """30, then 90 for two windows, then 30 again."""
    table.box.dials.limit = 90 if window in (1, 2) else LIMIT


def game(
    player: Player, windows: int, each_window: Meanwhile = nothing, outsider: int = 0
) -> Score:
    """Play, and return the score. ``outsider`` is how many requests a window somebody else spends."""
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder, CountingSandbox() as box:
        box.dials.limit, box.dials.window = LIMIT, player.window
        started = time.monotonic() + 3  # the processes need a moment
        until = started + player.window * (windows + 1)
        template = dataclasses.replace(
            player, url=box.url, path=str(Path(folder) / "budget"), until=until
        )
        table = Table(box, template, context.Queue())
        for _ in range(PROCESSES):
            table.add()
        rounds = []
        with spending(box, outsider, player.window, until):
            time.sleep(max(started + player.window - time.monotonic(), 0))
            for window in range(windows):
                each_window(table, window)
                rounds.append(Round(box))
                ends = started + player.window * (window + 2)
                time.sleep(max(ends - time.monotonic(), 0))
        rounds.append(Round(box))
        for process in table.players:
            process.kill()
            process.join()
        return score(rounds, outsider, table)


class Round:
    """The sandbox's books at one moment."""

    def __init__(self, box: CountingSandbox) -> None:
        ours = [r for r in list(box.seen) if r.headers.get("User-Agent") == "benchmark"]
        self.good = sum(r.status == 200 for r in ours)
        self.statuses = [r.status for r in ours]
        self.limit = box.dials.limit


def score(rounds: list[Round], outsider: int, table: Table) -> Score:
    budget = sum(before.limit - outsider for before in rounds[:-1])
    waits: dict[str, list[float]] = {}
    turned_away: dict[str, int] = {}
    for lane, outcome, waited in drained(table.results):
        if outcome == "ok":
            waits.setdefault(lane, []).append(waited / table.template.window)
        else:
            turned_away[lane] = turned_away.get(lane, 0) + 1
    return Score(
        share=(rounds[-1].good - rounds[0].good) / budget,
        refused=rounds[-1].statuses.count(429),
        lock_outs=sum(1 for _ in runs_of(rounds[-1].statuses, 429)),
        waits=waits,
        turned_away=turned_away,
    )


def drained(results: Any) -> Iterator[tuple[str, str, float]]:
    while not results.empty():
        yield results.get()


def runs_of(statuses: list[int], status: int) -> Iterator[None]:
    for before, now in zip([None, *statuses], statuses, strict=False):
        if now == status and before != status:
            yield None


class spending:  # noqa: N801  reads as a statement
    """Somebody else at the same address, who spends so many requests a window, evenly."""

    def __init__(self, box: Sandbox, number: int, window: float, until: float) -> None:
        self._box, self._number, self._window, self._until = box, number, window, until
        self._thread = threading.Thread(target=self._spend, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *exception: object) -> None:
        self._thread.join()

    def _spend(self) -> None:
        if not self._number:
            return
        transport = RequestsTransport(referer="http://localhost/", user_agent="outsider")
        client = Client(transport, sandbox(self._box.url))
        while time.monotonic() < self._until:
            try:
                client.execute(QUERY)
            except AniListError:
                time.sleep(self._window)
            time.sleep(self._window / self._number)


@dataclasses.dataclass(frozen=True)
class Scenario:
    """One game: who plays for how many windows, what happens meanwhile, and what others spend."""

    name: str
    player: Player
    windows: int
    meanwhile: Meanwhile = nothing
    outsider: int = 0


def scenarios(window: float, redis: str) -> Iterator[Scenario]:
    """Yield the games: those of others, then ours. Without Redis, those without."""
    base = Player("", "", window, 0.0, redis=redis)
    for policy in POLICIES:
        if redis or "Redis" not in policy:
            yield Scenario(policy, dataclasses.replace(base, policy=policy), 3)
    for policy in ["lock file", *(["Redis"] if redis else [])]:
        name = f"ours, {policy}"
        tasks = dataclasses.replace(base, policy=policy)
        web = dataclasses.replace(tasks, lanes=(WEB, WEB))
        mixed = dataclasses.replace(tasks, lanes=(WEB, TASK), web_pause=12.0)
        yield Scenario(f"{name}: tasks", tasks, 4)
        yield Scenario(f"{name}: web only", web, 3)
        yield Scenario(f"{name}: web beside tasks", mixed, 4)
        yield Scenario(f"{name}: a process killed each window", tasks, 3, kill)
        yield Scenario(f"{name}: 30, 90, 30", tasks, 4, change_limit)
        yield Scenario(f"{name}: an outsider spends a third", tasks, 4, outsider=LIMIT // 3)


def played(window: float, windows: int, redis: str, only: str = "") -> Iterator[tuple[str, Score]]:
    """Play the games whose names hold ``only``, for ``windows`` where it is not 0; yield name and score."""
    for each in scenarios(window, redis):
        if only in each.name:
            number = windows or each.windows
            yield each.name, game(each.player, number, each.meanwhile, each.outsider)


def row(name: str, found: Score) -> list[Cell]:
    waits = [
        100 * found.waited(lane, percent) if found.waits.get(lane) else None
        for lane in (TASK, WEB)
        for percent in (50, 95, 99)
    ]
    away = found.turned_away.get(WEB, 0) if found.waits.get(WEB) else None
    return [name, 100 * found.share, found.refused, found.lock_outs, *waits, away]


def tables(*, quick: bool = False) -> Iterator[Report]:
    """Yield the table of all games."""
    window, windows = (2.0, 1) if quick else (6.0, 0)
    found = list(played(window, windows, address()))
    yield Report(
        "game",
        "Who gets what out of AniList's budget",
        f"Four processes of two threads ask for far more than {LIMIT} requests a minute, a minute scaled "
        f"to {window:g} s, for {windows or '3 or 4'} of them after the first. The share of the budget that "
        "got through, in per cent; refusals, and the lock-outs they came in; how long those served had "
        "waited, in hundredths of a minute, by lane; and web requests that were told to come again since "
        "their turn was more than 2 s of a minute away.",
        ["policy", *_COLUMNS],
        [row(*each) for each in found],
        "budget %",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--window", type=float, default=6.0, help="seconds a window is scaled to")
    parser.add_argument("--windows", type=int, default=0, help="0: as the table has it")
    parser.add_argument("--redis", default=address(), help='"" plays without')
    parser.add_argument("--only", default="", help="games whose name holds this")
    options = parser.parse_args()
    print(f"{'game':<46}" + "".join(f"{title:>11}" for title in _COLUMNS))
    for name, found in played(options.window, options.windows, options.redis, options.only):
        cells = row(name, found)[1:]
        print(f"{name:<46}" + "".join(f"{shown(cell):>11}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()

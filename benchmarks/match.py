"""One match for the budget: who plays, what happens meanwhile, and the score."""

from __future__ import annotations

import dataclasses
import multiprocessing
import os
import signal
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.counting import CountingSandbox
from benchmarks.players import LIMIT, QUERY, Player, Whistle, play
from django_anilist.api.client import Client
from django_anilist.api.endpoints import sandbox
from django_anilist.api.errors import AniListError
from django_anilist.api.transport import RequestsTransport

PROCESSES = 4


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
    whistle: Whistle
    players: list[Any] = dataclasses.field(default_factory=list)

    def add(self) -> None:
        context = multiprocessing.get_context("spawn")
        process = context.Process(target=play, args=(self.template, self.results, self.whistle))
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


def played(
    player: Player, windows: int, each_window: Meanwhile = nothing, outsider: int = 0
) -> Score:
    """Play, and return the score. ``outsider`` is how many requests a window somebody else spends."""
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder, CountingSandbox() as box:
        box.dials.limit, box.dials.window = LIMIT, player.window
        template = dataclasses.replace(player, url=box.url, path=str(Path(folder) / "budget"))
        table = Table(box, template, context.Queue(), Whistle.of(context))
        for _ in range(PROCESSES):
            table.add()
        rounds = []
        started = table.whistle.start(PROCESSES, player.window * (windows + 1))
        with spending(box, outsider, player.window, table.whistle):
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

    def __init__(self, box: CountingSandbox, number: int, window: float, whistle: Whistle) -> None:
        self._box, self._number, self._window, self._whistle = box, number, window, whistle
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
        while self._whistle.left():
            try:
                client.execute(QUERY)
            except AniListError:
                time.sleep(self._window)
            time.sleep(self._window / self._number)

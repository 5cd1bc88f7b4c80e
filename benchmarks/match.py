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
    """How a match went: the share of the budget used after the first window, and what was refused."""

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
    folder: str
    whistle: Whistle
    players: list[Any] = dataclasses.field(default_factory=list)

    def add(self) -> None:
        context = multiprocessing.get_context("spawn")
        process = context.Process(target=play, args=(self.template, self.folder, self.whistle))
        process.start()
        self.players.append(process)

    def add_all(self) -> int:
        """Let everybody come; return how many they are."""
        for _ in range(PROCESSES):
            self.add()
        return PROCESSES

    def end(self) -> None:
        """Send everybody home."""
        for process in self.players:
            process.kill()
            process.join()

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
        table = Table(box, template, folder, Whistle.of(context))
        try:
            started = table.whistle.start(table.add_all(), player.window * (windows + 1))
            limits = []
            with spending(box, outsider, player.window, table.whistle):
                time.sleep(max(started + player.window - time.monotonic(), 0))
                for window in range(windows):
                    each_window(table, window)
                    limits.append(box.dials.limit - outsider)
                    ends = started + player.window * (window + 2)
                    time.sleep(max(ends - time.monotonic(), 0))
        finally:
            table.end()
        return score(table, limits, started + player.window)


def score(table: Table, limits: list[int], begun: float) -> Score:
    """Return the score since ``begun``, ``limits`` being what could be spent in each window."""
    waits: dict[str, list[float]] = {}
    turned_away: dict[str, int] = {}
    for lane, outcome, waited in told(Path(table.folder)):
        if outcome == "ok":
            waits.setdefault(lane, []).append(waited / table.template.window)
        else:
            turned_away[lane] = turned_away.get(lane, 0) + 1
    ours = [
        (moment, request.status)
        for moment, request in zip(table.box.moments, table.box.seen, strict=False)
        if request.headers.get("User-Agent") == "benchmark"
    ]
    served = [(at - begun) / table.template.window for at, status in ours if status == 200]
    statuses = [status for _, status in ours]
    return Score(
        share=share(served, limits),
        refused=statuses.count(429),
        lock_outs=sum(1 for _ in runs_of(statuses, 429)),
        waits=waits,
        turned_away=turned_away,
    )


def share(served: list[float], limits: list[int]) -> float:
    """Return what of ``limits``, one for each window, was ``served``, moments in windows.

    Whoever asks in bursts has one more or one less of them in a given time, by chance. So the first and
    the last window count from nothing up and down to it: as the mean of all times that begin in the
    first window and are a window shorter would be.
    """

    def weight(moment: float) -> float:
        return max(min(1.0, moment, len(limits) - moment), 0.0)

    weights = [1.0] * len(limits)
    weights[0] -= 0.5
    weights[-1] -= 0.5 if len(limits) > 1 else 0.25
    budget = sum(limit * each for limit, each in zip(limits, weights, strict=True))
    return sum(map(weight, served)) / budget


def told(folder: Path) -> Iterator[tuple[str, str, float]]:
    """Yield lane, outcome and wait of each call, but of a line that a killed process did not end."""
    for path in folder.glob("*.calls"):
        for line in path.read_text("utf-8").splitlines(keepends=True):
            if line.endswith("\n"):
                lane, outcome, waited = line.rstrip("\n").split("\t")
                yield lane, outcome, float(waited)


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

"""A budget, its askers and AniList's edge in virtual time: an hour takes seconds.

The budget is the product's own, which reads no clock, the edge is the sandbox's. Whoever asks is a
generator that yields the seconds until it goes on. Every run is the same.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field

from django_anilist.api.budget import LONGEST_NAP, Budget
from django_anilist.api.pacing import SHORTEST_NAP
from django_anilist.api.turns import Asker, Heard, Refusal, Ticket, Turn
from django_anilist.sandbox.dials import Limiter

LIMIT, WINDOW = 30, 60.0
#: Seconds that a request takes to reach AniList, and its answer to come back: from and to.
NETWORK = (0.05, 0.2)

Steps = Generator[float, None, None]


@dataclass
class World:
    """Everybody at one address, and what became of their requests."""

    budget: Budget = field(default_factory=Budget)
    now: float = 0.0
    asked: int = 0
    served: list[float] = field(default_factory=list)
    refused: int = 0
    turned_away: int = 0
    #: Longest queue, and the queue at the end of each hour.
    queues: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.edge = Limiter(lambda: self.now)
        self.random = random.Random(1)  # noqa: S311  the same each time
        self._ids = itertools.count(1)
        self._order = itertools.count()
        self._due: list[tuple[float, int, Steps]] = []

    def begin(self, steps: Steps, at: float = 0.0) -> None:
        heapq.heappush(self._due, (at, next(self._order), steps))

    def run(self, until: float) -> None:
        """Let time pass."""
        while self._due and self._due[0][0] <= until:
            self.now, _, steps = heapq.heappop(self._due)
            for pause in itertools.islice(steps, 1):
                self.begin(steps, self.now + pause)
        self.now = until

    # What somebody does

    def request(self, lane: str, max_wait: float) -> Steps:
        """Wait for a turn and send one request, as the paced transport does."""
        asker, since = Asker(next(self._ids), lane, max_wait=max_wait), self.now
        turn = self._ask(asker)
        while not isinstance(turn, Ticket):
            if isinstance(turn, Refusal):
                self.turned_away += 1
                yield turn.seconds
                return
            longest = max(min(turn.seconds / 4, LONGEST_NAP * WINDOW), SHORTEST_NAP)
            yield min(turn.seconds, longest)
            turn = self._ask(asker)
        self.served.append(self.now - since)
        yield self.random.uniform(*NETWORK)
        left = self.edge.admit(LIMIT, WINDOW)
        yield self.random.uniform(*NETWORK)
        self.refused += left is None
        heard = Heard(lock_out=WINDOW) if left is None else Heard(limit=LIMIT, left=left)
        self.budget.answered(turn, heard, self.now)

    def _ask(self, asker: Asker) -> Turn:
        self.asked += 1
        return self.budget.ask(asker, self.now)

    def forever(self, lane: str, max_wait: float) -> Steps:
        """Be a worker that always has another request."""
        while True:
            yield from self.request(lane, max_wait)

    def visitors(self, a_second: float, lane: str, max_wait: float) -> Steps:
        """Let requests come at random, each from somebody of its own."""
        while True:
            self.begin(self.request(lane, max_wait), self.now)
            yield self.random.expovariate(a_second)


def percentile(values: Iterable[float], percent: int) -> float:
    """Return what ``percent`` of the values do not exceed, 0 where there are none."""
    found = sorted(values)
    return found[min(len(found) * percent // 100, len(found) - 1)] if found else 0.0

"""What is said at the door of the budget: who asks for a turn, what they are told, what they report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

#: Requests of a page somebody waits for go before those of tasks.
WEB, TASK = "web", "task"


@dataclass(frozen=True)
class Asker:
    """Who asks for a turn: a name of its own, the same each time, and what it can bear.

    ``deadline`` is how long the request may take and ``max_wait`` how long it may wait for its turn,
    in seconds.
    """

    id: int
    lane: str = WEB
    deadline: float = 8.0
    max_wait: float = 2.0


@dataclass
class Waiter:
    """Somebody in the queue; ``seen`` is when they last said so."""

    id: int
    lane: str
    since: float
    seen: float


@dataclass(frozen=True)
class Ticket:
    """Leave to send one request, in a slot that is held until it is answered or ``held_until``.

    ``free`` is how many slots were still free at that moment, ``used`` how many were not; ``number``
    counts the tickets.
    """

    held_until: float
    free: int = 0
    used: int = 0
    number: int = 0


@dataclass(frozen=True)
class Wait:
    """Ask again in ``seconds``, at the latest."""

    seconds: float


@dataclass(frozen=True)
class Refusal:
    """The turn is further off than the asker can wait: it would come in ``seconds``."""

    seconds: float


@dataclass(frozen=True)
class Heard:
    """What the end of a request says: why AniList failed, a lock-out, and its headers.

    ``reason`` is ``""`` for an answer, ``lock_out`` the seconds of a 429, ``limit`` and ``left``
    what ``X-RateLimit-Limit`` and ``X-RateLimit-Remaining`` say.
    """

    reason: str = ""
    lock_out: float | None = None
    limit: int | None = None
    left: int | None = None


@dataclass(frozen=True)
class Outage:
    """AniList serves nobody, and nobody asks: ``reason`` is that of the last failure.

    In ``seconds`` somebody may try again.
    """

    reason: str
    seconds: float


Turn = Ticket | Wait | Refusal | Outage


@dataclass(frozen=True)
class Standing:
    """How the budget stands: the limit and how many requests could leave at once.

    ``next_in`` and ``locked_for`` are seconds until the next could leave, and until a lock-out is
    over; ``outage`` is the reason why nobody asks, or ``""``; ``waiting`` counts the queue.
    """

    limit: int
    left: int
    next_in: float = 0.0
    locked_for: float = 0.0
    outage: str = ""
    waiting: int = 0


class BudgetStore(Protocol):
    """Where a budget is kept, for all who share it. Nothing here raises.

    Whoever waits asks again within ``longest_nap`` seconds, or counts as gone.
    """

    longest_nap: float

    def ask(self, asker: Asker) -> Turn:
        """Return a ticket, or what else there is to do."""

    def leave(self, id: int) -> None:
        """Take somebody out of the queue."""

    def answered(self, ticket: Ticket, heard: Heard) -> None:
        """Hear how the request of ``ticket`` ended."""

    def look(self) -> Standing:
        """Return how the budget stands."""

    def fault(self) -> str:
        """Return in a word why the budget is not shared as it should be; ``""`` where it is."""

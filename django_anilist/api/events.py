"""What is told of each request to whoever watches: never what was asked for, never a token."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from django_anilist.api.errors import AniListError, Unavailable

logger = logging.getLogger("django_anilist")

#: Where an answer came from. ``off``: not from the cache and not kept; ``miss``: asked and kept;
#: ``hit``: remembered; ``joined``: somebody else was asking the same; ``stale``: remembered from
#: before, since AniList could not be asked.
OFF, MISS, HIT, JOINED, STALE = "off", "miss", "hit", "joined", "stale"


@dataclass
class Trace:
    """What the layers below a client note about one call as it passes.

    ``covered`` is the error in whose place an old answer is given.
    """

    cache: str = OFF
    waited: float = 0.0
    attempts: int = 0
    budget_left: int | None = None
    covered: AniListError | None = None

    def left_the_queue(self, waited: float, budget_left: int) -> None:
        """Note that a request leaves, after ``waited`` seconds."""
        self.waited += waited
        self.attempts += 1
        self.budget_left = budget_left


class Event(NamedTuple):
    """One call, once it is over.

    ``operation`` is the name in the document or its first field, ``outcome`` is ``ok`` or the name of
    the error with its reason, ``cache`` one of the words above. ``waited`` (for its turn) and ``took``
    (all in all) are seconds; ``attempts`` counts the requests sent, ``budget_left`` what could still
    have left with the last of them (``None`` where nothing was sent). ``said`` is AniList's own sentence
    where it refuses everybody, as it does while it is switched off; ``covered`` is the error, named like
    an ``outcome``, that an old answer stood in for.
    """

    operation: str
    lane: str
    outcome: str
    cache: str
    waited: float
    took: float
    attempts: int
    budget_left: int | None
    said: str = ""
    covered: str = ""


Observer = Callable[[Event], None]


def log(event: Event) -> None:
    """Write one line: at ``INFO`` where AniList was asked, else at ``DEBUG``."""
    level = logging.INFO if event.attempts else logging.DEBUG
    if not logger.isEnabledFor(level):
        return
    logger.log(
        level,
        "%s %s: %s, cache %s, waited %.2f s, took %.2f s, requests %d, budget left %s",
        event.operation,
        event.lane,
        event.outcome,
        event.cache,
        event.waited,
        event.took,
        event.attempts,
        "-" if event.budget_left is None else event.budget_left,
    )


def outcome_of(error: AniListError) -> str:
    """Return the name of an error, with the reason where AniList gave no answer."""
    name = type(error).__name__
    return f"{name} ({error.reason})" if isinstance(error, Unavailable) else name

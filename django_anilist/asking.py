"""How a task asks AniList one thing after another: in its turn, and not for ever."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django_anilist import shared
from django_anilist.api.errors import RateLimited

#: After so many questions in a row without an answer, AniList is left alone.
SILENCE = 3
#: How often a task waits for the budget before it gives a question up, and how long at most, in seconds.
WAITS, LONGEST_WAIT = 5, 120.0

_Answer = TypeVar("_Answer")


def in_turn(ask: Callable[[], _Answer]) -> _Answer:
    """Return what ``ask`` returns, asked again after each wait that the budget calls for.

    Raises what ``ask`` raises, :class:`RateLimited` in the end.
    """
    for _ in range(WAITS):
        try:
            return ask()
        except RateLimited as busy:
            shared.nap(min(busy.retry_after, LONGEST_WAIT))
    return ask()

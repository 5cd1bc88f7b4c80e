"""The budget shared by several machines, in Redis.

One script does each step, by the server's clock, so that no machine's clock matters. While Redis cannot
be reached each machine keeps to its own lock file; what was left when they were parted is handed over.
"""

from __future__ import annotations

import importlib
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from django_anilist.api.breaker import PERIOD
from django_anilist.api.budget import HIGHEST_LIMIT, WINDOW
from django_anilist.api.lockfile import SharedBudget
from django_anilist.api.turns import (
    Asker,
    Heard,
    Outage,
    Refusal,
    Standing,
    Ticket,
    Turn,
    Wait,
)

logger = logging.getLogger("django_anilist")

SCRIPT = Path(__file__).with_name("budget.lua").read_text(encoding="utf-8")
#: How long Redis may take to connect and to answer, in seconds.
PATIENCE = 0.5
#: How long the lock file serves before Redis is tried again, in seconds.
PARTED = 5.0

_T = TypeVar("_T")


def is_redis_url(text: str) -> bool:
    """Tell whether a budget's address is one of Redis rather than a path."""
    return text.startswith(("redis://", "rediss://", "unix://"))


def open_nothing(url: str) -> None:
    """Make a connection to the Redis at ``url``, and open none: raise what is wrong with the address.

    That is ``ImportError`` without the ``redis`` package, else whatever that package raises.
    """
    redis = importlib.import_module("redis")  # an extra; and slow to import where unused
    redis.Redis.from_url(url, decode_responses=True).connection_pool.make_connection()


class RedisBudget:
    """The budget under ``name`` in the Redis at ``url``; ``fallback`` while that cannot be reached.

    Raises ``ImportError`` where the ``redis`` package is missing.
    """

    def __init__(
        self,
        url: str,
        name: str,
        fallback: SharedBudget,
        *,
        window: float = WINDOW,
        period: float = PERIOD,
    ) -> None:
        redis = importlib.import_module("redis")  # an extra; and slow to import where unused
        self._failures: tuple[type[Exception], ...] = (redis.RedisError, OSError)
        # Once more at once, for a connection that a restarted server has closed; then the file serves.
        once_more = redis.retry.Retry(redis.backoff.NoBackoff(), 1)
        client = redis.Redis.from_url(
            url,
            decode_responses=True,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=once_more,
        )
        self._client = client
        self._script = client.register_script(SCRIPT)
        self._key = f"django-anilist:budget:{name}"
        self._scale = (repr(window), repr(period))
        self._fallback = fallback
        self.longest_nap = fallback.longest_nap
        self._lock = threading.Lock()
        self._parted_until = 0.0
        self._parted = False
        self._left: int | None = None

    def ask(self, asker: Asker) -> Turn:
        words = (_name(asker.id), asker.lane, repr(asker.deadline), repr(asker.max_wait))
        return self._either(
            lambda: self._heard_turn(_turn(self._run("ask", *words))),
            lambda: self._fallback.ask(asker),
        )

    def leave(self, id: int) -> None:
        self._either(lambda: self._run("leave", _name(id)), lambda: self._fallback.leave(id))

    def answered(self, ticket: Ticket, heard: Heard) -> None:
        words = (
            *(repr(ticket.held_until), ticket.used, ticket.number, heard.reason),
            *(
                "" if value is None else value
                for value in (heard.lock_out, heard.limit, heard.left)
            ),
        )
        self._either(
            lambda: self._run("answered", *words), lambda: self._fallback.answered(ticket, heard)
        )

    def look(self) -> Standing:
        return self._either(lambda: _standing(self._run("look")), self._fallback.look)

    def fault(self) -> str:
        """Return why Redis does not serve, the name of an error; ``""`` where it does."""
        try:
            self._run(
                "spend_down_to", HIGHEST_LIMIT
            )  # changes nothing, and writes: a replica can be read
        except self._failures as error:
            return type(error).__name__
        return ""

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _run(self, action: str, *words: object) -> list[str]:
        found: list[str] = self._script(keys=[self._key], args=[action, *self._scale, *words])
        return found

    def _heard_turn(self, turn: Turn) -> Turn:
        if isinstance(turn, Ticket):
            self._left = turn.free
        return turn

    def _either(self, there: Callable[[], _T], here: Callable[[], Any]) -> _T:
        """Do it ``there``, in Redis; where Redis cannot be reached, ``here``, in the lock file."""
        if time.monotonic() < self._parted_until:
            return here()  # type: ignore[no-any-return]
        try:
            if self._parted:
                self._rejoin()
            return there()
        except self._failures as error:
            self._part(error)
        return here()  # type: ignore[no-any-return]

    def _part(self, error: Exception) -> None:
        """Turn to the lock file, with no more in it than Redis had left."""
        # The name may lead elsewhere by now: what is open leads to what is no master any more.
        self._client.connection_pool.disconnect(inuse_connections=False)
        with self._lock:
            self._parted_until = time.monotonic() + PARTED
            if self._parted:
                return
            self._parted = True
        logger.warning(
            "AniList's budget is shared on this machine only: Redis cannot be reached (%s)",
            type(error).__name__,
        )
        if self._left is not None:
            self._fallback.spend_down_to(self._left)

    def _rejoin(self) -> None:
        """Turn back to Redis, with no more in it than the lock file has left."""
        self._run("spend_down_to", self._fallback.look().left)
        with self._lock:
            self._parted = False


def _name(id: int) -> str:
    """Return ``id`` as a text that sorts as the number does; Lua's numbers hold 53 bits only."""
    return f"{id:020d}"


def _turn(answer: list[str]) -> Turn:
    kind, *words = answer
    if kind == "ticket":
        held_until, *numbers = words
        return Ticket(float(held_until), *map(int, map(float, numbers)))
    if kind == "outage":
        return Outage(words[0], float(words[1]))
    return Wait(float(words[0])) if kind == "wait" else Refusal(float(words[0]))


def _standing(answer: list[str]) -> Standing:
    limit, left, next_in, locked_for, outage, waiting = answer
    return Standing(
        limit=int(limit),
        left=int(left),
        next_in=float(next_in),
        locked_for=float(locked_for),
        outage=outage,
        waiting=int(waiting),
    )

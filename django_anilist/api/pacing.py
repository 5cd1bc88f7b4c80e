"""A transport that keeps to the budget: it waits, or refuses, before it knocks."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from django_anilist.api.budget import WEB, Budget, Ticket
from django_anilist.api.errors import RateLimited
from django_anilist.api.replies import retry_after
from django_anilist.api.transport import Call, Reply, Transport

#: Looks at the queue in a window, at the least, while waiting: every 0.1 s in a minute.
LOOKS = 600


class BudgetStore(Protocol):
    """Where a budget is kept."""

    def now(self) -> float:
        """Return the moment, in seconds of the store's own clock."""

    def change(self) -> AbstractContextManager[Budget]:
        """Lend the budget to one at a time, and keep what was changed."""


class PacedTransport:
    """Send each call in its turn, over ``transport``.

    ``lane`` is ``WEB`` or ``TASK``; ``max_wait`` the seconds a call may wait for its turn. A call
    whose turn is further off raises :class:`RateLimited` at once, with the seconds until it would
    come; nothing was sent then.
    """

    def __init__(
        self,
        transport: Transport,
        store: BudgetStore,
        *,
        lane: int = WEB,
        max_wait: float = 2.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._transport = transport
        self._store = store
        self._lane = lane
        self._max_wait = max_wait
        self._sleep = sleep

    def send(self, call: Call) -> Reply:
        """Return the reply; raise :class:`RateLimited` unsent where the turn is too far off."""
        ticket = self._turn(call.deadline)
        reply = None
        try:
            reply = self._transport.send(call)
            return reply
        finally:
            self._settle(ticket, reply)

    def close(self) -> None:
        self._transport.close()

    def _turn(self, deadline: float) -> Ticket:
        name = secrets.randbits(64)
        give_up = self._store.now() + self._max_wait
        while True:
            with self._store.change() as budget:
                now = self._store.now()
                turn = budget.ask(name, self._lane, now, deadline)
                too_far = isinstance(turn, float) and now + turn > give_up
                if too_far:
                    budget.leave(name)
            if isinstance(turn, Ticket):
                return turn
            if too_far:
                raise RateLimited(round(turn + 0.05, 1))
            self._sleep(min(turn, budget.window / LOOKS))

    def _settle(self, ticket: Ticket, reply: Reply | None) -> None:
        """Give the slot back, and keep what the reply says about the limit."""
        with self._store.change() as budget:
            now = self._store.now()
            budget.answered(ticket, now)
            if reply is None:
                return
            if reply.status == 429:
                budget.locked_out(retry_after(reply.headers), now)
                return
            limit = reply.headers.get("X-RateLimit-Limit", "")
            left = reply.headers.get("X-RateLimit-Remaining", "")
            if limit.isdecimal() and left.isdecimal() and len(limit) < 6 and len(left) < 6:
                budget.heard_limit(ticket, int(limit), int(left), now)

"""A transport that keeps to the budget: it waits, or refuses, before it knocks."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

from django_anilist.api.errors import RateLimited, Unavailable
from django_anilist.api.replies import retry_after, trouble
from django_anilist.api.transport import Call, Reply, Transport
from django_anilist.api.turns import (
    WEB,
    Asker,
    BudgetStore,
    Heard,
    Outage,
    Refusal,
    Ticket,
    Wait,
)

#: The shortest nap while waiting, in seconds.
SHORTEST_NAP = 0.005


class PacedTransport:
    """Send each call in its turn, over ``transport``.

    ``lane`` is ``WEB`` or ``TASK``. ``max_wait`` is for how many seconds a call may wait for its turn,
    and in the lane of pages all calls together, since each page has such a transport of its own. A
    call whose turn is further off raises :class:`RateLimited` at once, with the seconds until it would
    come, and while AniList is down :class:`Unavailable`; nothing was sent then.

    ``sleep`` may raise to give a call up: it leaves the queue.
    """

    def __init__(
        self,
        transport: Transport,
        store: BudgetStore,
        *,
        lane: str = WEB,
        max_wait: float = 2.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._transport = transport
        self._store = store
        self._lane = lane
        self._max_wait = max_wait
        self._sleep = sleep
        self._waited = 0.0

    def send(self, call: Call) -> Reply:
        """Return the reply; raise unsent where the turn is too far off, or nobody may ask."""
        call.body  # noqa: B018  what cannot be sent takes no turn
        started = time.monotonic()
        try:
            ticket = self._turn(call.deadline)
        finally:
            waited = time.monotonic() - started
            self._waited += waited if self._lane == WEB else 0.0
        call.trace.left_the_queue(waited, ticket.free)
        try:
            reply = self._transport.send(call)
        except Unavailable as error:
            self._store.answered(ticket, Heard(error.reason))
            raise
        self._store.answered(ticket, _heard(reply))
        return reply

    def close(self) -> None:
        self._transport.close()

    def _turn(self, deadline: float) -> Ticket:
        max_wait = max(self._max_wait - self._waited, 0.0)
        asker = Asker(secrets.randbits(64), self._lane, deadline, max_wait)
        turn = self._store.ask(asker)
        try:
            while not isinstance(turn, Ticket):
                self._sleep(_nap(turn, self._store.longest_nap))
                turn = self._store.ask(asker)
        except (RateLimited, Unavailable):
            raise  # the store has taken the asker out of the queue already
        except BaseException:
            self._store.leave(asker.id)
            raise
        return turn


def _nap(turn: Wait | Refusal | Outage, longest: float) -> float:
    """Return how long to sleep before asking again; raise where there is nothing to wait for.

    A turn may come sooner than foreseen, by an early answer or by somebody who gives up: so only a
    quarter of the way is slept at a time.
    """
    if isinstance(turn, Refusal):
        raise RateLimited(round(turn.seconds + 0.05, 1))
    if isinstance(turn, Outage):
        raise Unavailable(turn.reason, in_doubt=False, retry_after=turn.seconds)
    return min(turn.seconds, max(min(turn.seconds / 4, longest), SHORTEST_NAP))


def _heard(reply: Reply) -> Heard:
    if reply.status == 429:
        return Heard(lock_out=retry_after(reply.headers))
    return Heard(
        reason=trouble(reply),
        limit=_number(reply.headers.get("X-RateLimit-Limit", "")),
        left=_number(reply.headers.get("X-RateLimit-Remaining", "")),
    )


def _number(text: str) -> int | None:
    """Return the number in a header; headers that make no sense teach nothing."""
    return int(text) if text.isdecimal() and len(text) < 6 else None

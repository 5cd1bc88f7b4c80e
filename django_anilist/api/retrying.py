"""A transport that tries a read again where the first try met a passing fault."""

from __future__ import annotations

import dataclasses
import random
import time
from collections.abc import Callable

from django_anilist.api.errors import RateLimited, Unavailable
from django_anilist.api.replies import trouble
from django_anilist.api.transport import Call, Reply, Transport

#: The longest pause before the second and before the third try, in seconds. The pause itself is drawn
#: at random below that, so that those who failed together do not come back together.
PAUSES = (0.3, 0.9)
#: With less than this left of its deadline, in seconds, a call is not tried again.
LEAST = 0.2
#: What may have gone by the next moment. A server that hangs has used up the deadline.
PASSING = frozenset({"connection", "dns", "server"})

_jitter = random.Random()  # noqa: S311  spreads requests; nothing secret depends on it  # nosec B311


class RetryingTransport:
    """Send each read at most three times over ``transport``, within the deadline of the call.

    Every try takes its turn and its place in the budget; where there is none left, the first failure
    stands. A mutation is sent once, and a 429 never answered by asking again.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transport = transport
        self._sleep = sleep
        self._clock = clock

    def send(self, call: Call) -> Reply:
        """Return the reply of the last try, or raise what it raised."""
        outcome = self._outcome(call)
        if isinstance(outcome, Reply):
            return outcome
        try:
            raise outcome
        finally:
            del outcome  # else it and this frame would keep one another

    def close(self) -> None:
        self._transport.close()

    def _outcome(self, call: Call) -> Reply | Unavailable | RateLimited:
        started, waited = self._clock(), call.trace.waited
        outcome = self._try(call)
        for pause in () if call.is_mutation else PAUSES:
            seconds = _jitter.uniform(0, pause)
            busy = self._clock() - started - (call.trace.waited - waited)
            left = call.deadline - busy - seconds
            if left < LEAST or not _passes(outcome):
                break
            self._sleep(seconds)
            again = self._try(dataclasses.replace(call, deadline=left))
            if isinstance(again, RateLimited):
                break
            outcome = again
        return outcome

    def _try(self, call: Call) -> Reply | Unavailable | RateLimited:
        try:
            return self._transport.send(call)
        except (Unavailable, RateLimited) as error:
            return error.with_traceback(None)


def _passes(outcome: Reply | Unavailable | RateLimited) -> bool:
    """Tell whether trying again makes sense; not where the breaker, and no server, said no."""
    if isinstance(outcome, Reply):
        return trouble(outcome) in PASSING
    return (
        isinstance(outcome, Unavailable)
        and outcome.reason in PASSING
        and outcome.retry_after is None
    )

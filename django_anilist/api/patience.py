"""A transport that does not let one page lose more time to AniList than it can bear."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable

from django_anilist.api.caching import digest_of
from django_anilist.api.errors import RateLimited, Unavailable
from django_anilist.api.replies import retry_after, trouble
from django_anilist.api.transport import Call, Reply, Transport

#: So many questions are known to have stalled, before all are forgotten.
MOST = 1_000


class Stalled:
    """Questions that got no answer in time just now: for ``period`` seconds nobody waits for them again.

    One question may be too much for AniList while others are answered, and does not open the breaker;
    each page that asks it would lose its deadline again.
    """

    def __init__(self, period: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._period = period
        self._clock = clock
        self._known: dict[object, tuple[float, float]] = {}

    def note(self, call: Call) -> None:
        """Hear that ``call`` got no answer within its deadline."""
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[_question(call)] = (self._clock() + self._period, call.deadline)

    def seconds(self, call: Call) -> float:
        """Return for how long ``call`` is not worth its wait; 0 where it is, or would wait longer."""
        if not self._known:
            return 0.0
        until, deadline = self._known.get(_question(call), (0.0, 0.0))
        return max(until - self._clock(), 0.0) if call.deadline <= deadline else 0.0


def _question(call: Call) -> object:
    return digest_of(call), call.viewer


class PatientTransport:
    """Send calls over ``transport`` until ``seconds`` have been lost to those that failed.

    The first call has its own deadline; once one has failed, the others get what is left together, and
    then nothing is sent any more. Waiting for somebody else's call that failed is lost all the same.
    What is known in ``stalled`` is not sent either, and after a 429 no further question is: each would
    wait for its turn, to be refused again. One such transport serves one page.
    """

    def __init__(
        self,
        transport: Transport,
        seconds: float,
        stalled: Stalled | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transport = transport
        self._seconds = seconds
        self._stalled = stalled or Stalled(0.0)
        self._clock = clock
        self._lost = 0.0
        self._refused: float | None = None

    def send(self, call: Call) -> Reply:
        """Return the reply, or raise unsent where patience is at its end.

        That is :class:`Unavailable`, or :class:`RateLimited` after a 429.
        """
        if self._refused is not None and not call.is_mutation:
            raise RateLimited(self._refused)
        if not call.is_mutation and (wait := self._stalled.seconds(call)):
            raise Unavailable("timeout", in_doubt=False, retry_after=wait)
        if self._lost:
            left = self._seconds - self._lost
            if left <= 0:
                raise Unavailable("timeout", in_doubt=False)
            call = dataclasses.replace(call, deadline=min(call.deadline, left))
        started, waited = self._clock(), call.trace.waited
        failed = True
        try:
            reply = self._transport.send(call)
            failed = bool(trouble(reply))
            if reply.status == 429:
                self._refused = retry_after(reply.headers)
            return reply
        except Unavailable as error:
            if error.reason == "timeout" and error.retry_after is None:  # not the breaker's
                self._stalled.note(call)
            raise
        finally:
            if failed:
                self._lost += self._clock() - started - (call.trace.waited - waited)

    def lose(self, seconds: float) -> None:
        """Hear that so long was waited for somebody else's call, which failed."""
        self._lost += seconds

    def close(self) -> None:
        self._transport.close()

"""A transport that does not let one page lose more time to AniList than it can bear."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable

from django_anilist.api.errors import Unavailable
from django_anilist.api.replies import trouble
from django_anilist.api.transport import Call, Reply, Transport


class PatientTransport:
    """Send calls over ``transport`` until ``seconds`` have been lost to those that failed.

    The first call has its own deadline; once one has failed, the others get what is left together, and
    then nothing is sent any more. One such transport serves one page.
    """

    def __init__(
        self,
        transport: Transport,
        seconds: float,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transport = transport
        self._seconds = seconds
        self._clock = clock
        self._lost = 0.0

    def send(self, call: Call) -> Reply:
        """Return the reply, or raise :class:`Unavailable` unsent where patience is at its end."""
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
            return reply
        finally:
            if failed:
                self._lost += self._clock() - started - (call.trace.waited - waited)

    def close(self) -> None:
        self._transport.close()

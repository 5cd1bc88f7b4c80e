"""What AniList answered is remembered for a while, for each viewer apart.

An answer is remembered under what was asked **and** who asked, so that nobody ever sees another's; a
mutation, or disconnecting, makes everything of its viewer unreadable at once. What is kept is bounded
in time, in bytes and in number, as AniList's terms ask. https://docs.anilist.co/guide/terms-of-use
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import time
from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

from django_anilist.api.decoding import known_object
from django_anilist.api.errors import AniListError, NotFound, RateLimited, Unavailable
from django_anilist.api.events import HIT, JOINED, MISS, STALE
from django_anilist.api.flights import LOOK, Flights
from django_anilist.api.lifetimes import MISSING_LIFETIME
from django_anilist.api.memory import Found, Memory
from django_anilist.api.replies import graphql_data
from django_anilist.api.retrying import LEAST
from django_anilist.api.transport import Call, Reply, Transport

#: With these AniList serves nobody: the limit is spent, or it is switched off.
_REFUSED = frozenset({403, 429})


class CachingTransport:
    """Answer reads from ``memory`` where it can, and ask over ``transport`` where it cannot.

    Those who ask the same at once, as the same viewer and in the same ``lane``, make one request.
    Where AniList cannot be asked, an answer that is too old by no more than ``call.stale_for`` serves,
    but to a ``call.fresh``: that is for who would rather know. ``in_vain`` hears of the seconds that
    somebody was waited for who had no answer either.
    """

    def __init__(
        self,
        transport: Transport,
        memory: Memory,
        flights: Flights,
        *,
        lane: str = "web",
        patience: float = 2.0,
        in_vain: Callable[[float], None] = lambda seconds: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transport = transport
        self._memory = memory
        self._flights = flights
        self._lane = lane
        self._patience = patience
        self._in_vain = in_vain
        self._clock = clock

    def send(self, call: Call) -> Reply:
        """Return the reply, asked for or remembered; raise what the transport raises."""
        if call.is_mutation and call.viewer is not None:
            return self._change(call, call.viewer)
        if call.lifetime <= 0:
            return self._transport.send(call)
        digest = digest_of(call)
        if call.fresh:
            call.trace.cache = MISS
            return self._ask(call, digest, self._memory.generation(call.viewer))
        found = self._memory.recall(call.viewer, digest)
        if found and found.age < lifetime_in(call, found):
            call.trace.cache = HIT
            return as_reply(found)
        try:
            return self._fly(call, digest)
        except (RateLimited, Unavailable) as error:
            if not found or found.age >= lifetime_in(call, found) + call.stale_for:
                raise
            call.trace.cache, call.trace.covered = STALE, error.with_traceback(None)
            return as_reply(found, stale=True)

    def close(self) -> None:
        self._transport.close()

    def _change(self, call: Call, viewer: int) -> Reply:
        """Send a mutation, which makes stale what its viewer had; not where nothing can have changed.

        Else a change that AniList cannot take now would take away the list that still could be shown.
        """
        unchanged = False
        try:
            reply = self._transport.send(call)
            unchanged = reply.status in _REFUSED
            return reply
        except (RateLimited, Unavailable) as error:
            unchanged = isinstance(error, RateLimited) or not error.in_doubt
            raise
        finally:
            if not unchanged:
                self._memory.forget(viewer)

    def _fly(self, call: Call, digest: bytes) -> Reply:
        """Ask, or wait for somebody who is asking the same, since the viewer's last change too."""
        call.trace.cache = MISS
        generation = self._memory.generation(call.viewer)
        flight = f"{self._lane}:{call.viewer}:{generation.hex()}:{digest.hex()}"

        def recall() -> Reply | None:
            found = self._memory.recall(call.viewer, digest)
            return as_reply(found) if found and found.age < lifetime_in(call, found) else None

        reply, joined = self._join(
            flight, call, partial(self._ask, digest=digest, generation=generation), recall
        )
        if joined:
            call.trace.cache = JOINED
        return reply

    def _join(
        self,
        flight: str,
        call: Call,
        ask_now: Callable[[Call], Reply],
        recall: Callable[[], Reply | None],
    ) -> tuple[Reply, bool]:
        """Join the flight; tell ``in_vain`` what was waited without an answer."""
        began, asked = self._clock(), False

        def ask(waited: float) -> Reply:
            nonlocal asked
            asked = True
            if waited >= LOOK:
                self._in_vain(waited)
            return ask_now(_late(call, waited))

        try:
            return self._flights.join(flight, ask, recall, call.deadline + self._patience)
        except Unavailable:
            if not asked:
                self._in_vain(self._clock() - began)
            raise

    def _ask(self, call: Call, digest: bytes, generation: bytes) -> Reply:
        """Return AniList's reply, kept if it is one to keep; raise where AniList does not serve."""
        reply = self._transport.send(call)
        try:
            graphql_data(reply, call.bearer)
        except (RateLimited, Unavailable):
            raise
        except NotFound:
            pass
        except AniListError:
            return reply  # an answer to this caller, and to nobody else
        keep_for = call.lifetime + call.stale_for
        answer = {digest: (reply.status, reply.body)}
        self._memory.keep(call.viewer, generation, answer, keep_for, packed=reply.packed)
        return reply


def _late(call: Call, waited: float) -> Call:
    """Return ``call`` with what is left of its deadline after waiting for somebody's answer in vain.

    Else each process in turn would lose a whole deadline to an AniList that hangs, and its page the
    deadlines of all before it.
    """
    if waited < LOOK:
        return call
    if call.deadline - waited < LEAST:
        raise Unavailable("timeout", in_doubt=False)
    return dataclasses.replace(call, deadline=call.deadline - waited)


_in_order = json.JSONEncoder(sort_keys=True, default=str).encode


def digest_of(call: Call) -> bytes:
    """Return what tells this question from others: the address, the document and its variables."""
    variables = _in_order(call.payload.get("variables"))
    text = "\n".join(
        (call.url, str(call.payload.get("operationName")), variables, str(call.payload["query"]))
    )
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def lifetime_in(call: Call, found: Found) -> float:
    """Return for how many seconds what was found answers ``call``."""
    return call.lifetime if found.status == 200 else min(call.lifetime, MISSING_LIFETIME)


def as_reply(found: Found, *, stale: bool = False) -> Reply:
    """Return the reply that was kept."""
    return _Remembered(found.status, {}, found.body, age=found.age, stale=stale)


class _Remembered(Reply):
    """A reply whose body was looked through before it was kept."""

    @cached_property
    def content(self) -> dict[str, Any]:
        return known_object(self.body)

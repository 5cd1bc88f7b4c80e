"""One viewer's conversation with AniList: a document goes out, data or one of our errors comes back."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from django_anilist.api.documents import Operation, read_operation
from django_anilist.api.endpoints import Endpoints
from django_anilist.api.errors import (
    AniListError,
    NotConnected,
    OutcomeUnknown,
    TokenRejected,
    Unavailable,
)
from django_anilist.api.events import JOINED, Event, Observer, Trace, outcome_of
from django_anilist.api.lifetimes import lifetime_of
from django_anilist.api.memory import Memory
from django_anilist.api.replies import graphql_data
from django_anilist.api.results import Answer, dated
from django_anilist.api.secrets import Secret
from django_anilist.api.transport import MEBIBYTE, Call, Transport
from django_anilist.api.turns import WEB

QUERY_DEADLINE = 8.0
#: A change is worth waiting for: to give up on it is not to know whether it was made.
MUTATION_DEADLINE = 8.0


class Access(Protocol):
    """On whose behalf a client speaks."""

    def bearer(self) -> Secret | None:
        """Return the token to send, or ``None`` where there is none that may be sent.

        Asked before each request: the user may have disconnected since the last one.
        """

    def viewer_id(self, bearer: Secret | None = None) -> int | None:
        """Return the AniList id of who owns ``bearer``, or the token of now; ``None`` for nobody's."""

    def account_id(self) -> int:
        """Return the AniList id of the viewer, or raise :class:`ReconnectRequired`."""

    def rejected(self, bearer: Secret) -> object:
        """Hear that AniList no longer accepts ``bearer``; return the id of its user here, if known."""

    def used(self, bearer: Secret) -> None:
        """Hear that AniList has just answered a request that carried ``bearer``."""


class Anonymous:
    """Nobody: public queries only."""

    def bearer(self) -> None:
        return None

    def viewer_id(self, bearer: Secret | None = None) -> None:
        return None

    def account_id(self) -> int:
        raise NotConnected

    def rejected(self, bearer: Secret) -> None:
        """Never called: nothing is sent."""

    def used(self, bearer: Secret) -> None:
        """Never called either."""


@dataclass(frozen=True)
class Ways:
    """How a client goes about things.

    ``lane`` says whose turn its requests wait for, ``deadline`` bounds a query in seconds, and
    ``longest`` also one that usually has more time, as lists and batches do; never a change.
    ``lifetimes`` are seconds by field name that go before our own, ``stale_for`` how many seconds
    longer an answer serves while AniList cannot be asked; 0 remembers nothing that long.
    ``observers`` hear of every call.
    """

    lane: str = WEB
    deadline: float = QUERY_DEADLINE
    longest: float = math.inf
    lifetimes: Mapping[str, float] = field(default_factory=dict)
    stale_for: float = 0.0
    observers: tuple[Observer, ...] = ()


@dataclass(frozen=True)
class Question:
    """One document with its variables, read."""

    document: str
    variables: Mapping[str, Any]
    operation_name: str | None
    operation: Operation = field(repr=False)

    @classmethod
    def read(
        cls,
        document: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
    ) -> Question:
        """Read a document; raise :class:`QueryError` where AniList would refuse it unread."""
        operation = read_operation(document, operation_name)
        given = dict(variables or {})
        operation.refuse_too_complex(given)
        return cls(document, given, operation_name, operation)

    @property
    def payload(self) -> dict[str, Any]:
        """What is sent: GraphQL over HTTP."""
        found: dict[str, Any] = {"query": self.document, "variables": self.variables}
        if self.operation_name is not None:
            found["operationName"] = self.operation_name
        return found


class Conversation:
    """Asks questions over ``transport``, as ``access`` says, and tells ``ways.observers`` how it went.

    ``memory`` is where answers are remembered besides; ``None`` remembers nothing.
    """

    def __init__(
        self,
        transport: Transport,
        endpoints: Endpoints,
        access: Access | None = None,
        *,
        ways: Ways | None = None,
        memory: Memory | None = None,
    ) -> None:
        self._transport = transport
        self._endpoints = endpoints
        self._access: Access = access or Anonymous()
        self._ways = ways or Ways()
        self._memory = memory

    @property
    def lane(self) -> str:
        """``web`` where somebody waits for a page, ``task`` elsewhere."""
        return self._ways.lane

    def _call(
        self,
        question: Question,
        *,
        as_nobody: bool = False,
        cache: float | None = None,
        deadline: float | None = None,
        max_bytes: int = 2 * MEBIBYTE,
    ) -> Call:
        """Return the call that asks ``question``; raise where it needs a viewer and there is none."""
        operation = question.operation
        bearer = None if as_nobody else self._access.bearer()
        if operation.needs_viewer and bearer is None:
            self._access.account_id()  # raises what the user has to hear
        viewer = self._access.viewer_id(bearer) if bearer else None
        usual = MUTATION_DEADLINE if operation.is_mutation else self._ways.deadline
        longest = math.inf if operation.is_mutation else self._ways.longest
        lifetime = lifetime_of(operation, viewer, self._ways.lifetimes)
        if bearer and viewer is None:
            lifetime, cache = 0.0, None  # an answer to nobody we know is nobody's to be kept for
        return Call(
            self._endpoints.graphql,
            question.payload,
            bearer,
            min(usual if deadline is None else deadline, longest),
            max_bytes,
            is_mutation=operation.is_mutation,
            viewer=viewer,
            lifetime=lifetime if not cache or operation.is_mutation else cache,
            stale_for=self._ways.stale_for,
            fresh=cache == 0,
        )

    def _viewer_now(self) -> int | None:
        """Return the AniList id of who asks, as it is now; ``None`` for nobody."""
        return self._access.viewer_id(self._access.bearer())

    def _call_as(self, viewer: int | None, question: Question, **options: Any) -> Call:
        """Return the call as :meth:`_call` does, the next of several that are ``viewer``'s alone.

        They may have disconnected since the first, or changed accounts, and then it raises: what one
        was told is not for the other, nor to be remembered for them.
        """
        call = self._call(question, **options)
        if call.viewer != viewer:
            self._access.account_id()  # says more than "not connected" where a token is dead
            raise NotConnected
        return call

    def _send(self, call: Call, operation: Operation) -> Answer:
        """Return the ``data`` of the answer to ``call``, or raise exactly one of our errors."""
        started = time.monotonic()
        try:
            reply = self._transport.send(call)
            data = graphql_data(reply, call.bearer)
            if call.bearer is not None and call.trace.attempts and not reply.stale:
                self._access.used(call.bearer)
            self._tell(operation, call.trace, "ok", started)
            return dated(data, reply.age, stale=reply.stale)
        except AniListError as error:
            failure = error
        self._tell(operation, call.trace, outcome_of(failure), started, failure)
        theirs = call.trace.cache == JOINED  # who asked the same may have had the token from before
        if isinstance(failure, TokenRejected) and call.bearer is not None and not theirs:
            failure.user_id = self._access.rejected(call.bearer)
        if isinstance(failure, Unavailable) and operation.is_mutation and failure.in_doubt:
            failure = OutcomeUnknown(failure.reason)
        try:
            if isinstance(failure, NotConnected):
                self._access.account_id()  # says more than "not connected" where a token is dead
            raise failure.with_traceback(None)  # the frames below hold the answer: somebody's data
        finally:
            del failure  # it and this frame, with all the caller's, would keep one another alive

    def _tell(
        self,
        operation: Operation,
        trace: Trace,
        outcome: str,
        started: float,
        failure: AniListError | None = None,
    ) -> None:
        failure = failure or trace.covered
        event = Event(
            operation=operation.label,
            lane=self._ways.lane,
            outcome=outcome,
            cache=trace.cache,
            waited=trace.waited,
            took=time.monotonic() - started,
            attempts=trace.attempts,
            budget_left=trace.budget_left,
            said=failure.said if isinstance(failure, Unavailable) else "",
            covered=outcome_of(trace.covered) if trace.covered else "",
        )
        for observer in self._ways.observers:
            observer(event)

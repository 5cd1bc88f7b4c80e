"""Many small wants in few requests, each under AniList's cap on complexity."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django_anilist.api.caching import as_reply, digest_of, lifetime_in
from django_anilist.api.complexity import MAX_COMPLEXITY
from django_anilist.api.conversation import Conversation, Question
from django_anilist.api.errors import (
    AniListError,
    BadResponse,
    NotFound,
    QueryError,
    RateLimited,
    Unavailable,
)
from django_anilist.api.memory import Found
from django_anilist.api.merging import Merged, can_be_merged, merge
from django_anilist.api.replies import error_of, graphql_data
from django_anilist.api.results import Answer, dated
from django_anilist.api.transport import MEBIBYTE, Call

#: A document, or one with its variables.
Ask = str | tuple[str, Mapping[str, Any]]
#: What came of it.
Outcome = Answer | AniListError

BATCH_DEADLINE = 10.0
BATCH_BYTES = 8 * MEBIBYTE
#: How long the answer to a whole batch is kept, in seconds: just long enough to be handed to those who
#: asked the same at once. Its parts are remembered each for itself.
HAND_OVER = 10.0

_T = TypeVar("_T")


@dataclass(frozen=True)
class _Want:
    """One question of a batch, with the call that would ask it alone."""

    question: Question
    call: Call
    digest: bytes


class Batching(Conversation):
    """A conversation that can ask many things at once."""

    def execute_many(self, asks: Iterable[Ask]) -> list[Outcome]:
        """Ask several queries in as few requests as AniList's cap on complexity allows.

        Each of ``asks`` is a document, or a pair of a document and its variables. Returned is for each,
        in order, its ``data``, or the error it would have raised alone: one that is refused never sinks
        the rest, nor does a viewer who disconnects meanwhile; where AniList fails, it fails all that
        were sent together. What is remembered is not asked for. A mutation raises ``ValueError``.
        """
        if isinstance(asks, str):
            raise TypeError("execute_many takes several documents: put one into a list")
        viewer = self._viewer_now()
        outcomes: list[Outcome | _Want] = [self._prepared(ask, viewer) for ask in asks]
        wants = {want.digest: want for want in outcomes if isinstance(want, _Want)}
        known = self._remembered(wants.values(), viewer)
        answers = {
            digest: _answer(found)
            for digest, found in known.items()
            if found.age < lifetime_in(wants[digest].call, found)
        }
        answers |= self._asked([want for want in wants.values() if want.digest not in answers])
        for digest, outcome in answers.items():
            if isinstance(outcome, RateLimited | Unavailable) and digest in known:
                answers[digest] = _stale(wants[digest], known[digest]) or outcome
        return [answers[want.digest] if isinstance(want, _Want) else want for want in outcomes]

    def _prepared(self, ask: Ask, viewer: int | None) -> Outcome | _Want:
        document, variables = (ask, {}) if isinstance(ask, str) else ask
        try:
            question = Question.read(document, variables)
            if question.operation.is_mutation:
                raise ValueError("execute_many is for queries; a mutation is sent by execute")
            call = self._call_as(viewer, question)
        except AniListError as error:
            return error.with_traceback(None)
        return _Want(question, call, digest_of(call))

    def _remembered(self, wants: Iterable[_Want], viewer: int | None) -> dict[bytes, Found]:
        found: dict[bytes, Found] = {}
        digests = [want.digest for want in wants if want.call.lifetime > 0]
        if self._memory is not None and digests:
            found = self._memory.recall_many(viewer, digests)
        return found

    def _asked(self, wants: Sequence[_Want]) -> dict[bytes, Outcome]:
        """Ask ``wants``, those that can be in one request together."""
        found: dict[bytes, Outcome] = {}
        together: list[_Want] = []
        for want in wants:
            if can_be_merged(want.question):
                together.append(want)
            else:
                found[want.digest] = self._alone(want)
        costs = [want.question.operation.cost.of(want.question.variables) for want in together]
        for group in packed(list(zip(together, costs, strict=True)), MAX_COMPLEXITY):
            found |= self._asked_at_once(group)
        return found

    def _alone(self, want: _Want) -> Outcome:
        try:
            call = self._call_as(want.call.viewer, want.question)
            return self._send(call, want.question.operation)
        except AniListError as error:
            return error.with_traceback(None)

    def _asked_at_once(self, group: Sequence[_Want]) -> dict[bytes, Outcome]:
        """Ask a group in one request; what one error hides of the others is asked for again."""
        if len(group) == 1:
            return {group[0].digest: self._alone(group[0])}
        try:
            merged = merge([want.question for want in group])
        except QueryError:  # odd documents may cost more together than each alone
            return {want.digest: self._alone(want) for want in group}
        viewer = group[0].call.viewer
        generation = self._memory.generation(viewer) if self._memory else b""
        errors: Sequence[Mapping[str, Any]] = ()
        try:
            data: Answer | None = self._send_batch(merged.question, viewer)
        except QueryError as error:
            errors, data = error.errors, None if error.data is None else Answer(error.data)
        except AniListError as error:
            if isinstance(error, BadResponse) and error.reason == "too-large":
                middle = len(group) // 2
                return self._asked_at_once(group[:middle]) | self._asked_at_once(group[middle:])
            return {want.digest: error.with_traceback(None) for want in group}
        outcomes, again = _taken_apart(merged, group, errors, data)
        self._keep(group, outcomes, generation)
        if len(again) < len(group):
            return outcomes | (self._asked_at_once(again) if again else {})
        return {want.digest: self._alone(want) for want in again}

    def _send_batch(
        self, question: Question, viewer: int | None, *, as_nobody: bool = False
    ) -> Answer:
        """Ask many things at once; the whole of the answer is kept for a moment only."""
        call = self._call_as(
            viewer,
            question,
            as_nobody=as_nobody,
            deadline=max(BATCH_DEADLINE, self._ways.deadline),
            max_bytes=BATCH_BYTES,
        )
        call = dataclasses.replace(call, lifetime=min(call.lifetime, HAND_OVER), stale_for=0.0)
        return self._send(call, question.operation)

    def _keep(
        self, group: Sequence[_Want], outcomes: Mapping[bytes, Outcome], generation: bytes
    ) -> None:
        """Remember each part as if it had been asked for alone."""
        for want in group:
            packed = _body(outcomes.get(want.digest))
            if self._memory is not None and packed is not None and want.call.lifetime > 0:
                seconds = want.call.lifetime + want.call.stale_for
                self._memory.keep(want.call.viewer, generation, {want.digest: packed}, seconds)


def packed(items: Sequence[tuple[_T, int]], most: int) -> list[list[_T]]:
    """Put items with their costs into as few groups of at most ``most`` as goes simply.

    The dearest first, each into the first group with room: never more than 11/9 of the fewest
    possible, and one. (First fit decreasing; D. S. Johnson, 1973.)
    """
    groups: list[list[_T]] = []
    room: list[int] = []
    for item, cost in sorted(items, key=lambda pair: -pair[1]):
        place = next((n for n, left in enumerate(room) if left >= cost), None)
        if place is None:
            groups.append([item])
            room.append(most - cost)
        else:
            groups[place].append(item)
            room[place] -= cost
    return groups


def _taken_apart(
    merged: Merged,
    group: Sequence[_Want],
    errors: Sequence[Mapping[str, Any]],
    data: Answer | None,
) -> tuple[dict[bytes, Outcome], list[_Want]]:
    """Return what came of each part, and those of which the answer does not tell."""
    by_part, all_told = merged.errors_by_part(errors)
    outcomes: dict[bytes, Outcome] = {}
    untold: list[_Want] = []
    for number, (part, want) in enumerate(zip(merged.parts, group, strict=True)):
        own = part.own(data) if data is not None else None
        if number in by_part:
            found = by_part[number]
            status = next((e["status"] for e in found if isinstance(e.get("status"), int)), 400)
            outcomes[want.digest] = error_of(status, found, own, want.call.bearer)
        elif own is None or (not all_told and None in own.values()):
            untold.append(want)
        else:
            outcomes[want.digest] = data.about(own) if data is not None else Answer(own)
    return outcomes, untold


def _body(outcome: Outcome | None) -> tuple[int, bytes] | None:
    """Return the status and body to remember an outcome by; ``None`` where it is not to be."""
    if isinstance(outcome, Answer):
        return 200, json.dumps({"data": outcome}).encode()
    if isinstance(outcome, NotFound):
        return 404, json.dumps({"errors": outcome.errors, "data": outcome.data}).encode()
    return None


def _answer(found: Found, *, stale: bool = False) -> Outcome:
    try:
        return dated(graphql_data(as_reply(found)), found.age, stale=stale)
    except AniListError as error:
        return error.with_traceback(None)


def _stale(want: _Want, found: Found) -> Outcome | None:
    within = lifetime_in(want.call, found) + want.call.stale_for
    return _answer(found, stale=True) if found.age < within else None

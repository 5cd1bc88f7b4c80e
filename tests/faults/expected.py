"""What may come of each cell, and what is wrong with an outcome."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from django_anilist.api import errors
from tests.faults import graphql, limits, oauth
from tests.faults.bodies import BODIES, HEAVY
from tests.faults.matrix import LIVES, WELL
from tests.faults.playing import CALLBACKS, Outcome

#: Seconds that the work around a deadline may take, on a machine that is busy with other things. What no
#: deadline ends takes 30.
GRACE = 10.0

#: Whole answers that say something of everything that any place asks for.
GOOD = {WELL, "TLS as it should be"}
#: Answers that are as good as that at ``Viewer``, however odd.
VIEWERS = {*GOOD, *HEAVY, *graphql.PROFILES, *graphql.OTHERS, *limits.BUDGETS}
#: A list with nothing to complain of, however odd.
LISTS = {*GOOD, *graphql.ENTRIES, *limits.BUDGETS, "every field empty"}
#: Whoever sent a token, and is answered in JSON that they are not authorized, has to connect again.
REJECTED = {*graphql.REJECTIONS, "invalid_grant with 401", "invalid_client"}
#: AniList says no, in words that GraphQL knows.
REFUSED = {*graphql.REFUSALS, *(name for name in BODIES if name.startswith("errors"))} | {
    "validation of odd shape", "echo in an error", "echo in a switch-off",
}  # fmt: skip

_OURS = {name for name in vars(errors) if isinstance(getattr(errors, name), type)}


def complaints(outcome: Outcome, budget: float) -> list[str]:
    """Return what is wrong with an outcome that may take ``budget`` seconds; of a calm one, nothing."""
    return [f"{outcome.cell}: {complaint}" for complaint in _complaints(outcome, budget)]


def _complaints(outcome: Outcome, budget: float) -> Iterator[str]:
    if outcome.unhandled:
        yield f"raised {outcome.unhandled}"
    if outcome.found:
        yield "a secret got out"
    if outcome.took > budget:
        yield f"took {outcome.took:.1f} of {budget:.1f} s"
    if outcome.descriptors:
        yield f"left {outcome.descriptors} descriptors open"
    if outcome.circles:
        yield f"left {outcome.circles} to the collector of garbage"
    yield from _of_row(outcome)
    yield from _of_logs(outcome.logs)
    yield from (_of_callback if outcome.cell.place in CALLBACKS else _of_page)(outcome)


def _of_row(outcome: Outcome) -> Iterator[str]:
    asked_as_user = outcome.cell.place not in CALLBACKS
    if outcome.rejected is not (asked_as_user and outcome.cell.fault in REJECTED):
        yield f"rejected is {outcome.rejected}"
    if not outcome.is_kept and outcome.word != "connected":
        yield "changed the row"


def _of_logs(records: list[logging.LogRecord]) -> Iterator[str]:
    """A page that goes without AniList says why; a reason that is none of our errors is a mistake."""
    for record in records:
        if not record.name.startswith("django_anilist"):
            continue
        if record.exc_info or record.levelno >= logging.ERROR:
            yield f"logged {record.getMessage()!r}"
        kinds = {str(arg).partition(":")[0] for arg in record.args or ()}
        if record.levelno == logging.WARNING and not _OURS & kinds:
            yield f"warned {record.getMessage()!r}"


def _of_callback(outcome: Outcome) -> Iterator[str]:
    headers = outcome.response.headers
    if (outcome.status, outcome.response.content) != (303, b""):
        yield f"answered {outcome.status} with a body"
    if "no-store" not in headers["Cache-Control"] or headers["Referrer-Policy"] != "no-referrer":
        yield "may be kept or told to others"
    if {"code", "state"} & set(parse_qs(urlsplit(headers.get("Location", "")).query)):
        yield "led on to an address with the code in it"
    if outcome.word not in _words(outcome.cell.place, outcome.cell.fault):
        yield f"ended as {outcome.word!r}"


def _words(place: str, fault: str) -> set[str]:
    """Return how a callback may end."""
    if fault in limits.LIMITS or fault.startswith(
        ("too many", "status 429", "errors that say 429")
    ):
        return {"busy", "unavailable", "connected" if place == "named" else "busy"}
    if place == "named" and fault not in VIEWERS | {*graphql.OTHERS}:
        # An outage does not cost the code: the token's own word says whose it is.
        return {"connected", "unavailable", "busy"}
    if place in ("viewer", "named"):
        if fault in graphql.OTHERS:
            return {"other-account" if place == "viewer" else "unavailable"}
        return {"connected"} if fault in VIEWERS else {"unavailable", "busy"}
    if fault in GOOD or fault in LIVES:
        return {"connected"}
    if fault in oauth.CODES:
        return {"code"}
    return {"client"} if fault in oauth.CLIENTS else {"unavailable", "busy", "code"}


def _of_page(outcome: Outcome) -> Iterator[str]:
    if outcome.status not in _statuses(outcome.cell.place, outcome.cell.fault):
        yield f"answered {outcome.status}"
    if outcome.status == 503 and outcome.response.headers.get("Cache-Control") != "no-store":
        yield "may be kept"


def _statuses(place: str, fault: str) -> set[int]:
    """Return how a page may answer: a part of a page never breaks it."""
    if place == "page":
        return {200}
    if fault in REJECTED:
        return {302}
    if fault in REFUSED:
        return {422, 503}
    return {200} if fault in (VIEWERS if place == "query" else LISTS) else {503}

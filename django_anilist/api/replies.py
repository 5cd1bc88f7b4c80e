"""The one place that decides what an answer of AniList means.

==========================================  ============================================
seen                                        raised
==========================================  ============================================
"Invalid token", or 401 though a token      :class:`TokenRejected`
was sent
401 without a token                         :class:`NotConnected`
429                                         :class:`RateLimited`
403, 5xx, a web page                        :class:`Unavailable`
404                                         :class:`NotFound`
any other list of errors                    :class:`QueryError` or one of its kinds
anything else that is not data              :class:`BadResponse`
==========================================  ============================================

AniList answers a revoked or expired token with 400, not 401, and an outage with 403. An error inside
a 200 counts like one outside. https://docs.anilist.co/guide/graphql/errors
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from django_anilist.api.errors import (
    DEFAULT_RETRY_AFTER,
    AniListError,
    BadResponse,
    NotConnected,
    NotFound,
    QueryError,
    RateLimited,
    TokenRejected,
    TooComplex,
    Unavailable,
    ValidationFailed,
)
from django_anilist.api.secrets import Secret
from django_anilist.api.transport import Reply
from django_anilist.api.values import clean_text

#: A lock-out lasts a minute; a larger number in the header is not believed beyond this.
LONGEST_RETRY_AFTER = 120

_MAX_MESSAGE = 300

#: AniList answers an anonymous request without a ``Referer`` as if it were switched off.
_NO_REFERER = (
    "AniList is switched off, or refuses anonymous requests from this site: "
    "ANILIST_REDIRECT_URI must hold the site's own origin, which is sent as Referer"
)


def graphql_data(reply: Reply, bearer: Secret | None = None) -> dict[str, Any]:
    """Return the ``data`` of a GraphQL reply to a request that carried ``bearer``.

    Raises exactly one of our errors for everything else, also for data beside errors: that is a
    :class:`QueryError` whose ``data`` holds what came.
    """
    refuse_unusable(reply, bearer)
    content = reply.content
    errors, data = content.get("errors"), content.get("data")
    if errors:
        raise error_of(reply.status, errors, data, bearer)
    if reply.status == 401:
        raise TokenRejected if bearer else NotConnected
    if reply.status != 200 or not isinstance(data, dict):
        raise BadResponse
    return data


def refuse_unusable(reply: Reply, bearer: Secret | None = None) -> None:
    """Raise for the replies whose status alone says that AniList does not serve us now."""
    if reply.status == 429:
        raise RateLimited(retry_after(reply.headers))
    if reply.status == 403:
        hint = "" if bearer else _NO_REFERER
        raise Unavailable(trouble(reply), hint, in_doubt=False, said=_sentence(reply, bearer))
    if reply.status >= 500:
        raise Unavailable("server")


def _sentence(reply: Reply, bearer: Secret | None) -> str:
    """Return what AniList itself says on why it refuses everybody, or ``""``."""
    try:
        errors = reply.content.get("errors")
        message = str(errors[0]["message"]) if isinstance(errors, list) else ""
    except (BadResponse, LookupError, TypeError):
        return ""
    return clean_text(bearer.masked_in(message) if bearer else message, _MAX_MESSAGE)


def trouble(reply: Reply) -> str:
    """Return why AniList serves nobody, a reason of :class:`Unavailable`; ``""`` where it answers."""
    if reply.status == 403:
        return "switched-off" if b"temporarily disabled" in reply.body else "forbidden"
    if reply.status >= 500:
        return "server"
    return "html" if reply.body.lstrip()[:1] == b"<" else ""


def retry_after(headers: Mapping[str, str]) -> int:
    """Return the seconds in ``Retry-After`` (RFC 9110 section 10.2.3: a number or a date).

    Between 1 and 120; AniList's usual 60 where the header is missing or makes no sense.
    """
    text = headers.get("Retry-After", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        seconds = _seconds_until(text)
    if math.isnan(seconds):
        return DEFAULT_RETRY_AFTER
    return math.ceil(min(max(seconds, 1), LONGEST_RETRY_AFTER))


def _seconds_until(text: str) -> float:
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=datetime.timezone.utc)
        return (moment - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
    except (TypeError, ValueError, IndexError, OverflowError):
        return math.nan


def error_of(status: int, errors: object, data: object, bearer: Secret | None) -> AniListError:
    """Return what a list of GraphQL errors means, that came with an HTTP ``status`` and ``data``."""
    if not isinstance(errors, list) or not all(isinstance(error, dict) for error in errors):
        return BadResponse()
    messages = [str(error.get("message", "")) for error in errors]
    stated = (error.get("status") for error in errors)
    # What is too long for 64 bits is a float to orjson; neither reads one that is infinite.
    statuses = {status, *(int(number) for number in stated if type(number) in (int, float))}
    if bearer and any(message.casefold() == "invalid token" for message in messages):
        return TokenRejected()
    if 401 in statuses:
        return TokenRejected() if bearer else NotConnected()
    if 429 in statuses:
        return RateLimited()
    if max(statuses) >= 500:
        return Unavailable("server")
    return _query_error(statuses, messages, errors, data, bearer)


def _query_error(
    statuses: set[int],
    messages: list[str],
    errors: list[dict[str, Any]],
    data: object,
    bearer: Secret | None,
) -> QueryError:
    kind = QueryError
    if any("validation" in error for error in errors):
        kind = ValidationFailed
    elif any(message.startswith("Max query complexity") for message in messages):
        kind = TooComplex
    elif 404 in statuses:
        kind = NotFound
    refusals = [number for number in statuses if number >= 400]
    message = (_validated(errors) or next(iter(messages), ""))[:_MAX_MESSAGE]
    return kind(
        bearer.masked_in(message) if bearer else message,
        status=min(refusals, default=400),
        errors=errors,
        data=data if isinstance(data, dict) else None,
    )


def _validated(errors: list[dict[str, Any]]) -> str:
    """Return what AniList says of each argument: its message is the word "validation" alone."""
    fields = ValidationFailed("", errors=errors).fields
    return "; ".join(f"{name}: {' '.join(texts)}" for name, texts in fields.items())

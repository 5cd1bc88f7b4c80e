"""What only AniList itself can tell: that it is reached, its limit, its clock, and who we are to it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from django_anilist import shared
from django_anilist.api import oauth
from django_anilist.api.endpoints import Endpoints
from django_anilist.api.errors import (
    AniListError,
    ClientRejected,
    CodeRejected,
    RateLimited,
    Unavailable,
)
from django_anilist.api.replies import graphql_data
from django_anilist.api.secrets import Secret
from django_anilist.api.transport import Call, Reply
from django_anilist.api.turns import TASK
from django_anilist.checks.redirects import redirect_uri_to_register
from django_anilist.conf import settings
from django_anilist.doctor.findings import SHELL, Finding, finding
from django_anilist.doctor.trouble import named

#: As cheap as a question can be, and open to nobody in particular.
_QUESTION = {"query": "query Doctor { GenreCollection }"}
#: No code, which AniList says only to a client that it knows.
_NO_CODE = Secret("django-anilist-doctor")
#: What keeps us from AniList altogether: there is no sense in trying its other host too.
_NO_WAY = {"anilist.D151", "anilist.D152", "anilist.D153", "anilist.D154"}
#: How long to wait for a turn, in seconds.
PATIENCE = 5.0
#: How far the clocks may be apart, in seconds; answers take some time, too.
SKEW = 60.0


def look_online() -> Iterator[Finding]:
    """Yield what AniList says, in two requests: one within the budget, and one for a token."""
    try:
        endpoints = settings.endpoints
    except ImproperlyConfigured:
        return  # a sandbox that may not be, says E003 or E030
    found = list(_question(endpoints))
    yield from found
    if not any(each.id in _NO_WAY for each in found):
        yield from _identity(endpoints)


def _question(endpoints: Endpoints) -> Iterator[Finding]:
    host = _host(endpoints.graphql)
    call = Call(endpoints.graphql, _QUESTION)
    try:
        reply = shared.paced_transport(TASK, PATIENCE).send(call)
        yield from _clock(reply)
        graphql_data(reply)
    except (RateLimited, Unavailable) as error:
        yield named(error, host)
        return
    except AniListError as error:
        text = f"{host} answers, but not as AniList does ({type(error).__name__})."
        yield finding("D156", text)
        return
    limit = reply.headers.get("X-RateLimit-Limit", "")
    allowed = f"and allows {limit} requests a minute" if limit.isdecimal() else "and names no limit"
    yield finding("D158", f"{host} answers, {allowed}.")


def _clock(reply: Reply) -> Iterator[Finding]:
    """Yield how far the clocks are apart (RFC 9110 section 6.6.1), where that is too far."""
    try:
        theirs = parsedate_to_datetime(reply.headers.get("Date", "")).timestamp()
    except (TypeError, ValueError, IndexError, OverflowError):
        return
    ahead = time.time() - theirs
    if abs(ahead) > SKEW:
        way = "ahead of" if ahead > 0 else "behind"
        text = f"This machine's clock is {_span(abs(ahead))} {way} AniList's: tokens end at wrong times."
        yield finding("D159", text, "timedatectl set-ntp true", SHELL)


def _span(seconds: float) -> str:
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} seconds"


def _identity(endpoints: Endpoints) -> Iterator[Finding]:
    """Try the client id and secret with a code that is none.

    AniList answers ``invalid_client`` to strangers and complains of the code to those it knows. Goes as
    connecting does: the token endpoint has no part in the budget.
    """
    if not (settings.client_id and settings.client_secret and settings.redirect_uri):
        text = "The client id and secret are tried once they and ANILIST_REDIRECT_URI are set."
        wanted = redirect_uri_to_register() or "https://example.com/anilist/callback/"
        yield finding("D162", text, f'ANILIST_REDIRECT_URI = "{wanted}"')
        return
    client = oauth.OAuthClient(settings.client_id, settings.client_secret, settings.redirect_uri)
    try:
        oauth.exchange(shared.connections(), endpoints, client, _NO_CODE)
    except CodeRejected:
        who = "The sandbox" if settings.sandbox_url else "AniList"
        text = f"{who} accepts the client id, the secret and the redirect URL."
        yield finding("D161", text)
    except ClientRejected:
        yield _rejected()
    except AniListError as error:
        why = named(error, _host(endpoints.token)).text
        yield finding("D162", f"The client id and secret could not be tried: {why}")


def _rejected() -> Finding:
    if not settings.client_id.isdecimal():
        text = "AniList does not accept the client: its ids are numbers, and ANILIST_CLIENT_ID is none."
        line = 'ANILIST_CLIENT_ID = os.environ["ANILIST_CLIENT_ID"]'
        return finding("D160", text, f"{line}  # as at https://anilist.co/settings/developer")
    text = (
        "AniList does not accept the client: the secret belongs to another id, or another redirect URL "
        f"is registered than {settings.redirect_uri}"
    )
    if settings.sandbox_url:
        text += ". The sandbox took all three from the settings when it was started: start it anew"
    line = 'ANILIST_CLIENT_SECRET = os.environ["ANILIST_CLIENT_SECRET"]'
    return finding("D160", text, f"{line}  # as at https://anilist.co/settings/developer")


def _host(url: str) -> str:
    return urlsplit(url).netloc

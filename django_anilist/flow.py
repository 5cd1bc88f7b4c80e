"""Connecting an account: ``start`` sends the browser to AniList, ``finish`` takes it back.

The only user of the session, which holds one random value that ties a browser to its requests.
"""

from __future__ import annotations

import datetime
import hashlib
import logging
import re
import secrets
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from django_anilist import gateway, shared, tokens
from django_anilist.api import oauth
from django_anilist.api.errors import (
    AccessDenied,
    AniListError,
    BadResponse,
    CodeRejected,
    ConnectError,
    QueryError,
    RateLimited,
    ReconnectRequired,
    StateMismatch,
    Unavailable,
)
from django_anilist.api.secrets import Secret
from django_anilist.conf import AniListImproperlyConfigured, settings
from django_anilist.models import AniListToken, AuthorizationRequest

logger = logging.getLogger("django_anilist")

#: How long a user may take on AniList's pages; its codes live as long.
LIFETIME = datetime.timedelta(minutes=10)
#: How far a clock may be behind the one that stamped the request.
CLOCK_SKEW = datetime.timedelta(minutes=1)
#: Tabs one user may have open at AniList; the oldest gives way.
MAX_REQUESTS = 10
#: Exchange (8 s) and Viewer together stay within 15 s, less than a web server's own limit.
VIEWER_DEADLINE = 5.0

_SESSION_KEY = "anilist_browser"
_STATE = re.compile(r"[A-Za-z0-9_\-]{43}")
#: AniList's codes are over 700 characters of hex; RFC 6749 appendix A.11 allows any printable ASCII.
_CODE = re.compile(r"[\x20-\x7e]{1,8192}")


@dataclass(frozen=True)
class Finish:
    """How connecting ended: ``token`` is the row where it worked, ``error`` says why where not."""

    next_url: str = ""
    token: AniListToken | None = None
    error: Exception | None = None

    @property
    def outcome(self) -> str:
        """A fixed word for logs and addresses."""
        if self.error is None:
            return "connected"
        if isinstance(self.error, ConnectError):
            return self.error.outcome
        if isinstance(self.error, RateLimited):
            return "busy"
        if isinstance(self.error, AniListImproperlyConfigured):
            return "setup"
        return "unavailable" if isinstance(self.error, AniListError) else "failed"


def prepare(request: HttpRequest) -> None:
    """Give the browser its value, so that requests started at once in several tabs share it."""
    if _SESSION_KEY not in request.session:
        request.session[_SESSION_KEY] = secrets.token_urlsafe(32)


def start(request: HttpRequest, user: AbstractBaseUser, next_url: str) -> str:
    """Note that ``user`` goes to AniList from this browser; return the address to go to.

    ``next_url`` is where they want to be afterwards, checked by the caller. Raises
    :class:`AniListImproperlyConfigured`.
    """
    client = settings.oauth_client(request)
    state = secrets.token_urlsafe(32)
    prepare(request)
    pending = AuthorizationRequest(
        state_hash=_digest(state),
        browser_hash=_digest(request.session[_SESSION_KEY]),
        user_id=user.pk,
        next_url=next_url,
        redirect_uri=client.redirect_uri,
        configuration=settings.endpoints.fingerprint(client.id),
        code_verifier=secrets.token_urlsafe(32) if settings.use_pkce else "",
        created_at=timezone.now(),
    )
    tokens.patiently(pending.save)
    tokens.patiently(lambda: _forget_old(user))
    return oauth.authorization_url(settings.endpoints, client, state, pending.code_verifier)


def finish(request: HttpRequest) -> Finish:
    """Take the browser back from AniList; never raises.

    Nothing is asked of AniList, and nothing written, before the request is known to be one that this
    browser and this user started within ten minutes, and is claimed, so that it can never come twice.
    """
    next_url = ""
    try:
        pending = _claim(request)
        next_url = pending.next_url
        finish = Finish(next_url, token=_connect(request, pending))
    except AniListImproperlyConfigured as error:
        logger.error("AniList is not set up: %s", error)
        finish = Finish(next_url, error=error)
    except AniListError as error:
        finish = Finish(next_url, error=error.with_traceback(None))
    except Exception as error:  # noqa: BLE001  a report of it would show the code
        logger.error("Connecting failed unexpectedly: %s", _where(error))
        finish = Finish(next_url, error=ConnectError())
    logger.info("Connecting an AniList account ended: %s", finish.outcome)
    return finish


def disconnect(user: AbstractBaseUser) -> bool:
    """Forget the user's token and every request under way; tell whether there was a token."""
    tokens.patiently(AuthorizationRequest.objects.filter(user_id=user.pk).delete)
    return tokens.delete(user)


def _claim(request: HttpRequest) -> AuthorizationRequest:
    """Return the request that the callback answers, deleted, or raise :class:`StateMismatch`."""
    state = _only(request.GET, "state")
    if not _STATE.fullmatch(state):
        raise StateMismatch
    found = AuthorizationRequest.objects.filter(state_hash=_digest(state))
    pending = found.select_related("user").first()
    if pending is None or not _started_here(pending, request):
        raise StateMismatch
    if tokens.patiently(found.delete)[0] != 1:
        raise StateMismatch  # another callback was faster
    if not -CLOCK_SKEW <= timezone.now() - pending.created_at <= LIFETIME:
        raise StateMismatch
    return pending


def _started_here(pending: AuthorizationRequest, request: HttpRequest) -> bool:
    browser = request.session.get(_SESSION_KEY)
    if not isinstance(browser, str):
        return False
    same_browser = constant_time_compare(pending.browser_hash, _digest(browser))
    user = request.user
    return same_browser and user.pk == pending.user_id and bool(user.is_active)


def _connect(request: HttpRequest, pending: AuthorizationRequest) -> AniListToken:
    code = _code(request.GET)
    client = settings.oauth_client(request)
    endpoints = settings.endpoints
    same_settings = pending.configuration == endpoints.fingerprint(client.id)
    if not same_settings or pending.redirect_uri != client.redirect_uri or pending.user is None:
        raise StateMismatch
    transport = shared.connections()
    grant = oauth.exchange(transport, endpoints, client, code, pending.code_verifier)
    return tokens.save(pending.user, _identify(grant), grant)


def _code(query: QueryDict) -> Secret:
    """Return the authorization code (RFC 6749 section 4.1.2): exactly one, and no error beside."""
    code = _only(query, "code")
    if query.getlist("error") == ["access_denied"] and not code:
        raise AccessDenied
    if "error" in query or not _CODE.fullmatch(code):
        raise CodeRejected
    return Secret(code)


def _identify(grant: oauth.Grant) -> tokens.Account:
    """Return whose token it is, by AniList's integer id.

    Where AniList refuses just now, the token's own word serves, so that somebody else's outage does
    not cost a spent code; name and avatar follow later. Where both speak, they must agree.
    """
    try:
        viewer = gateway.client_for_grant(grant.access_token, VIEWER_DEADLINE).viewer()
    except (RateLimited, Unavailable) as error:
        if grant.subject is None or (isinstance(error, BadResponse) and error.reason != "html"):
            raise
        return tokens.Account(grant.subject)
    except (QueryError, ReconnectRequired):
        raise BadResponse("AniList does not accept the token it just gave") from None
    account = tokens.Account.from_viewer(viewer)
    if grant.subject not in (None, account.id):
        raise BadResponse("AniList's token and Viewer name different accounts")
    return account


def forget_stale() -> int:
    """Delete the requests that are too old to be claimed; return how many there were."""
    stale = AuthorizationRequest.objects.filter(created_at__lt=timezone.now() - LIFETIME)
    return stale.delete()[0]


def _forget_old(user: AbstractBaseUser) -> None:
    """Delete what is too old to be claimed, and the user's requests beyond the newest ten."""
    forget_stale()
    mine = AuthorizationRequest.objects.filter(user_id=user.pk).order_by("-created_at", "-pk")
    surplus = list(mine.values_list("pk", flat=True)[MAX_REQUESTS:])
    if surplus:
        AuthorizationRequest.objects.filter(pk__in=surplus).delete()


def _only(query: QueryDict, name: str) -> str:
    """Return a parameter that came exactly once (RFC 6749 section 3.1), else ``""``."""
    values = query.getlist(name)
    return values[0] if len(values) == 1 else ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _where(error: Exception) -> str:
    """Name an error's type and place, without its text or its variables."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} at {place}"

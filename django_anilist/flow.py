"""Connecting, or logging in: ``start`` sends the browser to AniList, ``finish`` takes it back.

The only user of the session, which holds one random value that ties a browser to its requests.
"""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from django_anilist import gateway, logins, pending, shared, tokens
from django_anilist.accounts import Account
from django_anilist.api import oauth
from django_anilist.api.errors import (
    AccessDenied,
    AniListError,
    BadResponse,
    CodeRejected,
    ConnectError,
    LastWayIn,
    QueryError,
    RateLimited,
    ReconnectRequired,
    StateMismatch,
    Unavailable,
)
from django_anilist.api.secrets import Secret
from django_anilist.conf import AniListImproperlyConfigured, settings
from django_anilist.models import AniListToken, AuthorizationRequest
from django_anilist.redirects import tell_of_another_host

logger = logging.getLogger("django_anilist")

#: Exchange (8 s) and Viewer together stay within 15 s, less than a web server's own limit.
VIEWER_DEADLINE = 5.0

_SESSION_KEY = "anilist_browser"
_STATE = re.compile(r"[A-Za-z0-9_\-]{43}")
#: AniList's codes are over 700 characters of hex; RFC 6749 appendix A.11 allows any printable ASCII.
_CODE = re.compile(r"[\x20-\x7e]{1,8192}")


@dataclass(frozen=True)
class Finish:
    """How it ended: ``token`` is the row where it worked, ``error`` says why where not.

    ``login`` tells that nobody was signed in, and its user is now.
    """

    next_url: str = ""
    token: AniListToken | None = None
    login: bool = False
    error: Exception | None = None

    @property
    def outcome(self) -> str:
        """A fixed word for logs and addresses."""
        if self.error is None:
            return "logged-in" if self.login else "connected"
        if isinstance(self.error, ConnectError):
            return self.error.outcome
        if isinstance(self.error, RateLimited):
            return "busy"
        if isinstance(self.error, AniListImproperlyConfigured):
            return "setup"
        return "unavailable" if isinstance(self.error, AniListError) else "failed"


def prepare(request: HttpRequest) -> None:
    """Give the browser its value, so that requests started at once in several tabs share it."""
    if request.session.session_key is None:  # while a database that fails still has our answer
        tokens.patiently(request.session.create)
    if _SESSION_KEY not in request.session:
        request.session[_SESSION_KEY] = secrets.token_urlsafe(32)


def start(request: HttpRequest, user: AbstractBaseUser | None, next_url: str) -> str:
    """Note that ``user`` goes to AniList from this browser; return the address to go to.

    ``None`` is somebody who wants to log in. ``next_url`` is where they want to be afterwards,
    checked by the caller. Raises :class:`AniListImproperlyConfigured`.
    """
    client = settings.oauth_client(request)
    tell_of_another_host(request, client.redirect_uri)
    state = secrets.token_urlsafe(32)
    prepare(request)
    started = AuthorizationRequest(
        state_hash=_digest(state),
        browser_hash=_digest(request.session[_SESSION_KEY]),
        user_id=None if user is None else user.pk,
        next_url=next_url,
        redirect_uri=client.redirect_uri,
        configuration=settings.endpoints.fingerprint(client.id),
        code_verifier=secrets.token_urlsafe(32) if settings.use_pkce else "",
        created_at=timezone.now(),
    )
    pending.keep(started)
    return oauth.authorization_url(settings.endpoints, client, state, started.code_verifier)


def finish(request: HttpRequest) -> Finish:
    """Take the browser back from AniList; never raises.

    Nothing is asked of AniList, and nothing written, before the request is known to be one that this
    browser and this user started within ten minutes, and is claimed, so that it can never come twice.
    """
    next_url = ""
    try:
        claimed = _claim(request)
        next_url = claimed.next_url
        with pending.ended(claimed):
            token = _connect(request, claimed)
        finish = Finish(next_url, token=token, login=claimed.user is None)
    except AniListImproperlyConfigured as error:
        logger.error("AniList is not set up: %s", error)
        finish = Finish(next_url, error=error.with_traceback(None))
    except AniListError as error:
        finish = Finish(next_url, error=_bare(error))
    except TooManyFieldsSent:  # the mistake is the sender's, not the site's
        finish = Finish(error=StateMismatch())
    except Exception as error:  # noqa: BLE001  a report of it would show the code
        logger.error("Connecting failed unexpectedly: %s", _where(error))
        finish = Finish(next_url, error=ConnectError())
    logger.info("Connecting an AniList account ended: %s", finish.outcome)
    return finish


def disconnect(user: AbstractBaseUser) -> bool:
    """Forget the user's token, every request under way, and what waits to be saved.

    Tells whether there was a token. Raises :class:`LastWayIn` where the user could not sign in any
    more; nothing is forgotten then.
    """
    if logins.is_last_way_in(user) and tokens.is_connected(user):
        raise LastWayIn
    pending.forget(user)
    return tokens.delete(user)


def _claim(request: HttpRequest) -> AuthorizationRequest:
    """Return the request that the callback answers, or raise :class:`StateMismatch`.

    Its state is worth nothing from then on. The row stays until the token is saved, so that who
    disconnects meanwhile has the last word.
    """
    state = _only(request.GET, "state")
    if not _STATE.fullmatch(state):
        raise StateMismatch
    rows = pending.rows().select_related("user").filter(state_hash=_digest(state))
    found = tokens.patiently(rows.first)
    if found is None or not _started_here(found, request) or not pending.is_timely(found):
        raise StateMismatch
    spent = _digest(secrets.token_urlsafe(32))
    if tokens.patiently(lambda: rows.update(state_hash=spent)) != 1:
        raise StateMismatch  # another callback was faster
    return found


def _started_here(found: AuthorizationRequest, request: HttpRequest) -> bool:
    """Tell whether it is the same browser, and the same user: nobody still, where one logs in."""
    browser = request.session.get(_SESSION_KEY)
    if not isinstance(browser, str):
        return False
    if not constant_time_compare(found.browser_hash, _digest(browser)):
        return False
    user = request.user
    if found.user_id is None:
        return not user.is_authenticated and bool(logins.backend_path())
    return user.pk == found.user_id and bool(user.is_active)


def _connect(request: HttpRequest, claimed: AuthorizationRequest) -> AniListToken:
    code = _code(request.GET)
    client = settings.oauth_client(request)
    endpoints = settings.endpoints
    same_settings = claimed.configuration == endpoints.fingerprint(client.id)
    if not same_settings or claimed.redirect_uri != client.redirect_uri:
        raise StateMismatch
    transport = shared.connections()
    grant = oauth.exchange(transport, endpoints, client, code, claimed.code_verifier)
    account = _identify(grant)
    if claimed.user is None:
        return logins.log_in(request, account, grant)
    return tokens.save(claimed.user, account, grant, lambda: pending.end(claimed))


def _code(query: QueryDict) -> Secret:
    """Return the authorization code (RFC 6749 section 4.1.2): exactly one, and no error beside."""
    code = _only(query, "code")
    if query.getlist("error") == ["access_denied"] and not code:
        raise AccessDenied
    if "error" in query or not _CODE.fullmatch(code):
        raise CodeRejected
    return Secret(code)


def _identify(grant: oauth.Grant) -> Account:
    """Return whose token it is, by AniList's integer id.

    Where AniList refuses just now, the token's own word serves, so that somebody else's outage does
    not cost a spent code; name and avatar follow later. Where both speak, they must agree.
    """
    try:
        viewer = gateway.client_for_grant(grant.access_token, VIEWER_DEADLINE).viewer()
    except (RateLimited, Unavailable) as error:
        if grant.subject is None or (isinstance(error, BadResponse) and error.reason != "html"):
            raise
        return Account(grant.subject)
    except (QueryError, ReconnectRequired):
        raise BadResponse("AniList does not accept the token it just gave") from None
    account = Account.from_viewer(viewer)
    if grant.subject not in (None, account.id):
        raise BadResponse("AniList's token and Viewer name different accounts")
    return account


def _only(query: QueryDict, name: str) -> str:
    """Return a parameter that came exactly once (RFC 6749 section 3.1), else ``""``."""
    values = query.getlist(name)
    return values[0] if len(values) == 1 else ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _bare(error: AniListError) -> AniListError:
    """Return an error without what led to it: frames there hold the token, and lead back here."""
    error.__context__ = None
    return error.with_traceback(None)


def _where(error: Exception) -> str:
    """Name an error's type and place, without its text or its variables."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} at {place}"

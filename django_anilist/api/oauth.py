"""The authorization code grant with AniList (RFC 6749 section 4.1): address out, ``Grant`` back.

AniList knows no scopes, no PKCE, no refresh and no revocation by an application.
https://docs.anilist.co/guide/auth/authorization-code
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django_anilist.api.decoding import json_object
from django_anilist.api.endpoints import Endpoints
from django_anilist.api.errors import AniListError, BadResponse, ClientRejected, CodeRejected
from django_anilist.api.replies import refuse_unusable
from django_anilist.api.secrets import Secret
from django_anilist.api.transport import Call, Reply, Transport

DAY = 24 * 60 * 60
#: A token lives a year; a longer life than this is not believed.
LONGEST_LIFE = 400 * DAY
USUAL_LIFE = 365 * DAY
MAX_TOKEN = 8192
EXCHANGE_DEADLINE = 8.0
_MAX_REPLY = 64 * 1024

#: What the sandbox's signatures begin with; AniList's do not, but by a chance of one in 2**48.
SANDBOX_MARK = "sandbox-"

#: RFC 6750 section 2.1, ``b64token``.
_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]+=*")

#: A tuple: what is looked up in it may be anything that JSON can say.
_CLIENT_ERRORS = ("invalid_client", "unauthorized_client", "unsupported_grant_type")


@dataclass(frozen=True)
class OAuthClient:
    """This site as AniList knows it: what its developer page says, to the letter."""

    id: str
    secret: Secret
    redirect_uri: str


@dataclass(frozen=True)
class Grant:
    """What a code was exchanged for.

    ``expires_in`` counts seconds from now; ``subject`` is the AniList user id that the token names,
    or ``None`` where it names none that can be read.
    """

    access_token: Secret
    expires_in: int
    subject: int | None


def authorization_url(
    endpoints: Endpoints, client: OAuthClient, state: str, code_verifier: str = ""
) -> str:
    """Return the address to send the browser to (RFC 6749 section 4.1.1).

    With a ``code_verifier``, its S256 challenge goes along (RFC 7636 section 4.3).
    """
    query = {
        "client_id": client.id,
        "redirect_uri": client.redirect_uri,
        "response_type": "code",
        "state": state,
    }
    if code_verifier:
        digest = base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest())
        query["code_challenge"] = digest.decode().rstrip("=")
        query["code_challenge_method"] = "S256"
    return f"{endpoints.authorize}?{urlencode(query)}"


def exchange(
    transport: Transport,
    endpoints: Endpoints,
    client: OAuthClient,
    code: Secret,
    code_verifier: str = "",
) -> Grant:
    """Exchange ``code`` for a token (RFC 6749 section 4.1.3); a code works once.

    ``code_verifier`` is the one whose challenge went with the authorization request, if any.

    Raises :class:`CodeRejected`, :class:`ClientRejected`, :class:`RateLimited`,
    :class:`Unavailable` or :class:`BadResponse`.
    """
    payload = {
        "grant_type": "authorization_code",
        "client_id": client.id,
        "client_secret": client.secret.reveal(),
        "redirect_uri": client.redirect_uri,
        "code": code.reveal(),
    }
    if code_verifier:
        payload["code_verifier"] = code_verifier
    call = Call(endpoints.token, payload, deadline=EXCHANGE_DEADLINE, max_bytes=_MAX_REPLY)
    del payload
    try:
        return _grant_of(transport.send(call))
    except AniListError as error:
        failure = error
    try:
        raise failure.with_traceback(None)  # the frames below hold the answer, and so the token
    finally:
        del failure


def _grant_of(reply: Reply) -> Grant:
    refuse_unusable(reply)
    content = json_object(reply.body)
    if reply.status in (400, 401):
        raise ClientRejected if content.get("error") in _CLIENT_ERRORS else CodeRejected
    if reply.status != 200 or not _is_bearer(content.get("token_type")):
        raise BadResponse("AniList's token endpoint answered something else than a token")
    token = content.get("access_token")
    if not isinstance(token, str) or len(token) > MAX_TOKEN or not _TOKEN.fullmatch(token):
        raise BadResponse("AniList's token endpoint answered something else than a token")
    claims = _claims(token)
    return Grant(Secret(token), _life(content.get("expires_in"), claims), _subject(claims))


def stored_grant(token: Secret, expires_at: float | None = None) -> Grant:
    """Return the grant of a token that somebody else kept, still unverified.

    ``expires_at`` is when it ends, in seconds since 1970, where the token itself does not say; a token
    that has ended has an ``expires_in`` of 0. Raises :class:`BadResponse` for what can be no token.
    """
    if len(token.reveal()) > MAX_TOKEN or not _TOKEN.fullmatch(token.reveal()):
        raise BadResponse("This is no token")
    claims = _claims(token.reveal())
    expiry = claims["exp"] if type(claims.get("exp")) is int else expires_at
    left = USUAL_LIFE if expiry is None else max(0, int(expiry) - int(time.time()))
    return Grant(token, min(left, LONGEST_LIFE), _subject(claims))


def _is_bearer(kind: object) -> bool:
    """RFC 6749 section 7.1; the name's capitals do not matter."""
    return isinstance(kind, str) and kind.lower() == "bearer"


def _claims(token: str) -> dict[str, Any]:
    """Return the claims of a JWT, unverified: AniList does not publish its key."""
    body = token.split(".")[1] if token.count(".") == 2 else ""
    try:
        return json_object(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (binascii.Error, ValueError, BadResponse):
        return {}


def _life(expires_in: object, claims: dict[str, Any]) -> int:
    """Return the seconds a token lives: as the reply says, else as the JWT says, else a year."""
    if type(expires_in) is int and expires_in > 0:
        return min(expires_in, LONGEST_LIFE)
    expiry = claims.get("exp")
    if type(expiry) is int and expiry > time.time():
        return min(expiry - int(time.time()), LONGEST_LIFE)
    return USUAL_LIFE


def _subject(claims: dict[str, Any]) -> int | None:
    subject = claims.get("sub")
    if isinstance(subject, str) and subject.isascii() and subject.isdecimal():
        subject = int(subject) if len(subject) <= 10 else None
    return subject if is_account_id(subject) else None


def may_be_sent(token: Secret, *, sandbox: bool) -> bool:
    """Tell whether a token may go to the sandbox, or where there is none, to AniList.

    A copy of a database brings the tokens of one to the other. A token that is no JWT is of neither
    that is known, and may go to both.
    """
    _, dot, signature = token.reveal().rpartition(".")
    return not dot or signature.startswith(SANDBOX_MARK) == sandbox


def is_account_id(value: object) -> bool:
    """Tell whether ``value`` can be an AniList id: a whole number from 1 to 2**31 - 1."""
    return type(value) is int and 0 < value < 2**31

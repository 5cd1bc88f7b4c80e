"""The sandbox's OAuth endpoints, with the errors of AniList's OAuth server.

AniList's server predates ``invalid_grant`` and ``error_description``: a spent code is
``invalid_request`` with a ``hint``.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django_anilist.sandbox.store import Person, Store
from django_anilist.sandbox.tokens import CODE_LIFETIME, YEAR, Code, OAuthClient

_MESSAGES = {
    "invalid_client": "Client authentication failed",
    "invalid_request": (
        "The request is missing a required parameter, includes an invalid parameter value, "
        "includes a parameter more than once, or is otherwise malformed."
    ),
    "unsupported_grant_type": (
        "The authorization grant type is not supported by the authorization server."
    ),
    "invalid_scope": "The requested scope is invalid, unknown, or malformed",
}


@dataclass
class OAuthError(Exception):
    """An error of the OAuth server, as it answers it."""

    error: str
    status: int = 400
    hint: str = ""

    def content(self) -> dict[str, str]:
        found = {"error": self.error, "message": _MESSAGES[self.error]}
        return {**found, "hint": self.hint} if self.hint else found


def client_to_authorize(store: Store, query: Mapping[str, str]) -> OAuthClient:
    """Return the client that an authorization request names, or raise :class:`OAuthError`.

    ``response_type`` is ``code``, or ``token`` for the implicit grant, which needs no redirect URI.
    """
    kind = query.get("response_type")
    if kind not in ("code", "token"):
        hint = "Check that all required parameters have been provided"
        raise OAuthError("unsupported_grant_type", hint=hint)
    client = store.clients.get(query.get("client_id", ""))
    usual = client.redirect_uri if client and kind == "token" else None
    if client is None or query.get("redirect_uri", usual) != client.redirect_uri:
        raise OAuthError("invalid_client", 401)
    if scope := query.get("scope", "").strip():
        raise OAuthError("invalid_scope", hint=f"Check the `{scope}` scope")
    return client


def approved(store: Store, query: Mapping[str, str], person: Person) -> str:
    """Return where the browser goes after *Approve*: with a code, or a token behind a ``#``."""
    client = client_to_authorize(store, query)
    if query["response_type"] == "token":
        token = store.issue_token(person, client.id)
        answer = {"token_type": "Bearer", "expires_in": str(YEAR)}  # a kind of token  # nosec B105
        return _callback(client, query, access_token=token, **answer)
    code = store.issue_code(person, client, query.get("code_challenge", ""))
    return _callback(client, query, code=code)


def denied(store: Store, query: Mapping[str, str]) -> str:
    """Return where the browser goes after *Deny* (RFC 6749 section 4.1.2.1)."""
    return _callback(client_to_authorize(store, query), query, error="access_denied")


def _callback(client: OAuthClient, query: Mapping[str, str], **answer: str) -> str:
    if "state" in query:
        answer["state"] = query["state"]
    separator = "&" if "?" in client.redirect_uri else "?"
    if query["response_type"] == "token":
        separator = "#"
    return f"{client.redirect_uri}{separator}{urlencode(answer)}"


def exchange(
    store: Store, form: Mapping[str, Any], authorization: str, *, pkce: bool = False
) -> dict[str, Any]:
    """Return a token for a code, or raise :class:`OAuthError`.

    ``pkce`` verifies ``code_verifier`` (RFC 7636), which AniList ignores.
    """
    if form.get("grant_type") != "authorization_code":
        hint = "Check that all required parameters have been provided"
        raise OAuthError("unsupported_grant_type", hint=hint)
    client = _authenticated(store, form, authorization)
    code = _spend(store, form.get("code"), client)
    if pkce and code.challenge != _challenge(str(form.get("code_verifier", ""))):
        raise OAuthError("invalid_request", hint="Failed to verify `code_verifier`.")
    person = code.person
    return {
        "token_type": "Bearer",  # a kind of token  # nosec B105
        "expires_in": YEAR,
        "access_token": store.issue_token(person, client.id),
        "refresh_token": store.opaque(),
    }


def _authenticated(store: Store, form: Mapping[str, Any], authorization: str) -> OAuthClient:
    sent = form.get("client_id"), form.get("client_secret")
    client_id, secret = _basic(authorization) or sent
    client = store.clients.get(str(client_id))
    if client is None or secret != client.secret:
        raise OAuthError("invalid_client", 401)
    if form.get("redirect_uri") != client.redirect_uri:
        raise OAuthError("invalid_client", 401)
    return client


def _basic(authorization: str) -> tuple[str, str] | None:
    """Return the client id and secret of HTTP Basic authentication (RFC 6749 section 2.3.1)."""
    kind, _, encoded = authorization.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(encoded).decode().partition(":")
    except ValueError:
        return None
    return client_id, secret


def _challenge(verifier: str) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    return digest.decode().rstrip("=")


def _spend(store: Store, text: object, client: OAuthClient) -> Code:
    if not text:
        raise OAuthError("invalid_request", hint="Check the `code` parameter")
    with store.lock:
        code = store.codes.get(str(text))
        if code is None:
            raise OAuthError("invalid_request", hint="Cannot decrypt the authorization code")
        if code.client is not client:
            hint = "Authorization code was not issued to this client"
            raise OAuthError("invalid_request", hint=hint)
        if store.now() > code.made + CODE_LIFETIME:
            raise OAuthError("invalid_request", hint="Authorization code has expired")
        if code.spent:
            raise OAuthError("invalid_request", hint="Authorization code has been revoked")
        code.spent = True
    return code

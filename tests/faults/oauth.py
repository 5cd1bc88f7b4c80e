"""Answers of a token endpoint: no tokens, odd tokens, and refusals."""

from __future__ import annotations

import base64
import json

from tests.faults.bodies import NO_TOKENS, ODD_LIVES
from tests.faults.server import Fault, answer


def _json(value: object, status: str = "200 OK") -> Fault:
    return answer(json.dumps(value).encode(), status)


def _error(error: object, status: str, **more: object) -> Fault:
    return _json({"error": error, **more}, status)


#: None of these may be taken for a token.
TOKENS: dict[str, Fault] = {f"grant: {name}": _json(value) for name, value in NO_TOKENS.items()}

#: The code was not accepted: the user starts again.
CODES: dict[str, Fault] = {
    "invalid_grant": _error("invalid_grant", "400 Bad Request", hint="Code has been revoked"),
    "invalid_request": _error("invalid_request", "400 Bad Request", message="Check the code"),
    "invalid_grant with 401": _error("invalid_grant", "401 Unauthorized"),
    "an error null": _error(None, "400 Bad Request"),
    "an error a list": _error(["invalid_client"], "400 Bad Request"),
    "an error an object": _error({"code": "invalid_client"}, "400 Bad Request"),
    "an error of 10,000 letters": _error("x" * 10_000, "400 Bad Request"),
}

#: The site's own settings are not accepted.
CLIENTS: dict[str, Fault] = {
    "invalid_client": _error("invalid_client", "401 Unauthorized"),
    "invalid_client with 400": _error("invalid_client", "400 Bad Request"),
    "unauthorized_client": _error("unauthorized_client", "400 Bad Request"),
    "unsupported_grant_type": _error("unsupported_grant_type", "400 Bad Request"),
}


def grant(token: str, **more: object) -> dict[str, object]:
    """Return what a token endpoint says of a good token."""
    return {"token_type": "Bearer", "access_token": token, "expires_in": 31_536_000, **more}


def named_token(subject: int) -> str:
    """Return a token as AniList's are, a JWT that names its owner."""
    parts = ({"alg": "RS256"}, {"sub": str(subject)}, "canary")
    encoded = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts)
    return ".".join(part.rstrip("=") for part in encoded)


def lives(token: str) -> dict[str, Fault]:
    """Return good tokens of odd lives, and with odd things beside; each counts."""
    odd = {f"life {value!r}": {"expires_in": value} for value in ODD_LIVES}
    odd["a refresh token null"] = {"refresh_token": None}
    odd["a scope of numbers"] = {"scope": [1, 2]}
    odd["bearer in small letters"] = {"token_type": "bearer"}
    return {f"grant: {name}": _json(grant(token, **more)) for name, more in odd.items()}

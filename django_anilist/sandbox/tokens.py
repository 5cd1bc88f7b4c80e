"""Authorization codes and access tokens, shaped like AniList's."""

from __future__ import annotations

import base64
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256

from django_anilist.sandbox.persons import Person

YEAR = 365 * 24 * 60 * 60
CODE_LIFETIME = 600


@dataclass(frozen=True)
class OAuthClient:
    """A client as registered on AniList's developer page: one redirect URI, to the letter."""

    id: str = "1001"
    secret: str = field(default="only-for-the-sandbox", repr=False)
    redirect_uri: str = "http://127.0.0.1:8000/anilist/callback/"


@dataclass
class Code:
    """An authorization code, good once and for ten minutes."""

    person: Person
    client: OAuthClient
    made: float
    challenge: str = ""
    spent: bool = False


@dataclass
class Token:
    """An access token; a revoked one is refused like one that never was."""

    person: Person
    expires: float
    client_id: str
    revoked: bool = False


class TokenBook:
    """Who holds which code and token. What was kept in a file is known by its digest alone."""

    #: What signatures begin with, so that a site never takes a token to AniList itself.
    mark = "sandbox-"

    def __init__(self, clients: list[OAuthClient], now: Callable[[], float]) -> None:
        self.now = now
        self.clients = {client.id: client for client in clients}
        self.codes: dict[str, Code] = {}
        self.tokens: dict[str, Token] = {}
        self.remembered: dict[str, Token] = {}
        self.lock = threading.RLock()

    def issue_code(self, person: Person, client: OAuthClient, challenge: str = "") -> str:
        code = self.opaque()
        with self.lock:
            self.codes[code] = Code(person, client, self.now(), challenge)
        return code

    @staticmethod
    def opaque() -> str:
        """Return a text that looks like a code or a refresh token of AniList's."""
        return "def50200" + secrets.token_hex(360)

    def issue_token(self, person: Person, client_id: str) -> str:
        """Return a token that looks like AniList's: a JWT of about 1 kB that nobody can verify."""
        now = int(self.now())
        claims = {
            "aud": client_id,
            "jti": secrets.token_hex(40),
            "iat": now,
            "nbf": now,
            "exp": now + YEAR,
            "sub": str(person.id),
            "scopes": [],
        }
        header = {"typ": "JWT", "alg": "RS256", "jti": claims["jti"]}
        parts = [json.dumps(part, separators=(",", ":")).encode() for part in (header, claims)]
        text = ".".join([*map(_base64url, parts), self.mark + _base64url(secrets.token_bytes(506))])
        with self.lock:
            self.tokens[text] = Token(person, now + YEAR, client_id)
        return text

    def person_of(self, token: str) -> Person | None:
        """Return whose token this is, or ``None`` for one that AniList would call invalid."""
        with self.lock:
            found = self.tokens.get(token) or self.remembered.get(digest(token))
        if found is None or found.revoked or found.expires <= self.now() or found.person.deleted:
            return None
        return found.person

    def tokens_of(self, name: str) -> Iterator[Token]:
        with self.lock:
            found = [*self.tokens.values(), *self.remembered.values()]
        return (token for token in found if token.person.name == name)


def digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

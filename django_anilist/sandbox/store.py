"""What the sandbox remembers: people, tokens, codes and list entries. Nothing is kept on disk."""

from __future__ import annotations

import base64
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django_anilist.sandbox import seed

YEAR = 365 * 24 * 60 * 60
CODE_LIFETIME = 600


@dataclass(frozen=True)
class OAuthClient:
    """A client as registered on AniList's developer page: one redirect URI, to the letter."""

    id: str = "1001"
    secret: str = field(default="only-for-the-sandbox", repr=False)
    redirect_uri: str = "http://127.0.0.1:8000/anilist/callback/"


@dataclass
class Person:
    """A user of the sandbox."""

    name: str
    id: int
    score_format: str
    title_language: str
    custom_lists: list[str]


@dataclass
class Entry:
    """A list entry; ``score_raw`` is 0 to 100, 0 for not scored."""

    id: int
    user: Person
    media_id: int
    status: str
    progress: int = 0
    score_raw: int = 0
    created: int = 0
    updated: int = 0
    details: dict[str, Any] = field(default_factory=dict)


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


class Store:
    """Everything that changes, behind one lock."""

    def __init__(self, clients: list[OAuthClient], now: Callable[[], float]) -> None:
        self.now = now
        self.lock = threading.RLock()
        self.clients = {client.id: client for client in clients}
        self.media = seed.media()
        self.people = {facts[0]: Person(*facts) for facts in seed.PEOPLE}
        self.codes: dict[str, Code] = {}
        self.tokens: dict[str, Token] = {}
        self.started = now()
        self._next_entry = 400_000
        self.entries: dict[int, Entry] = {}
        for name, media_id, status, progress, score, details in seed.ENTRIES:
            entry = self.add_entry(self.people[name], media_id, status=status)
            entry.progress, entry.score_raw = progress, score
            entry.details.update(details)

    # OAuth

    def issue_code(self, person: Person, client: OAuthClient, challenge: str = "") -> str:
        code = "def50200" + secrets.token_hex(360)
        with self.lock:
            self.codes[code] = Code(person, client, self.now(), challenge)
        return code

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
        text = ".".join(map(_base64url, [*parts, secrets.token_bytes(512)]))
        with self.lock:
            self.tokens[text] = Token(person, now + YEAR, client_id)
        return text

    def person_of(self, token: str) -> Person | None:
        """Return whose token this is, or ``None`` for one that AniList would call invalid."""
        with self.lock:
            found = self.tokens.get(token)
        if found is None or found.revoked or found.expires <= self.now():
            return None
        return found.person

    def tokens_of(self, name: str) -> Iterator[Token]:
        return (token for token in list(self.tokens.values()) if token.person.name == name)

    # Lists

    def add_entry(self, person: Person, media_id: int, *, status: str) -> Entry:
        with self.lock:
            self._next_entry += 1
            now = int(self.now())
            entry = Entry(self._next_entry, person, media_id, status, created=now, updated=now)
            self.entries[entry.id] = entry
            return entry

    def entries_of(self, person: Person) -> list[Entry]:
        with self.lock:
            return [entry for entry in self.entries.values() if entry.user is person]

    def entry_for(self, person: Person | None, media_id: int) -> Entry | None:
        if person is None:
            return None
        return next((e for e in self.entries_of(person) if e.media_id == media_id), None)


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

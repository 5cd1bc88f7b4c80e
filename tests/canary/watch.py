"""What one test left behind, and the search through it."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import mail
from django.core.cache.backends import locmem
from django.db import connection

from django_anilist import answer_store
from tests.canary import allowed, known, reports
from tests.canary.known import Known

#: Settings that hold a secret, and of what kind.
SECRET_SETTINGS = {
    "ANILIST_CLIENT_SECRET": known.CLIENT_SECRET,
    "ANILIST_TOKEN_KEYS": known.SEALING_KEY,
    "SECRET_KEY": known.SEALING_KEY,
    "SECRET_KEY_FALLBACKS": known.SEALING_KEY,
}
_FORMAT = logging.Formatter("%(name)s %(message)s")


@dataclass
class Watch:
    """Traces of one test by their place, and the secrets to look for in them.

    ``ways_out`` are addresses of AniList's consent page, each with itself less its state; ``ways_back``
    those that the page for strict cookies goes on to. ``expected`` are kinds of secrets, each with the
    one place where a test says that it has to be.
    """

    known: Known = field(default_factory=Known)
    records: list[logging.LogRecord] = field(default_factory=list)
    responses: list[Any] = field(default_factory=list)
    sessions: list[Any] = field(default_factory=list)
    statements: list[tuple[Any, Any]] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)
    processes: list[Any] = field(default_factory=list)
    tasks: list[Any] = field(default_factory=list)
    exceptions: list[tuple[Any, Any]] = field(default_factory=list)
    ways_out: dict[str, str] = field(default_factory=dict)
    ways_back: set[str] = field(default_factory=set)
    expected: set[tuple[str, str]] = field(default_factory=set)
    bytes: int = 0

    def learn_settings(self) -> None:
        for name in SECRET_SETTINGS:
            self.learn_setting(name, getattr(settings, name, None))

    def learn_setting(self, name: str, value: Any) -> None:
        if name in SECRET_SETTINGS:
            for text in value if isinstance(value, list | tuple) else [value]:
                self.known.learn(SECRET_SETTINGS[name], text)

    def hits(self) -> list[str]:
        """Return a sentence for each secret at each place, with what stands around it."""
        return [hit for place, text in self.traces() for hit in self.look(place, text)]

    def look(self, place: str, text: str | bytes) -> list[str]:
        """Look for every secret in one text."""
        text = text.decode("latin-1") if isinstance(text, bytes) else text
        self.bytes += len(text)
        found = self.known.found_in(text)
        return [
            f"{kind} in {place}: {_around(piece, text)}"
            for piece, kind in found.items()
            if (kind, place) not in self.expected
        ]

    def traces(self) -> Iterator[tuple[str, str | bytes]]:
        """Return each place with all that was left there."""
        yield "log", "\n".join(map(_FORMAT.format, filter(allowed.record, self.records)))
        yield "headers", "\n".join(allowed.headers(self.responses, self.ways_out))
        yield "bodies", "\n".join(allowed.bodies(self.responses, self.ways_back))
        yield "cookies", "\n".join(response.cookies.output() for response in self.responses)
        yield "sessions", "\n".join(map(repr, self.sessions))
        yield "statements", "\n".join(map(repr, filter(allowed.statement, self.statements)))
        yield "output of commands", "\n".join(map(str, self.printed))
        yield "arguments of processes", "\n".join(map(repr, self.processes))
        yield "arguments of tasks", "\n".join(map(repr, self.tasks))
        yield "caches", b"\n".join(_cached())
        yield "mails", "\n".join(str(sent.message()) for sent in getattr(mail, "outbox", ()))
        for raised, request in self._raised():
            yield from reports.all_of(raised, request)

    def database_bytes(self) -> Iterator[tuple[str, bytes]]:
        """Return what is on disk of an SQLite database, with its journal or its write-ahead log."""
        if connection.vendor == "sqlite":
            name = Path(connection.settings_dict["NAME"])
            for path in sorted(name.parent.glob(f"{name.name}*")):
                yield f"database file {path.suffix}", path.read_bytes()

    def _raised(self) -> list[tuple[Any, Any]]:
        """Return each exception once, that a request ended with or that was logged as an error."""
        logged = [
            (record.exc_info, getattr(record, "request", None))
            for record in self.records
            if record.levelno >= logging.ERROR and record.exc_info and record.exc_info[1]
        ]
        found = {
            id(raised[1]): (raised, request) for raised, request in [*logged, *self.exceptions]
        }
        return list(found.values())


def _cached() -> Iterator[bytes]:
    """Return keys and values of every cache in this process's memory."""
    for entries in [*locmem._caches.values(), answer_store._local._kept]:
        for key, value in list(entries.items()):
            yield key.encode()
            yield value if isinstance(value, bytes) else pickle.dumps(value)


def _around(piece: str, text: str) -> str:
    at = text.find(piece)
    return repr(text[max(at - 120, 0) : at + len(piece) + 40].replace(piece, "<it>"))

"""The last hour with AniList: how much was asked in each minute, and what went wrong last.

Every process keeps a sheet of its own and puts a copy into Django's cache every few seconds; whoever
wants to know adds the sheets up. So a call costs a few additions, and no two processes write the same.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import random
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

from django_anilist.answer_store import DjangoAnswerStore
from django_anilist.api.events import HIT, JOINED, STALE, Event
from django_anilist.api.turns import TASK, WEB
from django_anilist.conf import settings

#: How many minutes are kept.
MINUTES = 60
#: How many errors are kept.
ERRORS = 20
#: A sheet is put into the cache no more often than this, in seconds.
PAUSE = 5.0
#: The cache has room for so many sheets: processes that were at work within the last hour.
PLACES = 256
#: A process looks for a place of its own so many times; where all are taken, its sheet stays at home.
_TRIES = 6
_HOUR = 3600.0
_REMEMBERED = frozenset({HIT, JOINED, STALE})
#: Answers that say what they should; "not found" is one of them.
_ANSWERS = frozenset({"ok", "NotFound"})

_chance = random.Random()  # noqa: S311  spreads the sheets; nothing secret depends on it  # nosec B311


@dataclass(slots=True)
class Minute:
    """What happened in one minute.

    ``calls`` were made, ``remembered`` of them answered from memory, ``failed`` of them not answered by
    AniList; ``requests`` were sent. For web pages and for tasks: how many calls sent any, and the
    seconds they waited for their turn.
    """

    calls: int = 0
    remembered: int = 0
    failed: int = 0
    requests: int = 0
    web_sent: int = 0
    web_waited: float = 0.0
    task_sent: int = 0
    task_waited: float = 0.0

    def count(self, event: Event) -> None:
        """Add one call."""
        self.calls += 1
        self.remembered += event.cache in _REMEMBERED
        self.failed += bool(_failure(event))
        if not event.attempts:
            return
        self.requests += event.attempts
        if event.lane == WEB:
            self.web_sent += 1
            self.web_waited += event.waited
        else:
            self.task_sent += 1
            self.task_waited += event.waited

    def add(self, other: Minute) -> None:
        """Add what another process counted."""
        for part in dataclasses.fields(self):
            setattr(self, part.name, getattr(self, part.name) + getattr(other, part.name))


def _failure(event: Event) -> str:
    """Return what went wrong, also where an old answer stood in for it; ``""`` where nothing did."""
    return event.covered if event.outcome in _ANSWERS else event.outcome


@dataclass(frozen=True, slots=True)
class Failure:
    """One call that failed: when (seconds since 1970), which, how, and AniList's own sentence."""

    at: float
    operation: str
    lane: str
    outcome: str
    said: str = ""


@dataclass
class Sheet:
    """What one process, or all of them, saw: minutes by their number since 1970, and failures."""

    minutes: dict[int, Minute] = field(default_factory=dict)
    failures: deque[Failure] = field(default_factory=lambda: deque(maxlen=ERRORS))

    def note(self, event: Event, now: float) -> None:
        """Add one call; no more than an hour of minutes is kept.

        A task that is told to come back later has not made its call yet.
        """
        if event.outcome == "RateLimited" and event.lane == TASK and not event.attempts:
            return
        number = int(now // 60)
        if number not in self.minutes:
            self.minutes = self._since(number - MINUTES + 1)
            self.minutes[number] = Minute()
        self.minutes[number].count(event)
        if outcome := _failure(event):
            self.failures.append(
                Failure(now, event.operation[:100], event.lane, outcome, event.said)
            )

    def add(self, other: Sheet) -> None:
        """Add the sheet of another process."""
        for number, minute in other.minutes.items():
            self.minutes.setdefault(number, Minute()).add(minute)
        both = sorted([*self.failures, *other.failures], key=lambda failure: failure.at)
        self.failures = deque(both, maxlen=ERRORS)

    def hour(self, now: float) -> list[Minute]:
        """Return the last 60 minutes, the oldest first, the present one last."""
        last = int(now // 60)
        return [self.minutes.get(last - ago, Minute()) for ago in reversed(range(MINUTES))]

    def _since(self, first: int) -> dict[int, Minute]:
        return {number: minute for number, minute in self.minutes.items() if number >= first}

    def packed(self) -> bytes:
        """Return the sheet as JSON."""
        minutes = {number: dataclasses.astuple(minute) for number, minute in self.minutes.items()}
        failures = [dataclasses.astuple(failure) for failure in self.failures]
        return json.dumps({"minutes": minutes, "failures": failures}).encode()

    @classmethod
    def unpacked(cls, data: bytes) -> Sheet:
        """Read a sheet; raise ``ValueError`` or ``TypeError`` for what is none."""
        found = json.loads(data)
        sheet = cls({int(number): Minute(*kept) for number, kept in found["minutes"].items()})
        for at, *words in found["failures"]:
            sheet.failures.append(Failure(float(at), *map(str, words)))
        return sheet


class LastHour:
    """The sheet of this process, and by way of ``store`` those of the others. Nothing here raises."""

    def __init__(
        self, store: DjangoAnswerStore | None, clock: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._sheet = Sheet()
        self._owner = secrets.token_hex(8).encode()
        self._key = ""
        self._put_at = 0.0

    @property
    def shared(self) -> bool:
        """Whether it is known what other processes asked."""
        return self._store is not None and self._store.shared

    def hear(self, event: Event) -> None:
        """Count one call."""
        now = self._clock()
        with self._lock:
            self._sheet.note(event, now)
            due = not 0 <= now - self._put_at < PAUSE
            if due:
                self._put_at = now
        if due and self._store is not None:
            self._store.soon(partial(self._put, self._store))

    def total(self) -> Sheet:
        """Return what all processes saw; of others, what they put into the cache."""
        found = Sheet()
        with self._lock:
            found.add(self._sheet)
        if self._store is not None:
            for copy in self._others(self._store):
                with contextlib.suppress(ValueError, TypeError, LookupError, AttributeError):
                    found.add(Sheet.unpacked(copy))
        return found

    def hour(self) -> list[Minute]:
        """Return the last 60 minutes of all processes, the oldest first."""
        return self.total().hour(self._clock())

    def _put(self, store: DjangoAnswerStore) -> None:
        """Put a copy where it was put before, unless somebody else has taken the place since."""
        with self._lock:
            copy = self._owner + self._sheet.packed()
        if self._key and _is_of(store.get_many([self._key]).get(self._key, copy), self._owner):
            store.set_many({self._key: copy}, _HOUR)
            return
        places = (_place(number) for number in _chance.sample(range(PLACES), _TRIES))
        self._key = next((key for key in places if store.add(key, copy, _HOUR)), "")

    def _others(self, store: DjangoAnswerStore) -> Iterable[bytes]:
        found: Mapping[str, Any] = store.get_many([_place(number) for number in range(PLACES)])
        for copy in found.values():
            if isinstance(copy, bytes) and not _is_of(copy, self._owner):
                yield copy[len(self._owner) :]


def _place(number: int) -> str:
    return f"anilist:last-hour:{number}"


def _is_of(copy: object, owner: bytes) -> bool:
    return isinstance(copy, bytes) and copy.startswith(owner)


def here() -> LastHour:
    """Return the last hour as this process sees it."""
    return _here(os.getpid(), settings.cache_alias)


@lru_cache(maxsize=4)
def _here(process: int, alias: str) -> LastHour:
    return LastHour(DjangoAnswerStore(alias) if alias else None)

"""What the sandbox remembers. Rows hold what AniList's fields are named after."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django_anilist.sandbox import seed
from django_anilist.sandbox.cast import Cast
from django_anilist.sandbox.persons import Person
from django_anilist.sandbox.tokens import OAuthClient, TokenBook

__all__ = ["Entry", "OAuthClient", "Person", "Plan", "Store"]

Row = dict[str, Any]

#: Where the ids of each table begin.
TABLES = {
    "activities": 500_000, "replies": 520_000, "threads": 540_000, "comments": 560_000,
    "reviews": 580_000, "recommendations": 590_000, "notifications": 600_000,
}  # fmt: skip

#: The type of a table's rows, where all are of one.
_TYPES = {
    "replies": "ActivityReply", "threads": "Thread", "comments": "ThreadComment",
    "reviews": "Review", "recommendations": "Recommendation",
}  # fmt: skip


MOST_ENTRIES = 1_000_000

#: The keys of rows that hold a user's id, or several.
_USERS = {"userId", "messengerId", "recipientId", "to"}
_MANY_USERS = {"likes", "subscribers"}


def _swapped(ids: list[int], before: int, after: int) -> list[int]:
    return [after if id == before else id for id in ids]


@dataclass(frozen=True)
class Plan:
    """What a fresh sandbox holds.

    ``seed`` decides what is invented, ``users`` how many people there are besides alice, bob and
    eve, ``entries`` how long everybody's anime list is at least. ``ValueError`` where that is more
    than a million entries, which would not fit into the memory of many machines.
    """

    seed: int = 1
    users: int = 0
    entries: int = 0

    def __post_init__(self) -> None:
        if (many := (self.users + 3) * self.entries) > MOST_ENTRIES:
            raise ValueError(f"These would be {many:,} list entries; {MOST_ENTRIES:,} is the most")


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


class Store(TokenBook):
    """Everything that changes, behind one lock."""

    def __init__(
        self, clients: list[OAuthClient], now: Callable[[], float], plan: Plan | None = None
    ) -> None:
        super().__init__(clients, now)
        self.plan = plan or Plan()
        self.lock = threading.RLock()
        self.media = seed.media(self.plan.entries)
        self.people: dict[str, Person] = {}
        self.started = now()
        self.entries: dict[int, Entry] = {}
        self._next_entry = 400_000
        self._lists: dict[int, dict[int, Entry]] = {}
        self.tables: dict[str, dict[int, Row]] = {name: {} for name in TABLES}
        self._next = dict(TABLES)
        self.airing = {row["id"]: row for row in seed.airing(self.media, int(self.started))}

    @cached_property
    def cast(self) -> Cast:
        """Made when first asked for: most tests never ask."""
        with self.lock:
            return Cast(self.plan.seed, self.media.values())

    def add_media(self, row: Row) -> Row:
        with self.lock:
            self.media[row["id"]] = row
            if "cast" in self.__dict__:
                self.cast.join(row)
        return row

    # People

    def add_person(self, person: Person) -> Person:
        with self.lock:
            self.people[person.name] = person
            self._lists[person.id] = {}
        return person

    def renumber(self, person: Person, id: int) -> None:
        """Give a user another id, wherever it stands; ``ValueError`` for one that is taken."""
        if any(each.id == id and each is not person for each in self.people.values()):
            raise ValueError(f"AniList's user {id} is somebody else")
        with self.lock:
            before, person.id = person.id, id
            self._lists[id] = self._lists.pop(before)
            for each in self.people.values():
                each.following = _swapped(each.following, before, id)
            for row in (row for table in self.tables.values() for row in table.values()):
                row.update({key: id for key in _USERS & set(row) if row[key] == before})
                row.update({key: _swapped(row[key], before, id) for key in _MANY_USERS & set(row)})

    def person(self, id: int | None) -> Person | None:
        """Return the user with this id; those whose accounts were deleted are not there."""
        found = (person for person in self.people.values() if person.id == id)
        person = next(found, None)
        return None if person is None or person.deleted else person

    def present(self) -> list[Person]:
        return [person for person in self.people.values() if not person.deleted]

    # Lists

    def add_entry(self, person: Person, media_id: int, *, status: str) -> Entry:
        with self.lock:
            self._next_entry += 1
            now = int(self.now())
            entry = Entry(self._next_entry, person, media_id, status, created=now, updated=now)
            self.keep_entry(entry)
            return entry

    def keep_entry(self, entry: Entry) -> None:
        self._next_entry = max(self._next_entry, entry.id)
        self.entries[entry.id] = entry
        self._lists[entry.user.id][entry.media_id] = entry

    def drop_entry(self, entry: Entry) -> None:
        with self.lock:
            del self.entries[entry.id]
            del self._lists[entry.user.id][entry.media_id]

    def entries_of(self, person: Person) -> list[Entry]:
        with self.lock:
            return list(self._lists[person.id].values())

    def entry_for(self, person: Person | None, media_id: int) -> Entry | None:
        return None if person is None else self._lists[person.id].get(media_id)

    # Tables of rows

    def add(self, table: str, **row: Any) -> Row:
        """Keep a new row of ``table``, with the next id and the time of now."""
        with self.lock:
            self._next[table] += 1
            found = {"id": self._next[table], "createdAt": int(self.now()), **row}
            found.setdefault("__typename", _TYPES.get(table))
            self.tables[table][found["id"]] = found
            return found

    def keep(self, table: str, rows: Iterable[Row]) -> None:
        """Put rows back that were kept elsewhere."""
        self.tables[table] = {row["id"]: row for row in rows}
        self._next[table] = max([TABLES[table], *self.tables[table]])

    def rows(self, table: str) -> list[Row]:
        with self.lock:
            return list(self.tables[table].values())

"""Lists as AniList sends them, made into lists as people think of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django_anilist.api.errors import BadResponse
from django_anilist.api.results import Answer

#: AniList leaves out what is beyond this many entries, the oldest first.
#: https://docs.anilist.co/guide/graphql/queries/media-list
MAX_ENTRIES = 11_000


class MediaList(list[dict[str, Any]]):
    """The entries of a list, each once, in AniList's order.

    ``truncated`` tells that AniList's cap of 11,000 entries was reached, so there may be more.
    ``age`` is how many seconds ago AniList said the oldest part of it; ``stale`` tells that a part
    should have been asked for again and could not be.
    """

    age: float = 0.0
    stale: bool = False

    @property
    def truncated(self) -> bool:
        return len(self) >= MAX_ENTRIES


def collect(chunks: Iterable[Answer], status: str | None = None) -> MediaList:
    """Merge the groups of ``MediaListCollection`` chunks into one list.

    AniList sends an entry once for the list of its status and once for each custom list it is in, and
    an entry hidden from status lists in its custom lists only. Here each comes once, with
    ``customListNames`` naming the custom lists it came in. With ``status`` only entries of that status
    are kept, since a custom list may hold any.
    """
    merged: dict[int, dict[str, Any]] = {}
    age, stale = 0.0, False
    for chunk in chunks:
        age, stale = max(age, chunk.age), stale or chunk.stale
        _merge(chunk, status, merged)
    found = MediaList(merged.values())
    found.age, found.stale = age, stale
    return found


def part_by_part(
    chunks: Iterable[Answer], status: str | None = None
) -> Iterator[list[dict[str, Any]]]:
    """Yield what ``collect`` would hold, chunk by chunk: ``customListNames`` are those of its chunk."""
    seen: set[int] = set()
    for chunk in chunks:
        found: dict[int, dict[str, Any]] = {}
        _merge(chunk, status, found)
        yield [entry for number, entry in found.items() if number not in seen]
        seen |= found.keys()


def _merge(chunk: Answer, status: str | None, merged: dict[int, dict[str, Any]]) -> None:
    for group, entry in _entries(chunk):
        if status is not None and entry.get("status") != status:
            continue
        kept = merged.setdefault(entry["id"], {**entry, "customListNames": []})
        name = group.get("name")
        if group.get("isCustomList") and name not in kept["customListNames"]:
            kept["customListNames"].append(name)


def _entries(chunk: Answer) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for group in objects(chunk.get("lists")):
        for entry in objects(group.get("entries")):
            if not isinstance(entry.get("id"), int):
                raise BadResponse
            yield group, entry


def objects(value: object) -> list[dict[str, Any]]:
    """Return the objects of a list in an answer; a null list is an empty one, null items go."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadResponse
    found = [item for item in value if item is not None]
    if not all(isinstance(item, dict) for item in found):
        raise BadResponse
    return found

"""Media lists, read the way AniList groups them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django_anilist.sandbox import catalogue, scores
from django_anilist.sandbox.asked import Asked
from django_anilist.sandbox.filters import date_number, matching, ordered
from django_anilist.sandbox.refusals import invalid, not_found
from django_anilist.sandbox.store import Entry, Person

MAX_PER_CHUNK = 500
#: A collection holds this many entries at most, the newest. https://docs.anilist.co/guide/graphql/queries/media-list
MAX_IN_COLLECTION = 11_000
STATUSES = ("CURRENT", "REPEATING", "COMPLETED", "PAUSED", "DROPPED", "PLANNING")
_NAMES = {
    "ANIME": {"CURRENT": "Watching", "REPEATING": "Rewatching"},
    "MANGA": {"CURRENT": "Reading", "REPEATING": "Rereading"},
}
NO_DATE = {"year": None, "month": None, "day": None}

#: What an entry answers where nothing was saved.
DETAILS: dict[str, Any] = {
    "progressVolumes": 0,
    "repeat": 0,
    "priority": 0,
    "private": False,
    "notes": None,
    "hiddenFromStatusLists": False,
    "startedAt": NO_DATE,
    "completedAt": NO_DATE,
}

Row = dict[str, Any]
_Read = Callable[[Entry], Any]


def detail(name: str) -> _Read:
    return lambda entry: entry.details.get(name, DETAILS[name])


def _date(name: str) -> _Read:
    return lambda entry: date_number(entry.details.get(name))


_READ: dict[str, _Read] = {
    "id": lambda entry: entry.id,
    "userId": lambda entry: entry.user.id,
    "userName": lambda entry: entry.user.name,
    "status": lambda entry: entry.status,
    "mediaId": lambda entry: entry.media_id,
    "notes": detail("notes"),
    "startedAt": _date("startedAt"),
    "completedAt": _date("completedAt"),
}


def _sorts(asked: Asked) -> dict[str, _Read]:
    media = asked.store.media
    of_media: dict[str, _Read] = {
        f"MEDIA_{name}": lambda entry, key=catalogue.SORTS[name]: key(media[entry.media_id])  # type: ignore[misc]
        for name in ("TITLE_ROMAJI", "TITLE_ENGLISH", "TITLE_NATIVE", "POPULARITY")
    }
    return {
        **of_media,
        "MEDIA_ID": lambda entry: entry.media_id,
        "SCORE": lambda entry: entry.score_raw,
        "STATUS": lambda entry: STATUSES.index(entry.status),
        "PROGRESS": lambda entry: entry.progress,
        "PROGRESS_VOLUMES": detail("progressVolumes"),
        "REPEAT": detail("repeat"),
        "PRIORITY": detail("priority"),
        "STARTED_ON": _date("startedAt"),
        "FINISHED_ON": _date("completedAt"),
        "ADDED_TIME": lambda entry: (entry.created, entry.id),
        "UPDATED_TIME": lambda entry: (entry.updated, entry.id),
    }


def owner_of(asked: Asked, wanted: Row) -> Person | None:
    """Return whose list is asked for, if one user's is; refuse where that user cannot be seen."""
    id, name = wanted.pop("userId", None), wanted.pop("userName", None)
    if id is None and name is None:
        return None
    for person in asked.store.present():
        if person.id == id or (id is None and person.name.lower() == name.lower()):
            if person.private and not asked.is_viewer(person):
                raise not_found("Private User")
            return person
    raise not_found("User not found")


def search(asked: Asked, **wanted: Any) -> list[Entry]:
    """Return the entries that match AniList's arguments, private ones for their owner only."""
    owner, store = owner_of(asked, wanted), asked.store
    sort = wanted.pop("sort", None)
    entries = store.entries_of(owner) if owner else list(store.entries.values())
    found = [entry for entry in entries if owner is not None or not entry.user.private]
    special: dict[str, Callable[[Entry, Any], bool]] = {
        "type": lambda entry, kind: store.media[entry.media_id]["type"] == kind,
        "isFollowing": lambda entry, value: (
            asked.viewer is None or (entry.user.id in asked.viewer.following) == value
        ),
        "compareWithAuthList": lambda entry, value: (
            not value or store.entry_for(asked.viewer, entry.media_id) is not None
        ),
    }
    found = [entry for entry in found if visible(asked, entry)]
    return ordered(matching(found, wanted, special, _READ), sort, _sorts(asked))


def visible(asked: Asked, entry: Entry) -> bool:
    return asked.is_viewer(entry.user) or not (entry.details.get("private") or entry.user.deleted)


def one(root: Any, info: Any, **wanted: Any) -> Entry:
    """Answer ``MediaList``."""
    found = search(info.context, **wanted)
    if not found:
        raise not_found()
    return found[0]


def collection(
    root: Any,
    info: Any,
    chunk: int | None = None,
    perChunk: int | None = None,
    **wanted: Any,
) -> Row:
    """Answer ``MediaListCollection``: a list for each status, and one for each custom list.

    The user is not inferred from the token. Without ``chunk`` and ``perChunk`` all of it comes.
    """
    if wanted.get("userId") is None and wanted.get("userName") is None:
        raise invalid(userId="The user id field is required when user name is not present.")
    if (kind := wanted.get("type")) is None:
        raise invalid(type="The type field is required.")
    single = wanted.pop("forceSingleCompletedList", None)
    owner = owner_of(info.context, dict(wanted))
    entries = search(info.context, **wanted)
    if len(entries) > MAX_IN_COLLECTION:
        newest = sorted(entries, key=lambda entry: (entry.updated, entry.id))[-MAX_IN_COLLECTION:]
        kept = {entry.id for entry in newest}
        entries = [entry for entry in entries if entry.id in kept]
    more, entries = _chunk(entries, chunk, perChunk)
    groups = _groups(info.context, owner, entries, kind, bool(single)) if owner else []
    return {"lists": groups, "user": owner, "hasNextChunk": more}


def _chunk(entries: list[Entry], chunk: int | None, size: int | None) -> tuple[bool, list[Entry]]:
    if chunk is None and size is None:
        return False, entries
    size = min(MAX_PER_CHUNK, max(1, size or MAX_PER_CHUNK))
    start = (max(1, chunk or 1) - 1) * size
    return start + size < len(entries), entries[start : start + size]


def _groups(
    asked: Asked, owner: Person, entries: list[Entry], kind: str, single: bool
) -> list[Row]:
    shown = [entry for entry in entries if not entry.details.get("hiddenFromStatusLists")]
    split = owner.list_options(kind)["splitCompletedSectionByFormat"] and not single
    groups = []
    for status in STATUSES:
        inside = [entry for entry in shown if entry.status == status]
        if status == "COMPLETED" and split:
            groups += _by_format(asked, inside)
        else:
            name = _NAMES[kind].get(status, status.capitalize())
            groups.append(_group(name, inside, status=status))
    groups += [
        _group(name, [e for e in entries if name in e.details.get("customLists", ())], custom=True)
        for name in owner.custom_lists(kind)
    ]
    return [group for group in groups if group["entries"]]


def _by_format(asked: Asked, entries: list[Entry]) -> list[Row]:
    formats = {entry.id: asked.store.media[entry.media_id]["format"] for entry in entries}
    return [
        {**_group(f"Completed {form.replace('_', ' ').title() if form != 'TV' else form}",
                  [entry for entry in entries if formats[entry.id] == form], status="COMPLETED"),
         "isSplitCompletedList": True}
        for form in dict.fromkeys(formats.values())
    ]  # fmt: skip


def _group(
    name: str, entries: list[Entry], *, status: str | None = None, custom: bool = False
) -> Row:
    return {
        "name": name,
        "status": status,
        "isCustomList": custom,
        "isSplitCompletedList": False,
        "entries": entries,
    }


def _old_lists(custom: bool) -> Callable[..., list[list[Entry]]]:
    """AniList answers these two with a map, against their own type; a typed stand-in cannot."""

    def resolve(found: Row, info: Any, **_: Any) -> list[list[Entry]]:
        return [group["entries"] for group in found["lists"] if group["isCustomList"] == custom]

    return resolve


def _custom_lists(entry: Entry, info: Any, asArray: bool | None = None) -> Any:
    kind = info.context.store.media[entry.media_id]["type"]
    chosen = entry.details.get("customLists", [])
    names = entry.user.custom_lists(kind)
    if asArray:
        return [name for name in names if name in chosen]
    return {name: name in chosen for name in names} or None


def _advanced_scores(entry: Entry, info: Any) -> Row | None:
    kind = info.context.store.media[entry.media_id]["type"]
    names = entry.user.list_options(kind)["advancedScoring"] or []
    given = entry.details.get("advancedScores") or []
    return {name: given[place] if place < len(given) else 0 for place, name in enumerate(names)}


def _score(entry: Entry, info: Any, format: str | None = None) -> float:
    return scores.shown(entry.score_raw, format or entry.user.score_format)


def _field(read: _Read) -> Callable[[Entry, Any], Any]:
    return lambda entry, info: read(entry)


FIELDS = {
    "MediaList": {
        "userId": lambda entry, info: entry.user.id,
        "mediaId": lambda entry, info: entry.media_id,
        "media": lambda entry, info: info.context.store.media[entry.media_id],
        "score": _score,
        "customLists": _custom_lists,
        "advancedScores": _advanced_scores,
        "createdAt": lambda entry, info: entry.created,
        "updatedAt": lambda entry, info: entry.updated,
        **{name: _field(detail(name)) for name in DETAILS},
    },
    "MediaListCollection": {"statusLists": _old_lists(False), "customLists": _old_lists(True)},
}

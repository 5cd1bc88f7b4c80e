"""Media lists: reading them the way AniList groups them, saving and deleting entries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django_anilist.sandbox import scores
from django_anilist.sandbox.refusals import Refusal, invalid
from django_anilist.sandbox.store import Entry, Person, Store

MAX_PER_CHUNK = 500
STATUSES = ("CURRENT", "REPEATING", "COMPLETED", "PAUSED", "DROPPED", "PLANNING")
_NAMES = {"CURRENT": "Watching", "REPEATING": "Rewatching"}
_NO_DATE = {"year": None, "month": None, "day": None}

_DETAILS = {
    "progressVolumes": 0,
    "repeat": 0,
    "priority": 0,
    "private": False,
    "notes": None,
    "hiddenFromStatusLists": False,
    "advancedScores": None,
    "startedAt": _NO_DATE,
    "completedAt": _NO_DATE,
}


def find_person(store: Store, id: int | None, name: str | None) -> Person:
    """Return the user with this id or name, or refuse as AniList does."""
    for person in store.people.values():
        if person.id == id or (id is None and person.name == name):
            return person
    raise Refusal("Not Found.", 404)


def visible(asked: Any, wanted: dict[str, Any]) -> list[Entry]:
    """Return the entries that match, the private ones for their owner only."""
    store: Store = asked.store
    owner = find_person(store, wanted.get("userId"), wanted.get("userName"))
    statuses = wanted.get("status_in") or [wanted.get("status")]
    found = [
        entry
        for entry in store.entries_of(owner)
        if (owner is asked.viewer or not entry.details.get("private"))
        and wanted.get("type") in (None, store.media[entry.media_id]["type"])
        and (statuses == [None] or entry.status in statuses)
        and wanted.get("mediaId") in (None, entry.media_id)
    ]
    for key in reversed(wanted.get("sort") or []):
        name = _SORTS[key.removesuffix("_DESC")]
        found.sort(key=lambda entry: getattr(entry, name), reverse=key.endswith("_DESC"))
    return found


_SORTS = {
    "MEDIA_ID": "media_id",
    "SCORE": "score_raw",
    "PROGRESS": "progress",
    "UPDATED_TIME": "updated",
    "ADDED_TIME": "created",
}


def one(root: Any, info: Any, id: int | None = None, **wanted: Any) -> Entry:
    """Answer ``MediaList``."""
    entry = info.context.store.entries.get(id)
    found = [entry] if entry else [] if id is not None else visible(info.context, wanted)
    if not found or (found[0].details.get("private") and found[0].user is not info.context.viewer):
        raise Refusal("Not Found.", 404)
    return found[0]


def collection(root: Any, info: Any, **wanted: Any) -> dict[str, Any]:
    """Answer ``MediaListCollection``: a list for each status, and one for each custom list."""
    if wanted.get("userId") is None and wanted.get("userName") is None:
        raise invalid(userId="The user id field is required when user name is not present.")
    if wanted.get("type") is None:
        raise invalid(type="The type field is required.")
    entries = visible(info.context, wanted)
    size = min(MAX_PER_CHUNK, wanted.get("perChunk") or MAX_PER_CHUNK)
    start = (max(1, wanted.get("chunk") or 1) - 1) * size
    owner = find_person(info.context.store, wanted.get("userId"), wanted.get("userName"))
    return {
        "lists": _groups(owner, entries[start : start + size]),
        "user": owner,
        "hasNextChunk": start + size < len(entries),
    }


def _groups(owner: Person, entries: list[Entry]) -> list[dict[str, Any]]:
    shown = [entry for entry in entries if not entry.details.get("hiddenFromStatusLists")]
    groups = [
        {"name": _NAMES.get(status, status.capitalize()), "status": status, "isCustomList": False,
         "isSplitCompletedList": False, "entries": [e for e in shown if e.status == status]}
        for status in STATUSES
    ]  # fmt: skip
    groups += [
        {"name": name, "status": None, "isCustomList": True, "isSplitCompletedList": False,
         "entries": [e for e in entries if name in e.details.get("customLists", ())]}
        for name in owner.custom_lists
    ]  # fmt: skip
    return [group for group in groups if group["entries"]]


def save(root: Any, info: Any, **given: Any) -> Entry:
    """Answer ``SaveMediaListEntry``: change an entry by its id, or make or change one by medium."""
    store, viewer = info.context.store, _viewer(info)
    given = {name: value for name, value in given.items() if value is not None or name == "notes"}
    with store.lock:
        entry = _entry_to_save(store, viewer, given)
        _validate(viewer, given)
        if entry is None:
            status = given.get("status", "CURRENT")
            entry = store.add_entry(viewer, given["mediaId"], status=status)
        _change(entry, viewer, given)
        entry.updated = int(store.now())
    return entry


def _entry_to_save(store: Store, viewer: Person, given: dict[str, Any]) -> Entry | None:
    if "id" in given:
        entry = store.entries.get(given["id"])
        if entry is None:
            raise invalid(id="The selected id is invalid.")
        return _owned(entry, viewer)
    if given.get("mediaId") not in store.media:
        raise invalid(mediaId="The selected media id is invalid.")
    return store.entry_for(viewer, given["mediaId"])


def _validate(viewer: Person, given: dict[str, Any]) -> None:
    limits = {"score": scores.highest(viewer.score_format), "scoreRaw": 100, "repeat": 1000}
    for name, most in {**limits, "priority": 255}.items():
        words = "score raw" if name == "scoreRaw" else name
        if given.get(name, 0) > most:
            raise invalid(**{name: f"The {words} may not be greater than {most}."})
    for name in ("score", "scoreRaw", "progress", "progressVolumes", "repeat", "priority"):
        if given.get(name, 0) < 0:
            raise invalid(**{name: f"The {name} must be at least 0."})
    if len(given.get("notes") or "") > 6000:
        raise invalid(notes="The notes may not be greater than 6000 characters.")


def _change(entry: Entry, viewer: Person, given: dict[str, Any]) -> None:
    entry.status = given.get("status", entry.status)
    entry.progress = given.get("progress", entry.progress)
    if "score" in given:
        entry.score_raw = scores.kept(given["score"], viewer.score_format)
    entry.score_raw = given.get("scoreRaw", entry.score_raw)
    for name in (*_DETAILS, "customLists"):
        if name in given:
            entry.details[name] = given[name]


def delete(root: Any, info: Any, id: int | None = None) -> dict[str, bool]:
    """Answer ``DeleteMediaListEntry``: the entry's id, not the medium's."""
    store, viewer = info.context.store, _viewer(info)
    with store.lock:
        entry = store.entries.get(id)
        if entry is None:
            raise invalid(id="The selected id is invalid.")
        del store.entries[_owned(entry, viewer).id]
    return {"deleted": True}


def _viewer(info: Any) -> Person:
    viewer: Person | None = info.context.viewer
    if viewer is None:
        raise Refusal("Unauthorized.", 401)
    return viewer


def _owned(entry: Entry, viewer: Person) -> Entry:
    if entry.user is not viewer:
        raise Refusal("You are not authorized to modify this MediaList", 400)
    return entry


def _custom_lists(entry: Entry, info: Any, asArray: bool | None = None) -> Any:  # noqa: N803
    chosen = entry.details.get("customLists", [])
    if asArray:
        return chosen
    return {name: name in chosen for name in entry.user.custom_lists} or None


def _score(entry: Entry, info: Any, format: str | None = None) -> float:
    return scores.shown(entry.score_raw, format or entry.user.score_format)


def _detail(name: str) -> Callable[[Entry, Any], Any]:
    return lambda entry, info: entry.details.get(name, _DETAILS[name])


ENTRY_FIELDS = {
    "userId": lambda entry, info: entry.user.id,
    "mediaId": lambda entry, info: entry.media_id,
    "media": lambda entry, info: info.context.store.media[entry.media_id],
    "score": _score,
    "customLists": _custom_lists,
    "createdAt": lambda entry, info: entry.created,
    "updatedAt": lambda entry, info: entry.updated,
    **{name: _detail(name) for name in _DETAILS},
}

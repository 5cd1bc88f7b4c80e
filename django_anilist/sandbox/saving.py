"""Saving and deleting list entries."""

from __future__ import annotations

from typing import Any

from django_anilist.sandbox import scores
from django_anilist.sandbox.activities import note_list_change
from django_anilist.sandbox.asked import viewer_of
from django_anilist.sandbox.lists import DETAILS
from django_anilist.sandbox.refusals import between, invalid, length, not_yours, required
from django_anilist.sandbox.store import Entry, Person, Store

Row = dict[str, Any]

_LARGEST = 2**31 - 1


def save(root: Any, info: Any, **given: Any) -> Entry:
    """Answer ``SaveMediaListEntry``: change an entry by its id, or make or change one by medium."""
    store, viewer = info.context.store, viewer_of(info)
    given = _given(given)
    with store.lock:
        entry = _entry_to_save(store, viewer, given)
        _validate(viewer, given)
        if entry is None:
            status = given.get("status", "CURRENT")
            entry = store.add_entry(viewer, given["mediaId"], status=status)
        _change(store, entry, given)
        note_list_change(store, entry)
    return entry


def update_many(root: Any, info: Any, ids: list[int] | None = None, **given: Any) -> list[Entry]:
    """Answer ``UpdateMediaListEntries``; one that is not the viewer's refuses them all."""
    store, viewer = info.context.store, viewer_of(info)
    required(ids=ids or None)
    given = _given(given)
    _validate(viewer, given)
    with store.lock:
        entries = [_owned(store, viewer, id) for id in ids or ()]
        for entry in entries:
            _change(store, entry, given)
    return entries


def delete(root: Any, info: Any, id: int | None = None) -> dict[str, bool]:
    """Answer ``DeleteMediaListEntry``: the entry's id, not the medium's."""
    store, viewer = info.context.store, viewer_of(info)
    with store.lock:
        store.drop_entry(_owned(store, viewer, id))
    return {"deleted": True}


def delete_custom_list(
    root: Any,
    info: Any,
    customList: str | None = None,
    type: str | None = None,
) -> dict[str, bool]:
    """Answer ``DeleteCustomList``; entries that were only there go back to their status list."""
    store, viewer = info.context.store, viewer_of(info)
    required(customList=customList, type=type)
    options = viewer.list_options(str(type))
    if customList not in options["customLists"]:
        return {"deleted": False}
    options["customLists"] = [name for name in options["customLists"] if name != customList]
    for entry in store.entries_of(viewer):
        chosen = entry.details.get("customLists", [])
        if store.media[entry.media_id]["type"] == type and customList in chosen:
            entry.details["customLists"] = [name for name in chosen if name != customList]
            if not entry.details["customLists"]:
                entry.details["hiddenFromStatusLists"] = False
    return {"deleted": True}


def _given(given: Row) -> Row:
    """Leave out what is ``null``, which AniList ignores; notes are emptied by it."""
    return {name: value for name, value in given.items() if value is not None or name == "notes"}


def _entry_to_save(store: Store, viewer: Person, given: Row) -> Entry | None:
    if "id" in given:
        return _owned(store, viewer, given["id"])
    if given.get("mediaId") not in store.media:
        raise invalid(mediaId="The selected media id is invalid.")
    return store.entry_for(viewer, given["mediaId"])


def _owned(store: Store, viewer: Person, id: int | None) -> Entry:
    entry = store.entries.get(id or 0)
    if entry is None:
        raise invalid(id="The selected id is invalid.")
    if entry.user is not viewer:
        raise not_yours("MediaList")
    return entry


def _validate(viewer: Person, given: Row) -> None:
    limits = {"score": scores.highest(viewer.score_format), "scoreRaw": 100, "repeat": 1000}
    limits |= {"priority": 255, "progress": _LARGEST, "progressVolumes": _LARGEST}
    for name, most in limits.items():
        between(0, most, **{name: given.get(name)})
    length(0, 6000, notes=given.get("notes"))


def _change(store: Store, entry: Entry, given: Row) -> None:
    entry.status = given.get("status", entry.status)
    entry.progress = given.get("progress", entry.progress)
    if "score" in given:
        entry.score_raw = scores.kept(given["score"], entry.user.score_format)
    entry.score_raw = given.get("scoreRaw", entry.score_raw)
    for name in (*DETAILS, "customLists", "advancedScores"):
        if name in given:
            entry.details[name] = given[name]
    entry.updated = int(store.now())

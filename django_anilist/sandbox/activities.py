"""Activities: what people write and do, and the replies to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django_anilist.sandbox.asked import Asked, own, viewer_of
from django_anilist.sandbox.filters import matching, ordered, plain
from django_anilist.sandbox.notifications import mention, notify
from django_anilist.sandbox.refusals import invalid, length, not_found, not_yours, required
from django_anilist.sandbox.store import Entry, Person, Store

Row = dict[str, Any]

_SORTS: dict[str, Callable[[Row], Any]] = {"ID": plain("id"), "PINNED": plain("isPinned")}
_NEW: Row = {"isLocked": False, "isPinned": False, "likes": []}


def _key(name: str) -> Callable[[Row], Any]:
    return lambda row: row.get(name)


_READ = {name: _key(name) for name in ("userId", "messengerId", "mediaId")}


def search(asked: Asked, sort: Any = None, **wanted: Any) -> list[Row]:
    """Return the activities that match AniList's arguments and that the viewer may see."""
    store, viewer = asked.store, asked.viewer
    following = viewer.following if viewer else []
    special: dict[str, Callable[[Row, Any], bool]] = {
        "isFollowing": lambda row, value: (_author(row) in following) == value,
        "hasReplies": lambda row, value: bool(replies_to(store, row["id"])) == value,
        "hasRepliesOrTypeText": lambda row, value: (
            (row["type"] == "TEXT" or bool(replies_to(store, row["id"]))) == value
        ),
        "type": lambda row, kind: _is(row, [kind]),
        "type_in": _is,
        "type_not": lambda row, kind: not _is(row, [kind]),
        "type_not_in": lambda row, kinds: not _is(row, kinds),
    }
    rows = [row for row in store.rows("activities") if _may_see(row, viewer)]
    return ordered(matching(rows, wanted, special, _READ), sort or ["ID_DESC"], _SORTS)


def _is(row: Row, kinds: list[str]) -> bool:
    both = "MEDIA_LIST" in kinds and row["type"] in ("ANIME_LIST", "MANGA_LIST")
    return both or row["type"] in kinds


def _author(row: Row) -> int:
    return int(row.get("userId") or row["messengerId"])


def _may_see(row: Row, viewer: Person | None) -> bool:
    parties = (row.get("messengerId"), row.get("recipientId"))
    return not row.get("isPrivate") or (viewer is not None and viewer.id in parties)


def one(root: Any, info: Any, **wanted: Any) -> Row:
    """Answer ``Activity``."""
    found = search(info.context, **wanted)
    if not found:
        raise not_found()
    return found[0]


def replies_to(store: Store, id: int) -> list[Row]:
    return [row for row in store.rows("replies") if row["activityId"] == id]


def search_replies(asked: Asked, **wanted: Any) -> list[Row]:
    """Return the replies that match AniList's arguments."""
    return matching(asked.store.rows("replies"), wanted)


def one_reply(root: Any, info: Any, **wanted: Any) -> Row:
    """Answer ``ActivityReply``."""
    found = search_replies(info.context, **wanted)
    if not found:
        raise not_found()
    return found[0]


# Mutations


def save_text(
    root: Any, info: Any, id: int | None = None, text: str | None = None, locked: bool | None = None
) -> Row:
    """Answer ``SaveTextActivity``."""
    viewer, store = viewer_of(info), info.context.store
    row = own(info, "activities", id, "TextActivity") if id is not None else None
    if row is None:
        required(text=text)
    length(5, 10_000, text=text)
    if row is None:
        row = store.add(
            "activities", **_fresh(viewer), __typename="TextActivity", type="TEXT", userId=viewer.id
        )
        mention(store, "ACTIVITY_MENTION", text or "", viewer, activityId=row["id"])
    return _set(row, text=text, isLocked=locked)


def save_message(
    root: Any, info: Any, id: int | None = None, message: str | None = None,
    recipientId: int | None = None, private: bool | None = None,
    locked: bool | None = None, asMod: bool | None = None,
) -> Row:  # fmt: skip
    """Answer ``SaveMessageActivity``; who takes messages only from those they follow gets no other."""
    viewer, store = viewer_of(info), info.context.store
    row = own(info, "activities", id, "MessageActivity") if id is not None else None
    if row is None:
        required(message=message, recipientId=recipientId)
    length(5, 10_000, message=message)
    if row is None:
        to = store.person(recipientId)
        if to is None:
            raise invalid(recipientId="The selected recipient id is invalid.")
        if to.options["restrictMessagesToFollowing"] and viewer.id not in to.following:
            raise not_yours("MessageActivity")
        ends = {"messengerId": viewer.id, "recipientId": to.id, "isPrivate": False}
        row = store.add(
            "activities", **_fresh(viewer), **ends, __typename="MessageActivity", type="MESSAGE"
        )
        notify(store, "ACTIVITY_MESSAGE", to, viewer, activityId=row["id"])
    return _set(row, message=message, isPrivate=private, isLocked=locked)


def save_list(root: Any, info: Any, id: int | None = None, locked: bool | None = None) -> Row:
    """Answer ``SaveListActivity``: lists make them, people only lock them."""
    return _set(own(info, "activities", id, "ListActivity"), isLocked=locked)


def delete(root: Any, info: Any, id: int | None = None) -> dict[str, bool]:
    """Answer ``DeleteActivity``; its replies go with it."""
    store, row = info.context.store, own(info, "activities", id)
    for reply in replies_to(store, row["id"]):
        del store.tables["replies"][reply["id"]]
    del store.tables["activities"][row["id"]]
    return {"deleted": True}


def pin(root: Any, info: Any, id: int | None = None, pinned: bool | None = None) -> Row:
    """Answer ``ToggleActivityPin``."""
    row = own(info, "activities", id)
    return _set(row, isPinned=not row["isPinned"] if pinned is None else pinned)


def _fresh(viewer: Person) -> Row:
    return {**_NEW, "likes": [], "subscribers": [viewer.id]}


def _set(row: Row, **values: Any) -> Row:
    row.update({name: value for name, value in values.items() if value is not None})
    return row


def note_list_change(store: Store, entry: Entry) -> None:
    """Tell the feed that a list changed, unless its owner wants that status kept quiet."""
    disabled = entry.user.options["disabledListActivity"]
    if any(each.get("disabled") and each["type"] == entry.status for each in disabled):
        return
    kind = store.media[entry.media_id]["type"]
    episode = "episode" if kind == "ANIME" else "chapter"
    verb = "watched" if kind == "ANIME" else "read"
    moving = entry.status == "CURRENT" and entry.progress
    store.add(
        "activities", **_fresh(entry.user), __typename="ListActivity", type=f"{kind}_LIST",
        userId=entry.user.id, mediaId=entry.media_id,
        status=f"{verb} {episode}" if moving else entry.status.lower(),
        progress=str(entry.progress) if moving else None,
    )  # fmt: skip

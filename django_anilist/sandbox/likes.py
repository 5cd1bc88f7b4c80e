"""Likes: of activities, replies, threads and comments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django_anilist.sandbox.asked import Asked, viewer_of
from django_anilist.sandbox.notifications import notify
from django_anilist.sandbox.refusals import invalid, not_found, required
from django_anilist.sandbox.store import Person

Row = dict[str, Any]

#: What AniList's ``LikeableType`` names: the table, the notification, and what that points at.
_KINDS = {
    "ACTIVITY": ("activities", "ACTIVITY_LIKE", "activityId", "id"),
    "ACTIVITY_REPLY": ("replies", "ACTIVITY_REPLY_LIKE", "activityId", "activityId"),
    "THREAD": ("threads", "THREAD_LIKE", "threadId", "id"),
    "THREAD_COMMENT": ("comments", "THREAD_COMMENT_LIKE", "commentId", "id"),
}


def search(
    asked: Asked,
    likeableId: int | None = None,
    type: str | None = None,
) -> list[Person]:
    """Return who likes something."""
    required(likeableId=likeableId, type=type)
    row = asked.store.tables[_KINDS[str(type)][0]].get(likeableId or 0)
    if row is None:
        raise not_found()
    return _people(asked, row)


def one(root: Any, info: Any, **wanted: Any) -> Person:
    """Answer ``Like``: the first who likes it."""
    found = search(info.context, **wanted)
    if not found:
        raise not_found()
    return found[0]


def toggle(root: Any, info: Any, **given: Any) -> list[Person]:
    """Answer ``ToggleLike``: whoever likes it now."""
    return _people(info.context, toggle_row(root, info, **given))


def toggle_row(root: Any, info: Any, id: int | None = None, type: str | None = None) -> Row:
    """Answer ``ToggleLikeV2``: what is liked now, or no longer."""
    viewer, store = viewer_of(info), info.context.store
    required(id=id, type=type)
    table, kind, argument, key = _KINDS[str(type)]
    row: Row | None = store.tables[table].get(id)
    if row is None:
        raise invalid(id="The selected id is invalid.")
    if viewer.id in row["likes"]:
        row["likes"] = [each for each in row["likes"] if each != viewer.id]
        return row
    row["likes"] = [*row["likes"], viewer.id]
    author = store.person(row.get("userId") or row.get("messengerId"))
    facts = {argument: row[key], "threadId": row.get("threadId", row["id"])}
    notify(store, kind, author, viewer, **facts)
    return row


def _people(asked: Asked, row: Row) -> list[Person]:
    return [person for id in row["likes"] if (person := asked.store.person(id)) is not None]


def _is_liked(row: Row, info: Any) -> bool:
    viewer = info.context.viewer
    return viewer is not None and viewer.id in row["likes"]


_LIKES: dict[str, Callable[..., Any]] = {
    "likes": lambda row, info: _people(info.context, row),
    "likeCount": lambda row, info: len(row["likes"]),
    "isLiked": _is_liked,
}


def _is_subscribed(row: Row, info: Any) -> bool:
    viewer = info.context.viewer
    return viewer is not None and viewer.id in row["subscribers"]


_BOTH = {**_LIKES, "isSubscribed": _is_subscribed}

FIELDS = {
    "TextActivity": _BOTH,
    "ListActivity": _BOTH,
    "MessageActivity": _BOTH,
    "Thread": _BOTH,
    "ActivityReply": _LIKES,
    "ThreadComment": _LIKES,
}

"""Replies to activities, and subscriptions to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django_anilist.sandbox.activities import replies_to
from django_anilist.sandbox.asked import own, viewer_of
from django_anilist.sandbox.notifications import mention, notify
from django_anilist.sandbox.refusals import invalid, length, required

Row = dict[str, Any]


def save(
    root: Any, info: Any, id: int | None = None, activityId: int | None = None,
    text: str | None = None, asMod: bool | None = None,
) -> Row:  # fmt: skip
    """Answer ``SaveActivityReply``; the author and the subscribers are told."""
    viewer, store = viewer_of(info), info.context.store
    required(text=text)
    length(2, 8000, text=text)
    if id is not None:
        changed = own(info, "replies", id)
        changed["text"] = text
        return changed
    activity = store.tables["activities"].get(activityId)
    if activity is None or activity["isLocked"]:
        raise invalid(activityId="The selected activity id is invalid.")
    row: Row = store.add("replies", userId=viewer.id, activityId=activityId, text=text, likes=[])
    author = activity.get("userId") or activity["messengerId"]
    notify(store, "ACTIVITY_REPLY", store.person(author), viewer, activityId=activityId)
    for other in map(store.person, set(activity["subscribers"]) - {author}):
        notify(store, "ACTIVITY_REPLY_SUBSCRIBED", other, viewer, activityId=activityId)
    mention(store, "ACTIVITY_MENTION", text or "", viewer, activityId=activityId)
    return row


def delete(root: Any, info: Any, id: int | None = None) -> dict[str, bool]:
    """Answer ``DeleteActivityReply``."""
    row = own(info, "replies", id)
    del info.context.store.tables["replies"][row["id"]]
    return {"deleted": True}


def subscriber(table: str, argument: str) -> Callable[..., Row]:
    """Return what answers a subscription's toggle: to an activity, or to a thread."""

    def toggle(root: Any, info: Any, subscribe: bool | None = None, **given: Any) -> Row:
        viewer = viewer_of(info)
        row: Row | None = info.context.store.tables[table].get(given.get(argument))
        if row is None:
            raise invalid(**{argument: "The selected id is invalid."})
        wanted = viewer.id not in row["subscribers"] if subscribe is None else subscribe
        row["subscribers"] = [id for id in row["subscribers"] if id != viewer.id]
        row["subscribers"] += [viewer.id] * wanted
        return row

    return toggle


def _user(key: str) -> Callable[[Row, Any], Any]:
    return lambda row, info: info.context.store.person(row[key])


def _replies(row: Row, info: Any) -> list[Row]:
    return replies_to(info.context.store, row["id"])


_ACTIVITY: dict[str, Callable[..., Any]] = {
    "siteUrl": lambda row, info: f"{info.context.origin}/activity/{row['id']}",
    "replies": _replies,
    "replyCount": lambda row, info: len(_replies(row, info)),
}

FIELDS: dict[str, dict[str, Callable[..., Any]]] = {
    "TextActivity": {**_ACTIVITY, "user": _user("userId")},
    "ListActivity": {
        **_ACTIVITY,
        "user": _user("userId"),
        "media": lambda row, info: info.context.store.media.get(row["mediaId"]),
    },
    "MessageActivity": {
        **_ACTIVITY,
        "recipient": _user("recipientId"),
        "messenger": _user("messengerId"),
    },
    "ActivityReply": {"user": _user("userId")},
}

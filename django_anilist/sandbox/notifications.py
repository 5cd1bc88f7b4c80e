"""Notifications: what causes them, and reading them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django_anilist.sandbox.asked import Asked
from django_anilist.sandbox.refusals import not_found
from django_anilist.sandbox.store import Person, Store

Row = dict[str, Any]

#: The type of each kind, and what its context says after the name of who caused it.
KINDS = {
    "ACTIVITY_MESSAGE": ("ActivityMessageNotification", " sent you a message."),
    "ACTIVITY_REPLY": ("ActivityReplyNotification", " replied to your activity."),
    "FOLLOWING": ("FollowingNotification", " started following you."),
    "ACTIVITY_MENTION": ("ActivityMentionNotification", " mentioned you in their activity."),
    "THREAD_COMMENT_MENTION": ("ThreadCommentMentionNotification", " mentioned you in a comment."),
    "THREAD_SUBSCRIBED": (
        "ThreadCommentSubscribedNotification", " commented in your subscribed thread."
    ),
    "THREAD_COMMENT_REPLY": ("ThreadCommentReplyNotification", " replied to your comment."),
    "AIRING": ("AiringNotification", None),
    "ACTIVITY_LIKE": ("ActivityLikeNotification", " liked your activity."),
    "ACTIVITY_REPLY_LIKE": ("ActivityReplyLikeNotification", " liked your activity reply."),
    "THREAD_LIKE": ("ThreadLikeNotification", " liked your forum thread."),
    "THREAD_COMMENT_LIKE": ("ThreadCommentLikeNotification", " liked your comment."),
    "ACTIVITY_REPLY_SUBSCRIBED": (
        "ActivityReplySubscribedNotification", " replied to an activity you are subscribed to."
    ),
    "RELATED_MEDIA_ADDITION": ("RelatedMediaAdditionNotification", " was recently added to the site."),
    "MEDIA_DATA_CHANGE": ("MediaDataChangeNotification", " received site data changes."),
    "MEDIA_MERGE": ("MediaMergeNotification", " was merged with another entry."),
    "MEDIA_DELETION": ("MediaDeletionNotification", " was deleted from the site."),
    "MEDIA_SUBMISSION_UPDATE": ("MediaSubmissionUpdateNotification", None),
    "STAFF_SUBMISSION_UPDATE": ("StaffSubmissionUpdateNotification", None),
    "CHARACTER_SUBMISSION_UPDATE": ("CharacterSubmissionUpdateNotification", None),
}  # fmt: skip


def notify(
    store: Store, kind: str, to: Person | None, by: Person | None = None, **facts: Any
) -> None:
    """Tell ``to`` of what ``by`` did; nobody is told of what they did themselves, or did not want."""
    if to is None or to is by or not _wants(to, kind):
        return
    type_name, context = KINDS[kind]
    by_whom = {"userId": by.id} if by is not None else {}
    store.add(
        "notifications",
        __typename=type_name,
        type=kind,
        to=to.id,
        context=context,
        **by_whom,
        **facts,
    )
    to.unread += 1


def _wants(person: Person, kind: str) -> bool:
    options = person.options["notificationOptions"]
    return not any(option["type"] == kind and option.get("enabled") is False for option in options)


def mention(store: Store, kind: str, text: str, by: Person, **facts: Any) -> None:
    """Tell everybody whom ``text`` names with an ``@``."""
    for name in dict.fromkeys(re.findall(r"@(\w+)", text)):
        notify(store, kind, store.people.get(name), by, **facts)


def search(
    asked: Asked, type: str | None = None, type_in: list[str] | None = None,
    resetNotificationCount: bool | None = None,
) -> list[Row]:  # fmt: skip
    """Return the viewer's notifications, the newest first; perhaps as read."""
    viewer = asked.signed_in()
    if resetNotificationCount:
        viewer.unread = 0
    wanted = type_in if type is None else [type]
    rows = [row for row in asked.store.rows("notifications") if row["to"] == viewer.id]
    found = [row for row in rows if wanted is None or row["type"] in wanted]
    return found[::-1]


def one(root: Any, info: Any, **wanted: Any) -> Row:
    """Answer ``Notification``: the newest that matches."""
    found = search(info.context, **wanted)
    if not found:
        raise not_found()
    return found[0]


def _of(table: str, key: str) -> Callable[[Row, Any], Any]:
    return lambda row, info: info.context.store.tables[table].get(row.get(key))


def _medium(row: Row, info: Any) -> Any:
    return info.context.store.media.get(row.get("mediaId", row.get("animeId")))


def _user(row: Row, info: Any) -> Any:
    return info.context.store.person(row.get("userId"))


_activity, _comment, _thread = (
    _of("activities", "activityId"),
    _of("comments", "commentId"),
    _of("threads", "threadId"),
)


def _staff(row: Row, info: Any) -> Any:
    return info.context.store.cast.staff.get(row.get("staffId"))


def _character(row: Row, info: Any) -> Any:
    return info.context.store.cast.characters.get(row.get("characterId"))


def _fields(kind: str) -> dict[str, Callable[[Row, Any], Any]]:
    """Return what leads on from a notification of this kind."""
    if kind == "ACTIVITY_MESSAGE":
        return {"message": _activity, "user": _user}
    if kind.startswith("ACTIVITY"):
        return {"activity": _activity, "user": _user}
    if kind.startswith("THREAD"):
        return {"comment": _comment, "thread": _thread, "user": _user}
    others = {
        "FOLLOWING": {"user": _user},
        "STAFF_SUBMISSION_UPDATE": {"staff": _staff},
        "CHARACTER_SUBMISSION_UPDATE": {"character": _character},
        "MEDIA_DELETION": {},
    }
    return others.get(kind, {"media": _medium})


FIELDS = {type_name: _fields(kind) for kind, (type_name, _) in KINDS.items()}

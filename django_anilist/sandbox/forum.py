"""The forum: threads, their comments, and comments on comments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django_anilist.sandbox.asked import Asked, own, viewer_of
from django_anilist.sandbox.filters import matching, ordered, plain
from django_anilist.sandbox.notifications import mention, notify
from django_anilist.sandbox.refusals import invalid, length, not_found, required
from django_anilist.sandbox.store import Store

Row = dict[str, Any]

#: Some of the categories of AniList's forum, by id.
CATEGORIES = {1: "Anime", 2: "Manga", 5: "Release Discussion", 7: "General", 13: "Site Feedback"}

_SORTS: dict[str, Callable[[Row], Any]] = {
    "ID": plain("id"),
    "TITLE": plain("title"),
    "CREATED_AT": plain("createdAt"),
    "UPDATED_AT": plain("updatedAt"),
    "REPLIED_AT": plain("repliedAt"),
    "VIEW_COUNT": plain("viewCount"),
    "IS_STICKY": plain("isSticky"),
}


def comments_of(store: Store, thread: int) -> list[Row]:
    return [row for row in store.rows("comments") if row["threadId"] == thread]


def search(asked: Asked, sort: Any = None, **wanted: Any) -> list[Row]:
    """Return the threads that match AniList's arguments."""
    store, viewer = asked.store, asked.viewer
    special: dict[str, Callable[[Row, Any], bool]] = {
        "search": lambda row, text: text.lower() in f"{row['title']} {row['body']}".lower(),
        "subscribed": lambda row, value: (
            viewer is None or (viewer.id in row["subscribers"]) == value
        ),
        "categoryId": lambda row, id: id in row["categories"],
        "mediaCategoryId": lambda row, id: id in row["mediaCategories"],
        "replyUserId": lambda row, id: _last(store, row).get("userId") == id,
    }
    keys = {**_SORTS, "REPLY_COUNT": lambda row: len(comments_of(store, row["id"]))}
    return ordered(matching(store.rows("threads"), wanted, special), sort or ["ID_DESC"], keys)


def _last(store: Store, thread: Row) -> Row:
    """Return the newest comment of a thread, or nothing of it."""
    found = comments_of(store, thread["id"])
    return found[-1] if found else {}


def one(root: Any, info: Any, **wanted: Any) -> Row:
    """Answer ``Thread``."""
    found = search(info.context, **wanted)
    if not found:
        raise not_found()
    return found[0]


def search_comments(asked: Asked, sort: Any = None, **wanted: Any) -> list[Row]:
    """Return the comments that match; without an id only those that answer a thread itself."""
    rows = asked.store.rows("comments")
    if wanted.get("id") is None and wanted.get("userId") is None:
        rows = [row for row in rows if row["parentCommentId"] is None]
    return ordered(matching(rows, wanted), sort, _SORTS)


def comments(root: Any, info: Any, **wanted: Any) -> list[Row]:
    """Answer ``ThreadComment``, which is a list."""
    return search_comments(info.context, **wanted)


def save(
    root: Any, info: Any, id: int | None = None, title: str | None = None, body: str | None = None,
    **more: Any,
) -> Row:  # fmt: skip
    """Answer ``SaveThread``; only moderators make one sticky, so that is ignored."""
    viewer, store = viewer_of(info), info.context.store
    if id is None:
        required(title=title, body=body, categories=more.get("categories"))
    length(3, 250, title=title)
    length(10, 100_000, body=body)
    now = int(store.now())
    if id is not None:
        row = own(info, "threads", id)
    else:
        row = store.add(
            "threads", userId=viewer.id, title=title, body=body, categories=[], mediaCategories=[],
            isLocked=False, isSticky=False, viewCount=1, repliedAt=now, updatedAt=now,
            likes=[], subscribers=[viewer.id],
        )  # fmt: skip
    given = {"title": title, "body": body, "isLocked": more.get("locked"), "updatedAt": now}
    given |= {name: more.get(name) for name in ("categories", "mediaCategories")}
    row.update({name: value for name, value in given.items() if value is not None})
    return row


def delete(root: Any, info: Any, id: int | None = None) -> dict[str, bool]:
    """Answer ``DeleteThread``; its comments go with it."""
    store, row = info.context.store, own(info, "threads", id)
    for comment in comments_of(store, row["id"]):
        del store.tables["comments"][comment["id"]]
    del store.tables["threads"][row["id"]]
    return {"deleted": True}


def save_comment(
    root: Any, info: Any, id: int | None = None, threadId: int | None = None,
    parentCommentId: int | None = None, comment: str | None = None,
    locked: bool | None = None,
) -> Row:  # fmt: skip
    """Answer ``SaveThreadComment``; the thread's subscribers, and who is answered, are told."""
    viewer_of(info)
    if id is None:
        required(comment=comment)
    length(2, 10_000, comment=comment)
    now = int(info.context.store.now())
    if id is not None:
        row = own(info, "comments", id)
    else:
        row = _new_comment(info, threadId, parentCommentId, comment or "")
    given = {"comment": comment, "isLocked": locked, "updatedAt": now}
    row.update({name: value for name, value in given.items() if value is not None})
    return row


def _new_comment(info: Any, thread_id: int | None, parent_id: int | None, text: str) -> Row:
    viewer, store = viewer_of(info), info.context.store
    parent = store.tables["comments"].get(parent_id)
    thread = store.tables["threads"].get(parent["threadId"] if parent else thread_id)
    if thread is None or thread["isLocked"] or (parent_id is not None and parent is None):
        raise invalid(threadId="The selected thread id is invalid.")
    row: Row = store.add(
        "comments", userId=viewer.id, threadId=thread["id"], parentCommentId=parent_id,
        comment=text, isLocked=False, likes=[],
    )  # fmt: skip
    thread["repliedAt"] = row["createdAt"]
    facts = {"threadId": thread["id"], "commentId": row["id"]}
    answered = parent["userId"] if parent else None
    notify(store, "THREAD_COMMENT_REPLY", store.person(answered), viewer, **facts)
    for other in map(store.person, set(thread["subscribers"]) - {answered}):
        notify(store, "THREAD_SUBSCRIBED", other, viewer, **facts)
    mention(store, "THREAD_COMMENT_MENTION", text, viewer, **facts)
    return row


def delete_comment(root: Any, info: Any, id: int | None = None) -> dict[str, bool]:
    """Answer ``DeleteThreadComment``; the comments on it go with it."""
    row = own(info, "comments", id)
    _drop(info.context.store, row["id"])
    return {"deleted": True}


def _drop(store: Store, id: int) -> None:
    for child in store.rows("comments"):
        if child["parentCommentId"] == id:
            _drop(store, child["id"])
    del store.tables["comments"][id]


def _children(row: Row, info: Any) -> list[Row] | None:
    """AniList sends the tree of comments as JSON, whatever is selected."""
    store = info.context.store
    children = [each for each in store.rows("comments") if each["parentCommentId"] == row["id"]]
    return [_as_json(each, info) for each in children] or None


def _as_json(row: Row, info: Any) -> Row:
    user = info.context.store.person(row["userId"])
    return {
        **{name: row[name] for name in ("id", "userId", "threadId", "comment", "createdAt")},
        "updatedAt": row["updatedAt"],
        "likeCount": len(row["likes"]),
        "user": {"id": user.id, "name": user.name} if user else None,
        "childComments": _children(row, info),
    }


FIELDS: dict[str, dict[str, Callable[..., Any]]] = {
    "Thread": {
        "replyUserId": lambda row, info: _last(info.context.store, row).get("userId"),
        "replyCommentId": lambda row, info: _last(info.context.store, row).get("id"),
        "replyCount": lambda row, info: len(comments_of(info.context.store, row["id"])),
        "user": lambda row, info: info.context.store.person(row["userId"]),
        "replyUser": lambda row, info: info.context.store.person(
            _last(info.context.store, row).get("userId")
        ),
        "siteUrl": lambda row, info: f"{info.context.origin}/forum/thread/{row['id']}",
        "categories": lambda row, info: [
            {"id": id, "name": CATEGORIES.get(id, "Misc")} for id in row["categories"] if id
        ],
        "mediaCategories": lambda row, info: [
            info.context.store.media.get(id) for id in row["mediaCategories"]
        ],
    },
    "ThreadComment": {
        "user": lambda row, info: info.context.store.person(row["userId"]),
        "thread": lambda row, info: info.context.store.tables["threads"].get(row["threadId"]),
        "childComments": _children,
        "siteUrl": lambda row, info: (
            f"{info.context.origin}/forum/thread/{row['threadId']}/comment/{row['id']}"
        ),
    },
}

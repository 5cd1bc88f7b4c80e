"""What AniList tells about itself: its numbers, its links, its dialect of Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from typing import Any

from django_anilist.sandbox.chance import number
from django_anilist.sandbox.filters import matching, ordered, plain
from django_anilist.sandbox.paging import connection
from django_anilist.sandbox.sites import LINKS

Row = dict[str, Any]

_DAY = 24 * 60 * 60
_DAYS = 60
_SORTS = {name: plain(name.lower()) for name in ("DATE", "COUNT", "CHANGE")}

#: In the order in which they are replaced, on text that is escaped already.
_MARKS = (
    (r"__(.+?)__", r"<strong>\1</strong>"),
    (r"\*\*(.+?)\*\*", r"<strong>\1</strong>"),
    (r"\*(.+?)\*", r"<em>\1</em>"),
    (r"_(.+?)_", r"<em>\1</em>"),
    (r"~~~(.+?)~~~", r"<center>\1</center>"),
    (r"~!(.+?)!~", r"<span class='markdown_spoiler'><span>\1</span></span>"),
    (r"\[([^\]]+)\]\((https?://[^)\s]+)\)", r'<a href="\2">\1</a>'),
)


def as_html(text: str) -> str:
    """Return the HTML of a text in AniList's Markdown, as far as people commonly use it."""
    found = escape(text, quote=False)
    for pattern, replacement in _MARKS:
        found = re.sub(pattern, replacement, found, flags=re.S)
    return "".join(f"<p>{part}</p>" for part in found.split("\n\n"))


def markdown(root: Any, info: Any, markdown: str) -> Row:
    """Answer ``Markdown``."""
    return {"html": as_html(markdown)}


def written(name: str) -> Callable[..., str | None]:
    """Return what answers a text field that takes ``asHtml``."""

    def resolve(row: Any, info: Any, asHtml: bool | None = None) -> str | None:
        text: str | None = row.get(name) if isinstance(row, dict) else getattr(row, name)
        return as_html(text) if asHtml and text is not None else text

    return resolve


def statistics(root: Any, info: Any) -> Row:
    """Answer ``SiteStatistics``."""
    return {}


def _trend(kind: str) -> Callable[..., Row]:
    def resolve(
        root: Row,
        info: Any,
        sort: Any = None,
        page: int | None = None,
        perPage: int | None = None,
    ) -> Row:
        today = int(info.context.store.now()) // _DAY * _DAY
        days = [
            {"date": today - ago * _DAY, "count": 100_000 + number(900, kind) * (_DAYS - ago),
             "change": number(900, kind)}
            for ago in range(_DAYS)
        ]  # fmt: skip
        return connection(({"node": day} for day in ordered(days, sort, _SORTS)), page, perPage)

    return resolve


def links(
    root: Any, info: Any, id: int | None = None, type: str | None = None,
    mediaType: str | None = None,
) -> list[Row]:  # fmt: skip
    """Answer ``ExternalLinkSourceCollection``: the sites that media can link to."""
    return matching(LINKS, {"id": id, "type": type})


_SITE = ("users", "anime", "manga", "characters", "staff", "studios", "reviews")

FIELDS: dict[str, dict[str, Callable[..., Any]]] = {
    "SiteStatistics": {kind: _trend(kind) for kind in _SITE},
    "User": {"about": written("about")},
    "Media": {"description": written("description")},
    "Character": {"description": written("description")},
    "Staff": {"description": written("description")},
    "TextActivity": {"text": written("text")},
    "ActivityReply": {"text": written("text")},
    "MessageActivity": {"message": written("message")},
    "Thread": {"body": written("body")},
    "ThreadComment": {"comment": written("comment")},
    "Review": {"body": written("body")},
}

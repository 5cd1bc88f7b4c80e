"""Enum values that came later: AniList sends them only to who asks for a version that knows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

#: A value, the version that brought it, and what older versions say instead.
_LATER = {
    "HIATUS": (2, "RELEASING"),
    "NOVEL": (2, "OTHER"), "DOUJINSHI": (2, "OTHER"), "ANIME": (2, "OTHER"),
    "WEB_NOVEL": (3, "OTHER"), "LIVE_ACTION": (3, "OTHER"), "GAME": (3, "OTHER"),
    "COMIC": (3, "OTHER"), "MULTIMEDIA_PROJECT": (3, "OTHER"), "PICTURE_BOOK": (3, "OTHER"),
    "SOURCE": (2, "ADAPTATION"), "COMPILATION": (2, "OTHER"), "CONTAINS": (2, "OTHER"),
}  # fmt: skip


def versioned(name: str) -> Callable[..., Any]:
    """Return what answers a field that takes ``version``."""

    def resolve(row: dict[str, Any], info: Any, version: int | None = None) -> Any:
        value = row.get(name)
        since, before = _LATER.get(value or "", (1, value))
        return value if (version or 1) >= since else before

    return resolve


FIELDS = {
    "Media": {"status": versioned("status"), "source": versioned("source")},
    "MediaEdge": {"relationType": versioned("relationType")},
}

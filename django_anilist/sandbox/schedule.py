"""What airs when, and how media were talked about day by day."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django_anilist.sandbox.asked import Asked
from django_anilist.sandbox.chance import number
from django_anilist.sandbox.filters import matching, ordered, plain
from django_anilist.sandbox.paging import connection
from django_anilist.sandbox.refusals import not_found

Row = dict[str, Any]

_DAY = 24 * 60 * 60
_TREND_DAYS = 7
#: Without a medium in the arguments, trends are told of so many media only.
_TRENDING_MEDIA = 40

_AIRING_SORTS = {
    "ID": plain("id"),
    "MEDIA_ID": plain("mediaId"),
    "TIME": plain("airingAt"),
    "EPISODE": plain("episode"),
}
_TREND_SORTS: dict[str, Callable[[Row], Any]] = {
    "ID": plain("date"),
    "MEDIA_ID": plain("mediaId"),
    "DATE": plain("date"),
    "SCORE": plain("averageScore"),
    "POPULARITY": plain("popularity"),
    "TRENDING": plain("trending"),
    "EPISODE": plain("episode"),
}


def airing(asked: Asked, sort: Any = None, **wanted: Any) -> list[Row]:
    """Return the episodes that match AniList's arguments."""
    now = asked.store.now()

    def not_yet(row: Row, value: bool) -> bool:
        return bool(row["airingAt"] > now) == value

    found = matching(asked.store.airing.values(), wanted, {"notYetAired": not_yet})
    return ordered(found, sort or ["TIME"], _AIRING_SORTS)


def one_airing(root: Any, info: Any, **wanted: Any) -> Row:
    """Answer ``AiringSchedule``: the next episode where ``notYetAired``, else the first."""
    found = airing(info.context, **wanted)
    if not found:
        raise not_found()
    return found[0]


def trends(asked: Asked, sort: Any = None, **wanted: Any) -> list[Row]:
    """Return the days of media that match AniList's arguments."""
    named = wanted.get("mediaId_in") or [wanted.get("mediaId")]
    media = asked.store.media
    chosen = [media[id] for id in named if id in media]
    if named == [None]:
        chosen = list(media.values())[:_TRENDING_MEDIA]
    return ordered(matching(_days(asked, chosen), wanted), sort or ["DATE_DESC"], _TREND_SORTS)


def one_trend(root: Any, info: Any, **wanted: Any) -> Row:
    """Answer ``MediaTrend``."""
    found = trends(info.context, **wanted)
    if not found:
        raise not_found()
    return found[0]


def _days(asked: Asked, media: Iterable[Row]) -> Iterable[Row]:
    today = int(asked.store.now()) // _DAY * _DAY
    for row in media:
        for ago in range(_TREND_DAYS):
            yield {
                "mediaId": row["id"],
                "date": today - ago * _DAY,
                "trending": number(300, "trend", row["id"], ago),
                "averageScore": row["averageScore"],
                "popularity": row["popularity"] - ago,
                "inProgress": number(5000, "progress", row["id"]),
                "releasing": row["status"] == "RELEASING",
                "episode": None,
            }


def _next(row: Row, info: Any) -> Row | None:
    return next(iter(airing(info.context, mediaId=row["id"], notYetAired=True)), None)


def _schedule(
    row: Row,
    info: Any,
    notYetAired: bool | None = None,
    **pages: Any,
) -> Row:
    found = airing(info.context, mediaId=row["id"], notYetAired=notYetAired)
    return connection(({"node": each, "id": each["id"]} for each in found), **_named(pages))


def _trends(
    row: Row, info: Any, sort: Any = None, releasing: bool | None = None, **pages: Any
) -> Row:
    found = trends(info.context, sort, mediaId=row["id"], releasing=releasing)
    return connection(({"node": each} for each in found), **_named(pages))


def _named(pages: dict[str, Any]) -> dict[str, Any]:
    return {"page": pages.get("page"), "per_page": pages.get("perPage")}


def _medium(row: Row, info: Any) -> Any:
    return info.context.store.media.get(row["mediaId"])


FIELDS = {
    "Media": {"nextAiringEpisode": _next, "airingSchedule": _schedule, "trends": _trends},
    "AiringSchedule": {
        "timeUntilAiring": lambda row, info: row["airingAt"] - int(info.context.store.now()),
        "media": _medium,
    },
    "MediaTrend": {"media": _medium},
}

"""Anime and manga: finding them, and what their fields answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django_anilist.sandbox.asked import Asked
from django_anilist.sandbox.chance import number
from django_anilist.sandbox.filters import date_number, matching, ordered, plain
from django_anilist.sandbox.paging import connection
from django_anilist.sandbox.refusals import not_found
from django_anilist.sandbox.sites import LINKS

Row = dict[str, Any]

SORTS: dict[str, Callable[[Row], Any]] = {
    "TITLE_ROMAJI": lambda row: row["title"]["romaji"].lower(),
    "TITLE_ENGLISH": lambda row: (row["title"]["english"] or "").lower(),
    "TITLE_NATIVE": lambda row: row["title"]["native"] or "",
    "SCORE": plain("averageScore"),
    "START_DATE": lambda row: date_number(row["startDate"]),
    "END_DATE": lambda row: date_number(row["endDate"]),
    "UPDATED_AT": plain("updatedAt"),
    **{
        name.upper(): plain(name)
        for name in ("id", "type", "format", "popularity", "trending", "episodes", "duration")
    },
    **{name.upper(): plain(name) for name in ("status", "chapters", "volumes", "favourites")},
}

READ: dict[str, Callable[[Row], Any]] = {
    "startDate": lambda row: date_number(row["startDate"]),
    "endDate": lambda row: date_number(row["endDate"]),
}


def search(asked: Asked, **wanted: Any) -> list[Row]:
    """Return the media that match AniList's arguments, sorted as they say."""
    store = asked.store
    sort, least = wanted.pop("sort", None), wanted.pop("minimumTagRank", None) or 0
    rows: Any = store.media.values()
    if (id := wanted.get("id")) is not None:
        rows = [store.media[id]] if id in store.media else []
    found = matching(rows, wanted, {**_SPECIAL, **_by_tag(asked, least), **_by_list(asked)}, READ)
    return ordered(found, sort or ["ID"], SORTS)


def _matches_title(row: Row, text: str) -> bool:
    names = (*row["title"].values(), *row["synonyms"])
    return any(text.lower() in (name or "").lower() for name in names)


_SPECIAL: dict[str, Callable[[Row, Any], bool]] = {
    "search": _matches_title,
    "genre": lambda row, genre: genre in row["genres"],
    "genre_in": lambda row, genres: not set(genres).isdisjoint(row["genres"]),
    "genre_not_in": lambda row, genres: set(genres).isdisjoint(row["genres"]),
    "licensedBy": lambda row, site: site in {link["site"] for link in LINKS},
    "licensedBy_in": lambda row, sites: bool({link["site"] for link in LINKS} & set(sites)),
    "licensedById": lambda row, site: site in {link["siteId"] for link in LINKS},
    "licensedById_in": lambda row, sites: bool({link["siteId"] for link in LINKS} & set(sites)),
}


def _by_tag(asked: Asked, least: int) -> dict[str, Callable[[Row, Any], bool]]:
    def words(row: Row, key: str) -> set[str]:
        return {tag[key] for tag in asked.store.cast.tags_of(row) if tag["rank"] >= least}

    return {
        "tag": lambda row, name: name in words(row, "name"),
        "tag_in": lambda row, names: bool(words(row, "name") & set(names)),
        "tag_not_in": lambda row, names: not words(row, "name") & set(names),
        "tagCategory": lambda row, name: name in words(row, "category"),
        "tagCategory_in": lambda row, names: bool(words(row, "category") & set(names)),
        "tagCategory_not_in": lambda row, names: not words(row, "category") & set(names),
    }


def _by_list(asked: Asked) -> dict[str, Callable[[Row, Any], bool]]:
    """``onList`` is about the viewer; for strangers it does nothing."""

    def on_list(row: Row, wanted: bool) -> bool:
        entry = asked.store.entry_for(asked.viewer, row["id"])
        return asked.viewer is None or bool(entry) == wanted

    return {"onList": on_list}


def one(root: Any, info: Any, **wanted: Any) -> Row:
    """Answer ``Media``; 404 where nothing matches, or where nothing was asked for."""
    found = search(info.context, **wanted)
    if not found or not any(value is not None for value in wanted.values()):
        raise not_found()
    return found[0]


def genres(root: Any, info: Any) -> list[str]:
    """Answer ``GenreCollection``."""
    return sorted({genre for row in info.context.store.media.values() for genre in row["genres"]})


def _title(row: Row, info: Any) -> str | None:
    viewer = info.context.viewer
    language = viewer.title_language.lower() if viewer else "romaji"
    found: str | None = row.get(language) or row["romaji"]
    return found


def _cover(row: Row, info: Any) -> Row:
    url = f"{info.context.origin}/images/cover/{row['id']}.svg"
    return {"medium": url, "large": url, "extraLarge": url, "color": row["color"]}


def _banner(row: Row, info: Any) -> str | None:
    """Return a medium's banner, which only the better known have."""
    wanted = f"{info.context.origin}/images/banner/{row['id']}.svg"
    return row["bannerImage"] or (wanted if row["idMal"] is not None else None)


def _trailer(row: Row, info: Any) -> Row | None:
    if row["trailer"] or row["type"] != "ANIME" or row["id"] % 3 != 1:
        found: Row | None = row["trailer"]
        return found
    thumbnail = f"{info.context.origin}/images/banner/{row['id']}.svg"
    return {"id": f"sandbox-{row['id']}", "site": "youtube", "thumbnail": thumbnail}


def _relations(row: Row, info: Any) -> Row:
    store = info.context.store
    found = [(other, kind) for media, other, kind in _RELATED if media == row["id"]]
    if row["id"] > 900_000:  # invented ones are told in threes
        place = (row["id"] - 900_001) % 3
        found += [(row["id"] + 1, "SEQUEL")] * (place < 2) + [(row["id"] - 1, "PREQUEL")] * (
            place > 0
        )
    return connection(
        {"node": store.media[other], "id": row["id"] * 10 + place, "relationType": kind}
        for place, (other, kind) in enumerate(found)
        if other in store.media
    )


_RELATED = (
    (1, 5, "SIDE_STORY"), (5, 1, "PARENT"), (21, 30013, "SOURCE"), (30013, 21, "ADAPTATION"),
)  # fmt: skip


def _stats(row: Row, info: Any) -> Row:
    entries = [
        entry for entry in info.context.store.entries.values() if entry.media_id == row["id"]
    ]
    statuses = sorted({entry.status for entry in entries})
    scores = range(10, 101, 10)
    return {
        "statusDistribution": [
            {"status": status, "amount": sum(entry.status == status for entry in entries)}
            for status in statuses
        ],
        "scoreDistribution": [
            {"score": score, "amount": number(900, "score", row["id"], score)} for score in scores
        ],
        "airingProgression": [],
    }


def _rankings(row: Row, info: Any) -> list[Row]:
    kinds = (("RATED", "highest rated all time"), ("POPULAR", "most popular all time"))
    return [
        {"id": row["id"] % 1_000_000 * 10 + place, "type": kind, "context": context,
         "rank": 1 + number(500, kind, row["id"]), "format": row["format"], "allTime": True,
         "year": None, "season": None}
        for place, (kind, context) in enumerate(kinds)
    ]  # fmt: skip


def _season_number(row: Row, info: Any) -> int | None:
    if row["season"] is None:
        return None
    season = ("WINTER", "SPRING", "SUMMER", "FALL").index(row["season"]) + 1
    return int(row["seasonYear"] % 100 * 10 + season)


def _streams(row: Row, info: Any) -> list[Row]:
    return [
        {"title": f"Episode {episode}", "thumbnail": None, "site": "Sandbox Stream",
         "url": f"https://stream.example/{row['id']}/{episode}"}
        for episode in range(1, min(3, row["episodes"] or 0) + 1)
    ]  # fmt: skip


def _links(row: Row, info: Any) -> list[Row]:
    return [
        {**link, "id": row["id"] % 10_000_000 * 10 + link["id"], "url": f"{link['url']}{row['id']}"}
        for link in LINKS
    ]


def _tags(row: Row, info: Any) -> list[Row]:
    found: list[Row] = info.context.store.cast.tags_of(row)
    return found


def _own_entry(row: Row, info: Any) -> Any:
    """Return the viewer's entry; of what is related to the media of a list AniList tells none.

    https://github.com/AniList/docs/issues/160
    """
    around, path = set(), info.path
    while path is not None:
        around.add(path.typename)
        path = path.prev
    if around >= {"MediaListCollection", "Media"} and around & {"MediaConnection", "MediaEdge"}:
        return None
    return info.context.store.entry_for(info.context.viewer, row["id"])


def _no(row: Row, info: Any) -> bool:
    return False


FIELDS = {
    "Media": {
        "coverImage": _cover,
        "bannerImage": _banner,
        "trailer": _trailer,
        "relations": _relations,
        "stats": _stats,
        "rankings": _rankings,
        "seasonInt": _season_number,
        "streamingEpisodes": _streams,
        "externalLinks": _links,
        "tags": _tags,
        "mediaListEntry": _own_entry,
        **dict.fromkeys(("isFavouriteBlocked", "isLocked", "isReviewBlocked"), _no),
        **dict.fromkeys(("isRecommendationBlocked", "autoCreateForumThread"), _no),
    },
    "MediaTitle": {
        "userPreferred": _title,
        "romaji": plain("romaji"),
        "english": plain("english"),
        "native": plain("native"),
    },
    "MediaEdge": {"isMainStudio": lambda edge, info: edge.get("isMainStudio", False)},
}

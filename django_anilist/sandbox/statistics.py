"""Statistics of a user's lists, worked out from the entries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from statistics import fmean, pstdev
from typing import Any

from django_anilist.sandbox.cast import TAGS
from django_anilist.sandbox.filters import ordered, plain
from django_anilist.sandbox.store import Entry, Person, Store

Row = dict[str, Any]
#: From an entry and its medium, the keys that it counts for.
_Keys = Callable[[Store, Entry, Row], Iterable[Any]]

_LENGTHS = ((1, "1"), (6, "2-6"), (16, "7-16"), (28, "17-28"), (55, "29-55"), (100, "56-100"))


def _length(store: Store, entry: Entry, row: Row) -> list[str | None]:
    parts = row["episodes"] or row["chapters"]
    if parts is None:
        return [None]
    return [next((name for most, name in _LENGTHS if parts <= most), "101+")]


def _people(index: str, key: str) -> _Keys:
    def keys(store: Store, entry: Entry, row: Row) -> list[int]:
        return [link[key] for link in getattr(store.cast, index)[row["id"]]]

    return keys


def _voices(store: Store, entry: Entry, row: Row) -> list[int]:
    return [link["voices"][0] for link in store.cast.roles[row["id"]]]


#: What each field of ``UserStatistics`` counts by: its own field, and how to find the keys.
_KINDS: dict[str, tuple[str, _Keys]] = {
    "formats": ("format", lambda store, entry, row: [row["format"]]),
    "statuses": ("status", lambda store, entry, row: [entry.status]),
    "scores": ("score", lambda store, entry, row: [entry.score_raw // 10 * 10]),
    "lengths": ("length", _length),
    "releaseYears": ("releaseYear", lambda store, entry, row: [row["startDate"]["year"]]),
    "startYears": (
        "startYear",
        lambda store, entry, row: [(entry.details.get("startedAt") or {}).get("year")],
    ),
    "genres": ("genre", lambda store, entry, row: row["genres"]),
    "tags": ("tag", lambda store, entry, row: [tag["id"] for tag in store.cast.tags_of(row)]),
    "countries": ("country", lambda store, entry, row: [row["countryOfOrigin"]]),
    "voiceActors": ("voiceActor", _voices),
    "staff": ("staff", _people("credits", "staff")),
    "studios": ("studio", _people("works", "studio")),
}

_SORTS = {
    "COUNT": plain("count"),
    "PROGRESS": plain("minutesWatched"),
    "MEAN_SCORE": plain("meanScore"),
}


def _counted(store: Store, entries: list[Entry]) -> Row:
    rows = [(entry, store.media[entry.media_id]) for entry in entries]
    scores = [entry.score_raw for entry in entries if entry.score_raw]
    anime = [(entry, row) for entry, row in rows if row["type"] == "ANIME"]
    chapters = sum(entry.progress for entry, row in rows if row["type"] == "MANGA")
    return {
        "count": len(entries),
        "meanScore": round(fmean(scores), 2) if scores else 0,
        "standardDeviation": round(pstdev(scores), 2) if scores else 0,
        "minutesWatched": sum(entry.progress * (row["duration"] or 0) for entry, row in anime),
        "episodesWatched": sum(entry.progress for entry, row in anime),
        "chaptersRead": chapters,
        "volumesRead": sum(entry.details.get("progressVolumes", 0) for entry in entries),
        "mediaIds": [entry.media_id for entry in entries],
    }


def _of_list(person: Person, info: Any, kind: str) -> Row:
    store: Store = info.context.store
    entries = [
        entry for entry in store.entries_of(person) if store.media[entry.media_id]["type"] == kind
    ]
    return {**_counted(store, entries), "entries": entries}


def _by(kind: str) -> Callable[..., list[Row]]:
    field, keys = _KINDS[kind]

    def resolve(of: Row, info: Any, limit: int | None = None, sort: Any = None) -> list[Row]:
        store: Store = info.context.store
        groups: dict[Any, list[Entry]] = defaultdict(list)
        for entry in of["entries"]:
            for key in keys(store, entry, store.media[entry.media_id]):
                groups[key].append(entry)
        rows = [
            {
                **_counted(store, found),
                **_characters(store, kind, key),
                field: _named(store, field, key),
            }
            for key, found in groups.items()
            if key is not None
        ]
        return ordered(rows, sort or ["COUNT_DESC"], _SORTS)[: max(0, limit) if limit else None]

    return resolve


def _characters(store: Store, kind: str, key: Any) -> Row:
    if kind != "voiceActors":
        return {}
    return {"characterIds": sorted({link["character"] for link in store.cast.roles[key]})}


def _named(store: Store, field: str, key: Any) -> Any:
    """Return what the field shows for a key: most show the key itself."""
    if field == "tag":
        return TAGS[key - 1]
    if field in ("voiceActor", "staff"):
        return store.cast.staff[key]
    return store.cast.studios[key] if field == "studio" else key


# The older ``User.stats``


def _distribution(person: Person, info: Any, kind: str, of: str) -> list[Row]:
    field = "status" if of == "statuses" else "score"
    rows = _by(of)(_of_list(person, info, kind), info)
    return [{field: row[field], "amount": row["count"]} for row in rows]


def _favoured(of: str, field: str) -> Callable[[Person, Any], list[Row]]:
    def resolve(person: Person, info: Any) -> list[Row]:
        rows = _by(of)(_of_list(person, info, "ANIME"), info)
        return [
            {field: row[_KINDS[of][0]], "amount": row["count"], "timeWatched": row["minutesWatched"],
             "meanScore": round(row["meanScore"])}
            for row in rows
        ]  # fmt: skip

    return resolve


def _scores(person: Person, info: Any, kind: str) -> Row:
    found = _of_list(person, info, kind)
    return {name: round(found[name]) for name in ("meanScore", "standardDeviation")}


_STATS: dict[str, Callable[..., Any]] = {
    "watchedTime": lambda person, info: _of_list(person, info, "ANIME")["minutesWatched"],
    "chaptersRead": lambda person, info: _of_list(person, info, "MANGA")["chaptersRead"],
    "activityHistory": lambda person, info: [],
    "animeStatusDistribution": lambda p, info: _distribution(p, info, "ANIME", "statuses"),
    "mangaStatusDistribution": lambda p, info: _distribution(p, info, "MANGA", "statuses"),
    "animeScoreDistribution": lambda p, info: _distribution(p, info, "ANIME", "scores"),
    "mangaScoreDistribution": lambda p, info: _distribution(p, info, "MANGA", "scores"),
    "animeListScores": lambda person, info: _scores(person, info, "ANIME"),
    "mangaListScores": lambda person, info: _scores(person, info, "MANGA"),
    "favouredGenresOverview": _favoured("genres", "genre"),
    "favouredGenres": _favoured("genres", "genre"),
    "favouredTags": _favoured("tags", "tag"),
    "favouredActors": _favoured("voiceActors", "staff"),
    "favouredStaff": _favoured("staff", "staff"),
    "favouredStudios": _favoured("studios", "studio"),
    "favouredYears": _favoured("releaseYears", "year"),
    "favouredFormats": _favoured("formats", "format"),
}

FIELDS: dict[str, dict[str, Callable[..., Any]]] = {
    "User": {
        "statistics": lambda person, info: person,
        "stats": lambda person, info: person,
    },
    "UserStatisticTypes": {
        "anime": lambda person, info: _of_list(person, info, "ANIME"),
        "manga": lambda person, info: _of_list(person, info, "MANGA"),
    },
    "UserStatistics": {kind: _by(kind) for kind in _KINDS},
    "UserStats": _STATS,
}

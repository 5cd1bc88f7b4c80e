"""What each field of the sandbox's schema answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLSchema

from django_anilist.sandbox import lists, people, seed
from django_anilist.sandbox.refusals import Refusal
from django_anilist.sandbox.store import Entry, Person, Store

#: AniList cuts a page to this many, whatever was asked for.
MAX_PER_PAGE = 50
#: ``pageInfo.total`` says this until the last page. https://docs.anilist.co/guide/graphql/pagination
LYING_TOTAL = 5000

_Resolver = Callable[..., Any]


@dataclass
class Asked:
    """One request: who asks, and where images live."""

    store: Store
    viewer: Person | None
    origin: str


def bind(schema: GraphQLSchema) -> None:
    """Give the schema's fields their resolvers; the others read keys of the same name."""
    for owner, found in _RESOLVERS.items():
        fields = schema.type_map[owner].fields  # type: ignore[attr-defined]
        for name, resolver in found.items():
            fields[name].resolve = resolver


def _viewer(root: Any, info: Any) -> Person:
    asked: Asked = info.context
    if asked.viewer is None:
        raise Refusal("Unauthorized.", 401)
    return asked.viewer


def _media_matching(info: Any, wanted: dict[str, Any]) -> list[dict[str, Any]]:
    given = {name: value for name, value in wanted.items() if value is not None}
    sort = given.pop("sort", None) or ["ID"]
    found = [row for row in info.context.store.media.values() if _matches(row, given)]
    for key in reversed(sort):
        found.sort(key=_SORTS[key.removesuffix("_DESC")], reverse=key.endswith("_DESC"))
    return found


_SORTS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "ID": lambda row: row["id"],
    "TITLE_ROMAJI": lambda row: row["title"]["romaji"].lower(),
    "SCORE": lambda row: row["averageScore"],
    "POPULARITY": lambda row: row["popularity"],
    "TRENDING": lambda row: row["popularity"],
    "START_DATE": lambda row: row["seasonYear"],
}


def _matches(row: dict[str, Any], wanted: dict[str, Any]) -> bool:
    special: dict[str, Callable[[Any], bool]] = {
        "id_in": lambda ids: row["id"] in ids,
        "id_not_in": lambda ids: row["id"] not in ids,
        "genre": lambda genre: genre in row["genres"],
        "genre_in": lambda genres: not set(genres).isdisjoint(row["genres"]),
        "search": lambda text: any(
            text.lower() in (t or "").lower() for t in row["title"].values()
        ),
    }
    return all(
        special[name](value) if name in special else row[name] == value
        for name, value in wanted.items()
    )


def _media(root: Any, info: Any, **wanted: Any) -> dict[str, Any]:
    found = _media_matching(info, wanted)
    if not found:
        raise Refusal("Not Found.", 404)
    return found[0]


def _page(root: Any, info: Any, page: int | None = None, perPage: int | None = None) -> Any:  # noqa: N803
    per_page = min(MAX_PER_PAGE, max(1, perPage or MAX_PER_PAGE))
    current = max(1, page or 1)
    return {
        "start": (current - 1) * per_page,
        "info": {"currentPage": current, "perPage": per_page, "hasNextPage": False},
    }


def _cut(page: dict[str, Any], rows: list[Any]) -> list[Any]:
    """Return one page of ``rows``, and note on the page what ``pageInfo`` shall say."""
    start, info = page["start"], page["info"]
    end = start + info["perPage"]
    info["hasNextPage"] = end < len(rows)
    last = not info["hasNextPage"]
    info["total"] = len(rows) if last else LYING_TOTAL
    info["lastPage"] = info["currentPage"] if last else LYING_TOTAL // info["perPage"]
    return rows[start:end]


def _page_info(page: dict[str, Any], info: Any) -> Any:
    """Resolved after the data, which graphql-core resolves in the order asked: so by reference."""
    return _Later(page["info"])


class _Later:
    """Values that are looked up when the fields are completed, after the page's data."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values


def _page_media(page: dict[str, Any], info: Any, **wanted: Any) -> list[Any]:
    return _cut(page, _media_matching(info, wanted))


def _page_users(page: dict[str, Any], info: Any, **wanted: Any) -> list[Any]:
    name = wanted.get("name") or wanted.get("search") or ""
    people = info.context.store.people.values()
    return _cut(page, [p for p in people if name in p.name and wanted.get("id") in (None, p.id)])


def _page_list(page: dict[str, Any], info: Any, **wanted: Any) -> list[Entry]:
    return _cut(page, lists.visible(info.context, wanted))


def _title(row: dict[str, Any], info: Any) -> str | None:
    viewer = info.context.viewer
    language = viewer.title_language.lower() if viewer else "romaji"
    found: str | None = row.get(language) or row["romaji"]
    return found


def _cover(row: dict[str, Any], info: Any) -> dict[str, Any]:
    url = f"{info.context.origin}/images/cover/{row['id']}.svg"
    return {"medium": url, "large": url, "extraLarge": url, "color": row["color"]}


def _airing(row: dict[str, Any], info: Any) -> dict[str, Any] | None:
    if row["id"] not in seed.AIRING:
        return None
    episode, delay = seed.AIRING[row["id"]]
    store = info.context.store
    airing_at = int(store.started) + delay
    left = airing_at - int(store.now())
    found = {"id": row["id"], "mediaId": row["id"], "episode": episode, "airingAt": airing_at}
    return {**found, "timeUntilAiring": left, "media": row} if left > 0 else None


def _own_entry(row: dict[str, Any], info: Any) -> Entry | None:
    found: Entry | None = info.context.store.entry_for(info.context.viewer, row["id"])
    return found


def _genres(root: Any, info: Any) -> list[str]:
    return sorted({genre for row in info.context.store.media.values() for genre in row["genres"]})


def _key(name: str) -> _Resolver:
    return lambda row, info, **_: row[name]


_RESOLVERS: dict[str, dict[str, _Resolver]] = {
    "Query": {
        "Viewer": _viewer,
        "User": people.one,
        "Media": _media,
        "MediaList": lists.one,
        "MediaListCollection": lists.collection,
        "GenreCollection": _genres,
        "Page": _page,
    },
    "Mutation": {"SaveMediaListEntry": lists.save, "DeleteMediaListEntry": lists.delete},
    "Page": {
        "pageInfo": _page_info,
        "media": _page_media,
        "users": _page_users,
        "mediaList": _page_list,
    },
    "PageInfo": {
        name: (lambda later, info, name=name: later.values.get(name))
        for name in ("total", "perPage", "currentPage", "lastPage", "hasNextPage")
    },
    "Media": {
        "coverImage": _cover,
        "nextAiringEpisode": _airing,
        "mediaListEntry": _own_entry,
        "status": _key("status"),
        "source": _key("source"),
        "description": _key("description"),
    },
    "MediaTitle": {
        "userPreferred": _title,
        "romaji": _key("romaji"),
        "english": _key("english"),
        "native": _key("native"),
    },
    "User": people.FIELDS,
    "MediaList": lists.ENTRY_FIELDS,
}

"""Characters, staff, studios and tags: finding them, and walking from one to another."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from django_anilist.sandbox import catalogue
from django_anilist.sandbox.asked import Asked
from django_anilist.sandbox.cast import TAGS
from django_anilist.sandbox.filters import matching, ordered, plain
from django_anilist.sandbox.paging import connection
from django_anilist.sandbox.refusals import not_found

Row = dict[str, Any]
_Link = Callable[[Row], Row]

_SORTS: dict[str, Callable[[Row], Any]] = {
    "ID": plain("id"),
    "FAVOURITES": plain("favourites"),
    "NAME": lambda row: row["name"],
    "LANGUAGE": lambda row: row.get("language"),
}


def finder(table: str) -> Callable[..., list[Row]]:
    """Return what finds rows of ``characters``, ``staff`` or ``studios`` by AniList's arguments."""

    def find(asked: Asked, sort: Any = None, **wanted: Any) -> list[Row]:
        today = time.gmtime(asked.store.now())

        def birthday(row: Row, value: bool) -> bool:
            date = row["dateOfBirth"]
            return ((date["month"], date["day"]) == (today.tm_mon, today.tm_mday)) == value

        rows = getattr(asked.store.cast, table).values()
        special: dict[str, Callable[[Row, Any], bool]] = {
            "isBirthday": birthday,
            "search": _is_called,
        }
        return ordered(matching(rows, wanted, special), sort or ["ID"], _SORTS)

    return find


def _is_called(row: Row, text: str) -> bool:
    name = row["name"]
    names = [name] if isinstance(name, str) else [name["full"], name["native"]]
    return any(text.lower() in each.lower() for each in names)


def one_of(table: str) -> Callable[..., Row]:
    """Return what answers ``Character``, ``Staff`` or ``Studio``."""
    find = finder(table)

    def one(root: Any, info: Any, **wanted: Any) -> Row:
        found = find(info.context, **wanted)
        if not found:
            raise not_found()
        return found[0]

    return one


def tags(root: Any, info: Any, status: int | None = None) -> list[Row]:
    """Answer ``MediaTagCollection``."""
    return TAGS


# From a link between two to the edge that shows one of them


def _to_character(info: Any) -> _Link:
    characters = info.context.store.cast.characters
    return lambda link: {
        "node": characters[link["character"]],
        "id": link["id"],
        "role": link["role"],
        "name": None,
        "media": [link["media"]],
        "link": link,
    }


def _to_staff(info: Any) -> _Link:
    staff = info.context.store.cast.staff
    return lambda link: {"node": staff[link["staff"]], "id": link["id"], "role": link["role"]}


def _to_studio(info: Any) -> _Link:
    studios = info.context.store.cast.studios
    return lambda link: {
        "node": studios[link["studio"]],
        "id": link["id"],
        "isMain": link["main"],
    }


def _to_media(info: Any) -> _Link:
    characters = info.context.store.cast.characters
    return lambda link: {
        "node": link["media"],
        "id": link["id"],
        "characterRole": link["role"] if "character" in link else None,
        "staffRole": link["role"] if "staff" in link else None,
        "characters": [characters[link["character"]]] if "character" in link else [],
        "isMainStudio": link.get("main", False),
        "link": link,
    }


def _connected(index: str, edge: Callable[[Any], _Link], nodes: Any) -> Callable[..., Row]:
    """Return what answers a connection: links of ``index``, as edges, sorted like ``nodes``."""

    def resolve(row: Row, info: Any, sort: Any = None, **given: Any) -> Row:
        links = getattr(info.context.store.cast, index)[row["id"]]
        edges = list(map(edge(info), _chosen(info.context, links, **given)))
        keys = {name: _of_node(key) for name, key in nodes.items()}
        found = ordered(edges, sort, {**keys, "ROLE": lambda each: each["id"]})
        return connection(found, given.get("page"), given.get("perPage"))

    return resolve


def _of_node(key: Callable[[Row], Any]) -> Callable[[Row], Any]:
    return lambda edge: key(edge["node"])


def _chosen(asked: Asked, links: Iterable[Row], **given: Any) -> list[Row]:
    by_list = {"onList": lambda row, wanted: _on_list(asked, row["media"], wanted)}
    wanted = {name: given.get(name) for name in ("type", "onList", "isMain", "role")}
    read = {"type": lambda row: row["media"]["type"], "isMain": plain_or("main")}
    return matching(links, wanted, by_list, read)


def plain_or(name: str) -> Callable[[Row], Any]:
    return lambda row: row.get(name)


def _on_list(asked: Asked, media: Row, wanted: bool) -> bool:
    entry = asked.store.entry_for(asked.viewer, media["id"])
    return asked.viewer is None or bool(entry) == wanted


def _voices(edge: Row, info: Any, language: str | None = None, sort: Any = None) -> list[Row]:
    staff = info.context.store.cast.staff
    found = [staff[id] for id in edge.get("link", {}).get("voices", ())]
    return ordered(matching(found, {"language": language}), sort, _SORTS)


def _voice_roles(edge: Row, info: Any, **given: Any) -> list[Row]:
    voices = _voices(edge, info, **given)
    return [{"voiceActor": staff, "roleNotes": None, "dubGroup": None} for staff in voices]


def _preferred(name: Row, info: Any) -> str:
    viewer = info.context.viewer
    native = viewer is not None and viewer.options["staffNameLanguage"] == "NATIVE"
    return str(name["native"] if native else name["full"])


def _image(kind: str) -> Callable[[Row, Any], Row]:
    def resolve(row: Row, info: Any) -> Row:
        url = f"{info.context.origin}/images/{kind}/{row['id']}.svg"
        return {"large": url, "medium": url}

    return resolve


def _site(kind: str) -> Callable[[Row, Any], str]:
    return lambda row, info: f"https://anilist.co/{kind}/{row['id']}"


def _no(row: Row, info: Any) -> bool:
    return False


_VOICES: dict[str, Callable[..., Any]] = {"voiceActors": _voices, "voiceActorRoles": _voice_roles}
_MEDIA = catalogue.SORTS

FIELDS: dict[str, dict[str, Callable[..., Any]]] = {
    "Media": {
        "characters": _connected("roles", _to_character, _SORTS),
        "staff": _connected("credits", _to_staff, _SORTS),
        "studios": _connected("works", _to_studio, _SORTS),
    },
    "Character": {
        "media": _connected("roles", _to_media, _MEDIA),
        "image": _image("character"),
        "siteUrl": _site("character"),
        "isFavouriteBlocked": _no,
    },
    "Staff": {
        "staffMedia": _connected("credits", _to_media, _MEDIA),
        "characters": _connected("roles", _to_character, _SORTS),
        "characterMedia": _connected("roles", _to_media, _MEDIA),
        "image": _image("staff"),
        "siteUrl": _site("staff"),
        "isFavouriteBlocked": _no,
    },
    "Studio": {"media": _connected("works", _to_media, _MEDIA), "siteUrl": _site("studio")},
    "CharacterName": {"userPreferred": _preferred},
    "StaffName": {"userPreferred": _preferred},
    "CharacterEdge": _VOICES,
    "MediaEdge": _VOICES,
}

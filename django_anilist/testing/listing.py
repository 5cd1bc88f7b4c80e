"""Lists laid down by a test."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django_anilist.sandbox.asked import Asked
from django_anilist.sandbox.graph import answer, schema
from django_anilist.sandbox.store import Person, Store

Row = dict[str, Any]


def put_on_list(store: Store, person: Person, groups: dict[str, Any]) -> None:
    """Replace a user's lists by ``groups``, saved one by one as AniList saves them.

    Raises ``ValueError`` with AniList's own words for what it would refuse, and for a medium that is
    there twice.
    """
    rows = [{**_fields(item), "status": status} for status in groups for item in groups[status]]
    for number, times in Counter(row["mediaId"] for row in rows).items():
        if times > 1:
            raise ValueError(f"A list has each medium once, and this one has {number} again")
    for entry in store.entries_of(person):
        store.drop_entry(entry)
    for row in rows:
        _save(Asked(store, person, ""), row)


def _fields(item: Any) -> Row:
    if isinstance(item, int):
        return {"mediaId": item}
    if not isinstance(item, dict):
        raise ValueError(f"An entry is a medium, its id or a mapping, and not {item!r}")
    if "media" not in item:
        return {"mediaId": item.get("mediaId", item.get("id"))} | (
            item if "mediaId" in item else {}
        )
    rest = {name: value for name, value in item.items() if name != "media"}
    return {**_fields(item["media"]), **rest}


def _save(asked: Asked, fields: Row) -> None:
    mutation: Any = schema().mutation_type
    kinds = mutation.fields["SaveMediaListEntry"].args
    if unknown := set(fields) - set(kinds):
        raise ValueError(f"SaveMediaListEntry takes no {', '.join(sorted(unknown))}")
    given = ", ".join(f"${name}: {kinds[name].type}" for name in fields)
    passed = ", ".join(f"{name}: ${name}" for name in fields)
    query = f"mutation ({given}) {{ SaveMediaListEntry({passed}) {{ id }} }}"
    found = answer(asked, {"query": query, "variables": fields})
    for error in found.content.get("errors", ()):
        raise ValueError(str(error.get("validation") or error["message"]))

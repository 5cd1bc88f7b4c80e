"""What a test says of a user or a medium, held against AniList's schema."""

from __future__ import annotations

from typing import Any

from django_anilist.sandbox.persons import KINDS, Person
from django_anilist.sandbox.seed import medium
from django_anilist.testing.laying import fitting

Row = dict[str, Any]


def describe(person: Person, word: str, value: Any) -> None:
    """Set what AniList knows of a user; ``TypeError`` for another word, ``ValueError`` for a value."""
    for place, kind in ((person.options, "UserOptions"), (person.lists, "MediaListOptions")):
        if word in place:
            found = fitting(kind, word, value)
            place[word] = {**place[word], **found} if isinstance(found, dict) else found
            return
    if word == "about":
        person.about = fitting("User", word, value)
    elif word == "favourites":
        person.favourites |= {kind: list(value[kind]) for kind in KINDS if kind in value}
    elif word == "private":
        person.private = bool(value)
    else:
        raise TypeError(f"AniList knows no {word} of a user")


def own_medium(id: int, kind: str, title: str | dict[str, str | None], facts: Row) -> Row:
    """Return a medium of a test's own; ``ValueError`` for facts that AniList could not answer."""
    if fitting("Media", "type", kind) is None:
        raise ValueError("Media.type is ANIME or MANGA")
    plain = medium(id, kind)
    for name, value in facts.items():
        if name not in plain:
            fitting("Media", name, value)
            raise ValueError(f"add_media cannot set {name}, which follows from the rest; reply can")
        if name != "color":
            fitting("Media", name, value)
    if isinstance(title, dict):
        fitting("Media", "title", title)
    return medium(id, kind, title, **facts)

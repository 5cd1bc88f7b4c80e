"""Favourites, and their order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django_anilist.sandbox.asked import viewer_of
from django_anilist.sandbox.paging import connection
from django_anilist.sandbox.persons import KINDS
from django_anilist.sandbox.refusals import invalid
from django_anilist.sandbox.store import Person, Store

Row = dict[str, Any]

#: Each kind's stem in the names of arguments: ``animeId``, ``animeIds``, ``animeOrder``.
_STEMS = dict(zip(KINDS, ("anime", "manga", "character", "staff", "studio"), strict=True))


def _known(store: Store, kind: str) -> dict[int, Row]:
    """Return what can be a favourite of one kind, by id."""
    if kind in ("anime", "manga"):
        return {id: row for id, row in store.media.items() if row["type"] == kind.upper()}
    found: dict[int, Row] = getattr(store.cast, kind)
    return found


def toggle(root: Any, info: Any, **given: Any) -> Person:
    """Answer ``ToggleFavourite``: one id, of the kind that the argument names."""
    viewer, store = viewer_of(info), info.context.store
    for kind, stem in _STEMS.items():
        if (id := given.get(f"{stem}Id")) is None:
            continue
        if id not in _known(store, kind):
            raise invalid(**{f"{stem}Id": "The selected id is invalid."})
        chosen = viewer.favourites[kind]
        viewer.favourites[kind] = [each for each in chosen if each != id] + [id] * (
            id not in chosen
        )
    return viewer


def reorder(root: Any, info: Any, **given: Any) -> Person:
    """Answer ``UpdateFavouriteOrder``: ids, and the place of each."""
    viewer = viewer_of(info)
    for kind, stem in _STEMS.items():
        ids, order = given.get(f"{stem}Ids") or [], given.get(f"{stem}Order") or []
        if len(ids) != len(order):
            raise invalid(**{f"{stem}Order": "The order does not match the ids."})
        viewer.favourites[kind] = _by_place(viewer.favourites[kind], ids, order)
    return viewer


def _by_place(chosen: list[int], ids: list[int], order: list[int]) -> list[int]:
    """Return ``chosen`` with ``ids`` at the places in ``order``, and the rest behind them."""
    places = {id: place or 0 for id, place in zip(ids, order, strict=True)}
    last = max(places.values(), default=0) + 1
    return sorted(chosen, key=lambda id: places.get(id, last))


def _connected(kind: str) -> Callable[..., Row]:
    def resolve(
        person: Person, info: Any, page: int | None = None, perPage: int | None = None
    ) -> Row:
        known = _known(info.context.store, kind)
        return connection(
            (
                {"node": known[id], "id": id, "favouriteOrder": place, "isMain": False}
                for place, id in enumerate(person.favourites[kind], start=1)
                if id in known
            ),
            page,
            perPage,
        )

    return resolve


def _is_favourite(*kinds: str) -> Callable[[Row, Any], bool]:
    def resolve(row: Row, info: Any) -> bool:
        viewer = info.context.viewer
        return viewer is not None and any(row["id"] in viewer.favourites[kind] for kind in kinds)

    return resolve


FIELDS: dict[str, dict[str, Callable[..., Any]]] = {
    "Favourites": {kind: _connected(kind) for kind in KINDS},
    "User": {"favourites": lambda person, info, page=None: person},
    "Media": {"isFavourite": _is_favourite("anime", "manga")},
    "Character": {"isFavourite": _is_favourite("characters")},
    "Staff": {"isFavourite": _is_favourite("staff")},
    "Studio": {"isFavourite": _is_favourite("studios")},
}

"""One request, as the resolvers see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django_anilist.sandbox.refusals import Refusal, invalid, not_yours
from django_anilist.sandbox.store import Person, Store


@dataclass
class Asked:
    """Who asks, of which store, and where images live.

    ``refused`` is set where the token is no good: AniList then answers nothing at all, not even
    what needs no login. ``replies`` has answers that a test has laid down, by root field.
    """

    store: Store
    viewer: Person | None
    origin: str
    refused: bool = False
    replies: Mapping[str, Any] = field(default_factory=dict)

    def signed_in(self) -> Person:
        """Return the viewer, or refuse as AniList does."""
        if self.viewer is None:
            raise Refusal("Unauthorized.", 401)
        return self.viewer

    def is_viewer(self, person: Person) -> bool:
        return self.viewer is not None and self.viewer.id == person.id


def viewer_of(info: Any) -> Person:
    """Return the viewer of the request that ``info`` belongs to, or refuse."""
    asked: Asked = info.context
    return asked.signed_in()


def own(info: Any, table: str, id: int | None, *kinds: str) -> dict[str, Any]:
    """Return the viewer's row ``id`` of a table, of one of the ``kinds`` of type, or refuse."""
    viewer, row = viewer_of(info), info.context.store.tables[table].get(id)
    if row is None or (kinds and row["__typename"] not in kinds):
        raise invalid(id="The selected id is invalid.")
    if row.get("userId", row.get("messengerId")) != viewer.id:
        raise not_yours(row["__typename"])
    found: dict[str, Any] = row
    return found

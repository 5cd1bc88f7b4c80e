"""For how long an answer may be remembered, by what it holds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from django_anilist.api.documents import Operation

#: What a viewer sees of their own: it changes as they do, and is nothing to a visitor.
_OWN = MappingProxyType({"mediaListEntry": 60.0, "isFavourite": 60.0, "notifications": 30.0})

#: Seconds, by the name of a field: an answer lives as long as its most short-lived field.
LIFETIMES: Mapping[str, float] = MappingProxyType(
    {
        "Viewer": 180.0,
        "User": 300.0,
        "users": 300.0,
        "Media": 900.0,
        "media": 900.0,
        "MediaTrend": 900.0,
        "MediaList": 60.0,
        "MediaListCollection": 60.0,
        "mediaList": 60.0,
        "AiringSchedule": 300.0,
        "airingSchedules": 300.0,
        "Character": 3600.0,
        "characters": 3600.0,
        "Staff": 3600.0,
        "staff": 3600.0,
        "Studio": 3600.0,
        "studios": 3600.0,
        "GenreCollection": 3600.0,
        "MediaTagCollection": 3600.0,
        "ExternalLinkSourceCollection": 3600.0,
        "SiteStatistics": 3600.0,
    }
)
#: Of what no field above tells.
DEFAULT_LIFETIME = 60.0
#: That something is not there is remembered this long: it may be made the next moment.
MISSING_LIFETIME = 60.0


def lifetime_of(
    operation: Operation, viewer: int | None, chosen: Mapping[str, float] | None = None
) -> float:
    """Return for how many seconds the answer to ``operation`` may be remembered; 0 for a mutation.

    ``viewer`` is who asks, ``None`` for nobody; ``chosen`` goes before :data:`LIFETIMES`.
    """
    if operation.is_mutation:
        return 0.0
    if not chosen:
        return _usual(operation.fields, viewer is not None)
    return _shortest(operation.fields, {**_table(viewer is not None), **chosen})


@lru_cache(maxsize=1024)
def _usual(names: frozenset[str], own: bool) -> float:
    return _shortest(names, _table(own))


def _table(own: bool) -> Mapping[str, float]:
    return {**LIFETIMES, **_OWN} if own else LIFETIMES


def _shortest(names: frozenset[str], table: Mapping[str, float]) -> float:
    return min((table[name] for name in names & table.keys()), default=DEFAULT_LIFETIME)

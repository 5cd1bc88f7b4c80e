"""AniList's filters and sorts, which are named alike wherever they occur.

An argument is a field's name, perhaps with ``_not``, ``_in``, ``_not_in``, ``_greater``,
``_lesser`` or ``_like`` behind it; one that is ``null`` counts as not given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter
from typing import Any, TypeVar

from django_anilist.sandbox.refusals import invalid

#: What AniList's reference says of every argument that ends in ``_in``.
MOST_IN_LIST = 10_000

_T = TypeVar("_T")
Read = Callable[[Any], Any]

_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "_not_in": lambda has, wanted: has not in wanted,
    "_in": lambda has, wanted: has in wanted,
    "_not": lambda has, wanted: has != wanted,
    "_greater": lambda has, wanted: has is not None and has > wanted,
    "_lesser": lambda has, wanted: has is not None and has < wanted,
    "_like": lambda has, wanted: _like(str(has or ""), str(wanted)),
}


def matching(
    rows: Iterable[_T],
    wanted: Mapping[str, Any],
    special: Mapping[str, Callable[[_T, Any], bool]] | None = None,
    read: Mapping[str, Read] | None = None,
) -> list[_T]:
    """Return the rows that every argument in ``wanted`` lets pass; a list of over 10,000 is refused.

    ``special`` has the arguments that compare in a way of their own, ``read`` the fields that are
    not plain keys of a row.
    """
    for name, value in wanted.items():
        if isinstance(value, list) and len(value) > MOST_IN_LIST:
            raise invalid(**{name: f"The {name} may not have more than {MOST_IN_LIST} items."})
    tests = [
        _test(name, value, special or {}, read or {})
        for name, value in wanted.items()
        if value is not None
    ]
    return [row for row in rows if all(test(row) for test in tests)]


def _test(
    name: str,
    value: Any,
    special: Mapping[str, Callable[[Any, Any], bool]],
    read: Mapping[str, Read],
) -> Callable[[Any], bool]:
    if (own := special.get(name)) is not None:
        return lambda row: own(row, value)
    for ending, compare in _TESTS.items():
        if name.endswith(ending):
            get = read.get(name.removesuffix(ending)) or itemgetter(name.removesuffix(ending))
            return lambda row: compare(get(row), value)
    get = read.get(name) or itemgetter(name)
    return lambda row: bool(get(row) == value)


def _like(text: str, pattern: str) -> bool:
    """SQL's ``LIKE``, as far as clients use it: ``%`` at either end."""
    part = pattern.strip("%").lower()
    if not pattern.startswith("%") and not text.lower().startswith(part):
        return False
    return part in text.lower()


def ordered(
    rows: Iterable[_T], sort: Iterable[str | None] | None, keys: Mapping[str, Read]
) -> list[_T]:
    """Return ``rows`` sorted by AniList's words, the first counting most; unknown ones do nothing."""
    found = list(rows)
    for word in reversed([word for word in sort or () if word]):
        key = keys.get(word.removesuffix("_DESC"))
        if key is not None:
            found.sort(key=lambda row: _nulls_first(key(row)), reverse=word.endswith("_DESC"))
    return found


def _nulls_first(value: Any) -> tuple[bool, Any]:
    return (value is not None, value)


def date_number(date: Mapping[str, int | None] | None) -> int | None:
    """Return a fuzzy date as AniList's ``FuzzyDateInt``, or ``None`` where nothing is known."""
    year, month, day = (((date or {}).get(part) or 0) for part in ("year", "month", "day"))
    return year * 10_000 + month * 100 + day or None


def plain(name: str) -> Read:
    """Return what reads the key ``name`` of a row, whatever arguments its field takes."""
    return lambda row, *_, **__: row[name]

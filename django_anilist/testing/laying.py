"""Answers that a test lays down, held against AniList's schema so that they cannot rot."""

from __future__ import annotations

from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLUnionType,
    is_leaf_type,
)

from django_anilist.sandbox.graph import schema
from django_anilist.sandbox.resolvers import Laid


def laid(field: str, value: Any) -> Any:
    """Return ``value`` as the answer of the root field ``field``.

    Raises ``ValueError`` where AniList has no such field, or could not answer so.
    """
    roots = [schema().query_type, schema().mutation_type]
    kinds = [root.fields[field].type for root in roots if root and field in root.fields]
    if not kinds:
        raise ValueError(f"AniList has no query or mutation {field}")
    return _checked(kinds[0], value, field)


def fitting(owner: str, field: str, value: Any) -> Any:
    """Return ``value`` where it could be ``field`` of AniList's type ``owner``; else ``ValueError``."""
    kind: Any = schema().type_map[owner]
    if field not in kind.fields:
        raise ValueError(f"AniList's {owner} has no field {field}")
    return _checked(kind.fields[field].type, value, field, whole=False)


def _checked(kind: Any, value: Any, where: str, *, whole: bool = True) -> Any:
    if isinstance(kind, GraphQLNonNull):
        if value is None:
            raise ValueError(f"{where} is never null")
        return _checked(kind.of_type, value, where, whole=whole)
    if value is None:
        return None
    if isinstance(kind, GraphQLList):
        if not isinstance(value, list | tuple):
            raise ValueError(f"{where} is a list, {kind}")
        return [
            _checked(kind.of_type, item, f"{where}[{n}]", whole=whole)
            for n, item in enumerate(value)
        ]
    if is_leaf_type(kind):
        return _checked_leaf(kind, value, where)
    return _checked_object(kind, value, where, whole=whole)


def _checked_leaf(kind: Any, value: Any, where: str) -> Any:
    try:
        kind.serialize(value)
    except (GraphQLError, ValueError, TypeError):
        raise ValueError(f"{where} is {kind}, not {value!r}") from None
    return value


def _checked_object(kind: Any, value: Any, where: str, *, whole: bool) -> Laid:
    if not isinstance(value, dict):
        raise ValueError(f"{where} is an object, {kind}")
    if isinstance(kind, GraphQLUnionType):
        kind = _member(kind, value, where)
    found = Laid(_always_there(kind) if whole else {})
    for name, item in value.items():
        if name == "__typename":
            found[name] = item
        elif name in kind.fields:
            found[name] = _checked(kind.fields[name].type, item, f"{where}.{name}", whole=whole)
        else:
            raise ValueError(f"{where}.{name}: AniList's {kind} has no such field")
    return found


def _always_there(kind: GraphQLObjectType) -> dict[str, Any]:
    """Return something for each field that AniList never leaves ``null``; none is an object."""
    return {
        name: _made_up(field.type.of_type)
        for name, field in kind.fields.items()
        if isinstance(field.type, GraphQLNonNull)
    }


def _made_up(kind: Any) -> Any:
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    return {"Int": 1, "Float": 0.0, "Boolean": False, "String": ""}.get(str(kind), [])


def _member(kind: GraphQLUnionType, value: dict[str, Any], where: str) -> GraphQLObjectType:
    members: dict[str, GraphQLObjectType] = {member.name: member for member in kind.types}
    if value.get("__typename") not in members:
        raise ValueError(f"{where} needs a __typename, one of {', '.join(members)}")
    return members[value["__typename"]]

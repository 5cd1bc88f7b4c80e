"""Answers that a test lays down, held against AniList's schema so that they cannot rot."""

from __future__ import annotations

from typing import Any

from graphql import (
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


def _checked(kind: Any, value: Any, where: str) -> Any:
    if isinstance(kind, GraphQLNonNull):
        if value is None:
            raise ValueError(f"{where} is never null")
        return _checked(kind.of_type, value, where)
    if value is None:
        return None
    if isinstance(kind, GraphQLList):
        if not isinstance(value, list | tuple):
            raise ValueError(f"{where} is a list, {kind}")
        return [_checked(kind.of_type, item, f"{where}[{n}]") for n, item in enumerate(value)]
    if is_leaf_type(kind):
        return _checked_leaf(kind, value, where)
    return _checked_object(kind, value, where)


def _checked_leaf(kind: Any, value: Any, where: str) -> Any:
    try:
        kind.serialize(value)
    except (GraphQLError, ValueError, TypeError):
        raise ValueError(f"{where} is {kind}, not {value!r}") from None
    return value


def _checked_object(kind: Any, value: Any, where: str) -> Laid:
    if not isinstance(value, dict):
        raise ValueError(f"{where} is an object, {kind}")
    if isinstance(kind, GraphQLUnionType):
        kind = _member(kind, value, where)
    fields = kind.fields
    for name in value:
        if name not in fields and name != "__typename":
            raise ValueError(f"{where}.{name}: AniList's {kind} has no such field")
    return Laid(
        {
            name: item
            if name == "__typename"
            else _checked(fields[name].type, item, f"{where}.{name}")
            for name, item in value.items()
        }
    )


def _member(kind: GraphQLUnionType, value: dict[str, Any], where: str) -> GraphQLObjectType:
    members: dict[str, GraphQLObjectType] = {member.name: member for member in kind.types}
    if value.get("__typename") not in members:
        raise ValueError(f"{where} needs a __typename, one of {', '.join(members)}")
    return members[value["__typename"]]

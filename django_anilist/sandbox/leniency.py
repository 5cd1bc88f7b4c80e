"""What AniList takes for variables though the specification would not.

Clients send numbers as texts: https://github.com/vosmiic/jellyfin-ani-sync sends ``"userId":"123"``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
    type_from_ast,
    value_from_ast_untyped,
)


def lenient(
    schema: GraphQLSchema, operation: OperationDefinitionNode, variables: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the variables with numeric texts as numbers where ``Int`` or ``Float`` is due.

    Those that are not given have their defaults, which directives hang on before execution.
    """
    found = dict(variables)
    for definition in operation.variable_definitions or ():
        name = definition.variable.name.value
        if name in found:
            kind: Any = type_from_ast(schema, definition.type)
            found[name] = _taken(kind, found[name])
        elif definition.default_value is not None:
            found[name] = value_from_ast_untyped(definition.default_value)
    return found


def _taken(kind: GraphQLInputType, value: Any) -> Any:
    if isinstance(value, list):
        return [_taken(kind, item) for item in value]
    named: Any = get_named_type(kind)
    if isinstance(named, GraphQLInputObjectType) and isinstance(value, dict):
        fields = named.fields
        return {
            name: _taken(fields[name].type, item) if name in fields else item
            for name, item in value.items()
        }
    if isinstance(value, str):
        return _number(value, named.name)
    return value


def _number(text: str, kind: str) -> Any:
    if kind in ("Int", "FuzzyDateInt") and text.lstrip("-").isdecimal():
        return int(text)
    try:
        return float(text) if kind == "Float" else text
    except ValueError:
        return text

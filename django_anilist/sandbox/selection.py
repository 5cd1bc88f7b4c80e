"""Which fields a document asks for, with fragments expanded and directives obeyed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
)

Fragments = Mapping[str, FragmentDefinitionNode]


def fields_of(
    selections: SelectionSetNode | None, fragments: Fragments, variables: Mapping[str, Any]
) -> Iterator[FieldNode]:
    """Yield the fields right below; the document must be valid, so no fragment holds itself."""
    for node in selections.selections if selections else ():
        if not _wanted(node, variables):
            continue
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, FragmentSpreadNode):
            fragment = fragments[node.name.value]
            yield from fields_of(fragment.selection_set, fragments, variables)
        else:
            yield from fields_of(getattr(node, "selection_set", None), fragments, variables)


def data_fields(
    pages: Iterable[FieldNode], fragments: Fragments, variables: Mapping[str, Any]
) -> list[FieldNode]:
    """Return what a ``Page`` is asked for besides ``pageInfo``, fields that are merged once.

    ``pages`` are all the places where it is asked for: GraphQL merges those too.
    """
    found = {
        key_of(node): node
        for page in pages
        for node in fields_of(page.selection_set, fragments, variables)
        if node.name.value not in ("pageInfo", "__typename")
    }
    return list(found.values())


def key_of(node: FieldNode) -> str:
    """Return the key under which a field is answered."""
    return node.alias.value if node.alias else node.name.value


def _wanted(node: SelectionNode, variables: Mapping[str, Any]) -> bool:
    for directive in node.directives or ():
        if directive.name.value == "include" and not _condition(directive, variables):
            return False
        if directive.name.value == "skip" and _condition(directive, variables):
            return False
    return True


def _condition(directive: DirectiveNode, variables: Mapping[str, Any]) -> bool:
    (argument,) = directive.arguments or ()
    value = argument.value
    if isinstance(value, VariableNode):
        return bool(variables.get(value.name.value))
    return isinstance(value, BooleanValueNode) and value.value

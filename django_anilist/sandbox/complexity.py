"""How AniList counts what a query asks for: every field, fragments expanded, lists not multiplied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
)

#: https://docs.anilist.co/guide/considerations
MAX_COMPLEXITY = 500


def complexity(
    tree: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any]
) -> int:
    """Return the number of fields that ``operation`` asks for; the document must be valid."""
    fragments = {
        node.name.value: node.selection_set
        for node in tree.definitions
        if isinstance(node, FragmentDefinitionNode)
    }

    def count(selections: SelectionSetNode | None) -> int:
        if selections is None:
            return 0
        return sum(one(node) for node in selections.selections if _wanted(node, variables))

    def one(node: SelectionNode) -> int:
        if isinstance(node, FragmentSpreadNode):
            return count(fragments.get(node.name.value))
        inner = count(getattr(node, "selection_set", None))
        return inner + isinstance(node, FieldNode)

    return count(operation.selection_set)


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

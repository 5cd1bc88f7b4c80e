"""How much a document asks for, counted as AniList counts it.

Every field is one, an alias again one; fragments count wherever they are spread, lists are not
multiplied, and what ``@include`` or ``@skip`` leave out is free. AniList allows 500.
https://docs.anilist.co/guide/considerations
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)
from graphql.language import FragmentDefinitionNode

MAX_COMPLEXITY = 500


class Complexity:
    """The complexity of one operation, and the names of all the fields it asks for.

    Counting takes time in proportion to the document, however its fragments are nested.
    """

    def __init__(self, tree: DocumentNode, operation: OperationDefinitionNode) -> None:
        self._selections = operation.selection_set
        self._defaults = {
            definition.variable.name.value: definition.default_value
            for definition in operation.variable_definitions or ()
        }
        self._fragments = {
            node.name.value: node.selection_set
            for node in tree.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        counted = _Count(self, None)
        total = counted.of(self._selections)
        self.fields = frozenset(counted.fields)
        self._total = None if counted.conditional else total

    def of(self, variables: Mapping[str, Any]) -> int:
        """Return the complexity with these variables."""
        if self._total is not None:
            return self._total
        return _Count(self, variables).of(self._selections)

    def fragment(self, name: str) -> SelectionSetNode | None:
        return self._fragments.get(name)

    def holds(self, value: ValueNode, variables: Mapping[str, Any]) -> bool:
        """Tell whether a condition is true with these variables, or by its default."""
        if isinstance(value, VariableNode):
            name = value.name.value
            if name in variables:
                return bool(variables[name])
            default = self._defaults.get(name)
            return isinstance(default, BooleanValueNode) and default.value
        return isinstance(value, BooleanValueNode) and value.value


class _Count:
    """One count: with variables, or without, then as if every condition let its fields in."""

    def __init__(self, complexity: Complexity, variables: Mapping[str, Any] | None) -> None:
        self._complexity = complexity
        self._variables = variables
        self._known: dict[str, int] = {}
        self.fields: set[str] = set()
        self.conditional = False

    def of(self, selections: SelectionSetNode | None) -> int:
        if selections is None:
            return 0
        return sum(self._one(node) for node in selections.selections if self._asked(node))

    def _one(self, node: SelectionNode) -> int:
        if isinstance(node, FragmentSpreadNode):
            return self._spread(node.name.value)
        inner = self.of(getattr(node, "selection_set", None))
        if not isinstance(node, FieldNode):
            return inner
        self.fields.add(node.name.value)
        return inner + 1

    def _spread(self, name: str) -> int:
        if name not in self._known:
            self._known[name] = 0  # what a fragment asks for inside itself is not counted
            self._known[name] = self.of(self._complexity.fragment(name))
        return self._known[name]

    def _asked(self, node: SelectionNode) -> bool:
        return all(self._passes(directive) for directive in node.directives or ())

    def _passes(self, directive: DirectiveNode) -> bool:
        name, arguments = directive.name.value, directive.arguments or ()
        if name not in ("include", "skip") or len(arguments) != 1:
            return True
        self.conditional = True
        if self._variables is None:
            return True
        return self._complexity.holds(arguments[0].value, self._variables) is (name == "include")

"""What a GraphQL document asks for, read by graphql-core, each text once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLSyntaxError,
    Node,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    Visitor,
    parse,
    visit,
)
from graphql.language import FragmentDefinitionNode

from django_anilist.api.complexity import MAX_COMPLEXITY, Complexity
from django_anilist.api.errors import QueryError, TooComplex

#: The queries AniList answers with 401 unless the request carries a token.
_NEED_A_VIEWER = frozenset({"Viewer", "Notification"})


@dataclass(frozen=True)
class Operation:
    """One operation of a document: its name, and what it needs of the caller.

    ``name`` is ``""`` where it has none, ``roots`` are the names of its fields at the root, ``fields``
    of all its fields, and ``digest`` tells documents apart.
    """

    name: str
    is_mutation: bool
    needs_viewer: bool
    roots: tuple[str, ...]
    fields: frozenset[str]
    digest: bytes
    tree: DocumentNode = field(repr=False, compare=False)
    node: OperationDefinitionNode = field(repr=False, compare=False)
    cost: Complexity = field(repr=False, compare=False)

    @property
    def label(self) -> str:
        """What to call it: its name, or its first field."""
        return self.name or next(iter(self.roots), "")

    def refuse_too_complex(self, variables: Mapping[str, Any]) -> None:
        """Raise :class:`TooComplex`, with AniList's own sentence, where AniList would."""
        cost = self.cost.of(variables)
        if cost > MAX_COMPLEXITY:
            message = f"Max query complexity should be {MAX_COMPLEXITY} but got {cost}."
            raise TooComplex(message, errors=[{"message": message, "status": 400}])


@lru_cache(maxsize=512)
def read_operation(document: str, name: str | None = None) -> Operation:
    """Return the operation ``name`` of ``document``, or its only one.

    Raises :class:`QueryError` where the text is not GraphQL or holds no such operation: what AniList
    would refuse costs no request.
    """
    try:
        tree = parse(document, no_location=True)
        node = _pick(tree, name)
        cost = Complexity(tree, node)
    except (GraphQLSyntaxError, RecursionError) as error:
        message = getattr(error, "message", "The document is nested too deeply")
        raise refused(message) from None
    roots = tuple(field.name.value for field in root_fields(tree, node.selection_set))
    is_mutation = node.operation is OperationType.MUTATION
    return Operation(
        name=node.name.value if node.name else "",
        is_mutation=is_mutation,
        needs_viewer=is_mutation or not _NEED_A_VIEWER.isdisjoint(roots),
        roots=roots,
        fields=cost.fields,
        digest=hashlib.blake2b(f"{name}\n{document}".encode(), digest_size=16).digest(),
        tree=tree,
        node=node,
        cost=cost,
    )


def refused(message: str) -> QueryError:
    """Return the error that AniList would answer a document with."""
    return QueryError(message, errors=[{"message": message, "status": 400}])


def fragments_of(tree: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """Return the fragments that a document defines, by name."""
    return {
        node.name.value: node
        for node in tree.definitions
        if isinstance(node, FragmentDefinitionNode)
    }


def fragments_used(
    node: Node, fragments: Mapping[str, FragmentDefinitionNode]
) -> dict[str, FragmentDefinitionNode]:
    """Return those of ``fragments`` that ``node`` spreads, and that these spread in turn."""
    used: dict[str, FragmentDefinitionNode] = {}
    nodes = [node]
    while nodes:
        for name in _spreads_in(nodes.pop()):
            if name in fragments and name not in used:
                used[name] = fragments[name]
                nodes.append(fragments[name])
    return used


def is_circular(fragments: Mapping[str, FragmentDefinitionNode]) -> bool:
    """Tell whether a fragment is spread inside itself, which AniList would refuse."""
    spreads = {name: set(_spreads_in(node)) for name, node in fragments.items()}
    while free := [name for name, inside in spreads.items() if not inside & spreads.keys()]:
        for name in free:
            del spreads[name]
    return bool(spreads)


def root_fields(tree: DocumentNode, selections: SelectionSetNode) -> list[FieldNode]:
    """Return the fields at the root in order, those inside fragments too."""
    fragments = fragments_of(tree)
    found: list[FieldNode] = []

    def collect(selections: SelectionSetNode) -> None:
        for node in selections.selections:
            if isinstance(node, FieldNode):
                found.append(node)
            elif isinstance(node, FragmentSpreadNode):
                if node.name.value in fragments:  # popped: fragments may be circular
                    collect(fragments.pop(node.name.value).selection_set)
            else:
                collect(node.selection_set)  # type: ignore[attr-defined]

    collect(selections)
    return found


def _pick(tree: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [node for node in tree.definitions if isinstance(node, OperationDefinitionNode)]
    if name is not None:
        operations = [node for node in operations if node.name and node.name.value == name]
    if len(operations) != 1:
        message = "Must provide operation name if query contains multiple operations."
        if name is not None:
            message = f'Unknown operation named "{name}".'
        raise refused(message)
    return operations[0]


class _Spreads(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
        self.names.append(node.name.value)


def _spreads_in(node: Node) -> list[str]:
    spreads = _Spreads()
    visit(node, spreads)
    return spreads.names

"""What a GraphQL document asks for, read by graphql-core, each text once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLSyntaxError,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    parse,
)
from graphql.language import FragmentDefinitionNode

from django_anilist.api.errors import QueryError

#: The queries AniList answers with 401 unless the request carries a token.
_NEED_A_VIEWER = frozenset({"Viewer", "Notification"})


@dataclass(frozen=True)
class Operation:
    """One operation of a document: its name, and what it needs of the caller."""

    name: str
    is_mutation: bool
    needs_viewer: bool


@lru_cache(maxsize=512)
def read_operation(document: str, name: str | None = None) -> Operation:
    """Return the operation ``name`` of ``document``, or its only one.

    Raises :class:`QueryError` where the text is not GraphQL or holds no such operation: what AniList
    would refuse costs no request.
    """
    try:
        tree = parse(document, no_location=True)
    except (GraphQLSyntaxError, RecursionError) as error:
        message = getattr(error, "message", "The document is nested too deeply")
        raise QueryError(message, errors=[{"message": message, "status": 400}]) from None
    operation = _pick(tree, name)
    fields = _root_fields(operation.selection_set, tree)
    is_mutation = operation.operation is OperationType.MUTATION
    return Operation(
        name=operation.name.value if operation.name else "",
        is_mutation=is_mutation,
        needs_viewer=is_mutation or not _NEED_A_VIEWER.isdisjoint(fields),
    )


def _pick(tree: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [node for node in tree.definitions if isinstance(node, OperationDefinitionNode)]
    if name is not None:
        operations = [node for node in operations if node.name and node.name.value == name]
    if len(operations) != 1:
        message = "Must provide operation name if query contains multiple operations."
        if name is not None:
            message = f'Unknown operation named "{name}".'
        raise QueryError(message, errors=[{"message": message, "status": 400}])
    return operations[0]


def _root_fields(selections: SelectionSetNode, tree: DocumentNode) -> set[str]:
    """Return the names of the fields at the root, those inside fragments too."""
    fragments = {
        node.name.value: node.selection_set
        for node in tree.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    found: set[str] = set()
    waiting = [selections]
    while waiting:
        for node in waiting.pop().selections:
            if isinstance(node, FieldNode):
                found.add(node.name.value)
            elif isinstance(node, InlineFragmentNode):
                waiting.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value in fragments:
                waiting.append(fragments.pop(node.name.value))  # popped: fragments may be circular
    return found

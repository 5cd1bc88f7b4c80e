"""GraphQL as AniList answers it: its statuses, its error objects, its limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from graphql import (
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    execute,
    get_operation_ast,
    parse,
    validate,
)

from django_anilist.sandbox.asked import Asked
from django_anilist.sandbox.complexity import MAX_COMPLEXITY, complexity
from django_anilist.sandbox.errors import error_object
from django_anilist.sandbox.leniency import lenient
from django_anilist.sandbox.resolvers import bind
from django_anilist.sandbox.selection import Fragments, data_fields, fields_of, key_of

SCHEMA = Path(__file__).with_name("schema.graphql")


@lru_cache(maxsize=1)
def schema() -> GraphQLSchema:
    """Return the sandbox's schema with its resolvers."""
    found = build_schema(SCHEMA.read_text(encoding="utf-8"), assume_valid=True)
    bind(found)
    return found


@dataclass(frozen=True)
class Answer:
    """A reply: its HTTP status and JSON content, and for people the operation and its cost."""

    status: int
    content: dict[str, Any]
    operation: str = ""
    complexity: int = 0


class _Document:
    """A parsed document, its fragments, and what is wrong with it."""

    def __init__(self, text: str) -> None:
        self.tree = parse(text)
        self.fragments: Fragments = {
            node.name.value: node
            for node in self.tree.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._constant = "@" not in text
        self._weighed: dict[str | None, tuple[int, list[GraphQLError]]] = {}
        self.errors: Sequence[GraphQLError] = validate(schema(), self.tree)

    def weigh(
        self, operation: OperationDefinitionNode, name: str | None, variables: Mapping[str, Any]
    ) -> tuple[int, list[GraphQLError]]:
        """Return the complexity, and why AniList would refuse it.

        Found out once where no directive can change it.
        """
        if self._constant and name in self._weighed:
            return self._weighed[name]
        cost = complexity(operation, self.fragments, variables)
        refused = [*self._two_in_a_page(operation, variables)]
        if cost > MAX_COMPLEXITY:
            message = f"Max query complexity should be {MAX_COMPLEXITY} but got {cost}."
            refused.insert(0, GraphQLError(message, operation))
        self._weighed[name] = cost, refused
        return cost, refused

    def _two_in_a_page(
        self, operation: OperationDefinitionNode, variables: Mapping[str, Any]
    ) -> Iterator[GraphQLError]:
        """AniList lets a ``Page`` hold one field of data, and ``pageInfo``.

        https://docs.anilist.co/guide/graphql/pagination
        """
        pages: dict[str, list[FieldNode]] = {}
        for field in fields_of(operation.selection_set, self.fragments, variables):
            if field.name.value == "Page":
                pages.setdefault(key_of(field), []).append(field)
        for nodes in pages.values():
            data = data_fields(nodes, self.fragments, variables)
            if len(data) > 1:
                yield GraphQLError("Page can only query one field at a time", data[1])


@lru_cache(maxsize=256)
def _document(text: str) -> _Document:
    return _Document(text)


def answer(asked: Asked, request: Mapping[str, Any]) -> Answer:
    """Answer a GraphQL request: ``query``, and perhaps ``variables`` and ``operationName``."""
    name = request.get("operationName")
    try:
        document = _document(str(request.get("query") or ""))
    except (GraphQLError, RecursionError) as error:
        return _refused([GraphQLError(str(getattr(error, "message", "Syntax Error")))])
    operation = get_operation_ast(document.tree, name)
    if operation is None:
        return _refused([GraphQLError(f'Unknown operation named "{name}".')])
    label = operation.name.value if operation.name else _first_field(operation)
    if document.errors:
        return _refused(document.errors, label)
    given = request.get("variables")
    variables = lenient(schema(), operation, given if isinstance(given, dict) else {})
    cost, refused = document.weigh(operation, name, variables)
    if refused:
        return _refused(refused, label, cost)
    result = execute(
        schema(),
        document.tree,
        context_value=asked,
        variable_values=variables,
        operation_name=name,
    )
    if not isinstance(result, ExecutionResult):
        raise TypeError("The sandbox's resolvers are synchronous")
    return _answered(result, label, cost)


def _answered(result: ExecutionResult, label: str, cost: int) -> Answer:
    if not result.errors:
        return Answer(200, {"data": result.data}, label, cost)
    errors = [error_object(error) for error in result.errors]
    content = {"errors": errors, "data": result.data}
    return Answer(errors[0]["status"], content, label, cost)


def _refused(errors: Sequence[GraphQLError], label: str = "", cost: int = 0) -> Answer:
    content = {"data": None, "errors": [error_object(error) for error in errors]}
    return Answer(400, content, label, cost)


def _first_field(operation: OperationDefinitionNode) -> str:
    first = operation.selection_set.selections[0]
    return first.name.value if isinstance(first, FieldNode) else ""

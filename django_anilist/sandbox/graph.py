"""GraphQL as AniList answers it: its statuses, its error objects, its limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    SelectionSetNode,
    TypeNode,
    Visitor,
    build_schema,
    execute,
    get_operation_ast,
    parse,
    validate,
    visit,
)

from django_anilist.sandbox.complexity import MAX_COMPLEXITY, complexity
from django_anilist.sandbox.refusals import Refusal
from django_anilist.sandbox.resolvers import Asked, bind


@lru_cache(maxsize=1)
def schema() -> GraphQLSchema:
    """Return the sandbox's schema with its resolvers."""
    text = Path(__file__).with_name("schema.graphql").read_text(encoding="utf-8")
    found = build_schema(text)
    bind(found)
    return found


@dataclass(frozen=True)
class Answer:
    """A reply: its HTTP status and JSON content, and for people the operation and its cost."""

    status: int
    content: dict[str, Any]
    operation: str = ""
    complexity: int = 0


@dataclass(frozen=True)
class _Document:
    tree: DocumentNode
    errors: tuple[GraphQLError, ...]


@lru_cache(maxsize=256)
def _document(text: str) -> _Document:
    tree = visit(parse(text), _PageInfoLast())
    return _Document(tree, (*validate(schema(), tree), *_two_in_a_page(tree)))


class _PageInfoLast(Visitor):
    """What ``pageInfo`` says is known when the page's data is."""

    def leave_selection_set(self, node: SelectionSetNode, *_: Any) -> SelectionSetNode:
        order = sorted(node.selections, key=lambda child: _name(child) == "pageInfo")
        return SelectionSetNode(selections=tuple(order), loc=node.loc)


def _name(node: Any) -> str:
    return node.name.value if isinstance(node, FieldNode) else ""


def _two_in_a_page(tree: DocumentNode) -> list[GraphQLError]:
    """AniList lets a ``Page`` hold one field of data, and ``pageInfo``."""
    found: list[GraphQLError] = []

    class Pages(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            inner = node.selection_set.selections if node.selection_set else ()
            data = [child for child in inner if _name(child) not in ("", "pageInfo", "__typename")]
            if node.name.value == "Page" and len(data) > 1:
                found.append(GraphQLError("Page can only query one field at a time", data[1]))

    visit(tree, Pages())
    return found


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
    variables = _lenient(operation, request.get("variables") or {})
    cost = complexity(document.tree, operation, variables)
    if cost > MAX_COMPLEXITY:
        message = f"Max query complexity should be {MAX_COMPLEXITY} but got {cost}."
        return _refused([GraphQLError(message, operation)], label, cost)
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
    errors = [_error(error) for error in result.errors]
    content = {"errors": errors, "data": result.data}
    return Answer(errors[0]["status"], content, label, cost)


def _refused(errors: Any, label: str = "", cost: int = 0) -> Answer:
    content = {"data": None, "errors": [_error(error) for error in errors]}
    return Answer(400, content, label, cost)


def invalid_token(request: Mapping[str, Any]) -> Answer:
    """AniList's answer to a token that is expired, revoked or none: 400, whatever was asked."""
    return _refused([GraphQLError("Invalid token")], str(request.get("operationName") or ""))


def _error(error: GraphQLError) -> dict[str, Any]:
    """Return an error object as AniList writes it: no ``path``, no ``extensions``, a status."""
    cause = error.original_error
    refusal = cause if isinstance(cause, Refusal) else None
    surprise = cause is not None and refusal is None and error.path is not None
    return {
        "message": "Internal Server Error" if surprise else error.message,
        "status": refusal.status if refusal else 500 if surprise else 400,
        "locations": [
            {"line": place.line, "column": place.column} for place in error.locations or ()
        ],
        **(refusal.extras() if refusal else {}),
    }


def _first_field(operation: OperationDefinitionNode) -> str:
    return _name(operation.selection_set.selections[0])


def _lenient(operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables with numeric texts as numbers: AniList takes them for ``Int``."""
    found = dict(variables)
    for definition in operation.variable_definitions or ():
        name = definition.variable.name.value
        if name in found and _type_name(definition.type) == "Int":
            value = found[name]
            many = isinstance(value, list)
            found[name] = [_number(item) for item in value] if many else _number(value)
    return found


def _type_name(node: TypeNode) -> str:
    while isinstance(node, ListTypeNode | NonNullTypeNode):
        node = node.type
    return node.name.value if isinstance(node, NamedTypeNode) else ""


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.lstrip("-").isdecimal() else value

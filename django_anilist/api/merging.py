"""Several small documents made into one, and its answer taken apart again.

Every field at the root gets an alias that tells whose it is, variables and fragments get names of their
own. Documents are read and changed as graphql-core's trees, never as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    NameNode,
    Node,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    Visitor,
    print_ast,
    visit,
)
from graphql.language import FragmentDefinitionNode

from django_anilist.api.conversation import Question
from django_anilist.api.documents import fragments_of, fragments_used, is_circular

#: What AniList says of a document that its caller never wrote.
_MERGED = re.compile(r' (?:by|in) operation "Merged"')


@dataclass(frozen=True)
class Part:
    """What one document became: ``prefix`` marks all that is its own in the merged one."""

    question: Question
    prefix: str
    lines: set[int] = field(default_factory=set)

    def own(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return what of ``data`` is this part's, under the names its document gave."""
        start = len(self.prefix)
        return {key[start:]: value for key, value in data.items() if key.startswith(self.prefix)}

    def own_error(self, error: Mapping[str, Any]) -> dict[str, Any]:
        """Return ``error`` without the names that only the merged document has."""
        message = _MERGED.sub("", str(error.get("message", "")))
        return {**error, "message": message.replace(self.prefix, "")}


@dataclass(frozen=True)
class Merged:
    """Several documents as one."""

    question: Question
    parts: Sequence[Part]

    def errors_by_part(
        self, errors: Iterable[Mapping[str, Any]]
    ) -> tuple[dict[int, list[dict[str, Any]]], bool]:
        """Return the errors by the number of the part they are about, and whether all could be told.

        AniList gives errors a line, and no path: https://docs.anilist.co/guide/graphql/errors
        """
        found: dict[int, list[dict[str, Any]]] = {}
        all_told = True
        for error in errors:
            owners = [n for n, part in enumerate(self.parts) if part.lines & _lines_of(error)]
            for number in owners:
                found.setdefault(number, []).append(self.parts[number].own_error(error))
            all_told = all_told and bool(owners)
        return found, all_told


def can_be_merged(question: Question) -> bool:
    """Tell whether a document can be a part of another: one query, without directives of its own.

    What AniList refuses alone stays alone: a fragment that is circular or not used, or another kind
    of definition.
    """
    node, tree = question.operation.node, question.operation.tree
    fragments = fragments_of(tree)
    plain = node.operation is OperationType.QUERY and not node.directives
    return (
        plain
        and len(tree.definitions) == len(fragments) + 1
        and fragments_used(node, fragments).keys() == fragments.keys()
        and not is_circular(fragments)
    )


def merge(questions: Sequence[Question]) -> Merged:
    """Return one document that asks all ``questions``, each of which can be merged."""
    parts = [Part(question, f"q{number}_") for number, question in enumerate(questions)]
    texts = [_Rewriting(part) for part in parts]
    lines = _Lines("query Merged")
    defined = [(each, ", ".join(each.variable_definitions())) for each in texts]
    if any(text for _, text in defined):
        lines.add("(")
        for rewriting, text in defined:  # an error about a value names the line of its definition
            rewriting.part.lines.update(lines.add(text) if text else ())
        lines.add(")")
    lines.add("{")
    for rewriting in texts:
        rewriting.part.lines.update(lines.add(rewriting.selections()))
    lines.add("}")
    for rewriting in texts:
        rewriting.part.lines.update(lines.add(rewriting.fragments()))
    variables = {name: value for rewriting in texts for name, value in rewriting.variables()}
    return Merged(Question.read(str(lines), variables), parts)


class _Lines:
    """A text that grows by lines, and tells which ones it grew by."""

    def __init__(self, first: str) -> None:
        self._lines = [first]

    def add(self, text: str) -> range:
        start = len(self._lines) + 1
        # Set in: some servers place what stands at the very start of a line on the line before.
        self._lines += [f"  {line}" for line in text.split("\n")]
        return range(start, len(self._lines) + 1)

    def __str__(self) -> str:
        return "\n".join(self._lines)


class _Rewriting:
    """One document, with every name in it made its own."""

    def __init__(self, part: Part) -> None:
        self.part = part
        operation = part.question.operation
        self._operation = operation
        self._fragments = fragments_of(operation.tree)
        self._root = self._aliased(operation.node.selection_set)
        self._used = fragments_used(self._root, self._fragments)

    def variable_definitions(self) -> list[str]:
        definitions = self._operation.node.variable_definitions or ()
        return [print_ast(self._renamed(definition)) for definition in definitions]

    def variables(self) -> Iterable[tuple[str, Any]]:
        """Yield the variables that were given and are declared; others would mean nothing."""
        for definition in self._operation.node.variable_definitions or ():
            name = definition.variable.name.value
            if name in self.part.question.variables:
                yield self.part.prefix + name, self.part.question.variables[name]

    def selections(self) -> str:
        return "\n".join(print_ast(self._renamed(node)) for node in self._root.selections)

    def fragments(self) -> str:
        return "\n".join(print_ast(self._renamed(node)) for node in self._used.values())

    def _aliased(self, selections: SelectionSetNode) -> SelectionSetNode:
        return SelectionSetNode(selections=tuple(map(self._aliased_one, selections.selections)))

    def _aliased_one(self, node: SelectionNode) -> SelectionNode:
        if isinstance(node, FieldNode):
            key = node.alias.value if node.alias else node.name.value
            return cast(FieldNode, _changed(node, alias=NameNode(value=self.part.prefix + key)))
        if isinstance(node, InlineFragmentNode):
            inner = self._aliased(node.selection_set)
            return cast(InlineFragmentNode, _changed(node, selection_set=inner))
        if isinstance(node, FragmentSpreadNode) and node.name.value in self._fragments:
            fragment = self._fragments[node.name.value]
            return InlineFragmentNode(
                type_condition=fragment.type_condition,
                directives=(*(node.directives or ()), *(fragment.directives or ())),
                selection_set=self._aliased(fragment.selection_set),
            )
        return node

    def _renamed(self, node: Node) -> Node:
        renamed: Node = visit(node, _Renaming(self.part.prefix))
        return renamed


class _Renaming(Visitor):
    """Puts a prefix before the names of variables and of fragments."""

    def __init__(self, prefix: str) -> None:
        super().__init__()
        self._prefix = prefix

    def _prefixed(self, node: Any) -> Any:
        return _changed(node, name=NameNode(value=self._prefix + node.name.value))

    def leave_variable(self, node: VariableNode, *_: Any) -> Any:
        return self._prefixed(node)

    def leave_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> Any:
        return self._prefixed(node)

    def leave_fragment_definition(self, node: FragmentDefinitionNode, *_: Any) -> Any:
        return self._prefixed(node)


def _changed(node: Any, **changes: Any) -> Any:
    """Return a copy of ``node`` with some of its parts changed; graphql-core has none of its own."""
    kept = {key: getattr(node, key) for key in node.keys if key != "loc"}
    return type(node)(**{**kept, **changes})


def _lines_of(error: Mapping[str, Any]) -> set[int]:
    places = error.get("locations")
    return {
        place["line"]
        for place in (places if isinstance(places, list) else ())
        if isinstance(place, dict) and isinstance(place.get("line"), int)
    }

"""How AniList counts what a query asks for: every field, fragments expanded, lists not multiplied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import OperationDefinitionNode, SelectionSetNode

from django_anilist.sandbox.selection import Fragments, fields_of

#: https://docs.anilist.co/guide/considerations
MAX_COMPLEXITY = 500


def complexity(
    operation: OperationDefinitionNode, fragments: Fragments, variables: Mapping[str, Any]
) -> int:
    """Return the number of fields that ``operation`` asks for; the document must be valid."""

    def count(selections: SelectionSetNode | None) -> int:
        found = fields_of(selections, fragments, variables)
        return sum(1 + count(field.selection_set) for field in found)

    return count(operation.selection_set)

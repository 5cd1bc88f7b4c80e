"""AniList's pages: a ``Page`` of one field, connections inside other types, totals that lie."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from graphql import GraphQLObjectType, get_argument_values

from django_anilist.sandbox.selection import data_fields

#: AniList cuts a page to this many, whatever was asked for.
MAX_PER_PAGE = 50
#: The same for connections inside other types.
MAX_IN_CONNECTION = 25
#: ``pageInfo.total`` says this until the last page. https://docs.anilist.co/guide/graphql/pagination
LYING_TOTAL = 5000

Row = dict[str, Any]


def cut(
    rows: list[Any], page: int | None, per_page: int | None, most: int = MAX_PER_PAGE
) -> tuple[list[Any], Row]:
    """Return one page of ``rows``, and what ``pageInfo`` says of it."""
    size = min(most, max(1, per_page or most))
    current = max(1, page or 1)
    end = current * size
    more = end < len(rows)
    info = {
        "currentPage": current,
        "perPage": size,
        "hasNextPage": more,
        "total": LYING_TOTAL if more else len(rows),
        "lastPage": LYING_TOTAL // size if more else current,
    }
    return rows[end - size : end], info


def connection(
    edges: Iterable[Row], page: int | None = None, per_page: int | None = None, **ignored: Any
) -> Row:
    """Return a page of edges, each a mapping with its ``node``."""
    found, info = cut(list(edges), page, per_page, MAX_IN_CONNECTION)
    return {"edges": found, "nodes": [edge["node"] for edge in found], "pageInfo": info}


def page_resolver(fields: dict[str, Callable[..., list[Any]]]) -> Callable[..., Row]:
    """Return what answers ``Page``: the rows of its one field, found before ``pageInfo`` is."""

    def page(root: Any, info: Any, page: int | None = None, perPage: int | None = None) -> Row:
        kind: GraphQLObjectType = info.schema.type_map["Page"]
        rows: list[Any] = []
        # A mapping up to graphql-core 3.2, an object that holds one from 3.3 on.
        variables = getattr(info.variable_values, "coerced", info.variable_values)
        for node in data_fields(info.field_nodes, info.fragments, variables):
            name = node.name.value
            given = get_argument_values(kind.fields[name], node, info.variable_values)
            rows = fields[name](info, **given)
        found, said = cut(rows, page, perPage)
        return {"pageInfo": said, "rows": found}

    return page

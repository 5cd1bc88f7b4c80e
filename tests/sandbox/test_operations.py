"""Whatever can be asked by the schema is answered by it, and never with a 500.

``SANDBOX_OPERATIONS=10000`` asks as much as a release is held to.
"""

from __future__ import annotations

import os
from collections import Counter

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLUnionType,
    get_operation_ast,
    is_leaf_type,
    parse,
)

from django_anilist.sandbox.graph import schema
from django_anilist.sandbox.selection import fields_of
from tests.sandbox.conftest import Clock, World
from tests.sandbox.operations import MAX_DEPTH, Operation

SHARES = 4
MANY = int(os.environ.get("SANDBOX_OPERATIONS", "800"))


def check(kind, value, node, fragments, variables):
    """Hold a value against the type of its field and what was selected of it."""
    if isinstance(kind, GraphQLNonNull):
        assert value is not None
        return check(kind.of_type, value, node, fragments, variables)
    if value is None:
        return None
    if isinstance(kind, GraphQLList):
        assert isinstance(value, list)
        return [check(kind.of_type, item, node, fragments, variables) for item in value]
    if is_leaf_type(kind):
        return check_leaf(kind, value)
    if isinstance(kind, GraphQLUnionType):
        assert value["__typename"] in {member.name for member in kind.types}
        return None
    return check_fields(kind, value, node.selection_set, fragments, variables)


def check_leaf(kind, value):
    if isinstance(kind, GraphQLEnumType):
        assert value in kind.values
    elif kind.name in ("Int", "FuzzyDateInt"):
        assert type(value) is int
        assert -(2**31) <= value < 2**31
    elif kind.name == "Float":
        assert type(value) in (int, float)
    elif kind.name == "Boolean":
        assert type(value) is bool
    elif kind.name in ("String", "CountryCode"):
        assert isinstance(value, str)


def check_fields(owner, value, selections, fragments, variables):
    fields = list(fields_of(selections, fragments, variables))
    keys = {node.alias.value if node.alias else node.name.value for node in fields}
    assert set(value) == keys
    for node in fields:
        key, name = node.alias.value if node.alias else node.name.value, node.name.value
        if name != "__typename":
            check(owner.fields[name].type, value[key], node, fragments, variables)


@pytest.mark.slow
@pytest.mark.parametrize("share", range(SHARES))
def test_operations_at_random_are_answered_by_the_schema(share):
    world, seen = World(Clock()), Counter()
    for seed in range(share, MANY, SHARES):
        operation = Operation(schema(), seed)
        by = ("alice", "bob", None)[seed % 3]
        found = world.answer(operation.text, operation.variables, by)
        said = [error["message"] for error in found.content.get("errors", ())]
        assert found.status in (200, 400, 401, 404), (seed, operation.text, said)
        assert "data" in found.content
        assert operation.depth <= MAX_DEPTH
        seen[found.status] += 1
        if (
            found.content["data"] is None
        ):  # refused as a whole, which is due only to what costs too much
            assert all("complexity" in message for message in said), (operation.text, said)
            continue
        tree = parse(operation.text)
        ast = get_operation_ast(tree)
        kind = schema().mutation_type if ast.operation.value == "mutation" else schema().query_type
        fragments = {
            node.name.value: node for node in tree.definitions if node.kind == "fragment_definition"
        }
        check_fields(kind, found.content["data"], ast.selection_set, fragments, operation.variables)
    assert seen[200] > seen.total() / 5

"""Whatever can be asked by the schema is answered by it, and never with a 500.

``SANDBOX_OPERATIONS=10000`` asks as much as a release is held to.
"""

from __future__ import annotations

import json
import os
from collections import Counter

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLUnionType,
    SelectionSetNode,
    get_operation_ast,
    is_leaf_type,
    parse,
)

from django_anilist.sandbox.graph import schema
from django_anilist.sandbox.selection import fields_of, key_of
from tests.sandbox.conftest import Clock, World
from tests.sandbox.operations import MAX_DEPTH, Operation

SHARES = 4
MANY = int(os.environ.get("SANDBOX_OPERATIONS", "800"))


class Checker:
    """Holds the data of an answer against the schema, and what was selected of it."""

    def __init__(self, operation):
        tree = parse(operation.text)
        self.asked = get_operation_ast(tree)
        self.variables = operation.variables
        self.fragments = {
            node.name.value: node for node in tree.definitions if node.kind == "fragment_definition"
        }
        self.met = set()

    def check_all(self, data):
        mutation = self.asked.operation.value == "mutation"
        kind = schema().mutation_type if mutation else schema().query_type
        self.check_fields(kind, data, [self.asked.selection_set])

    def check(self, kind, value, nodes):
        if isinstance(kind, GraphQLNonNull):
            assert value is not None
            self.check(kind.of_type, value, nodes)
        elif isinstance(kind, GraphQLList) and value is not None:
            assert isinstance(value, list)
            for item in value:
                self.check(kind.of_type, item, nodes)
        elif is_leaf_type(kind) and value is not None:
            check_leaf(kind, value)
        elif value is not None:
            self.check_fields(kind, value, [node.selection_set for node in nodes])

    def check_fields(self, owner, value, selections):
        if isinstance(owner, GraphQLUnionType):
            members = {member.name: member for member in owner.types}
            owner = members[value["__typename"]]
        self.met.add(owner.name)
        wanted = {}
        for selection in selections:
            for node in self.fields_of(selection, owner):
                wanted.setdefault(key_of(node), []).append(node)
        assert set(value) == set(wanted)
        for key, nodes in wanted.items():
            name = nodes[0].name.value
            if name == "__typename":
                assert value[key] == owner.name
            else:
                self.check(owner.fields[name].type, value[key], nodes)

    def fields_of(self, selection, owner):
        """Yield the fields that are due of an object of the type ``owner``."""
        for node in selection.selections:
            kind = getattr(node, "type_condition", None)
            if node.kind == "fragment_spread":
                kind = self.fragments[node.name.value].type_condition
            if kind is None or kind.name.value == owner.name:
                only = SelectionSetNode(selections=(node,))
                if node.kind == "inline_fragment" and any(fields_of(only, {}, self.variables)):
                    yield from self.fields_of(node.selection_set, owner)
                else:
                    yield from fields_of(only, self.fragments, self.variables)


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
    else:
        assert kind.name == "Json"


@pytest.mark.slow
@pytest.mark.parametrize("share", range(SHARES))
def test_operations_at_random_are_answered_by_the_schema(share):
    world, seen, met = World(Clock()), Counter(), set()
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
        checker = Checker(operation)
        checker.check_all(json.loads(json.dumps(found.content["data"], allow_nan=False)))
        met |= checker.met
    assert seen[200] > seen.total() / 4
    assert len(met) > 60, "of some 110 types that hold fields"

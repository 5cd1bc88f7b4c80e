"""Documents made into one, and an answer taken apart again."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

import django_anilist.sandbox
from django_anilist.api.conversation import Question
from django_anilist.api.merging import can_be_merged, merge

SCHEMA = build_schema(
    Path(django_anilist.sandbox.__file__).with_name("schema.graphql").read_text(encoding="utf-8")
)
TITLE = "query Title($id: Int!) { Media(id: $id) { ...names } } fragment names on Media { id }"
MINE = "query Mine($id: String) { User(name: $id) { ...names } } fragment names on User { name }"
BOTH = """query ($a: Int, $yes: Boolean = true) {
    first: Media(id: $a) @include(if: $yes) { id }
    ...root
    ... on Query { third: Media(id: $a) { title { romaji } } }
}
fragment root on Query { Media(id: 2) { ...deep } }
fragment deep on Media { coverImage { ...deeper } }
fragment deeper on MediaCoverImage { large }"""


def merged(*asks):
    return merge([Question.read(document, variables) for document, variables in asks])


def test_the_merged_document_is_valid_and_costs_what_its_parts_cost():
    asks = [(TITLE, {"id": 1}), (MINE, {"id": "bob"}), (BOTH, {"a": 3}), (TITLE, {"id": 2})]
    found = merged(*asks)
    assert validate(SCHEMA, parse(found.question.document)) == []
    costs = [Question.read(*ask).operation.cost.of(ask[1]) for ask in asks]
    assert found.question.operation.cost.of(found.question.variables) == sum(costs)


def test_every_name_is_its_documents_own():
    found = merged((TITLE, {"id": 1}), (MINE, {"id": "bob"}))
    assert found.question.variables == {"q0_id": 1, "q1_id": "bob"}
    for text in ("$q0_id: Int!", "$q1_id: String", "fragment q0_names on Media", "...q1_names"):
        assert text in found.question.document


def test_fragments_at_the_root_are_opened_and_those_that_nobody_uses_any_more_are_left_out():
    document = merged((BOTH, {})).question.document
    assert "fragment q0_root" not in document
    assert "fragment q0_deeper on MediaCoverImage" in document
    for alias in ("q0_first: Media", "q0_Media: Media", "q0_third: Media"):
        assert alias in document


def test_what_was_not_given_or_not_declared_is_not_sent():
    assert merged((BOTH, {"other": 1})).question.variables == {}


def test_the_answer_is_taken_apart_under_the_names_asked_for():
    first, second = merged((TITLE, {"id": 1}), (BOTH, {})).parts
    data = {"q0_Media": {"id": 1}, "q1_first": None, "q1_Media": {}, "q1_third": 7}
    assert first.own(data) == {"Media": {"id": 1}}
    assert second.own(data) == {"first": None, "Media": {}, "third": 7}


def test_the_tenth_part_is_not_taken_for_the_first():
    parts = merged(*[(TITLE, {"id": number}) for number in range(12)]).parts
    data = {f"q{number}_Media": number for number in range(12)}
    assert [part.own(data) for part in parts] == [{"Media": number} for number in range(12)]


def test_an_error_belongs_to_the_part_in_whose_lines_it_stands():
    found = merged((TITLE, {"id": 1}), (MINE, {"id": "bob"}))
    lines = found.question.document.splitlines()
    at = {text.strip(): number for number, text in enumerate(lines, 1)}
    places = [
        at["q0_Media: Media(id: $q0_id) {"],
        at["q1_User: User(name: $q1_id) {"],
        at["fragment q1_names on User {"],
    ]
    errors = [{"locations": [{"line": line, "column": 1}], "n": n} for n, line in enumerate(places)]
    by_part, all_told = found.errors_by_part(errors)
    assert {part: [e["n"] for e in errors] for part, errors in by_part.items()} == {
        0: [0],
        1: [1, 2],
    }
    assert all_told


@pytest.mark.parametrize(
    "locations",
    [
        None,
        [],
        7,
        [7],
        [{}],
        [{"line": "1"}],
        [{"line": None}],
        [{"line": 1, "column": 1}],
        [{"line": 999}],
    ],
    ids=str,
)
def test_an_error_that_says_not_where_belongs_to_nobody(locations):
    found = merged((TITLE, {"id": 1}), (MINE, {"id": "bob"}))
    assert found.errors_by_part([{"locations": locations}]) == ({}, False)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (TITLE, True),
        (BOTH, True),
        ("mutation { ToggleFollow(userId: 1) { id } }", False),
        ("query @odd { Media(id: 1) { id } }", False),
        (
            "{ Media(id: 1) { ...a } } fragment a on Media { ...b } fragment b on Media { ...a }",
            False,
        ),
        ("{ Media(id: 1) { ...missing } }", True),
    ],
)
def test_what_can_be_a_part_is_known(document, expected):
    assert can_be_merged(Question.read(document)) is expected

"""How much a document asks for, counted as AniList counts it."""

from __future__ import annotations

import time

import pytest
from graphql import get_operation_ast, parse
from hypothesis import given
from hypothesis import strategies as st

from django_anilist.api.documents import read_operation
from django_anilist.api.errors import QueryError
from django_anilist.sandbox.complexity import complexity as as_the_sandbox_counts

CONDITIONAL = """query ($all: Boolean = true, $none: Boolean) {
    Media(id: 1) {
        id
        title @include(if: $all) { romaji native }
        genres @skip(if: $all)
        coverImage @include(if: $none) { large }
        idMal @include(if: false)
        siteUrl @skip(if: false) @include(if: true)
        ... @include(if: $all) { format }
    }
}"""


def cost(document, variables=None):
    return read_operation(document).cost.of(variables or {})


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("{ Media(id: 1) { id } }", 2),
        ("{ a: Media(id: 1) { id } b: Media(id: 1) { id } }", 4),
        ("{ Page(perPage: 50) { media { id title { romaji } } } }", 5),
        ("{ Media(id: 1) { ...a } } fragment a on Media { id idMal }", 3),
        ("{ Media(id: 1) { ...a ...a } } fragment a on Media { id idMal }", 5),
        ("{ Media(id: 1) { ... on Media { id } ... { idMal } } }", 3),
        ("{ Media(id: 1) { ...missing } }", 1),
        ("{ Media(id: 1) { __typename } }", 2),
    ],
)
def test_every_field_counts_once_for_each_use(document, expected):
    assert cost(document) == expected


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, 7),
        ({"all": True}, 7),
        ({"all": False}, 4),
        ({"none": True}, 9),
        ({"all": False, "none": True}, 6),
    ],
)
def test_what_a_condition_leaves_out_is_free(variables, expected):
    assert cost(CONDITIONAL, variables) == expected


@pytest.mark.parametrize("variables", [{}, {"all": True}, {"all": False}, {"none": True}])
def test_the_sandbox_counts_the_same(variables):
    tree = parse(CONDITIONAL)
    given_to_it = {"all": True, **variables}
    expected = as_the_sandbox_counts(get_operation_ast(tree), {}, given_to_it)
    assert cost(CONDITIONAL, variables) == expected


@given(st.lists(st.integers(0, 7), min_size=8, max_size=8))
def test_fragments_of_any_nesting_are_counted_or_refused(uses):
    """Also those that use one another in circles."""
    fragments = " ".join(
        f"fragment f{number} on Media {{ id ...f{use} }}" for number, use in enumerate(uses)
    )
    try:
        assert cost(f"{{ Media(id: 1) {{ ...f0 }} }} {fragments}") > 0
    except QueryError:
        pass


def test_fragments_that_double_each_time_are_counted_in_no_time():
    fragments = " ".join(
        f"fragment f{number} on Media {{ ...f{number + 1} ...f{number + 1} }}"
        for number in range(60)
    )
    document = f"{{ Media(id: 1) {{ ...f0 }} }} {fragments} fragment f60 on Media {{ id }}"
    started = time.perf_counter()
    assert cost(document) == 2**60 + 1
    assert time.perf_counter() - started < 5

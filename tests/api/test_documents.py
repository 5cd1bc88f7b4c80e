"""What a document asks for, known before it is sent."""

import pytest

from django_anilist.api.documents import read_operation
from django_anilist.api.errors import QueryError, TooComplex


def test_a_query_is_told_from_a_mutation():
    assert not read_operation("query Titles { Media(id: 1) { id } }").is_mutation
    assert read_operation("mutation { SaveMediaListEntry(mediaId: 1) { id } }").is_mutation


def test_the_name_is_read():
    assert read_operation("query Titles { Media(id: 1) { id } }").name == "Titles"
    assert read_operation("{ Media(id: 1) { id } }").name == ""


@pytest.mark.parametrize(
    "document",
    [
        "{ Viewer { id } }",
        "{ me: Viewer { id } }",
        "{ Media(id: 1) { id } Viewer { id } }",
        "{ ... { Viewer { id } } }",
        "{ ... on Query { Viewer { id } } }",
        "{ ...a } fragment a on Query { ...b } fragment b on Query { Viewer { id } }",
        "{ Notification { __typename } }",
        "mutation { ToggleFollow(userId: 1) { id } }",
    ],
)
def test_a_document_that_needs_a_viewer_is_known(document):
    assert read_operation(document).needs_viewer


@pytest.mark.parametrize(
    "document",
    [
        "{ Media(id: 1) { id } }",
        "{ Page { media { id mediaListEntry { id } } } }",
        "{ Viewer: Media(id: 1) { id } }",
        "{ ...a } fragment a on Query { ...a Media(id: 1) { id } }",
        "{ ...missing }",
    ],
)
def test_a_public_document_is_known(document):
    assert not read_operation(document).needs_viewer


def test_one_of_several_operations_is_picked_by_name():
    document = "query A { Media(id: 1) { id } } query B { Viewer { id } }"
    assert read_operation(document, "B").needs_viewer
    assert not read_operation(document, "A").needs_viewer


@pytest.mark.parametrize(
    ("document", "name"),
    [
        ("query A { a } query B { b }", None),
        ("query A { a }", "B"),
        ("fragment a on Query { a }", None),
        ("", None),
        ("{", None),
        ("{ a(", None),
        ("not graphql", None),
        ("{ a" * 10_000, None),
        ("{ a \0 }", None),
    ],
)
def test_a_document_anilist_would_refuse_is_refused_here(document, name):
    with pytest.raises(QueryError) as caught:
        read_operation(document, name)
    assert caught.value.status == 400
    assert caught.value.errors[0]["message"]


def test_what_to_call_an_operation_without_a_name():
    assert read_operation("query Titles { Media(id: 1) { id } }").label == "Titles"
    assert read_operation("{ Media(id: 1) { id } }").label == "Media"
    assert read_operation("{ ...missing }").label == ""


def test_the_fields_of_a_document_are_known_wherever_they_stand():
    document = "{ Media(id: 1) { ...a } } fragment a on Media { title { romaji } }"
    assert read_operation(document).fields == {"Media", "title", "romaji"}


def test_documents_are_told_apart_by_what_they_ask():
    one, other = "{ Media(id: 1) { id } }", "{ Media(id: 1) { idMal } }"
    assert read_operation(one).digest == read_operation(one).digest
    assert read_operation(one).digest != read_operation(other).digest
    both = "query A { Viewer { id } } query B { Viewer { id } }"
    assert read_operation(both, "A").digest != read_operation(both, "B").digest


def test_a_document_over_anilists_cap_is_refused_with_anilists_words():
    fields = " ".join(f"a{number}: id" for number in range(500))
    operation = read_operation(f"{{ Media(id: 1) {{ {fields} }} }}")
    with pytest.raises(TooComplex, match=r"Max query complexity should be 500 but got 501\."):
        operation.refuse_too_complex({})

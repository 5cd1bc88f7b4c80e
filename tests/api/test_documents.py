"""What a document asks for, known before it is sent."""

import pytest

from django_anilist.api.documents import read_operation
from django_anilist.api.errors import QueryError


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

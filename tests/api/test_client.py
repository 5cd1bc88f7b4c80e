"""The client: what it sends, and when it does not."""

import json
from pathlib import Path

import pytest
import responses
from graphql import FieldNode, FragmentDefinitionNode, Visitor, build_schema, parse, validate, visit
from hypothesis import given, settings
from hypothesis import strategies as st
from responses import matchers

import django_anilist.sandbox
from django_anilist.api import queries
from django_anilist.api.client import MAX_CHUNKS, Client
from django_anilist.api.endpoints import ANILIST
from django_anilist.api.errors import (
    BadResponse,
    NotConnected,
    QueryError,
    TokenExpired,
    TokenRejected,
)
from django_anilist.api.secrets import Secret
from django_anilist.api.transport import Reply, RequestsTransport

TOKEN = Secret("canary-token")
PAGED = "query ($page: Int) { Page(page: $page) { pageInfo { hasNextPage } media { id } } }"
DOCUMENTS = {
    name: value for name, value in vars(queries).items() if name.isupper() and name[0] != "_"
}


class Script:
    """A transport that gives the replies in turn, and remembers the calls."""

    def __init__(self, *contents):
        self.contents = list(contents)
        self.calls = []

    def send(self, call):
        self.calls.append(call)
        content = self.contents.pop(0)
        return (
            content if isinstance(content, Reply) else Reply(200, {}, json.dumps(content).encode())
        )

    def close(self):
        pass


class Access:
    """A viewer with a token, or with a dead one."""

    def __init__(self, token=TOKEN):
        self.token = token
        self.heard = []

    def bearer(self):
        return self.token

    def account_id(self):
        if self.token is None:
            raise TokenExpired
        return 5001

    def rejected(self, bearer):
        self.heard.append(bearer)


def client(*contents, access=None):
    script = Script(*contents)
    return Client(script, ANILIST, access), script


def data(**found):
    return {"data": found}


# Call shapes


@responses.activate
def test_a_query_is_sent_as_anilists_guide_says():
    document = "query Title($id: Int) { Media(id: $id) { id } }"
    body = {"query": document, "variables": {"id": 1}, "operationName": "Title"}
    headers = {
        "Authorization": "Bearer canary-token",
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Referer": "https://site.test/",
        "User-Agent": "tests",
    }
    sent = responses.post(
        "https://graphql.anilist.co/",
        json=data(Media={"id": 1}),
        match=[matchers.json_params_matcher(body), matchers.header_matcher(headers)],
    )
    transport = RequestsTransport(referer="https://site.test/", user_agent="tests")
    found = Client(transport, ANILIST, Access()).execute(document, {"id": 1}, "Title")
    assert found == {"Media": {"id": 1}}
    assert sent.call_count == 1


def test_hostile_values_travel_as_variables_only():
    asked, script = client(data(Media=None))
    document = "query ($search: String) { Media(search: $search) { id } }"
    asked.execute(document, {"search": '"}}{Viewer{id}}'})
    assert script.calls[0].payload["query"] == document
    assert script.calls[0].payload["variables"] == {"search": '"}}{Viewer{id}}'}


@settings(max_examples=1000, deadline=None)
@given(st.text())
def test_no_value_ever_changes_the_text_of_a_query(text):
    asked, script = client(
        data(Media={"id": 1}), chunk(1), data(SaveMediaListEntry={}), access=Access()
    )
    asked.media(text)
    asked.media_list(user_name=text, status=text, sort=text)
    asked.save_media_list_entry(media_id=text, notes=text)
    sent = [call.payload["query"] for call in script.calls]
    assert sent == [queries.MEDIA, queries.MEDIA_LIST, queries.SAVE_MEDIA_LIST_ENTRY]


# The viewer


@pytest.mark.parametrize(
    "document", ["{ Viewer { id } }", "mutation { DeleteMediaListEntry(id: 1) { deleted } }"]
)
def test_what_needs_a_viewer_is_not_sent_without_one(document):
    asked, script = client()
    with pytest.raises(NotConnected):
        asked.execute(document)
    asked, script = client(access=Access(None))
    with pytest.raises(TokenExpired):
        asked.execute(document)
    assert script.calls == []


def test_a_public_query_goes_without_a_token_where_there_is_none():
    asked, script = client(data(Media={"id": 1}), access=Access(None))
    asked.media(1)
    assert script.calls[0].bearer is None


def test_a_refused_token_is_told_once():
    invalid = Reply(400, {}, b'{"errors": [{"message": "Invalid token", "status": 400}]}')
    access = Access()
    asked, script = client(invalid, access=access)
    with pytest.raises(TokenRejected):
        asked.media(1)
    assert access.heard == [TOKEN]
    assert len(script.calls) == 1


@pytest.mark.parametrize(("access", "error"), [(None, NotConnected), (Access(None), TokenExpired)])
def test_anilists_401_to_a_stranger_says_what_the_user_must_do(access, error):
    unauthorized = Reply(401, {}, b'{"errors": [{"message": "Unauthorized.", "status": 401}]}')
    asked, _ = client(unauthorized, access=access)
    with pytest.raises(error):
        asked.execute("{ Page { notifications { __typename } } }")


def test_text_that_is_not_graphql_is_not_sent():
    asked, script = client()
    with pytest.raises(QueryError):
        asked.execute("{ Media(")
    assert script.calls == []


# Conveniences


def test_viewer_and_media_are_unwrapped():
    asked, _ = client(data(Viewer={"id": 1}), data(Media={"id": 2}), access=Access())
    assert asked.viewer() == {"id": 1}
    assert asked.media(2) == {"id": 2}


@pytest.mark.parametrize("content", [data(), data(Media=None), data(Media=7), data(Media=[{}])])
def test_media_of_another_shape_is_a_bad_response(content):
    asked, _ = client(content)
    with pytest.raises(BadResponse):
        asked.media(1)


def chunk(*ids, more=False):
    entries = [{"id": id, "status": "CURRENT"} for id in ids]
    lists = [{"name": "Watching", "isCustomList": False, "entries": entries}]
    return data(MediaListCollection={"lists": lists, "hasNextChunk": more})


def test_a_list_is_asked_for_chunk_by_chunk():
    asked, script = client(chunk(1, 2, more=True), chunk(2, 3), access=Access())
    assert [entry["id"] for entry in asked.media_list()] == [1, 2, 3]
    assert [call.payload["variables"]["chunk"] for call in script.calls] == [1, 2]
    assert script.calls[0].payload["variables"] == {
        "type": "ANIME", "perChunk": 500, "userId": 5001, "chunk": 1,
    }  # fmt: skip


def test_a_list_that_never_ends_is_ended():
    asked, script = client(*[chunk(1, more=True)] * (MAX_CHUNKS + 1), access=Access())
    assert len(asked.media_list()) == 1
    assert len(script.calls) == MAX_CHUNKS


@pytest.mark.parametrize(
    ("named", "sent"),
    [({"user_id": 7}, {"userId": 7}), ({"user_name": "bob"}, {"userName": "bob"})],
)
def test_the_list_of_another_user_needs_no_viewer(named, sent):
    asked, script = client(chunk(1))
    asked.media_list(**named, status="CURRENT", sort="SCORE_DESC", type="MANGA")
    variables = script.calls[0].payload["variables"]
    assert variables == {
        "type": "MANGA",
        "status": "CURRENT",
        "sort": "SCORE_DESC",
        "perChunk": 500,
        "chunk": 1,
        **sent,
    }


def test_saving_takes_pythons_spelling_and_sends_anilists():
    asked, script = client(data(SaveMediaListEntry={"id": 1}), access=Access())
    asked.save_media_list_entry(media_id=1, score_raw=80, hidden_from_status_lists=True, notes=None)
    assert script.calls[0].payload["variables"] == {
        "mediaId": 1, "scoreRaw": 80, "hiddenFromStatusLists": True, "notes": None,
    }  # fmt: skip


@pytest.mark.parametrize(("deleted", "told"), [(True, True), (False, False), (None, False)])
def test_deleting_tells_whether_it_went(deleted, told):
    asked, _ = client(data(DeleteMediaListEntry={"deleted": deleted}), access=Access())
    assert asked.delete_media_list_entry(1) is told


def page(*ids, more=False):
    return data(Page={"pageInfo": {"hasNextPage": more}, "media": [{"id": id} for id in ids]})


def test_pages_end_where_anilist_says_so_and_repeat_nothing():
    asked, script = client(page(1, 2, more=True), page(2, 3))
    assert [item["id"] for item in asked.pages(PAGED)] == [1, 2, 3]
    assert [call.payload["variables"]["page"] for call in script.calls] == [1, 2]


def test_pages_are_asked_for_as_they_are_read():
    asked, script = client(page(1, more=True), page(2))
    pages = asked.pages(PAGED, {"perPage": 1})
    assert next(pages) == {"id": 1}
    assert len(script.calls) == 1


def test_pages_that_never_end_are_ended():
    asked, script = client(*[page(1, more=True)] * 4)
    assert len(list(asked.pages(PAGED, max_pages=3))) == 1
    assert len(script.calls) == 3


def test_items_without_an_id_are_all_kept():
    content = data(
        Page={"pageInfo": {"hasNextPage": False}, "airing": [{"episode": 1}, {"episode": 1}, None]}
    )
    asked, _ = client(content)
    assert len(list(asked.pages(PAGED))) == 2


def test_a_page_without_page_info_is_a_bad_response():
    asked, _ = client(data(Page={"media": []}))
    with pytest.raises(BadResponse):
        list(asked.pages(PAGED))


# The documents


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_document_of_ours_is_valid(name):
    here = Path(django_anilist.sandbox.__file__).with_name("schema.graphql")
    reference = Path(__file__).resolve().parents[3] / "shared/anilist/schema.graphql"
    for path in (here, reference):
        if path.exists():
            assert (
                validate(build_schema(path.read_text(encoding="utf-8")), parse(DOCUMENTS[name]))
                == []
            )


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_document_of_ours_is_near_the_complexity_limit(name):
    """Fields, fragments counted once for each use: ours use each fragment once."""
    count = []

    class Fields(Visitor):
        def enter_field(self, node: FieldNode, *_):
            count.append(node)

    tree = parse(DOCUMENTS[name])
    visit(tree, Fields())
    fragments = sum(isinstance(node, FragmentDefinitionNode) for node in tree.definitions)
    assert DOCUMENTS[name].count("...") == fragments
    assert len(count) < 250

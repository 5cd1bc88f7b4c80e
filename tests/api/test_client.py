"""The client: what it sends, and when it does not."""

import datetime
import json
from decimal import Decimal
from pathlib import Path

import pytest
import responses
from graphql import build_schema, parse, validate
from hypothesis import given
from hypothesis import strategies as st
from responses import matchers

import django_anilist.sandbox
from django_anilist.api import queries
from django_anilist.api.client import MAX_CHUNKS, Client
from django_anilist.api.complexity import MAX_COMPLEXITY
from django_anilist.api.documents import read_operation
from django_anilist.api.endpoints import ANILIST
from django_anilist.api.errors import (
    BadResponse,
    NotConnected,
    OutcomeUnknown,
    QueryError,
    RateLimited,
    TokenExpired,
    TokenRejected,
    TooComplex,
    Unavailable,
)
from django_anilist.api.events import JOINED
from django_anilist.api.secrets import Secret
from django_anilist.api.transport import Reply, RequestsTransport
from django_anilist.api.values import FuzzyDate
from tests.properties import many

TOKEN = Secret("canary-token")
PAGED = "query ($page: Int) { Page(page: $page) { pageInfo { hasNextPage } media { id } } }"
DOCUMENTS = {
    name: value
    for name, value in vars(queries).items()
    if name.isupper() and isinstance(value, str) and name[0] != "_"
} | {"many_media": queries.many_media(2, False), "many_media, viewer": queries.many_media(2, True)}


ANSWER = Reply(200, {}, b'{"data": {"Media": {"id": 1}}}')


class Script:
    """A transport that gives the replies in turn, and remembers the calls."""

    def __init__(self, *contents):
        self.contents = list(contents)
        self.calls = []
        self.sends = False

    def send(self, call):
        self.calls.append(call)
        if self.sends:
            call.trace.left_the_queue(0.0, 1)
        content = self.contents.pop(0)
        if isinstance(content, Exception):
            raise content
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
        self.uses = 0

    def bearer(self):
        return self.token

    def viewer_id(self, bearer=None):
        return 5001 if self.token else None

    def account_id(self):
        if self.token is None:
            raise TokenExpired
        return 5001

    def rejected(self, bearer):
        self.heard.append(bearer)

    def used(self, bearer):
        self.uses += 1


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


@many(10)
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


def test_what_somebody_else_who_asked_the_same_was_told_says_nothing_of_this_token():
    """They may have had the one from before: the viewer has connected again meanwhile."""
    access = Access()
    asked, script = client(access=access)

    def join(call):
        call.trace.cache = JOINED
        return Reply(400, {}, b'{"errors": [{"message": "Invalid token", "status": 400}]}')

    script.send = join
    with pytest.raises(TokenRejected):
        asked.media(1)
    assert access.heard == []


@pytest.mark.parametrize(
    ("reply", "access", "uses"),
    [
        (ANSWER, Access, 1),
        (ANSWER, lambda: Access(None), 0),
        (Reply(200, {}, ANSWER.body, stale=True), Access, 0),
        (Reply(503, {}, b""), Access, 0),
        (Reply(400, {}, b'{"errors": [{"message": "Invalid token", "status": 400}]}'), Access, 0),
    ],
    ids=["answered", "as nobody", "stale", "down", "refused"],
)
def test_a_token_was_used_once_anilist_has_answered_it(reply, access, uses):
    asked, script = client(reply, access=access())
    script.sends = True
    try:
        asked.media(1)
    except (Unavailable, TokenRejected):
        pass
    assert asked._access.uses == uses


def test_what_is_remembered_uses_no_token():
    asked, _ = client(ANSWER, access=Access())  # whose script, as a memory would, sends nothing
    asked.media(1)
    assert asked._access.uses == 0


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


def test_a_document_over_the_cap_is_not_sent():
    asked, script = client()
    with pytest.raises(TooComplex, match="500 but got 601"):
        asked.execute("{ Media(id: 1) { " + " ".join(f"a{n}: id" for n in range(600)) + " } }")
    assert script.calls == []


# Changes


@pytest.mark.parametrize(
    "failure",
    [Unavailable("timeout"), Unavailable("connection"), BadResponse(), Reply(502, {}, b""),
     Reply(200, {}, b"<html>"), Reply(200, {}, b"cut off")],
)  # fmt: skip
def test_a_change_without_an_answer_has_an_unknown_outcome(failure):
    asked, script = client(failure, access=Access())
    with pytest.raises(OutcomeUnknown) as caught:
        asked.save_media_list_entry(media_id=1, progress=7)
    assert caught.value.reason in str(caught.value)
    assert len(script.calls) == 1


@pytest.mark.parametrize(
    "failure",
    [
        Unavailable("connection", in_doubt=False),
        Reply(403, {}, b"temporarily disabled"),
        Reply(429, {}, b""),
    ],
)
def test_a_change_that_was_certainly_not_made_is_told_as_what_it_is(failure):
    asked, _ = client(failure, access=Access())
    with pytest.raises((Unavailable, RateLimited)) as caught:
        asked.save_media_list_entry(media_id=1, progress=7)
    assert not isinstance(caught.value, OutcomeUnknown)


def test_a_query_without_an_answer_changed_nothing():
    asked, _ = client(Unavailable("timeout"))
    with pytest.raises(Unavailable) as caught:
        asked.media(1)
    assert not isinstance(caught.value, OutcomeUnknown)


# How a call is made


def test_the_layers_below_are_told_what_they_need():
    asked, script = client(data(Media={"id": 1}), data(SaveMediaListEntry={}), access=Access())
    asked.execute("{ Media(id: 1) { id } }", cache=7, deadline=1.5)
    asked.save_media_list_entry(media_id=1)
    query, mutation = script.calls
    assert (query.viewer, query.lifetime, query.fresh, query.deadline) == (5001, 7, False, 1.5)
    assert (mutation.is_mutation, mutation.lifetime) == (True, 0.0)


def test_an_answer_to_a_token_of_nobody_we_know_is_not_kept():
    access = Access()
    access.viewer_id = lambda bearer=None: None
    asked, script = client(*[data(Media={"id": 1})] * 2, access=access)
    asked.execute("{ Media(id: 1) { id } }")
    asked.execute("{ Media(id: 1) { id } }", cache=60)
    assert [call.lifetime for call in script.calls] == [0.0, 0.0]


def test_to_ask_afresh_is_to_ask_whatever_is_remembered():
    asked, script = client(data(Media={"id": 1}))
    asked.execute("{ Media(id: 1) { id } }", cache=0)
    assert script.calls[0].fresh
    assert script.calls[0].lifetime > 0


def test_an_answer_tells_its_age_and_so_do_its_parts():
    old = Reply(200, {}, json.dumps(data(Media={"id": 1})).encode(), age=90.0, stale=True)
    asked, _ = client(old)
    found = asked.media(1)
    assert (found, found.age, found.stale) == ({"id": 1}, 90.0, True)


def test_a_list_is_as_old_as_its_oldest_part():
    parts = [json.dumps(chunk(n, more=n < 3)).encode() for n in (1, 2, 3)]
    replies = [Reply(200, {}, body, age=float(n), stale=n == 1) for n, body in enumerate(parts)]
    asked, _ = client(*replies, access=Access())
    found = asked.media_list()
    assert (found.age, found.stale, len(found)) == (2.0, True, 3)


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


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"score": Decimal("8.5")}, {"score": 8.5}),
        ({"started_at": datetime.date(2026, 11, 5)}, {"startedAt": {"year": 2026, "month": 11, "day": 5}}),
        ({"completed_at": FuzzyDate(2026)}, {"completedAt": {"year": 2026, "month": None, "day": None}}),
    ],
)  # fmt: skip
def test_saving_takes_values_as_forms_have_them(given, sent):
    asked, script = client(data(SaveMediaListEntry={"id": 1}), access=Access())
    asked.save_media_list_entry(media_id=1, **given)
    assert script.calls[0].payload["variables"] == {"mediaId": 1, **sent}


def test_a_slip_in_an_argument_saves_nothing():
    """AniList ignores what it does not know, and would make an entry without."""
    asked, script = client(access=Access())
    with pytest.raises(TypeError, match="AniList saves no progres, mediaid of an entry"):
        asked.save_media_list_entry(media_id=1, progres=3, mediaid=1)
    assert script.calls == []


def test_a_long_list_can_be_read_slowly():
    asked, script = client(chunk(1, 2, more=True), chunk(2, 3), access=Access())
    entries = asked.iter_media_list()
    assert (next(entries)["id"], next(entries)["id"]) == (1, 2)
    assert len(script.calls) == 1
    assert [entry["id"] for entry in entries] == [3]


@pytest.mark.parametrize(
    "document",
    ["query ($page: Int) { Page(page: $page) { media { id } } }", "{ Media(id: 1) { id } }"],
)
def test_a_query_that_cannot_be_paged_is_the_programmers_and_not_anilists(document):
    asked, script = client()
    with pytest.raises(ValueError, match="pages needs a query of one Page"):
        list(asked.pages(document))
    assert script.calls == []


@pytest.mark.parametrize("read", ["iter_media_list", "pages"])
def test_who_disconnects_while_it_is_read_stops_it(read):
    access = Access()
    content = chunk(1, more=True) if read == "iter_media_list" else page(1, more=True)
    asked, script = client(content, content, access=access)
    items = asked.iter_media_list() if read == "iter_media_list" else asked.pages(PAGED)
    next(items)
    access.token = None
    with pytest.raises(TokenExpired):
        next(items)
    assert len(script.calls) == 1


@many(2)
@given(
    st.lists(
        st.lists(
            st.tuples(st.sampled_from(["Watching", "Best", "Old"]), st.lists(st.integers(1, 9))),
            max_size=4,
        ),
        min_size=1,
        max_size=4,
    )
)
def test_a_list_of_any_shape_gives_each_entry_once(shape):
    """Groups that repeat one another, across chunks too; and read slowly it is the same."""
    chunks = [
        data(
            MediaListCollection={
                "hasNextChunk": number < len(shape) - 1,
                "lists": [
                    {"name": name, "isCustomList": name == "Best",
                     "entries": [{"id": id, "status": "CURRENT"} for id in ids]}
                    for name, ids in groups
                ],
            }
        )
        for number, groups in enumerate(shape)
    ]  # fmt: skip
    everything = {id for groups in shape for _, ids in groups for id in ids}
    best = {id for groups in shape for name, ids in groups if name == "Best" for id in ids}
    asked, _ = client(*chunks, access=Access())
    found = asked.media_list()
    assert sorted(entry["id"] for entry in found) == sorted(everything)
    assert {entry["id"] for entry in found if entry["customListNames"]} == best
    asked, _ = client(*chunks, access=Access())
    assert [entry["id"] for entry in asked.iter_media_list()] == [entry["id"] for entry in found]


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


def test_items_with_an_odd_id_are_all_kept():
    odd = [{"id": value} for value in ({}, [1], [1], 1.5, "x", "x")]
    asked, _ = client(data(Page={"pageInfo": {"hasNextPage": False}, "media": odd}))
    assert list(asked.pages(PAGED)) == odd[:-1]


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
    assert read_operation(DOCUMENTS[name]).cost.of({}) < MAX_COMPLEXITY / 4

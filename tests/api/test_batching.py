"""Many questions in few requests: each gets what it would have got alone."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_anilist.api.batching import HAND_OVER, packed
from django_anilist.api.caching import CachingTransport
from django_anilist.api.client import Client
from django_anilist.api.conversation import Anonymous, Ways
from django_anilist.api.endpoints import ANILIST
from django_anilist.api.endpoints import sandbox as endpoints_of
from django_anilist.api.errors import (
    AniListError,
    BadResponse,
    NotConnected,
    NotFound,
    QueryError,
    RateLimited,
    TokenRejected,
    TooComplex,
    Unavailable,
    ValidationFailed,
)
from django_anilist.api.flights import Flights
from django_anilist.api.memory import Memory
from django_anilist.api.secrets import Secret
from django_anilist.api.transport import Reply, RequestsTransport
from tests.api.stores import DictStore
from tests.api.test_client import Access
from tests.properties import many

MEDIA = "query ($id: Int) { Media(id: $id) { id title { romaji } } }"
NAMED = "query ($id: String) { User(name: $id) { name ...u } } fragment u on User { id }"
VIEWER = "{ Viewer { name } }"
MEDIA_1 = "{ Media(id: 1) { id } }"
FRIEREN, NOBODY = 154587, 999_999_999


class Script:
    """A transport that answers each call by a function."""

    def __init__(self, answer):
        self.answer, self.calls = answer, []

    def send(self, call):
        self.calls.append(call)
        found = self.answer(call)
        if isinstance(found, Exception):
            raise found
        return found if isinstance(found, Reply) else Reply(200, {}, json.dumps(found).encode())

    def close(self):
        pass


def scripted(answer, access=None, store=None):
    script = Script(answer)
    memory = Memory(store, clock=store.clock) if store else None
    way = CachingTransport(script, memory, Flights(store)) if store else script
    ways = Ways(stale_for=1000.0)
    return Client(way, ANILIST, access, ways=ways, memory=memory), script


def by_alias(call):
    """Answer every Media of a merged query by its id."""
    variables = call.payload["variables"]
    if "id" in variables:
        return {"data": {"Media": {"id": variables["id"]}}}
    return {"data": {name.replace("_id", "_Media"): {"id": id} for name, id in variables.items()}}


@pytest.fixture(scope="module")
def wire():
    transport = RequestsTransport(referer="http://localhost/", user_agent="tests")
    yield transport
    transport.close()


@pytest.fixture
def plain(sandbox, wire):
    """A client that remembers nothing, as nobody."""
    return Client(wire, endpoints_of(sandbox.url), Anonymous())


class Alice(Access):
    def __init__(self, sandbox):
        super().__init__(Secret(sandbox.issue_token("alice")))


# What each gets


def test_several_questions_are_one_request(plain, sandbox):
    asks = [(MEDIA, {"id": FRIEREN}), (NAMED, {"id": "bob"}), "{ GenreCollection }"]
    media, user, genres = plain.execute_many(asks)
    assert media["Media"]["id"] == FRIEREN
    assert user["User"]["name"] == "bob"
    assert "Adventure" in genres["GenreCollection"]
    assert sandbox.count() == 1


def test_what_is_not_to_be_remembered_serves_in_no_outage_either(sandbox, wire):
    store, ways = DictStore(), Ways(lifetimes={"Media": 0.0}, stale_for=1000.0)
    client = Client(wire, endpoints_of(sandbox.url), ways=ways, memory=Memory(store))
    asks = [(MEDIA, {"id": 1}), (MEDIA, {"id": FRIEREN})]
    assert [found["Media"]["id"] for found in client.execute_many(asks)] == [1, FRIEREN]
    assert store.values == {}
    sandbox.dials.status = 503
    assert [type(found) for found in client.execute_many(asks)] == [Unavailable] * 2


def test_one_that_is_missing_sinks_no_other(plain, sandbox):
    asks = [(MEDIA, {"id": id}) for id in (1, NOBODY, FRIEREN)]
    first, missing, last = plain.execute_many(asks)
    assert (first["Media"]["id"], last["Media"]["id"]) == (1, FRIEREN)
    assert isinstance(missing, NotFound)
    assert sandbox.count() == 1


def test_one_that_is_wrong_sinks_no_other(plain, sandbox):
    wrong = "{ Media(id: 1) { noSuchField } }"
    first, refused, last = plain.execute_many([(MEDIA, {"id": 1}), wrong, (MEDIA, {"id": FRIEREN})])
    assert (first["Media"]["id"], last["Media"]["id"]) == (1, FRIEREN)
    assert type(refused) is QueryError
    assert str(refused).startswith("Cannot query field")
    assert sandbox.count() == 2  # AniList refuses the whole, so the others are asked again


@pytest.mark.parametrize("wrong", ["no number", 2**40, None])
def test_one_wrong_variable_is_that_questions_alone(plain, sandbox, wrong):
    """AniList names the line on which the variable is defined."""
    asks = [("query ($id: Int!) { Media(id: $id) { id } }", {"id": id}) for id in (1, wrong, 21, 1)]
    found = plain.execute_many(asks)
    assert [answer["Media"]["id"] for answer in (found[0], found[2], found[3])] == [1, 21, 1]
    assert type(found[1]) is QueryError
    assert sandbox.count() == 2


@pytest.mark.parametrize(
    ("ask", "error"),
    [
        ("{ Media(", QueryError),
        (VIEWER, NotConnected),
        ("{ Media(id: 1) { " + " ".join(f"a{n}: id" for n in range(500)) + " } }", TooComplex),
    ],
)
def test_one_that_cannot_even_be_sent_has_its_error(plain, sandbox, ask, error):
    found, media = plain.execute_many([ask, (MEDIA, {"id": 1})])
    assert type(found) is error
    assert media["Media"]["id"] == 1
    assert sandbox.count() == 1


def test_a_single_document_is_not_gone_through_letter_by_letter(plain):
    with pytest.raises(TypeError, match="put one into a list"):
        plain.execute_many("{ Media(id: 1) { id } }")


def test_a_mutation_is_no_part_of_it(plain, sandbox):
    with pytest.raises(ValueError, match="mutation"):
        plain.execute_many(["mutation { DeleteMediaListEntry(id: 1) { deleted } }"])
    assert sandbox.count() == 0


def test_nothing_is_asked_for_nothing(plain, sandbox):
    assert plain.execute_many([]) == []
    assert sandbox.count() == 0


def test_the_same_question_twice_is_asked_once(plain, sandbox):
    first, second = plain.execute_many([(MEDIA, {"id": 1})] * 2)
    assert first == second
    assert sandbox.requests[-1].complexity == 4


def test_what_has_directives_of_its_own_goes_alone(plain, sandbox):
    circular = "{ Media(id: 1) { ...a } } fragment a on Media { id ...a }"
    media, refused = plain.execute_many([(MEDIA, {"id": 1}), circular])
    assert media["Media"]["id"] == 1
    assert isinstance(refused, QueryError)


def test_more_than_anilist_allows_at_once_is_split(sandbox, plain):
    wide = (
        "query ($id: Int) { Media(id: $id) { " + " ".join(f"a{n}: id" for n in range(98)) + " } }"
    )
    found = plain.execute_many([(wide, {"id": id}) for id in (1, 20, 21, 30, FRIEREN, 1)])
    assert all(isinstance(outcome, dict | NotFound) for outcome in found)
    costs = [request.complexity for request in sandbox.requests]
    assert sum(costs) == 5 * 99
    assert len(costs) == 1


def test_as_the_viewer_it_sees_what_the_viewer_sees(sandbox, wire):
    client = Client(wire, endpoints_of(sandbox.url), Alice(sandbox))
    viewer, media = client.execute_many([VIEWER, (MEDIA, {"id": 1})])
    assert viewer["Viewer"]["name"] == "alice"
    assert sandbox.count() == 1
    assert media["Media"]["id"] == 1


def test_a_refused_token_is_everybodys_error(sandbox, wire):
    access = Alice(sandbox)
    sandbox.revoke("alice")
    found = Client(wire, endpoints_of(sandbox.url), access).execute_many(
        [VIEWER, (MEDIA, {"id": 1})]
    )
    assert [type(outcome) for outcome in found] == [TokenRejected] * 2
    assert len(access.heard) == 1
    assert sandbox.count() == 1


# Against the sandbox: the same as one by one

PIECES = st.sampled_from(
    [
        "Media(id: $id) { id title { romaji } }",
        "other: Media(id: $id) { ...names }",
        "q0_Media: Media(id: $id) { idMal }",
        "Media(id: 1) { coverImage { large } }",
        "...root",
        "... on Query { inside: Media(id: $id) { format } }",
        "User(name: $name) { id name }",
        'alice: User(name: "alice") { ...person }',
        "GenreCollection",
        "Page(page: $page, perPage: 3) { media(id_in: $ids) { id ...names } }",
        "list: MediaListCollection(userName: $name, type: ANIME) { lists { name entries { id } } }",
        "maybe: Media(id: $id) @include(if: $yes) { id }",
        "never: Media(id: $id) @skip(if: $yes) { id }",
        "__typename",
    ]
)
DECLARED = {
    "id": "Int",
    "name": "String",
    "page": "Int = 1",
    "ids": "[Int]",
    "yes": "Boolean = true",
}
FRAGMENTS = {
    "names": "fragment names on Media { title { ...romaji } id }",
    "romaji": "fragment romaji on MediaTitle { romaji }",
    "root": "fragment root on Query { fromRoot: Media(id: $id) { ...names } }",
    "person": "fragment person on User { name avatar { large } }",
}
VALUES = st.fixed_dictionaries(
    {"id": st.sampled_from([1, FRIEREN, NOBODY, "20"]), "name": st.sampled_from(["bob", "zoe"])},
    optional={
        "page": st.sampled_from([1, 2]),
        "ids": st.lists(st.sampled_from([1, 20, FRIEREN, NOBODY]), max_size=4),
        "yes": st.booleans(),
    },
)


@st.composite
def asks(draw):
    """Return a valid document, with the variables and fragments that it uses, and their values."""
    body = " ".join(
        draw(st.lists(PIECES, min_size=1, max_size=4, unique_by=lambda piece: piece[:8]))
    )
    used: dict[str, str] = {}
    while more := [
        n for n in FRAGMENTS if n not in used and f"...{n}" in body + "".join(used.values())
    ]:
        used |= {name: FRAGMENTS[name] for name in more}
    text = body + "".join(used.values())
    declared = [
        f"${name}: {kind}" for name, kind in DECLARED.items() if re.search(rf"\${name}\b", text)
    ]
    head = f"query {draw(st.sampled_from(['', 'Same', 'Name']))}"
    document = f"{head}{'(' + ', '.join(declared) + ')' if declared else ''} {{ {body} }}"
    return f"{document} {' '.join(used.values())}", draw(VALUES)


def one_by_one(client, ask):
    try:
        return client.execute(*ask)
    except AniListError as error:
        return error


def shown(outcome):
    return (type(outcome), str(outcome), getattr(outcome, "data", None))


@many(2)
@given(st.lists(asks(), min_size=1, max_size=6))
def test_together_each_gets_what_it_gets_alone(plain, sandbox, questions):
    sandbox.requests.clear()
    together = plain.execute_many(questions)
    sent = sandbox.count()
    alone = [one_by_one(plain, question) for question in questions]
    assert [shown(outcome) for outcome in together] == [shown(outcome) for outcome in alone]
    if not any(isinstance(outcome, AniListError) for outcome in alone):
        assert sent == 1


# Answers that do not say enough


def test_where_the_answer_does_not_say_whose_error_it_is_those_in_doubt_are_asked_alone():
    def answer(call):
        if "q0_id" in call.payload["variables"]:
            return {"errors": [{"message": "Not Found.", "status": 404}],
                    "data": {"q0_Media": {"id": 1}, "q1_Media": None}}  # fmt: skip
        return Reply(404, {}, b'{"errors": [{"message": "Not Found.", "status": 404}]}')

    client, script = scripted(answer)
    first, second = client.execute_many([(MEDIA, {"id": 1}), (MEDIA, {"id": 2})])
    assert first == {"Media": {"id": 1}}
    assert isinstance(second, NotFound)
    assert len(script.calls) == 2


def test_where_nothing_but_errors_comes_back_each_is_asked_alone():
    def answer(call):
        variables = call.payload["variables"]
        return (
            by_alias(call) if "id" in variables else {"errors": [{"message": "odd"}], "data": None}
        )

    client, script = scripted(answer)
    found = client.execute_many([(MEDIA, {"id": 1}), (MEDIA, {"id": 2})])
    assert found == [{"Media": {"id": 1}}, {"Media": {"id": 2}}]
    assert len(script.calls) == 3


def test_an_error_keeps_its_kind_and_its_fields():
    def answer(call):
        line = next(
            n
            for n, text in enumerate(call.payload["query"].splitlines(), 1)
            if "q1_" in text and n > 1
        )
        error = {"message": "validation", "status": 400, "validation": {"id": ["Wrong."]},
                 "locations": [{"line": line, "column": 1}]}  # fmt: skip
        return Reply(400, {}, json.dumps({"errors": [error], "data": {"q0_Media": {}}}).encode())

    client, _ = scripted(answer)
    first, second = client.execute_many([(MEDIA, {"id": 1}), (MEDIA, {"id": 2})])
    assert first == {"Media": {}}
    assert isinstance(second, ValidationFailed)
    assert second.fields == {"id": ["Wrong."]}


@pytest.mark.parametrize("error", [RateLimited(30), Unavailable("server"), BadResponse()])
def test_an_outage_is_everybodys_error(error):
    client, script = scripted(lambda call: error)
    found = client.execute_many([(MEDIA, {"id": 1}), (MEDIA, {"id": 2})])
    assert [type(outcome) for outcome in found] == [type(error)] * 2
    assert [outcome.__traceback__ for outcome in found] == [None, None]  # it would hold all of this
    assert len(script.calls) == 1


def too_large_beyond(most):
    """Return what answers no more than ``most`` documents at once."""

    def answer(call):
        aliases = set(re.findall(r"\bq\d+_Media:", call.payload["query"]))
        if len(aliases) > most:
            return BadResponse("AniList's answer is too large", "too-large")
        return by_alias(call)

    return answer


@pytest.mark.parametrize(("most", "sent"), [(8, 1), (4, 3), (2, 7), (1, 15)])
def test_what_is_too_large_together_is_asked_for_in_halves(most, sent):
    client, script = scripted(too_large_beyond(most))
    found = client.execute_many([(MEDIA, {"id": number}) for number in range(1, 9)])
    assert found == [{"Media": {"id": number}} for number in range(1, 9)]
    assert len(script.calls) == sent


def test_what_costs_more_together_than_alone_is_asked_alone():
    """A variable that is given and not declared means nothing, and is not sent along."""
    many = " ".join(f"a{n}: Media(id: 1) {{ id }}" for n in range(245))
    more = " ".join(f"b{n}: Media(id: 1) {{ id }}" for n in range(60))
    odd = f"{{ {many} ... @skip(if: $off) {{ {more} }} }}"
    client, script = scripted(lambda call: {"data": {"x": 1}})
    assert client.execute_many([(odd, {"off": True}), MEDIA_1]) == [{"x": 1}] * 2
    assert len(script.calls) == 2


@pytest.mark.parametrize(
    "document",
    [
        "subscription { Media(id: 1) { id } }",
        "{ Media(id: 1) { id } } fragment unused on Media { id }",
        "{ Media(id: 1) { ...a } } fragment a on Media { id } fragment b on Media { ...a }",
        "{ Media(id: 1) { id } } type A { a: Int }",
        "{ Media(id: 1) { ...a } } fragment a on Media { id } fragment a on Media { idMal }",
    ],
)
def test_what_anilist_refuses_alone_is_refused_beside_others(plain, document):
    refused, other = plain.execute_many([document, (MEDIA, {"id": 1})])
    assert shown(refused) == shown(one_by_one(plain, (document, {})))
    assert isinstance(refused, QueryError)
    assert other["Media"]["id"] == 1


def test_an_error_names_no_operation_that_nobody_wrote(plain):
    undeclared = "{ Media(id: $id) { id } }"
    found = plain.execute_many([undeclared, (MEDIA, {"id": 1})])[0]
    assert shown(found) == shown(one_by_one(plain, (undeclared, {})))


# Remembered


def test_what_is_remembered_is_not_asked_for():
    client, script = scripted(by_alias, store=DictStore())
    client.execute(MEDIA, {"id": 1})
    client.execute_many([(MEDIA, {"id": id}) for id in (1, 2, 3)])
    assert client.execute_many([(MEDIA, {"id": id}) for id in (3, 2, 1)]) == [
        {"Media": {"id": id}} for id in (3, 2, 1)
    ]
    assert client.execute(MEDIA, {"id": 2}) == {"Media": {"id": 2}}
    assert [call.payload["variables"] for call in script.calls] == [
        {"id": 1},
        {"q0_id": 2, "q1_id": 3},
    ]


def test_what_is_not_there_is_remembered_too(sandbox, wire):
    store = DictStore()
    memory = Memory(store, clock=store.clock)
    way = CachingTransport(wire, memory, Flights(store))
    client = Client(way, endpoints_of(sandbox.url), Anonymous(), memory=memory)
    for _ in range(2):
        found = client.execute_many([(MEDIA, {"id": 1}), (MEDIA, {"id": NOBODY})])
        assert isinstance(found[1], NotFound)
    assert sandbox.count() == 1


def test_a_refusal_that_came_without_data_is_remembered_like_any_other():
    missing = Reply(404, {}, b'{"errors": [{"message": "Not Found.", "status": 404}]}')
    client, script = scripted(lambda call: missing, store=DictStore())
    with pytest.raises(NotFound):
        client.execute(MEDIA, {"id": 1})
    assert isinstance(client.execute_many([(MEDIA, {"id": 1})])[0], NotFound)
    assert len(script.calls) == 1


def test_an_old_answer_to_the_whole_is_never_taken_for_new_ones():
    store = DictStore()
    down = []
    client, _ = scripted(lambda call: down[0] if down else by_alias(call), store=store)
    both = [(MEDIA, {"id": 1}), (MEDIA, {"id": 2})]
    client.execute_many(both)
    store.now += 950
    down.append(Unavailable("server"))
    for _ in range(2):
        store.now += 10
        assert [outcome.stale for outcome in client.execute_many(both)] == [True, True]


def test_old_answers_serve_while_anilist_does_not():
    store = DictStore()
    down = []
    client, script = scripted(lambda call: down[0] if down else by_alias(call), store=store)
    client.execute_many([(MEDIA, {"id": 1}), (MEDIA, {"id": 2})])
    store.now += 1000
    down.append(Unavailable("server"))
    first, second, third = client.execute_many([(MEDIA, {"id": id}) for id in (1, 2, 3)])
    assert (first, second) == ({"Media": {"id": 1}}, {"Media": {"id": 2}})
    assert (first.stale, first.age) == (True, 1000.0)
    assert isinstance(third, Unavailable)
    store.now += 2000
    assert isinstance(client.execute_many([(MEDIA, {"id": 1})])[0], Unavailable)


def test_the_answer_to_the_whole_is_kept_a_moment_only():
    store = DictStore()
    client, _ = scripted(by_alias, store=store)
    client.execute_many([(MEDIA, {"id": 1}), (MEDIA, {"id": 2})])
    short = [until for _, until in store.values.values() if until <= store.now + HAND_OVER]
    assert len(short) == 1


# Packing


@given(st.lists(st.integers(1, 500)))
def test_no_group_is_over_the_cap_and_nothing_is_lost(costs):
    items = [((number, cost), cost) for number, cost in enumerate(costs)]
    groups = packed(items, 500)
    assert sorted(item for group in groups for item in group) == [item for item, _ in items]
    assert all(sum(cost for _, cost in group) <= 500 for group in groups)
    assert sum(sum(cost for _, cost in group) <= 250 for group in groups) <= 1

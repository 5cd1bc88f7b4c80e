"""Hundreds of media in one request; and those that are met one by one, together."""

from __future__ import annotations

import json

import pytest

from django_anilist.api import queries
from django_anilist.api.caching import CachingTransport
from django_anilist.api.client import Client
from django_anilist.api.conversation import Ways
from django_anilist.api.endpoints import ANILIST
from django_anilist.api.errors import BadResponse, QueryError, RateLimited, Unavailable
from django_anilist.api.flights import Flights
from django_anilist.api.many_media import LazyBatch, LazyMedia, MediaById
from django_anilist.api.memory import Memory
from django_anilist.api.results import Answer
from django_anilist.api.transport import Reply
from tests.api.stores import DictStore
from tests.api.test_client import Access

MISSING = {13, 113}


class AniList:
    """A transport that gives every medium but ``MISSING``, some as null, and can be down."""

    def __init__(self):
        self.calls, self.down, self.media = (
            [],
            None,
            lambda id: {"id": id, "title": {"romaji": str(id)}},
        )

    def send(self, call):
        self.calls.append(call)
        if self.down is not None:
            raise self.down
        variables = call.payload["variables"]
        pages = {
            name.replace("ids", "p"): {"media": self.page(ids)} for name, ids in variables.items()
        }
        return Reply(200, {}, json.dumps({"data": pages}).encode())

    def page(self, ids):
        found = [self.media(id) for id in reversed(ids) if id not in MISSING]
        return found + [None] * (len(ids) - len(found))

    def close(self):
        pass


class Site:
    """A client of nobody, or of alice, over that AniList and a store."""

    def __init__(self, access=None, *, remembers=True, lifetimes=None):
        self.anilist, self.store = AniList(), DictStore()
        memory = Memory(self.store, clock=self.store.clock) if remembers else None
        way = (
            CachingTransport(self.anilist, memory, Flights(self.store)) if memory else self.anilist
        )
        ways = Ways(lifetimes=lifetimes or {}, stale_for=1000.0)
        self.client = Client(way, ANILIST, access, ways=ways, memory=memory)

    @property
    def sent(self):
        return len(self.anilist.calls)


@pytest.fixture
def site():
    return Site()


def test_two_hundred_media_are_one_request_and_then_none(site):
    ids = range(1, 201)
    found = site.client.media_many(ids)
    assert list(found) == list(ids)
    assert {id for id, medium in found.items() if medium is None} == MISSING
    assert all(medium["id"] == id for id, medium in found.items() if medium)
    assert (site.sent, found.unknown, found.error) == (1, frozenset(), None)
    assert site.client.media_many(ids) == found
    assert site.sent == 1


def test_some_seven_hundred_fit_in_one_request_and_no_request_is_over_the_cap(site):
    found = site.client.media_many(range(1, 1501))
    assert sum(medium is not None for medium in found.values()) == 1500 - len(MISSING)
    assert site.sent == 3
    costs = [call.payload["query"].count("...media") for call in site.anilist.calls]
    assert costs == [14, 14, 2]


def test_only_what_is_not_known_is_asked_for(site):
    site.client.media_many([1, 2, 3])
    site.client.media_many([2, 3, 4, 5])
    assert site.anilist.calls[-1].payload["variables"] == {"ids0": [4, 5]}


def test_without_a_memory_everything_is_asked_for_each_time():
    site = Site(remembers=False)
    for _ in range(2):
        assert site.client.media_many([1, 2])[2]["id"] == 2
    assert site.sent == 2


@pytest.mark.parametrize("odd", [0, -1, 2**31, "0", "x", "²", "9" * 20, None, 1.0, True])
def test_what_is_no_id_is_not_asked_for(site, odd):
    found = site.client.media_many([odd])
    assert found == {odd: None}
    assert site.sent == 0


def test_an_id_may_be_text_and_is_answered_as_it_was_given(site):
    """As a column of text or JSON holds it."""
    found = site.client.media_many(["1", 1, "2"])
    assert list(found) == ["1", 1, "2"]
    assert [medium["id"] for medium in found.values()] == [1, 1, 2]
    assert site.sent == 1


def test_nothing_is_asked_for_nothing(site):
    assert site.client.media_many([]) == {}
    assert site.sent == 0


def test_they_are_asked_for_as_nobody_so_that_all_users_share_them():
    site = Site(Access())
    site.client.media_many([1])
    assert site.anilist.calls[0].bearer is None
    assert "mediaListEntry" not in site.anilist.calls[0].payload["query"]
    other = Client(site.client._transport, ANILIST, memory=site.client._memory)
    assert other.media_many([1])[1]["id"] == 1
    assert site.sent == 1


def test_as_the_viewer_they_come_with_their_entry_and_are_nobody_elses():
    site = Site(Access())
    site.client.media_many([1], as_viewer=True)
    (call,) = site.anilist.calls
    assert call.bearer is not None
    assert "mediaListEntry" in call.payload["query"]
    site.client.media_many([1])
    assert site.sent == 2


def test_who_is_not_connected_is_nobody():
    site = Site(Access(None))
    assert site.client.media_many([1], as_viewer=True)[1]["id"] == 1
    assert site.anilist.calls[0].bearer is None


def test_what_is_not_there_is_asked_for_again_after_a_minute(site):
    site.client.media_many([1, 13])
    site.store.now += 61
    site.client.media_many([1, 13])
    assert site.anilist.calls[-1].payload["variables"] == {"ids0": [13]}


# An AniList that is down


@pytest.mark.parametrize("error", [RateLimited(30), Unavailable("server")])
def test_what_is_remembered_serves_and_the_rest_is_named(site, error):
    site.client.media_many([1, 2, 13])
    site.store.now += 950
    site.anilist.down = error
    found = site.client.media_many([1, 2, 3, 13])
    assert (found[1]["id"], found[2].stale, found[2].age, found[3]) == (1, True, 950.0, None)
    assert found.unknown == {3}
    assert type(found.error) is type(error)


def test_what_is_too_old_stays_too_old(site):
    site.client.media_many([1, 2])
    site.store.now += 950
    site.anilist.down = Unavailable("server")
    for age in (950.0, 960.0):
        found = site.client.media_many([1, 2])
        assert (found[1].stale, found[1].age) == (True, age)
        site.store.now += 10


def test_where_nothing_is_known_the_error_is_raised(site):
    site.anilist.down = Unavailable("server")
    with pytest.raises(Unavailable):
        site.client.media_many([1, 2])


def test_what_is_too_old_even_for_an_outage_does_not_serve(site):
    site.client.media_many([1])
    site.store.now += 900 + 1000
    site.anilist.down = Unavailable("server")
    with pytest.raises(Unavailable):
        site.client.media_many([1])


def test_a_part_that_came_before_the_outage_is_kept(site):
    answered = site.anilist.send

    def second_fails(call):
        if site.sent:
            raise Unavailable("server")
        return answered(call)

    site.anilist.send = second_fails
    found = site.client.media_many(range(1, 1001))
    assert found[700] is not None
    assert found.unknown == set(range(701, 1001))


@pytest.mark.parametrize("media", [7, "x", {}, [7], ["x"]])
def test_another_shape_is_a_bad_response(site, media):
    site.anilist.page = lambda ids: media
    with pytest.raises(BadResponse):
        site.client.media_many([1])


def test_a_page_that_is_none_is_a_bad_response(site):
    site.anilist.send = lambda call: Reply(200, {}, b'{"data": {"p0": 7}}')
    with pytest.raises(BadResponse):
        site.client.media_many([1])


def test_a_refusal_is_raised(site):
    site.anilist.send = lambda call: Reply(
        400, {}, b'{"errors": [{"message": "odd", "status": 400}]}'
    )
    with pytest.raises(QueryError):
        site.client.media_many([1])


def test_media_that_nobody_asked_for_are_left_out(site):
    site.anilist.page = lambda ids: [
        {"id": 1}, {"id": 99}, {"id": "1"}, {"id": [1]}, {"id": {}}, {"id": True}, {}
    ]  # fmt: skip
    assert site.client.media_many([1]) == {1: {"id": 1}}


def test_what_is_not_to_be_remembered_serves_in_no_outage_either():
    site = Site(lifetimes={"media": 0.0})
    assert site.client.media_many([1]) == {1: {"id": 1, "title": {"romaji": "1"}}}
    site.anilist.down = Unavailable("server")
    with pytest.raises(Unavailable):
        site.client.media_many([1])
    assert site.store.values == {}


# One by one


def test_media_that_are_met_one_by_one_are_one_request(site):
    met = [site.client.lazy_media(id) for id in range(1, 121)]
    assert site.sent == 0
    assert met[0]["title"]["romaji"] == "1"
    assert [dict(medium)["id"] for medium in met if medium] == [
        id for id in range(1, 121) if id not in MISSING
    ]
    assert site.sent == 1


def test_those_met_later_are_the_next_request(site):
    first = site.client.lazy_media(1)
    assert len(first) == 2
    again, later = site.client.lazy_media(1), site.client.lazy_media(2)
    assert (again["id"], later["id"]) == (1, 2)
    assert [call.payload["variables"] for call in site.anilist.calls] == [
        {"ids0": [1]},
        {"ids0": [2]},
    ]


def test_one_that_is_not_there_is_empty_and_false(site):
    missing = site.client.lazy_media(13)
    assert not missing
    assert missing.get("title") is None
    with pytest.raises(KeyError):
        missing["title"]


def test_one_tells_how_old_it_is(site):
    site.client.media_many([1])
    site.store.now += 30
    found = site.client.lazy_media(1)
    assert (found.age, found.stale) == (30.0, False)


def test_to_show_one_asks_nothing(site):
    found = site.client.lazy_media(1)
    assert repr(found) == "<LazyMedia 1>"
    assert isinstance(found, LazyMedia)
    assert site.sent == 0


def test_printed_it_is_its_title_or_else_its_number(site):
    assert str(site.client.lazy_media(1)) == "1"


def test_the_viewers_own_are_apart():
    site = Site(Access())
    mine, everybodys = site.client.lazy_media(1, as_viewer=True), site.client.lazy_media(1)
    assert (mine["id"], everybodys["id"]) == (1, 1)
    assert [call.bearer is not None for call in site.anilist.calls] == [True, False]


def test_an_outage_is_raised_where_one_is_looked_at(site):
    site.anilist.down = Unavailable("server")
    found = site.client.lazy_media(1)
    with pytest.raises(Unavailable):
        found["id"]
    site.anilist.down = None
    assert found["id"] == 1


@pytest.mark.parametrize("as_viewer", [True, False])
def test_the_document_asks_for_fifty_on_a_page(as_viewer):
    document = queries.many_media(3, as_viewer)
    assert document.count("perPage: 50") == 3


def test_what_another_thread_wants_meanwhile_is_asked_for_next():
    asked = []

    def ask(ids):
        asked.append(list(ids))
        if len(asked) == 1:
            batch.add(2)
        return MediaById({number: Answer(id=number) for number in ids})

    batch = LazyBatch(ask)
    one = batch.add(1)
    assert one["id"] == 1
    assert batch.get(2) == {"id": 2}
    assert asked == [[1], [2]]


def test_for_another_viewer_all_are_asked_for_together_again():
    viewer, asked = [1], []

    def ask(ids):
        asked.append(list(ids))
        return MediaById({number: {"id": number, "of": viewer[0]} for number in ids})

    batch = LazyBatch(ask, lambda: viewer[0])
    media = [batch.add(number) for number in (1, 2, 3)]
    assert media[0]["of"] == 1
    viewer[0] = 2
    assert [each["of"] for each in media] == [2, 2, 2]
    assert [sorted(ids) for ids in asked] == [[1, 2, 3]] * 2

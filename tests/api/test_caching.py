"""Answers are remembered for who asked, and serve when AniList cannot."""

from __future__ import annotations

import contextlib
import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from django_anilist.api.caching import CachingTransport, digest_of
from django_anilist.api.errors import NotFound, RateLimited, Unavailable
from django_anilist.api.flights import Flights
from django_anilist.api.lifetimes import MISSING_LIFETIME
from django_anilist.api.memory import Memory
from django_anilist.api.replies import graphql_data
from django_anilist.api.secrets import Secret
from django_anilist.api.transport import Call, Reply
from tests.api.stores import DictStore

ALICE, BOB = 5001, 5002
MISSING = Reply(
    404, {}, b'{"errors": [{"message": "Not Found.", "status": 404}], "data": {"Media": null}}'
)


class Wire:
    """A transport that says how often it was asked, or fails."""

    def __init__(self):
        self.sent, self.fault, self.closed = 0, None, False

    def send(self, call):
        self.sent += 1
        if isinstance(self.fault, Exception):
            raise self.fault
        return self.fault or Reply(200, {}, json.dumps({"data": {"n": self.sent}}).encode())

    def close(self):
        self.closed = True


class Cached:
    """A caching transport over a wire and a store whose clock is moved by hand."""

    def __init__(self):
        self.wire, self.store = Wire(), DictStore()
        self.memory = Memory(self.store, clock=self.store.clock)
        self.transport = CachingTransport(self.wire, self.memory, Flights(self.store))

    def ask(self, query="{ n }", variables=None, *, lifetime=60.0, stale_for=600.0, **more):
        payload = {"query": query, "variables": variables or {}}
        self.call = Call("http://a/", payload, lifetime=lifetime, stale_for=stale_for, **more)
        return self.transport.send(self.call)

    def number(self, *args, **more):
        return self.ask(*args, **more).content["data"]["n"]


@pytest.fixture
def cached():
    return Cached()


def test_the_same_question_is_asked_once(cached):
    assert [cached.number() for _ in range(3)] == [1, 1, 1]
    assert cached.wire.sent == 1
    assert cached.call.trace.cache == "hit"


def test_an_answer_tells_how_old_it_is(cached):
    cached.ask()
    cached.store.now += 42
    reply = cached.ask()
    assert (reply.age, reply.stale) == (42.0, False)


def test_half_a_character_stays_replaced(cached):
    """Else the first page that shows it is fine, and every other is an error."""
    cached.wire.fault = Reply(200, {}, rb'{"data": {"text": "cut \ud83d"}}')
    texts = [cached.ask().content["data"]["text"] for _ in range(2)]
    assert texts == ["cut \ufffd"] * 2
    assert cached.wire.sent == 1


def test_after_its_time_it_is_asked_again(cached):
    cached.ask()
    cached.store.now += 60
    assert cached.number() == 2
    assert cached.call.trace.cache == "miss"


@pytest.mark.parametrize(
    "other",
    [
        {"query": "{ m }"},
        {"variables": {"id": 2}},
        {"viewer": BOB},
        {"viewer": None},
    ],
    ids=str,
)
def test_another_question_or_another_viewer_is_another_answer(cached, other):
    asked = {"query": "{ n }", "variables": {"id": 1}, "viewer": ALICE}
    cached.ask(**asked)
    assert cached.number(**{**asked, **other}) == 2
    assert cached.number(**asked) == 1


def test_the_order_of_variables_makes_no_difference():
    one, other = ({"query": "q", "variables": v} for v in ({"a": 1, "b": 2}, {"b": 2, "a": 1}))
    assert digest_of(Call("u", one)) == digest_of(Call("u", other))
    named = {**one, "operationName": "x"}
    assert digest_of(Call("u", one)) != digest_of(Call("u", named))
    assert digest_of(Call("u", one)) != digest_of(Call("another", one))


def test_the_token_is_no_part_of_the_question(cached):
    cached.ask(viewer=ALICE, bearer=Secret("one"))
    assert cached.number(viewer=ALICE, bearer=Secret("another")) == 1
    assert "one" not in str(cached.store.values)


def test_a_fresh_question_is_asked_and_others_get_the_new_answer(cached):
    cached.ask()
    assert cached.number(fresh=True) == 2
    assert cached.number() == 2


def test_a_lifetime_of_nothing_remembers_nothing(cached):
    assert [cached.number(lifetime=0.0) for _ in range(2)] == [1, 2]
    assert cached.store.values == {}
    assert cached.call.trace.cache == "off"


def test_a_mutation_makes_stale_what_its_viewer_had(cached):
    for viewer in (ALICE, BOB, None):
        cached.ask(viewer=viewer)
    cached.ask("mutation", lifetime=0.0, is_mutation=True, viewer=ALICE)
    assert cached.number(viewer=ALICE) == 5
    assert cached.number(viewer=BOB) == 2
    assert cached.number(viewer=None) == 3


def test_a_mutation_whose_outcome_is_unknown_makes_stale_too(cached):
    cached.ask(viewer=ALICE)
    cached.wire.fault = Unavailable("timeout")
    with pytest.raises(Unavailable):
        cached.ask("mutation", lifetime=0.0, is_mutation=True, viewer=ALICE)
    cached.wire.fault = None
    assert cached.number(viewer=ALICE) == 3


def test_who_asks_after_a_change_does_not_join_who_asked_before(cached):
    """Whoever asked before may be told how it was."""
    under_way, over = threading.Event(), threading.Event()
    send = cached.wire.send

    def hang(call):
        reply = send(call)
        if cached.wire.sent == 1:
            under_way.set()
            over.wait(10)
        return reply

    cached.wire.send = hang
    with ThreadPoolExecutor(1) as pool:
        before = pool.submit(cached.number, viewer=ALICE)
        under_way.wait(10)
        cached.ask("mutation", lifetime=0.0, is_mutation=True, viewer=ALICE)
        assert cached.number(viewer=ALICE) == 3
        over.set()
        assert before.result() == 1


@pytest.mark.parametrize(
    "fault",
    [
        RateLimited(60),
        Unavailable("switched-off", in_doubt=False),
        Reply(403, {}, b""),
        Reply(429, {}, b""),
    ],
    ids=["no turn", "not asked", "switched off", "one too many"],
)
def test_a_mutation_that_was_not_made_leaves_what_its_viewer_had(cached, fault):
    """Else a click on *+1* during an outage would take away the list that is still shown."""
    cached.ask(viewer=ALICE)
    cached.wire.fault = fault
    with contextlib.suppress(RateLimited, Unavailable):
        cached.ask("mutation", lifetime=0.0, is_mutation=True, viewer=ALICE)
    assert cached.number(viewer=ALICE) == 1


# What is not there


def test_what_is_not_there_is_remembered_for_a_minute(cached):
    cached.wire.fault = MISSING
    for _ in range(3):
        with pytest.raises(NotFound):
            graphql_data(cached.ask(lifetime=900.0))
    assert cached.wire.sent == 1
    cached.store.now += MISSING_LIFETIME
    cached.wire.fault = None
    assert cached.number(lifetime=900.0) == 2


@pytest.mark.parametrize(
    "reply",
    [
        Reply(400, {}, b'{"errors": [{"message": "Invalid token", "status": 400}]}'),
        Reply(400, {}, b'{"errors": [{"message": "validation", "status": 400}]}'),
        Reply(200, {}, b'{"errors": [{"message": "odd"}], "data": {"n": 1}}'),
        Reply(401, {}, b"{}"),
    ],
)
def test_no_other_refusal_is_remembered(cached, reply):
    cached.wire.fault = reply
    assert cached.ask(bearer=Secret("t"), viewer=ALICE) is reply
    assert cached.ask(bearer=Secret("t"), viewer=ALICE) is reply
    assert cached.wire.sent == 2


# An AniList that cannot be asked

OUTAGES = [
    Unavailable("connection"),
    RateLimited(30),
    Reply(403, {}, b"temporarily disabled"),
    Reply(429, {}, b""),
    Reply(502, {}, b"<html>"),
    Reply(200, {}, b"<html>"),
    Reply(200, {}, b"nonsense"),
    Reply(500, {}, b'{"errors": [{"message": "Internal Server Error", "status": 500}]}'),
]


@pytest.mark.parametrize("outage", OUTAGES, ids=str)
def test_an_old_answer_serves_when_anilist_does_not(cached, outage):
    cached.ask()
    cached.store.now += 200
    cached.wire.fault = outage
    reply = cached.ask()
    assert reply.content["data"]["n"] == 1
    assert (reply.age, reply.stale, cached.call.trace.cache) == (200.0, True, "stale")
    assert isinstance(cached.call.trace.covered, RateLimited | Unavailable)


@pytest.mark.parametrize("outage", OUTAGES, ids=str)
def test_but_not_for_ever_and_not_out_of_nothing(cached, outage):
    cached.wire.fault = outage
    with pytest.raises((Unavailable, RateLimited)):
        cached.ask()
    cached.wire.fault = None
    cached.ask()
    cached.store.now += 60 + 600
    cached.wire.fault = outage
    with pytest.raises((Unavailable, RateLimited)):
        cached.ask()


def test_an_old_answer_does_not_serve_who_would_rather_know(cached):
    cached.ask()
    cached.wire.fault = Unavailable("server")
    with pytest.raises(Unavailable):
        cached.ask(fresh=True)


def test_an_outage_does_not_overwrite_what_is_remembered(cached):
    cached.ask()
    cached.store.now += 100
    cached.wire.fault = Reply(502, {}, b"")
    cached.ask()
    cached.wire.fault = None
    assert cached.number() == 3


def test_closing_closes_what_is_below(cached):
    cached.transport.close()
    assert cached.wire.closed


# Another process asks the same, and gets no answer


class Elsewhere(Cached):
    """Another process has asked already, and gives up after ``seconds``."""

    def __init__(self, seconds):
        super().__init__()
        self.store.shared = True
        self.flights = Flights(self.store, sleep=self.sleep, clock=self.store.clock)
        self.store.add = lambda *args: self.store.now - began >= seconds
        began = self.store.now
        self.sent, self.lost = [], []
        self.transport = CachingTransport(
            self, self.memory, self.flights, in_vain=self.lost.append, clock=self.store.clock
        )

    def sleep(self, seconds):
        self.store.now += seconds

    def send(self, call):
        self.sent.append(call.deadline)
        return self.wire.send(call)


def test_who_waited_for_it_in_vain_has_only_the_rest_of_the_deadline():
    waiting = Elsewhere(0.5)
    assert waiting.number(deadline=2.0) == 1
    assert waiting.sent == [pytest.approx(1.5, abs=0.06)]
    assert waiting.lost == [pytest.approx(0.5, abs=0.06)]


def test_who_waited_for_it_as_long_as_the_deadline_does_not_ask():
    waiting = Elsewhere(2.0)
    with pytest.raises(Unavailable) as caught:
        waiting.ask(deadline=2.0)
    assert (caught.value.reason, caught.value.in_doubt, waiting.sent) == ("timeout", False, [])
    assert waiting.lost == [pytest.approx(2.0, abs=0.06)]


def test_who_waited_for_nobody_has_the_whole_deadline():
    waiting = Elsewhere(0.0)
    waiting.ask(deadline=2.0)
    assert (waiting.sent, waiting.lost) == ([2.0], [])


def test_what_another_thread_was_waited_for_in_vain_is_told(monkeypatch):
    waiting, joined = Elsewhere(0.0), threading.Event()
    board = waiting.flights._board

    def boarded(name):
        flight, first = board(name)
        if not first:
            joined.set()
        return flight, first

    def ask():
        with pytest.raises(Unavailable):
            waiting.ask(deadline=2.0)

    second = threading.Thread(target=ask)

    def hang(call):
        second.start()
        assert joined.wait(10)
        waiting.store.now += 1.75
        raise Unavailable("timeout")

    monkeypatch.setattr(waiting.flights, "_board", boarded)
    monkeypatch.setattr(waiting, "send", hang)
    ask()
    second.join()
    assert waiting.lost == [1.75]

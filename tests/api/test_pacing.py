"""A call waits for its turn, or is refused with the seconds until it comes."""

from __future__ import annotations

import pytest
from requests.structures import CaseInsensitiveDict

from django_anilist.api import pacing
from django_anilist.api.budget import HIGHEST_LIMIT, USUAL_LIMIT, Budget
from django_anilist.api.errors import BadResponse, RateLimited, Unavailable
from django_anilist.api.pacing import PacedTransport, _nap
from django_anilist.api.transport import Call, Reply
from django_anilist.api.turns import TASK, WEB, Asker, Outage, Refusal, Ticket, Wait

CALL = Call("http://127.0.0.1/", {})
SWITCHED_OFF = Reply(403, {}, b'{"errors": [{"message": "temporarily disabled"}]}')


class Store:
    """A budget in memory, with a clock that naps move on."""

    longest_nap = 0.5

    def __init__(self):
        self.budget, self.moment, self.naps = Budget(), 1000.0, []

    def ask(self, asker):
        return self.budget.ask(asker, self.moment)

    def leave(self, id):
        self.budget.leave(id)

    def answered(self, ticket, heard):
        self.budget.answered(ticket, heard, self.moment)

    def now(self):
        return self.moment

    def sleep(self, seconds):
        self.naps.append(seconds)
        self.moment += seconds


class Wire:
    """A transport that answers at once, or fails."""

    def __init__(self, *replies):
        self.replies, self.calls, self.closed = list(replies), [], False

    @property
    def sent(self):
        return len(self.calls)

    def send(self, call):
        self.calls.append(call)
        reply = self.replies.pop(0) if self.replies else Reply(200, {}, b"{}")
        if isinstance(reply, BaseException):
            raise reply
        return reply

    def close(self):
        self.closed = True


def paced(*replies, store=None, **options):
    store, wire = store or Store(), Wire(*replies)
    return PacedTransport(wire, store, sleep=store.sleep, **options), wire, store


def test_a_call_within_the_budget_goes_at_once():
    transport, wire, store = paced()
    assert transport.send(CALL).status == 200
    assert wire.calls == [CALL]
    assert store.naps == []
    assert store.budget.left(store.now()) == USUAL_LIMIT - 1


def test_a_call_over_the_budget_is_refused_unsent_with_an_honest_wait():
    transport, wire, store = paced()
    for _ in range(USUAL_LIMIT):
        transport.send(CALL)
    with pytest.raises(RateLimited) as caught:
        transport.send(CALL)
    assert wire.sent == USUAL_LIMIT
    assert caught.value.retry_after == pytest.approx(60, abs=0.2)
    assert store.budget.waiters == []
    store.moment += caught.value.retry_after
    assert transport.send(CALL).status == 200


def test_a_patient_call_waits_for_its_turn():
    transport, wire, store = paced(max_wait=120)
    for _ in range(USUAL_LIMIT + 1):
        transport.send(CALL)
    assert wire.sent == USUAL_LIMIT + 1
    assert sum(store.naps) == pytest.approx(60, abs=0.2)
    assert max(store.naps) <= store.longest_nap


def test_who_asks_says_its_lane_its_deadline_and_its_patience():
    store, asked = Store(), []
    ask = store.ask
    store.ask = lambda asker: asked.append(asker) or ask(asker)
    paced(store=store)[0].send(Call("http://127.0.0.1/", {}, deadline=3.0))
    paced(store=store, lane=TASK, max_wait=9.0)[0].send(CALL)
    said = [(asker.lane, asker.deadline, asker.max_wait) for asker in asked]
    assert said == [(WEB, 3.0, 2.0), (TASK, 8.0, 9.0)]
    assert asked[0].id != asked[1].id


@pytest.mark.parametrize(
    ("seconds", "longest", "nap"),
    [(1.0, 0.5, 0.25), (10.0, 0.5, 0.5), (0.01, 0.5, 0.005), (0.002, 0.5, 0.002)],
)
def test_a_nap_is_a_quarter_of_the_way_neither_too_long_nor_too_short(seconds, longest, nap):
    assert _nap(Wait(seconds), longest) == nap


@pytest.mark.parametrize(("seconds", "told"), [(2.01, 2.1), (1.96, 2.0), (0.0, 0.1)])
def test_a_refusal_tells_the_wait_in_tenths_and_never_too_short(seconds, told):
    with pytest.raises(RateLimited) as caught:
        _nap(Refusal(seconds), 0.5)
    assert caught.value.retry_after == told


def test_an_outage_tells_its_reason_and_its_end():
    with pytest.raises(Unavailable) as caught:
        _nap(Outage("server", 12.5), 0.5)
    error = caught.value
    assert (error.reason, error.retry_after, error.in_doubt) == ("server", 12.5, False)


def test_tasks_are_spread_over_the_window():
    transport, wire, store = paced(lane=TASK, max_wait=120)
    for _ in range(10):
        transport.send(CALL)
    assert sum(store.naps) == pytest.approx((10 - 3) * 60 / USUAL_LIMIT, abs=0.5)


def test_a_429_refuses_everybody_until_its_time_is_over():
    limited = Reply(429, {"Retry-After": "17"}, b"")
    transport, wire, store = paced(limited)
    assert transport.send(CALL).status == 429
    other, other_wire, _ = paced(store=store, lane=WEB)
    with pytest.raises(RateLimited) as caught:
        other.send(CALL)
    assert other_wire.sent == 0
    assert caught.value.retry_after == pytest.approx(17, abs=0.2)


@pytest.mark.parametrize("spelling", ["X-RateLimit-{}", "X-Ratelimit-{}"])
def test_the_limit_is_learned_from_the_headers(spelling):
    headers = CaseInsensitiveDict(
        {spelling.format("Limit"): "90", spelling.format("Remaining"): "89"}
    )
    transport, _, store = paced(Reply(200, headers, b"{}"))
    transport.send(CALL)
    assert store.budget.limit == 90


@pytest.mark.parametrize("value", ["", "many", "-1", "9" * 6, "9" * 4000, "90.5"])
def test_headers_that_make_no_sense_teach_nothing(value):
    headers = {"X-RateLimit-Limit": value, "X-RateLimit-Remaining": value}
    transport, _, store = paced(Reply(200, headers, b"{}"))
    transport.send(CALL)
    assert store.budget.limit == USUAL_LIMIT


@pytest.mark.parametrize("name", ["X-RateLimit-Limit", "X-RateLimit-Remaining"])
def test_half_of_the_headers_teaches_nothing(name):
    transport, _, store = paced(Reply(200, {name: "90"}, b"{}"))
    transport.send(CALL)
    assert store.budget.limit == USUAL_LIMIT


def test_a_number_beyond_belief_is_the_highest_limit():
    headers = {"X-RateLimit-Limit": "99999", "X-RateLimit-Remaining": "89"}
    transport, _, store = paced(Reply(200, headers, b"{}"))
    transport.send(CALL)
    assert store.budget.limit == HIGHEST_LIMIT


def test_a_call_that_fails_gives_its_slot_back_in_time():
    transport, _, store = paced(Unavailable("connection"))
    with pytest.raises(Unavailable):
        transport.send(CALL)
    assert store.budget.left(store.now()) == USUAL_LIMIT - 1
    assert store.budget.left(store.now() + 60) == USUAL_LIMIT


def test_what_a_call_waited_and_what_was_left_is_noted():
    transport, _, store = paced(max_wait=120)
    for _ in range(USUAL_LIMIT):
        transport.send(CALL)
    call = Call("http://127.0.0.1/", {})
    transport.send(call)
    assert (call.trace.attempts, call.trace.budget_left) == (1, USUAL_LIMIT - 1)
    assert 0 <= call.trace.waited < 30


def test_a_nap_that_is_interrupted_gives_the_place_in_the_queue_away():
    class InterruptedError(Exception):
        pass

    def interrupted(seconds):
        assert len(store.budget.waiters) == 1
        raise InterruptedError

    store = Store()
    for number in range(USUAL_LIMIT):
        store.ask(Asker(number))
    transport = PacedTransport(Wire(), store, max_wait=120, sleep=interrupted)
    with pytest.raises(InterruptedError):
        transport.send(CALL)
    assert store.budget.waiters == []


# An AniList that is down


def test_an_outage_is_asked_about_once_and_then_nobody_asks():
    transport, wire, _ = paced(SWITCHED_OFF)
    assert transport.send(CALL).status == 403
    with pytest.raises(Unavailable) as caught:
        transport.send(CALL)
    assert wire.sent == 1
    assert caught.value.reason == "switched-off"
    assert 0 < caught.value.retry_after <= 30
    assert not caught.value.in_doubt


def test_after_a_while_one_asks_and_a_good_answer_opens_the_door_again():
    transport, wire, store = paced(SWITCHED_OFF)
    transport.send(CALL)
    store.moment += 30
    assert transport.send(CALL).status == 200
    assert transport.send(CALL).status == 200
    assert wire.sent == 3


@pytest.mark.parametrize(
    "failure",
    [
        Unavailable("connection"),
        Unavailable("server"),
        Reply(502, {}, b""),
        Reply(200, {}, b"<html>"),
        Reply(403, {}, b"blocked"),
    ],
)
def test_three_failures_in_a_row_are_an_outage(failure):
    transport, wire, _ = paced(*[failure] * 3)
    for _ in range(4):
        try:
            transport.send(CALL)
        except Unavailable:
            pass
    assert wire.sent == 3


@pytest.mark.parametrize(
    "reply",
    [
        BadResponse(),
        BadResponse("too large", "too-large"),
        Reply(400, {}, b"{}"),
        Reply(404, {}, b"{}"),
        Reply(401, {}, b"{}"),
    ],
)
def test_a_refusal_or_one_odd_answer_is_no_outage(reply):
    transport, wire, _ = paced(*[reply] * 5)
    for _ in range(6):
        try:
            transport.send(CALL)
        except Unavailable:
            pass
    assert wire.sent == 6


def test_a_waiter_hears_of_an_outage_that_begins_meanwhile():
    store = Store()
    for number in range(USUAL_LIMIT):
        assert isinstance(store.ask(Asker(number)), Ticket)

    def sleep(seconds):
        store.moment += seconds
        store.budget.breaker.heard("switched-off", store.moment)

    transport = PacedTransport(Wire(), store, lane=TASK, max_wait=120, sleep=sleep)
    with pytest.raises(Unavailable):
        transport.send(CALL)
    assert store.budget.waiters == []


def test_closing_closes_what_is_below():
    transport, wire, _ = paced()
    transport.close()
    assert wire.closed


@pytest.fixture
def busy(monkeypatch):
    """A store whose slots come free one by one, and a clock that naps move on."""
    store = Store()
    store.budget.slots = [store.moment + 1.9 * (slot + 1) for slot in range(USUAL_LIMIT)]
    monkeypatch.setattr(pacing.time, "monotonic", store.now)
    return store


def test_the_calls_of_a_page_wait_no_longer_together_than_one_alone(busy):
    """Each would wait for the next slot, and their page for all of them."""
    transport = paced(store=busy, max_wait=2.0)[0]
    transport.send(CALL)
    with pytest.raises(RateLimited):
        transport.send(CALL)
    assert sum(busy.naps) == pytest.approx(1.9, abs=0.1)


@pytest.mark.parametrize(("apart", "max_wait", "served"), [(1.9, 4.0, 2), (0.9, 1.0, 1)])
def test_the_calls_of_a_page_wait_for_what_is_left_of_its_patience(busy, apart, max_wait, served):
    busy.budget.slots = [busy.moment + apart * (slot + 1) for slot in range(USUAL_LIMIT)]
    transport, wire, _ = paced(store=busy, max_wait=max_wait)
    for _ in range(served):
        transport.send(CALL)
    with pytest.raises(RateLimited):
        transport.send(CALL)
    assert wire.sent == served


def test_the_calls_of_a_task_each_wait_for_their_turn(busy):
    transport = paced(store=busy, lane=TASK, max_wait=4.0)[0]
    for _ in range(5):
        transport.send(CALL)
    assert sum(busy.naps) > 9.0


def test_what_cannot_be_sent_takes_no_turn():
    """Else a mistake in a loop would spend the whole site's budget on nothing."""
    store = Store()
    for _ in range(USUAL_LIMIT + 1):
        with pytest.raises(TypeError):
            paced(store=store)[0].send(Call("http://127.0.0.1/", {"variables": {1, 2}}))
    assert store.budget.left(store.moment) == USUAL_LIMIT


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("ours")])
def test_what_says_nothing_of_anilist_is_no_good_answer(error):
    store = Store()
    store.budget.breaker.failures = 2
    with pytest.raises(type(error)):
        paced(error, store=store)[0].send(CALL)
    assert store.budget.breaker.failures == 2
    assert store.budget.left(store.moment) == USUAL_LIMIT - 1  # it may have left

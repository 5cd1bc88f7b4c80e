"""Those who ask the same at once make one request."""

from __future__ import annotations

import threading

import pytest

from django_anilist.api.errors import BadResponse, RateLimited, TokenRejected, Unavailable
from django_anilist.api.flights import Flights
from django_anilist.api.transport import Reply
from tests.api.stores import DictStore

REPLY = Reply(200, {}, b'{"data": {"a": [1]}}')


class Asking:
    """A question that takes until ``answer`` is set, and counts how often it was asked."""

    def __init__(self, *outcomes):
        self.outcomes, self.asked = list(outcomes) or [REPLY], 0
        self.started, self.answer = threading.Event(), threading.Event()
        self.known, self.waited = None, []

    def __call__(self, waited):
        self.asked += 1
        self.waited.append(waited)
        self.started.set()
        assert self.answer.wait(10)
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, BaseException):
            raise outcome
        self.known = outcome
        return outcome

    def recall(self):
        return self.known


def together(flights, asking, number, recall=lambda: None):
    """Let so many threads ask at once; return what each got."""
    found = []

    def one():
        try:
            found.append(flights.join("question", asking, recall, 10.0))
        except Exception as error:  # noqa: BLE001  whatever it was is looked at
            found.append(error)

    boarded, board = threading.Semaphore(0), flights._board

    def counting(name):
        there = board(name)
        boarded.release()
        return there

    flights._board = counting
    threads = [threading.Thread(target=one) for _ in range(number)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert boarded.acquire(timeout=10)
    asking.answer.set()
    for thread in threads:
        thread.join(20)
    return found


@pytest.mark.parametrize("shared", [True, False])
def test_a_hundred_at_once_make_one_request(shared):
    asking = Asking()
    found = together(Flights(DictStore(shared=shared)), asking, 100)
    assert asking.asked == 1
    assert [reply for reply, _ in found] == [REPLY] * 100
    assert sorted(joined for _, joined in found) == [False] + [True] * 99


def test_no_two_share_what_they_got():
    found = together(Flights(DictStore()), Asking(), 3)
    first, second, third = (reply.content["data"]["a"] for reply, _ in found)
    first.append(2)
    assert (first, second, third) == ([1, 2], [1], [1])


@pytest.mark.parametrize(
    "error", [RateLimited(17), Unavailable("server"), BadResponse("odd"), TokenRejected()]
)
def test_an_error_is_everybodys_and_each_has_its_own(error):
    asking = Asking(error)
    found = together(Flights(DictStore()), asking, 5)
    assert asking.asked == 1
    assert {type(other) for other in found} == {type(error)}
    assert len({id(other) for other in found}) == 5
    for other in found:
        assert (other.args, vars(other)) == (error.args, vars(error))


def test_where_the_first_was_given_up_on_the_next_asks():
    class GivenUpError(Exception):
        pass

    asking = Asking(GivenUpError(), REPLY)
    found = together(Flights(DictStore(shared=True)), asking, 4, asking.recall)
    assert asking.asked == 2
    assert sorted(type(item).__name__ for item in found) == ["GivenUpError"] + ["tuple"] * 3


def test_who_waits_too_long_is_told_so():
    asking = Asking()
    flights = Flights(DictStore())
    first = threading.Thread(target=lambda: flights.join("question", asking, asking.recall, 10))
    first.start()
    assert asking.started.wait(10)
    with pytest.raises(Unavailable) as caught:
        flights.join("question", asking, asking.recall, 0.05)
    assert (caught.value.reason, caught.value.in_doubt) == ("timeout", False)
    asking.answer.set()
    first.join()
    assert asking.asked == 1


def test_one_after_the_other_ask_each_for_themselves():
    asking = Asking(REPLY, REPLY)
    asking.answer.set()
    flights = Flights(DictStore(shared=True))
    for _ in range(2):
        assert flights.join("question", asking, lambda: None, 10) == (REPLY, False)
    assert asking.asked == 2


def test_who_comes_just_after_the_answer_does_not_ask_again():
    asking = Asking()
    assert Flights(DictStore(shared=True)).join("q", asking, lambda: REPLY, 10) == (REPLY, True)
    assert Flights(DictStore()).join("q", asking, lambda: REPLY, 10) == (REPLY, True)
    assert asking.asked == 0


# Two processes, by one store


def test_the_other_process_waits_for_the_answer():
    store, asking = DictStore(shared=True), Asking()
    here, there = Flights(store), Flights(store)
    first = threading.Thread(target=lambda: here.join("question", asking, asking.recall, 10))
    first.start()
    assert asking.started.wait(10)
    threading.Timer(0.1, asking.answer.set).start()
    assert there.join("question", asking, asking.recall, 10) == (REPLY, True)
    first.join()
    assert asking.asked == 1


def test_where_the_first_process_fails_the_other_asks():
    store, asking = DictStore(shared=True), Asking(Unavailable("server"), REPLY)
    naps = []

    def nap(seconds):
        naps.append(seconds)
        if len(naps) == 2:
            asking.answer.set()
            first.join()

    here = Flights(store, clock=lambda: sum(naps))
    there = Flights(store, clock=lambda: sum(naps), sleep=nap)

    def fail():
        with pytest.raises(Unavailable):
            here.join("question", asking, asking.recall, 10)

    first = threading.Thread(target=fail)
    first.start()
    assert asking.started.wait(10)
    assert there.join("question", asking, asking.recall, 10) == (REPLY, False)
    assert asking.waited == [0, pytest.approx(sum(naps))]
    assert len(naps) == 2


def test_a_process_that_was_killed_holds_the_others_for_a_while_only():
    store = DictStore(shared=True)
    store.add("anilist:flight:question", b"", 5.0)
    asking = Asking()
    asking.answer.set()

    def sleep(seconds):
        store.now += seconds

    flights = Flights(store, sleep=sleep, clock=store.clock)
    assert flights.join("question", asking, asking.recall, 60) == (REPLY, False)
    store.add("anilist:flight:question", b"", 100.0)
    with pytest.raises(Unavailable):
        flights.join("question", asking, lambda: None, 10)
    assert asking.asked == 1


def test_nothing_is_left_behind():
    store, asking = DictStore(shared=True), Asking(REPLY, Unavailable("server"))
    asking.answer.set()
    flights = Flights(store)
    flights.join("question", asking, lambda: None, 10)
    with pytest.raises(Unavailable):
        flights.join("question", asking, lambda: None, 10)
    assert (store.values, flights._under_way) == ({}, {})

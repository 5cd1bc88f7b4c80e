"""A read that met a passing fault is tried again; nothing else is."""

from __future__ import annotations

import pytest

from django_anilist.api.errors import BadResponse, RateLimited, Unavailable
from django_anilist.api.retrying import PAUSES, RetryingTransport
from django_anilist.api.transport import Call, Reply

GOOD = Reply(200, {}, b'{"data": {}}')
DOWN = Reply(503, {}, b"")
RESET = Unavailable("connection")


class Wire:
    """A transport that answers in turn, each answer after ``takes`` seconds of a clock by hand."""

    def __init__(self, *replies, takes=0.0):
        self.replies, self.takes, self.now = list(replies), takes, 100.0
        self.calls, self.naps, self.closed = [], [], False

    def send(self, call):
        self.calls.append(call)
        self.now += self.takes
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    def sleep(self, seconds):
        self.naps.append(seconds)
        self.now += seconds

    def close(self):
        self.closed = True


def send(wire, *, mutation=False, deadline=8.0):
    transport = RetryingTransport(wire, sleep=wire.sleep, clock=lambda: wire.now)
    return transport.send(Call("http://127.0.0.1/", {}, deadline=deadline, is_mutation=mutation))


@pytest.mark.parametrize("fault", [DOWN, RESET, Unavailable("connection", in_doubt=False)])
def test_a_passing_fault_is_forgotten(fault):
    wire = Wire(fault, fault, GOOD)
    assert send(wire) is GOOD
    assert len(wire.naps) == 2
    assert all(0 <= nap <= most for nap, most in zip(wire.naps, PAUSES, strict=True))


def test_a_fault_that_stays_is_told_after_three_tries():
    wire = Wire(*[RESET] * 9)
    with pytest.raises(Unavailable):
        send(wire)
    assert len(wire.calls) == 3
    wire = Wire(*[DOWN] * 9)
    assert send(wire) is DOWN
    assert len(wire.calls) == 3


@pytest.mark.parametrize("fault", [DOWN, RESET, Unavailable("connection", in_doubt=False)])
def test_a_mutation_is_sent_once(fault):
    wire = Wire(fault, GOOD)
    if fault is DOWN:
        assert send(wire, mutation=True) is DOWN
    else:
        with pytest.raises(Unavailable):
            send(wire, mutation=True)
    assert len(wire.calls) == 1


@pytest.mark.parametrize(
    "outcome",
    [
        GOOD,
        Reply(429, {}, b""),
        Reply(403, {}, b""),
        Reply(400, {}, b"{}"),
        Reply(404, {}, b"{}"),
        Reply(200, {}, b"<html>"),
        RateLimited(17),
        BadResponse(),
        Unavailable("timeout"),
        Unavailable("tls"),
        Unavailable("too-large"),
        Unavailable("connection", retry_after=20),  # the breaker's word
    ],
)
def test_nothing_else_is_tried_again(outcome):
    wire = Wire(outcome, GOOD)
    if isinstance(outcome, Exception):
        with pytest.raises(type(outcome)):
            send(wire)
    else:
        assert send(wire) is outcome
    assert len(wire.calls) == 1


def test_all_tries_together_keep_to_the_deadline():
    wire = Wire(*[RESET] * 3, takes=1.5)
    with pytest.raises(Unavailable):
        send(wire, deadline=4.0)
    assert wire.calls[0].deadline == 4.0
    assert sum(wire.naps) + 1.5 * len(wire.calls) <= 4.0 + 1.5
    for number, call in enumerate(wire.calls):
        assert call.deadline <= 4.0 - 1.5 * number


def test_a_call_with_no_time_left_is_not_tried_again():
    wire = Wire(RESET, GOOD, takes=7.9)
    with pytest.raises(Unavailable):
        send(wire)
    assert len(wire.calls) == 1


def test_what_was_waited_for_the_turn_is_not_taken_from_the_deadline():
    class Queue(Wire):
        def send(self, call):
            call.trace.left_the_queue(60.0, 3)
            self.now += 60.0
            return super().send(call)

    wire = Queue(RESET, GOOD)
    assert send(wire) is GOOD


def test_where_the_budget_has_no_room_for_another_try_the_first_failure_stands():
    wire = Wire(DOWN, RateLimited(50))
    assert send(wire) is DOWN


def test_closing_closes_what_is_below():
    wire = Wire()
    RetryingTransport(wire).close()
    assert wire.closed

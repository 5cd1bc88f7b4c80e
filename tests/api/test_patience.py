"""A page loses only so much time to an AniList that does not answer."""

from __future__ import annotations

import pytest

from django_anilist.api import patience
from django_anilist.api.errors import RateLimited, Unavailable
from django_anilist.api.patience import PatientTransport, Stalled
from django_anilist.api.transport import Call, Reply


class Wire:
    """A transport that takes its time, by a clock of its own."""

    def __init__(self, *, fails):
        self.now, self.fails, self.deadlines, self.closed = 0.0, fails, [], False
        self.takes = None

    def send(self, call):
        self.deadlines.append(call.deadline)
        self.now += call.deadline if self.takes is None else self.takes
        if self.fails == "hangs":
            raise Unavailable("timeout")
        return Reply(503 if self.fails else 200, {}, b"{}")

    def close(self):
        self.closed = True


def patient(fails, seconds=3.0):
    wire = Wire(fails=fails)
    return PatientTransport(wire, seconds, clock=lambda: wire.now), wire


def ask(transport, deadline=2.0):
    return transport.send(Call("http://127.0.0.1/", {"query": "{ x }"}, deadline=deadline))


def test_twenty_calls_to_a_server_that_hangs_cost_three_seconds():
    transport, wire = patient("hangs")
    for _ in range(20):
        with pytest.raises(Unavailable) as caught:
            ask(transport)
    assert wire.deadlines == [2.0, 1.0]
    assert wire.now == 3.0
    assert (caught.value.reason, caught.value.in_doubt) == ("timeout", False)


def test_answers_that_are_none_count_too():
    transport, wire = patient(True)
    wire.takes = 1.0
    for _ in range(3):
        assert ask(transport).status == 503
    with pytest.raises(Unavailable):
        ask(transport)


def test_what_was_lost_to_somebody_elses_call_counts_too():
    transport, wire = patient("hangs")
    transport.lose(2.0)
    for _ in range(2):
        with pytest.raises(Unavailable):
            ask(transport)
    assert wire.deadlines == [1.0]


def test_good_answers_may_take_as_long_as_they_take():
    transport, wire = patient(False)
    for _ in range(10):
        assert ask(transport).status == 200
    assert wire.now == 20.0


def test_what_was_waited_for_the_turn_is_not_lost():
    transport, wire = patient("hangs")
    call = Call("http://127.0.0.1/", {"query": "{ x }"}, deadline=2.0)
    send = wire.send

    def queued(call):
        call.trace.left_the_queue(50.0, 3)
        wire.now += 50.0
        return send(call)

    wire.send = queued
    with pytest.raises(Unavailable):
        transport.send(call)
    with pytest.raises(Unavailable):
        ask(transport)
    assert wire.deadlines == [2.0, 1.0]


def test_after_a_429_a_page_asks_no_more_but_a_change_is_still_sent():
    """Each further question would wait until AniList may be asked, and be refused again."""
    transport, wire = patient(False)
    wire.send = lambda call: Reply(429, {"Retry-After": "7"}, b"{}")
    assert ask(transport).status == 429
    wire.send = Wire(fails=False).send
    with pytest.raises(RateLimited) as caught:
        ask(transport)
    assert caught.value.retry_after == 7
    change = Call("http://127.0.0.1/", {"query": "mutation { x }"}, is_mutation=True)
    assert transport.send(change).status == 200


def test_closing_closes_what_is_below():
    transport, wire = patient(False)
    transport.close()
    assert wire.closed


def question(text="{ x }", **facts):
    return Call("http://127.0.0.1/", {"query": text}, **{"deadline": 2.0, **facts})


@pytest.fixture
def stalled():
    """What is known on the second page, after ``question()`` got no answer on the first."""
    wire = Wire(fails="hangs")
    known = Stalled(30.0, clock=lambda: wire.now)
    with pytest.raises(Unavailable):
        PatientTransport(wire, 3.0, known, clock=lambda: wire.now).send(question())
    wire.fails, wire.takes = False, 0.1
    return PatientTransport(wire, 3.0, known, clock=lambda: wire.now), wire


def test_the_next_page_does_not_wait_for_the_same_question_again(stalled):
    transport, wire = stalled
    with pytest.raises(Unavailable) as caught:
        transport.send(question())
    assert (caught.value.reason, caught.value.in_doubt) == ("timeout", False)
    assert caught.value.retry_after == 30.0
    assert wire.deadlines == [2.0]


@pytest.mark.parametrize(
    "other",
    [question("{ y }"), question(viewer=5), question(deadline=20.0), question(is_mutation=True)],
    ids=["another question", "another viewer", "one who waits longer", "a change"],
)
def test_others_do_not_suffer_from_a_question_that_stalled(stalled, other):
    assert stalled[0].send(other).status == 200


def test_a_question_that_stalled_is_asked_again_after_a_while(stalled):
    transport, wire = stalled
    wire.now += 30.0
    assert transport.send(question()).status == 200


def test_no_more_than_so_many_questions_are_known(monkeypatch):
    monkeypatch.setattr(patience, "MOST", 2)
    known = Stalled(30.0)
    for text in ("{ a }", "{ b }", "{ c }"):
        known.note(question(text))
    assert [known.seconds(question(text)) > 0 for text in ("{ a }", "{ c }")] == [False, True]


def test_only_what_was_sent_in_vain_has_stalled():
    wire = Wire(fails=True)
    known = Stalled(30.0, clock=lambda: wire.now)
    transport = PatientTransport(wire, 3.0, known, clock=lambda: wire.now)
    assert transport.send(question()).status == 503
    assert known.seconds(question()) == 0


def test_what_the_breaker_refused_has_not_stalled():
    wire = Wire(fails=False)
    known = Stalled(30.0, clock=lambda: wire.now)
    transport = PatientTransport(wire, 3.0, known, clock=lambda: wire.now)

    def refuse(call):
        raise Unavailable("timeout", in_doubt=False, retry_after=9.0)

    wire.send = refuse
    with pytest.raises(Unavailable):
        transport.send(question())
    assert known.seconds(question()) == 0

"""The budget, in a time of its own: never too many, hardly ever too few, everybody in turn."""

from __future__ import annotations

import heapq
import itertools
import random

import pytest

from django_anilist.api.budget import (
    DISTRUST,
    HIGHEST_LIMIT,
    RESERVE,
    TASK,
    USUAL_LIMIT,
    WAITER_LIFE,
    WEB,
    WINDOW,
    Budget,
    Ticket,
)


class Edge:
    """AniList's edge: so many arrivals in a sliding window, and a lock-out for one too many."""

    def __init__(self, limit=USUAL_LIMIT):
        self.limit, self.arrivals, self.locked_until, self.refused = limit, [], -1.0, 0

    def arrive(self, now):
        self.arrivals = [moment for moment in self.arrivals if moment > now - WINDOW]
        if now < self.locked_until or len(self.arrivals) >= self.limit:
            self.locked_until = now + WINDOW
            self.refused += 1
            return False
        self.arrivals.append(now)
        return True


def play(callers, *, seconds=600, edge=None, budget=None, rng=None, headers=True):
    """Let ``callers`` (lanes) ask without end for ``seconds``; return the edge and the grants.

    A discrete simulation: each request takes a while to arrive and to be answered.
    """
    edge, budget, rng = edge or Edge(), budget or Budget(), rng or random.Random(7)
    counter = itertools.count()
    events = [(0.0, next(counter), "ask", number, None) for number in range(len(callers))]
    grants, waits = [], dict.fromkeys(range(len(callers)), 0.0)
    while events and events[0][0] < seconds:
        now, _, what, caller, ticket = heapq.heappop(events)
        if what == "ask":
            turn = budget.ask(caller, callers[caller], now, 8.0)
            if isinstance(turn, Ticket):
                grants.append((now, caller, now - waits[caller]))
                heapq.heappush(
                    events, (now + rng.uniform(0.01, 0.3), next(counter), "arrive", caller, turn)
                )
            else:
                heapq.heappush(events, (now + min(turn, 0.1), next(counter), "ask", caller, None))
        elif what == "arrive":
            served = edge.arrive(now)
            left = edge.limit - len(edge.arrivals)
            back = now + rng.uniform(0.01, 0.3)
            heapq.heappush(events, (back, next(counter), "answer", caller, (ticket, served, left)))
        else:
            ticket, served, left = ticket
            budget.answered(ticket, now)
            if not served:
                budget.locked_out(60, now)
            elif headers:
                budget.heard_limit(ticket, edge.limit, left, now)
            waits[caller] = now
            heapq.heappush(events, (now, next(counter), "ask", caller, None))
    return edge, grants


def share(grants, *, limit=USUAL_LIMIT, start=60, end=600):
    return sum(start <= now < end for now, *_ in grants) / (limit * (end - start) / WINDOW)


@pytest.mark.parametrize("lane", [WEB, TASK])
@pytest.mark.parametrize("callers", [8, 40])
def test_the_whole_budget_is_used_and_never_more(lane, callers):
    edge, grants = play([lane] * callers)
    assert edge.refused == 0
    assert share(grants) >= 0.98


def test_a_limit_of_ninety_is_learned_from_the_headers():
    edge, grants = play([TASK] * 16, edge=Edge(90))
    assert edge.refused == 0
    assert share(grants, limit=90, start=180) >= 0.98


def test_without_headers_thirty_is_all_that_is_asked_for():
    edge, grants = play([TASK] * 16, edge=Edge(90), headers=False)
    assert edge.refused == 0
    assert share(grants) <= 1.0


def test_web_requests_go_before_tasks_that_want_everything():
    callers = [TASK] * 20
    budget, edge, rng = Budget(), Edge(), random.Random(1)
    play(callers, budget=budget, edge=edge, rng=rng, seconds=300)
    waits, now = [], 300.0
    for number in range(60):  # one every ten seconds, beside the tasks
        now += 10.0
        _advance(budget, callers, edge, now)
        turn = budget.ask(1000 + number, WEB, now, 8.0)
        waits.append(0.0 if isinstance(turn, Ticket) else turn)
        if isinstance(turn, Ticket):
            assert edge.arrive(now)
            budget.answered(turn, now)
        else:
            budget.leave(1000 + number)
    assert edge.refused == 0
    assert sorted(waits)[int(len(waits) * 0.95)] < 2.0


def _advance(budget, callers, edge, now):
    """Let every task ask at each tenth of the ten seconds before ``now``."""
    for moment in (now - 10 + tenth / 10 for tenth in range(100)):
        for caller in range(len(callers)):
            turn = budget.ask(caller, TASK, moment, 8.0)
            if isinstance(turn, Ticket):
                assert edge.arrive(moment)
                budget.answered(turn, moment)


def test_within_a_lane_who_came_first_goes_first():
    budget = Budget(slots=[100.0])
    assert not isinstance(budget.ask(1, WEB, 99.0, 8.0), Ticket)
    assert not isinstance(budget.ask(2, WEB, 99.1, 8.0), Ticket)
    assert not isinstance(budget.ask(2, WEB, 100.0, 8.0), Ticket)
    assert isinstance(budget.ask(1, WEB, 100.0, 8.0), Ticket)


def test_who_died_in_the_queue_is_forgotten():
    budget = Budget(slots=[100.0])
    budget.ask(1, WEB, 99.0, 8.0)
    assert isinstance(budget.ask(2, WEB, 99.0 + WAITER_LIFE + 1, 8.0), Ticket)


def test_who_died_with_a_slot_gives_it_back_in_the_end():
    budget = Budget(slots=[0.0])
    assert isinstance(budget.ask(1, WEB, 10.0, 8.0), Ticket)
    assert budget.ask(2, WEB, 20.0, 8.0) == pytest.approx(10.0 + 8.0 + WINDOW - 20.0)
    assert isinstance(budget.ask(2, WEB, 10.0 + 8.0 + WINDOW, 8.0), Ticket)


def test_a_late_answer_does_not_free_a_slot_that_is_somebody_elses_by_now():
    budget = Budget(slots=[0.0])
    late = budget.ask(1, WEB, 0.0, 8.0)
    now = 8.0 + WINDOW
    again = budget.ask(2, WEB, now, 8.0)
    budget.answered(late, now + 1)
    assert budget.slots == [again.held_until]


def test_the_seconds_told_are_the_seconds_it_takes():
    budget = Budget()
    for number in range(USUAL_LIMIT):
        budget.answered(budget.ask(number, WEB, number / 10, 8.0), number / 10)
    wait = budget.ask(99, WEB, 5.0, 8.0)
    assert wait == pytest.approx(WINDOW - 5.0)
    assert isinstance(budget.ask(99, WEB, 5.0 + wait, 8.0), Ticket)


def test_a_queue_longer_than_the_budget_waits_for_the_next_window_too():
    budget = Budget(slots=[60.0, 60.0])
    for number in range(5):
        wait = budget.ask(number, WEB, 0.0, 8.0)
    assert wait == pytest.approx(60.0 + 2 * WINDOW)


def test_tasks_leave_some_slots_to_the_web_while_there_is_one():
    budget = Budget()
    budget.leave(budget.ask(1, WEB, 1000.0, 8.0).slot)
    given = 0
    for number in range(60):
        now = 1000.0 + number
        given += isinstance(budget.ask(100, TASK, now, 60.0), Ticket)
    assert given == USUAL_LIMIT - 1 - RESERVE


def test_a_429_stops_everybody():
    budget = Budget()
    budget.locked_out(60, 100.0)
    for lane in (WEB, TASK):
        assert budget.ask(lane, lane, 110.0, 8.0) == pytest.approx(50.0)
        budget.leave(lane)
    assert budget.left(110.0) == 0
    assert isinstance(budget.ask(1, WEB, 160.0, 8.0), Ticket)


def test_after_a_lock_out_a_raise_is_not_believed_for_an_hour():
    budget = Budget()
    budget.heard_limit(Ticket(0, 0.0), 90, 89, 0.0)
    assert budget.limit == 90
    budget.locked_out(60, 10.0)
    assert budget.limit == USUAL_LIMIT
    budget.heard_limit(Ticket(0, 0.0), 90, 89, 80.0)
    assert budget.limit == USUAL_LIMIT
    budget.heard_limit(Ticket(0, 0.0), 20, 19, 80.0)
    assert budget.limit == 20
    budget.heard_limit(Ticket(0, 0.0), 90, 89, 10.0 + DISTRUST)
    assert budget.limit == 90


@pytest.mark.parametrize(("limit", "kept"), [(0, 1), (10_000, HIGHEST_LIMIT), (45, 45)])
def test_an_odd_limit_is_brought_within_reason(limit, kept):
    budget = Budget()
    budget.heard_limit(Ticket(0, 0.0), limit, limit, 0.0)
    assert budget.limit == kept


def test_a_lower_limit_keeps_the_slots_used_last():
    budget = Budget(slots=[float(number) for number in range(30)])
    budget.heard_limit(Ticket(0, 0.0), 10, 10, 1000.0)
    assert budget.slots == [float(number) for number in range(20, 30)]


def test_what_somebody_else_spends_from_this_address_is_not_spent_again():
    budget, edge = Budget(), Edge()
    for _ in range(10):  # an outsider
        edge.arrive(0.0)
    sent = 0
    for number in range(60):
        turn = budget.ask(number, WEB, 1.0, 8.0)
        if not isinstance(turn, Ticket):
            break
        assert edge.arrive(1.0)
        budget.answered(turn, 1.0)
        budget.heard_limit(turn, 30, 30 - len(edge.arrivals), 1.0)
        sent += 1
    assert (sent, edge.refused) == (20, 0)

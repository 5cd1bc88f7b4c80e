"""The budget, in a time of its own: never too many, hardly ever too few, everybody in turn."""

from __future__ import annotations

import heapq
import itertools
import random

import pytest

from django_anilist.api.budget import (
    DISTRUST,
    HIGHEST_LIMIT,
    LONGEST_HOLD,
    MAX_WAITERS,
    RESERVE,
    RESERVE_KEPT,
    TASK_BURST,
    USUAL_LIMIT,
    WAITER_LIFE,
    WINDOW,
    Budget,
)
from django_anilist.api.others import KEPT, SURPRISE
from django_anilist.api.turns import (
    TASK,
    WEB,
    Asker,
    Heard,
    Outage,
    Refusal,
    Standing,
    Ticket,
    Wait,
)

PATIENT = 10_000.0


def ask(budget, id, lane, now, deadline=8.0, max_wait=PATIENT):
    return budget.ask(Asker(id, lane, deadline, max_wait), now)


def heard_limit(budget, limit, left, now):
    budget.answered(Ticket(-1.0), Heard(limit=limit, left=left), now)


def locked_out(budget, seconds, now):
    budget.answered(Ticket(-1.0), Heard(lock_out=seconds), now)


def answered(budget, ticket, now):
    budget.answered(ticket, Heard(), now)


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
            turn = ask(budget, caller, callers[caller], now)
            if isinstance(turn, Ticket):
                grants.append((now, caller, now - waits[caller]))
                heapq.heappush(
                    events, (now + rng.uniform(0.01, 0.3), next(counter), "arrive", caller, turn)
                )
            else:
                heapq.heappush(
                    events, (now + min(turn.seconds, 0.1), next(counter), "ask", caller, None)
                )
        elif what == "arrive":
            served = edge.arrive(now)
            left = edge.limit - len(edge.arrivals)
            back = now + rng.uniform(0.01, 0.3)
            heapq.heappush(events, (back, next(counter), "answer", caller, (ticket, served, left)))
        else:
            ticket, served, left = ticket
            heard = Heard(limit=edge.limit, left=left) if headers else Heard()
            budget.answered(ticket, heard if served else Heard(lock_out=60), now)
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
        turn = ask(budget, 1000 + number, WEB, now)
        waits.append(0.0 if isinstance(turn, Ticket) else turn.seconds)
        if isinstance(turn, Ticket):
            assert edge.arrive(now)
            answered(budget, turn, now)
        else:
            budget.leave(1000 + number)
    assert edge.refused == 0
    assert sorted(waits)[int(len(waits) * 0.95)] < 2.0


def _advance(budget, callers, edge, now):
    """Let every task ask at each tenth of the ten seconds before ``now``."""
    for moment in (now - 10 + tenth / 10 for tenth in range(100)):
        for caller in range(len(callers)):
            turn = ask(budget, caller, TASK, moment)
            if isinstance(turn, Ticket):
                assert edge.arrive(moment)
                answered(budget, turn, moment)


def test_within_a_lane_who_came_first_goes_first():
    budget = Budget(slots=[100.0])
    assert not isinstance(ask(budget, 1, WEB, 99.0), Ticket)
    assert not isinstance(ask(budget, 2, WEB, 99.1), Ticket)
    assert not isinstance(ask(budget, 2, WEB, 100.0), Ticket)
    assert isinstance(ask(budget, 1, WEB, 100.0), Ticket)


def test_who_died_in_the_queue_is_forgotten():
    budget = Budget(slots=[100.0])
    ask(budget, 1, WEB, 99.0)
    assert isinstance(ask(budget, 2, WEB, 99.0 + WAITER_LIFE * WINDOW + 1), Ticket)


def test_who_died_with_a_slot_gives_it_back_in_the_end():
    budget = Budget(slots=[0.0])
    assert isinstance(ask(budget, 1, WEB, 10.0), Ticket)
    assert ask(budget, 2, WEB, 20.0).seconds == pytest.approx(10.0 + 8.0 + WINDOW - 20.0)
    assert isinstance(ask(budget, 2, WEB, 10.0 + 8.0 + WINDOW), Ticket)


def test_a_late_answer_does_not_free_a_slot_that_is_somebody_elses_by_now():
    budget = Budget(slots=[0.0])
    late = ask(budget, 1, WEB, 0.0)
    now = 8.0 + WINDOW
    again = ask(budget, 2, WEB, now)
    answered(budget, late, now + 1)
    assert budget.slots == [again.held_until]


def test_the_seconds_told_are_the_seconds_it_takes():
    budget = Budget()
    for number in range(USUAL_LIMIT):
        answered(budget, ask(budget, number, WEB, number / 10), number / 10)
    wait = ask(budget, 99, WEB, 5.0)
    assert wait.seconds == pytest.approx(WINDOW - 5.0)
    assert isinstance(ask(budget, 99, WEB, 5.0 + wait.seconds), Ticket)


def test_a_queue_longer_than_the_budget_waits_for_the_next_window_too():
    budget = Budget(slots=[60.0, 60.0])
    for number in range(5):
        wait = ask(budget, number, WEB, 0.0)
    assert wait.seconds == pytest.approx(60.0 + 2 * WINDOW)


def test_tasks_leave_some_slots_to_the_web_while_there_is_one():
    budget = Budget()
    ask(budget, 1, WEB, 1000.0)
    given = 0
    for number in range(60):
        now = 1000.0 + number
        given += isinstance(ask(budget, 100, TASK, now, 60.0), Ticket)
    assert given == USUAL_LIMIT - 1 - RESERVE


def test_a_429_stops_everybody():
    budget = Budget()
    locked_out(budget, 60, 100.0)
    for lane in (WEB, TASK):
        assert ask(budget, 7, lane, 110.0).seconds == pytest.approx(50.0)
        budget.leave(7)
    assert budget.left(110.0) == 0
    assert isinstance(ask(budget, 1, WEB, 160.0), Ticket)


def test_after_a_lock_out_a_raise_is_not_believed_for_an_hour():
    budget = Budget()
    heard_limit(budget, 90, 89, 0.0)
    assert budget.limit == 90
    locked_out(budget, 60, 10.0)
    assert budget.limit == USUAL_LIMIT
    heard_limit(budget, 90, 89, 80.0)
    assert budget.limit == USUAL_LIMIT
    heard_limit(budget, 20, 19, 80.0)
    assert budget.limit == 20
    heard_limit(budget, 90, 89, 10.0 + DISTRUST)
    assert budget.limit == 90


@pytest.mark.parametrize(("limit", "kept"), [(0, 1), (10_000, HIGHEST_LIMIT), (45, 45)])
def test_an_odd_limit_is_brought_within_reason(limit, kept):
    budget = Budget()
    heard_limit(budget, limit, limit, 0.0)
    assert budget.limit == kept


def test_a_lower_limit_keeps_the_slots_used_last():
    budget = Budget(slots=[float(number) for number in range(30)])
    heard_limit(budget, 10, 10, 1000.0)
    assert budget.slots == [float(number) for number in range(20, 30)]


def test_what_somebody_else_spends_from_this_address_is_not_spent_again():
    budget, edge = Budget(), Edge()
    for _ in range(10):  # an outsider
        edge.arrive(0.0)
    sent = 0
    for number in range(60):
        turn = ask(budget, number, WEB, 1.0)
        if not isinstance(turn, Ticket):
            break
        assert edge.arrive(1.0)
        budget.answered(turn, Heard(limit=30, left=30 - len(edge.arrivals)), 1.0)
        sent += 1
    assert (sent, edge.refused) == (19, 0)  # one is left for what they ask next


def answered_with(budget, left, now):
    """Let one request leave and hear ``left`` in its answer."""
    ticket = ask(budget, 1, WEB, now)
    budget.answered(ticket, Heard(limit=30, left=left), now)


def test_what_others_spent_is_remembered_for_a_while_and_the_most_of_it():
    budget = Budget()
    answered_with(budget, 19, 0.0)  # ten are gone that were not ours
    answered_with(budget, 24, 1.0)
    assert budget.others.spent == 10
    assert budget.left(61.0) == USUAL_LIMIT - 11
    assert budget.left(KEPT * WINDOW + 61.0) == USUAL_LIMIT


def test_beside_somebody_else_tasks_leave_one_by_one():
    for left, together in ((29, TASK_BURST), (19, 1)):
        budget = Budget()
        answered_with(budget, left, 0.0)
        turns = [ask(budget, number, TASK, 1.0) for number in range(TASK_BURST + 1)]
        assert sum(isinstance(turn, Ticket) for turn in turns) == together


def test_a_lock_out_that_nobody_saw_coming_leaves_others_more():
    budget = Budget()
    locked_out(budget, 60, 0.0)
    assert budget.others.spent == SURPRISE
    locked_out(budget, 60, 1.0)  # one that was on its way: the same lock-out
    assert budget.others.spent == SURPRISE
    budget = Budget(slots=[0.0] * 90)
    locked_out(budget, 60, 0.0)  # the limit was lowered, and nobody else is to blame
    assert budget.others.spent == 0


def test_after_a_lock_out_one_goes_first():
    budget = Budget()
    locked_out(budget, 60, 0.0)
    probe = ask(budget, 1, TASK, 60.0)
    assert isinstance(probe, Ticket)
    assert ask(budget, 2, WEB, 60.1) == Wait(pytest.approx(7.9))
    answered(budget, probe, 60.3)
    assert isinstance(ask(budget, 2, WEB, 60.3), Ticket)


def test_one_that_went_first_and_died_holds_the_others_for_its_deadline_only():
    budget = Budget()
    locked_out(budget, 60, 0.0)
    assert isinstance(ask(budget, 1, WEB, 60.0), Ticket)
    assert isinstance(ask(budget, 2, WEB, 68.0), Ticket)


def test_an_answer_from_before_a_lock_out_does_not_end_it():
    budget = Budget()
    early = ask(budget, 1, WEB, 0.0)
    locked_out(budget, 60, 1.0)
    answered(budget, early, 2.0)
    assert isinstance(ask(budget, 2, WEB, 3.0), Wait)


def test_beside_somebody_who_spends_a_third_the_rest_is_used_with_hardly_a_lock_out():
    """Twenty minutes; the edge counts a lock-out from its first 429, whoever drew that."""
    budget, rng = Budget(), random.Random(2)
    arrivals, locked_until, lock_outs, good = [], 0.0, 0, 0

    def arrive(now):
        nonlocal arrivals, locked_until, lock_outs
        arrivals = [moment for moment in arrivals if moment > now - WINDOW]
        if now < locked_until:
            return False
        if len(arrivals) >= USUAL_LIMIT:
            locked_until, lock_outs = now + WINDOW, lock_outs + 1
            return False
        arrivals.append(now)
        return True

    outsider, now = 0.3, 0.0
    while now < 1200.0:
        now += 0.1
        if now >= outsider:
            pause = WINDOW / 10 * rng.uniform(0.9, 1.1)
            outsider = now + (pause if arrive(now) else WINDOW + pause)
        turn = ask(budget, 1, TASK, now)
        if isinstance(turn, Ticket):
            served = arrive(now)
            good += served and now > 120
            left = USUAL_LIMIT - len(arrivals)
            heard = Heard(limit=USUAL_LIMIT, left=left) if served else Heard(lock_out=60)
            budget.answered(turn, heard, now)
    assert lock_outs <= 4
    assert good >= 0.75 * 20 * (1200 - 120) / WINDOW


# Refusals


def spent():
    """A budget that was spent at once, half a window ago."""
    budget = Budget()
    for number in range(USUAL_LIMIT):
        answered(budget, ask(budget, number, WEB, 0.0), 0.0)
    return budget


def test_who_cannot_wait_is_told_when_to_come_back_and_is_out_of_the_queue():
    budget = spent()
    turn = ask(budget, 99, WEB, 30.0, max_wait=2.0)
    assert turn == Refusal(pytest.approx(30.0))
    assert budget.waiters == []
    assert isinstance(ask(budget, 99, WEB, 30.0 + turn.seconds, max_wait=0.0), Ticket)


def test_who_can_wait_waits_from_when_they_came():
    budget = spent()
    assert ask(budget, 99, WEB, 58.5, max_wait=2.0) == Wait(pytest.approx(1.5))
    budget.slots = [65.0] * USUAL_LIMIT  # somebody was faster
    assert isinstance(ask(budget, 99, WEB, 59.5, max_wait=2.0), Refusal)


def test_who_can_wait_exactly_as_long_as_it_takes_waits():
    assert ask(spent(), 99, WEB, 58.0, max_wait=2.0) == Wait(2.0)
    assert isinstance(ask(spent(), 99, WEB, 57.9, max_wait=2.0), Refusal)


def test_those_refused_together_are_not_told_the_same_moment():
    budget = spent()
    told = [ask(budget, 100 + n, WEB, 30.0, max_wait=0.0).seconds for n in range(10)]
    assert told == pytest.approx([30.0 + 2.0 * n for n in range(10)])


def test_nobody_is_told_more_than_a_window_too_much():
    budget = spent()
    told = [ask(budget, 100 + n, WEB, 30.0, max_wait=0.0).seconds for n in range(200)]
    assert max(told) == pytest.approx(30.0 + WINDOW)


def test_everybody_who_comes_back_when_told_is_served():
    """Tasks want everything meanwhile; a page's visitor waits as told, and no longer."""
    budget, edge, rng = Budget(), Edge(), random.Random(3)
    tasks = [TASK] * 20
    play(tasks, budget=budget, edge=edge, rng=rng, seconds=300)
    now, back = 300.0, []
    for number in range(600):
        now += 0.5
        for caller in range(len(tasks)):
            turn = ask(budget, caller, TASK, now)
            if isinstance(turn, Ticket):
                assert edge.arrive(now)
                answered(budget, turn, now)
        due = [moment for moment in back if moment <= now]
        back = [moment for moment in back if moment > now]
        for _ in due:
            turn = ask(budget, 10_000 + number, WEB, now, max_wait=2.0)
            assert isinstance(turn, Ticket | Wait)
            budget.leave(10_000 + number)
            if isinstance(turn, Ticket):
                assert edge.arrive(now)
                answered(budget, turn, now)
        if number % 9 == 0:
            turn = ask(budget, 20_000 + number, WEB, now, max_wait=0.0)
            if isinstance(turn, Refusal):
                back.append(now + turn.seconds)
            elif isinstance(turn, Ticket):
                assert edge.arrive(now)
                answered(budget, turn, now)
    assert edge.refused == 0


# The rest


def test_what_another_store_has_spent_is_spent_here_too():
    budget = Budget()
    budget.spend_down_to(12, 100.0)
    assert budget.left(100.0) == 12
    budget.spend_down_to(20, 100.0)
    assert budget.left(100.0) == 12
    assert budget.left(100.0 + WINDOW) == USUAL_LIMIT


def test_what_another_store_has_spent_is_taken_from_the_free_slots():
    budget = Budget(slots=[0.0, 0.0, 200.0])
    budget.spend_down_to(1, 100.0)
    assert budget.left(100.0) == 1


def test_a_look_tells_how_it_stands():
    budget = spent()
    ask(budget, 99, WEB, 30.0)
    assert budget.look(30.0) == Standing(USUAL_LIMIT, 0, pytest.approx(30.0), 0.0, "", 1)
    locked_out(budget, 100, 30.0)
    found = budget.look(40.0)
    assert (found.next_in, found.locked_for) == (pytest.approx(90.0), pytest.approx(90.0))
    assert budget.look(140.0).left == USUAL_LIMIT - 3  # the surprise, and one


def test_a_look_at_a_budget_that_nobody_used_tells_nothing_to_wait_for():
    assert Budget().look(30.0) == Standing(USUAL_LIMIT, USUAL_LIMIT, 0.0, 0.0, "", 0)


@pytest.mark.parametrize("field", ["locked_until", "web_seen"])
def test_the_longest_that_can_be_held_is_of_this_clock(field):
    latest = 100.0 + WINDOW + LONGEST_HOLD
    for moment, other in ((latest, False), (latest + 0.1, True)):
        assert Budget(**{field: moment}).is_of_another_clock(100.0) is other
        assert Budget(slots=[0.0, moment]).is_of_another_clock(100.0) is other


def test_who_was_heard_of_in_the_future_is_of_another_clock_and_forgotten():
    budget = Budget(slots=[100.0])
    ask(budget, 1, WEB, 99.0)
    ask(budget, 2, WEB, 98.0)
    assert [waiter.id for waiter in budget.waiters] == [2]


def test_who_is_heard_of_at_the_very_end_of_their_time_is_forgotten():
    budget = Budget(slots=[500.0])
    ask(budget, 1, WEB, 100.0)
    ask(budget, 2, WEB, 100.0 + WAITER_LIFE * WINDOW)
    assert [waiter.id for waiter in budget.waiters] == [2]


def test_those_who_came_together_go_by_their_names():
    budget = Budget(slots=[100.0])
    for number in (2, 1):
        ask(budget, number, WEB, 99.0)
    assert not isinstance(ask(budget, 2, WEB, 100.0), Ticket)
    assert isinstance(ask(budget, 1, WEB, 100.0), Ticket)


def test_the_reserve_is_given_up_ten_minutes_after_the_last_visitor():
    for late, wait in ((RESERVE_KEPT - 1, True), (RESERVE_KEPT, False)):
        budget = Budget(slots=[0.0] * RESERVE)
        answered(budget, ask(budget, 1, WEB, 1000.0), 1000.0)
        turn = ask(budget, 2, TASK, 1000.0 + late)
        assert isinstance(turn, Wait) is wait


def test_an_answer_in_a_slot_that_is_gone_meanwhile_changes_nothing():
    budget = Budget()
    tickets = [ask(budget, number, WEB, 100.0 + number) for number in range(11)]
    heard_limit(budget, 10, 0, 111.0)
    kept = list(budget.slots)
    answered(budget, tickets[0], 112.0)
    assert budget.slots == kept


def test_others_are_never_taken_to_spend_more_than_there_is():
    budget = busy(0.0, 0.0)
    budget.answered(ask(budget, 1, WEB, 100.0), Heard(limit=30, left=0), 100.0)
    assert budget.others.spent == 29
    budget = busy(0.0, 0.0, distrust_until=1000.0)
    budget.answered(ask(budget, 1, WEB, 100.0), Heard(limit=30, left=0), 100.0)
    assert (budget.limit, budget.others.spent) == (2, 2)


@pytest.mark.parametrize(("before", "after"), [(90, 30), (30, 90)])
def test_a_limit_that_changes_is_nobodys_spending(before, after):
    budget = busy(*[0.0] * before)
    budget.answered(ask(budget, 1, WEB, 100.0), Heard(limit=after, left=after - 1), 100.0)
    assert (budget.limit, budget.others.spent) == (after, 0)
    assert budget.left(100.0) == after - 1


def test_others_are_seen_behind_a_limit_that_changes():
    budget = busy(*[0.0] * 90)
    budget.answered(ask(budget, 1, WEB, 100.0), Heard(limit=30, left=9), 100.0)
    assert budget.others.spent == 20


def test_what_a_lost_budget_let_leave_is_nobodys_spending():
    """The file was deleted, or Redis started anew, while requests were on their way."""
    lost, budget = Budget(), Budget()
    tickets = [ask(lost, number, WEB, 100.0) for number in range(20)]
    answered(budget, ask(budget, 1, WEB, 101.0), 101.0)
    budget.answered(tickets[-1], Heard(limit=30, left=9), 102.0)
    assert budget.others.spent == 0
    assert budget.left(102.0) == USUAL_LIMIT - 1


def test_while_others_spend_it_all_a_turn_is_a_window_off():
    budget = Budget()
    answered_with(budget, 0, 100.0)
    assert budget.left(170.0) == 0
    assert budget.look(170.0).next_in == pytest.approx(WINDOW)
    assert ask(budget, 2, WEB, 170.0, max_wait=2.0) == Refusal(pytest.approx(WINDOW))
    assert ask(budget, 3, TASK, 170.0) == Wait(pytest.approx(WINDOW))


def test_an_answer_without_one_of_its_headers_says_nothing_of_the_limit():
    budget = Budget()
    for heard in (Heard(limit=10), Heard(left=0)):
        budget.answered(ask(budget, 1, WEB, 100.0), heard, 100.0)
    assert (budget.limit, budget.others.spent) == (USUAL_LIMIT, 0)


@pytest.mark.parametrize("moment", [1e9, float("nan"), float("inf")])
def test_a_moment_that_no_request_could_have_set_is_of_another_clock(moment):
    assert not spent().is_of_another_clock(0.0)
    budget = spent()
    budget.slots[7] = moment
    assert budget.is_of_another_clock(0.0)


def test_a_queue_of_thousands_is_not_kept():
    budget = spent()
    for number in range(MAX_WAITERS + 100):
        ask(budget, number, WEB, 1.0)
    assert len(budget.waiters) == MAX_WAITERS


# To the number


def busy(*moments, **values):
    """Return a budget whose slots are free again at these moments."""
    return Budget(slots=sorted(moments), **values)


def test_a_look_tells_when_the_first_slot_is_free():
    assert busy(40.0, 20.0, 30.0).look(5.0).next_in == 15.0


def test_slots_that_are_left_to_others_are_not_next():
    budget = busy(20.0, 30.0, 40.0, 50.0)
    budget.others.heard(1, 5.0, WINDOW)
    assert budget.look(5.0).next_in == 35.0


def test_a_wait_is_told_to_the_second():
    assert ask(busy(20.5), 1, WEB, 20.0) == Wait(0.5)


def test_a_task_waits_for_its_share_of_the_window_where_slots_are_free():
    budget = busy(*[0.0] * 30, task_due=110.0)
    assert ask(budget, 1, TASK, 100.0) == Wait(110.0 - (TASK_BURST - 1) * 2 - 100.0)


def test_a_task_in_the_queue_lets_the_web_go_first():
    budget = busy(10.0, web_seen=-RESERVE_KEPT)
    assert isinstance(ask(budget, 1, TASK, 9.0), Wait)
    assert isinstance(ask(budget, 2, WEB, 9.5), Wait)
    assert isinstance(ask(budget, 1, TASK, 10.0), Wait)
    assert isinstance(ask(budget, 2, WEB, 10.0), Ticket)


def test_tickets_are_counted():
    budget = Budget()
    assert [ask(budget, id, WEB, 0.0).number for id in range(3)] == [1, 2, 3]


def test_what_we_sent_meanwhile_was_not_spent_by_others():
    budget = Budget()
    first, _ = ask(budget, 1, WEB, 0.0), ask(budget, 2, WEB, 0.0)
    assert first.free == 29
    budget.answered(first, Heard(limit=30, left=28), 1.0)
    assert budget.others.spent == 0


@pytest.mark.parametrize(("limit", "believed"), [(29, 14), (30, 15), (12, 6)])
def test_others_are_taken_to_spend_half_of_it_at_most_after_a_surprise(limit, believed):
    budget = busy(*[0.0] * limit)
    budget.others.heard(limit // 2 - 1, 0.0, WINDOW)
    locked_out(budget, 60, 1.0)
    assert budget.others.spent == believed


def test_slots_that_come_with_a_higher_limit_are_free():
    budget = busy(7.0)
    heard_limit(budget, 3, 2, 1.0)
    assert budget.slots == [0.0, 0.0, 7.0]


def test_the_same_limit_leaves_each_slot_as_it_is():
    budget = busy(7.0, 8.0, 9.0)
    heard_limit(budget, 3, 0, 1.0)
    assert budget.slots == [7.0, 8.0, 9.0]


def test_a_probe_that_was_answered_is_none_any_more():
    budget = Budget()
    locked_out(budget, 60, 0.0)
    answered(budget, ask(budget, 1, WEB, 60.0), 61.0)
    assert (budget.probe, budget.locked_until) == (0, 61.0)


def test_failures_in_a_row_are_an_outage_from_the_last_one_on():
    budget = Budget()
    for now in (1.0, 2.0, 3.0):
        budget.answered(ask(budget, 1, WEB, now), Heard("server"), now)
    assert ask(budget, 1, WEB, 4.0) == Outage("server", budget.breaker.period - 1.0)
    assert budget.look(4.0).outage == "server"


@pytest.mark.parametrize("deadline", [179.0, 181.0, 10_000.0])
def test_a_request_that_may_take_for_ever_is_not_taken_for_another_clock(deadline):
    """Else the next one would begin a budget anew, and all that was spent were there again."""
    budget = Budget()
    assert isinstance(ask(budget, 1, WEB, 1000.0, deadline=deadline), Ticket)
    assert not budget.is_of_another_clock(1000.0)
    locked_out(budget, 60.0, 1000.0)
    assert isinstance(ask(budget, 2, WEB, 1060.0, deadline=deadline), Ticket)
    assert not budget.is_of_another_clock(1060.0)

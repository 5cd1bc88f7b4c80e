"""When AniList serves nobody, hardly anybody asks; when it serves again, everybody does."""

from __future__ import annotations

import pytest

from django_anilist.api.breaker import ENOUGH, PERIOD, Breaker
from django_anilist.api.budget import Budget
from django_anilist.api.turns import Asker, Heard, Outage, Ticket


def failing(*reasons, now=100.0):
    breaker = Breaker()
    for reason in reasons:
        breaker.heard(reason, now)
    return breaker


def test_three_failures_in_a_row_open_it():
    assert failing("connection", "server").outage(100.0) is None
    assert failing("connection", "server", "html").outage(100.0) == Outage("html", PERIOD)


def test_an_answer_in_between_counts_from_the_start():
    assert failing("server", "server", "", "server", "server").outage(100.0) is None


def test_the_sentence_of_a_switch_off_opens_it_at_once():
    assert failing("switched-off").outage(100.0) == Outage("switched-off", PERIOD)


def test_two_that_hang_are_enough():
    assert failing("timeout").outage(100.0) is None
    assert failing("timeout", "timeout").outage(100.0) == Outage("timeout", PERIOD)


@pytest.mark.parametrize("reason", ["response", "too-large", "redirect"])
def test_what_is_about_one_request_only_is_no_failure_of_anilist(reason):
    assert failing(*[reason] * 2 * ENOUGH).outage(100.0) is None


def test_failures_are_counted_up_to_twice_what_opens_it():
    assert failing("server").failures == 1
    assert failing("timeout").failures == 2
    assert failing(*["server"] * 20).failures == 2 * ENOUGH


def test_its_period_can_be_another():
    breaker = Breaker(period=5.0)
    breaker.heard("switched-off", 100.0)
    assert breaker.outage(104.0) == Outage("switched-off", 1.0)
    assert breaker.outage(105.0) is None


def test_a_request_that_leaves_while_all_is_well_probes_nothing():
    breaker = failing("server", "server")
    breaker.sending(100.0, 8.0)
    assert breaker.probing_until == 0.0


def test_after_a_while_one_may_try_and_the_others_wait_for_it():
    breaker = failing("switched-off")
    assert breaker.outage(100.0 + PERIOD) is None
    breaker.sending(100.0 + PERIOD, 8.0)
    assert breaker.outage(101.0 + PERIOD) == Outage("switched-off", 7.0)


def test_a_probe_that_fails_opens_it_for_as_long_again():
    breaker = failing("switched-off")
    breaker.sending(100.0 + PERIOD, 8.0)
    breaker.heard("server", 101.0 + PERIOD)
    assert breaker.outage(101.0 + PERIOD) == Outage("server", PERIOD)


def test_a_probe_that_is_answered_closes_it():
    breaker = failing("switched-off")
    breaker.sending(100.0 + PERIOD, 8.0)
    breaker.heard("", 101.0 + PERIOD)
    assert breaker.outage(101.0 + PERIOD) is None
    assert breaker.failures == 0


def test_a_probe_whose_owner_died_is_replaced():
    breaker = failing("switched-off")
    breaker.sending(100.0 + PERIOD, 8.0)
    assert breaker.outage(108.0 + PERIOD) is None


def test_while_it_is_open_the_budget_gives_no_tickets_and_empties_the_queue():
    budget = Budget(slots=[1000.0])
    budget.ask(Asker(1, max_wait=1e6), 100.0)
    budget.breaker.heard("switched-off", 100.0)
    assert budget.ask(Asker(1, max_wait=1e6), 101.0) == Outage("switched-off", PERIOD - 1)
    assert budget.waiters == []
    assert budget.look(101.0).outage == "switched-off"


def test_the_budget_gives_one_ticket_to_probe_with():
    budget = Budget()
    budget.breaker.heard("switched-off", 100.0)
    now = 100.0 + PERIOD
    probe = budget.ask(Asker(1), now)
    assert isinstance(probe, Ticket)
    assert isinstance(budget.ask(Asker(2), now), Outage)
    budget.answered(probe, Heard(), now + 1)
    assert isinstance(budget.ask(Asker(2), now + 1), Ticket)


def test_a_429_says_nothing_about_an_outage():
    budget = Budget()
    for _ in range(2):
        budget.breaker.heard("server", 100.0)
    budget.answered(budget.ask(Asker(1), 100.0), Heard(lock_out=1), 100.0)
    assert budget.breaker.failures == 2

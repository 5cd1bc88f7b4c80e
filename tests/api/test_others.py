"""What somebody else spends from our address is remembered for a while, and left to them."""

from __future__ import annotations

import pytest

from django_anilist.api.others import KEPT, SURPRISE, Others

WINDOW = 60.0
#: From when on what was heard at 100 is forgotten.
END = 100.0 + KEPT * WINDOW


@pytest.fixture
def five():
    others = Others()
    others.heard(5, 100.0, WINDOW)
    return others


def test_nobody_else_claims_nothing():
    assert (Others().known(100.0), Others().claimed(100.0)) == (0, 0)
    assert (Others().known(-1.0), Others().claimed(-1.0)) == (0, 0)


def test_who_was_seen_to_spend_claims_as_much_and_one_more_until_it_is_forgotten(five):
    assert (five.known(100.0), five.claimed(100.0)) == (5, 6)
    assert (five.known(END - 0.1), five.claimed(END - 0.1)) == (5, 6)
    assert (five.known(END), five.claimed(END)) == (0, 0)


def test_the_most_that_was_seen_is_what_counts(five):
    five.heard(4, 110.0, WINDOW)
    assert (five.spent, five.until) == (5, END)


def test_the_most_seen_again_is_remembered_for_longer(five):
    five.heard(5, 110.0, WINDOW)
    assert (five.spent, five.until) == (5, END + 10.0)


def test_once_it_is_forgotten_less_counts_too(five):
    five.heard(2, END, WINDOW)
    assert (five.spent, five.until) == (2, END + KEPT * WINDOW)


def test_a_surprise_adds_to_what_was_known_up_to_a_bound(five):
    five.surprised(15, 110.0, WINDOW)
    assert (five.spent, five.until) == (5 + SURPRISE, END + 10.0)
    five.surprised(8, 120.0, WINDOW)
    assert (five.spent, five.until) == (8, END + 20.0)


def test_a_surprise_by_somebody_unknown_begins_small():
    others = Others()
    others.surprised(15, 110.0, WINDOW)
    assert others.known(110.0) == SURPRISE

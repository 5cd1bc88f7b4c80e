"""A task waits for the budget, and gives a question up in the end."""

import pytest

from django_anilist import asking, shared
from django_anilist.api.errors import RateLimited, Unavailable


@pytest.fixture
def naps(monkeypatch):
    found = []
    monkeypatch.setattr(shared, "nap", found.append)
    return found


def answers(*outcomes):
    left = list(outcomes)

    def ask():
        outcome = left.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return ask


def test_it_waits_as_long_as_the_budget_says_within_reason(naps):
    ask = answers(RateLimited(3), RateLimited(9999), "answer")
    assert asking.in_turn(ask) == "answer"
    assert naps == [3, asking.LONGEST_WAIT]


def test_it_does_not_wait_for_ever(naps):
    with pytest.raises(RateLimited):
        asking.in_turn(answers(*[RateLimited(1)] * (asking.WAITS + 1), "never"))
    assert len(naps) == asking.WAITS


def test_any_other_trouble_is_the_callers(naps):
    with pytest.raises(Unavailable):
        asking.in_turn(answers(Unavailable("server"), "never"))
    assert naps == []

"""Asking AniList whether it still accepts a token."""

import pytest

from django_anilist import shared, tokens
from django_anilist.accounts import Account
from django_anilist.api.errors import (
    BadResponse,
    RateLimited,
    TokenExpired,
    TokenRejected,
    Unavailable,
)
from django_anilist.api.oauth import Grant
from django_anilist.api.secrets import Secret
from django_anilist.api.turns import Asker, Heard
from django_anilist.gateway import AniList
from django_anilist.models import AniListToken, Status
from django_anilist.verification import verify
from tests.admin.conftest import YEAR

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(alice, sandbox):
    account = Account(sandbox.user("alice").id, "old name")
    return tokens.save(alice, account, Grant(Secret(sandbox.issue_token("alice")), YEAR, None))


def test_what_anilist_accepts_is_left_alone_but_for_the_name(row, sandbox):
    verify(row, 5)
    assert AniListToken.objects.get().name == "alice"
    assert tokens.open_token(AniListToken.objects.get())[0] is Status.CONNECTED


def test_anilist_is_asked_whatever_is_remembered(row, sandbox):
    AniList.for_user(row.user).viewer()
    verify(row, 5)
    assert sandbox.count() == 2


def test_what_anilist_refuses_is_marked(row, sandbox):
    sandbox.revoke("alice")
    with pytest.raises(TokenRejected):
        verify(row, 5)
    assert AniListToken.objects.get().rejected_at


def test_a_dead_token_is_not_sent(row, sandbox):
    AniListToken.objects.update(expires_at="2020-01-01T00:00:00Z")
    with pytest.raises(TokenExpired):
        verify(row, 5)
    assert sandbox.requests == []


def test_an_outage_puts_nothing_in_doubt(row, sandbox):
    sandbox.dials.switched_off = True
    with pytest.raises(Unavailable):
        verify(row, 5)
    assert AniListToken.objects.get().rejected_at is None


def test_a_turn_that_comes_in_time_is_waited_for(row, sandbox, monkeypatch):
    monkeypatch.setattr(shared, "BUDGET_WINDOW", 1.0)
    while shared.budget().look().left > 0:
        shared.budget().answered(shared.budget().ask(Asker(1)), Heard())
    verify(row, 10)
    assert sandbox.count() == 1


def test_a_turn_too_far_off_is_not(row, sandbox, monkeypatch):
    monkeypatch.setattr(shared, "BUDGET_WINDOW", 60.0)
    while shared.budget().look().left > 0:
        shared.budget().answered(shared.budget().ask(Asker(1)), Heard())
    with pytest.raises(RateLimited):
        verify(row, 5)
    assert sandbox.requests == []


def test_an_answer_without_a_viewer_is_none(row, sandbox, monkeypatch):
    monkeypatch.setattr(AniList, "execute", lambda *args, **options: {"Viewer": None})
    with pytest.raises(BadResponse):
        verify(row, 5)

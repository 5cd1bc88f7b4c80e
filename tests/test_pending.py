"""How many may be on their way to AniList, and who gives way."""

from __future__ import annotations

import datetime
import itertools

import pytest
from django.utils import timezone

from django_anilist import pending
from django_anilist.models import AuthorizationRequest

pytestmark = pytest.mark.django_db

numbers = itertools.count()


def go(user=None, browser="b", age=0):
    """Somebody goes to AniList, or went so many seconds ago."""
    request = AuthorizationRequest(
        state_hash=str(next(numbers)),
        browser_hash=browser,
        user=user,
        created_at=timezone.now() - datetime.timedelta(seconds=age),
    )
    pending.keep(request)
    return request


def there():
    return set(AuthorizationRequest.objects.all())


def test_a_user_keeps_the_newest_ten_in_whatever_browser(alice, bob):
    other, visitor = go(bob), go()
    mine = [go(alice, browser=f"b{number}") for number in range(12)]
    assert there() == {other, visitor, *mine[2:]}


def test_a_browser_where_nobody_is_signed_in_keeps_the_newest_ten(alice):
    other, user = go(browser="c"), go(alice)
    mine = [go() for _ in range(12)]
    assert there() == {other, user, *mine[2:]}


def test_all_who_log_in_together_keep_the_newest(alice, monkeypatch):
    monkeypatch.setattr(pending, "MAX_LOGINS", 3)
    user = go(alice)
    visitors = [go(browser=f"b{number}") for number in range(5)]
    assert there() == {user, *visitors[2:]}


def test_whoever_goes_sweeps_away_what_is_too_old(alice):
    AuthorizationRequest.objects.bulk_create(
        AuthorizationRequest(
            state_hash=f"old{n}", created_at=timezone.now() - datetime.timedelta(seconds=601)
        )
        for n in range(3)
    )
    fresh = go(alice, age=590)
    assert there() == {fresh}


def test_the_stale_are_counted():
    fresh, old = go(), go()
    AuthorizationRequest.objects.filter(pk=old.pk).update(
        created_at=timezone.now() - datetime.timedelta(seconds=601)
    )
    assert (pending.forget_stale(), there()) == (1, {fresh})


def test_forgetting_a_user_forgets_nobody_else(alice, bob):
    go(alice)
    others = {go(bob), go()}
    pending.forget(alice)
    assert there() == others

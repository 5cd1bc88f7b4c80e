"""Rows by the many: sealed anew, claimed, cleared away, and never over what a user just brought."""

from __future__ import annotations

import datetime
import json
import os
import random
import subprocess
import sys
import time

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth import get_user_model
from django.db import connection
from django.utils import timezone

from django_anilist import crypto, tasks, tokens, upkeep
from django_anilist.accounts import Account
from django_anilist.api.oauth import Grant
from django_anilist.api.secrets import Secret
from django_anilist.models import AniListToken
from tests.test_races import ROUNDS, at_once

pytestmark = pytest.mark.django_db

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))
#: How often a rotation is killed; each time stands for 500 rows. At 20, the 10,000 rows of our bar.
KILLS = int(os.environ.get("ROTATION_KILLS", max(1, ROUNDS // 5)))


def connect(user, token="canary-token", anilist_id=None, expires_in=31_536_000):
    account = Account(anilist_id or 1000 + user.pk, user.get_username())
    return tokens.save(user, account, Grant(Secret(token), expires_in, None))


def people(number):
    users = [get_user_model()(username=f"user{n}", password="!") for n in range(number)]
    get_user_model().objects.bulk_create(users)
    return list(get_user_model().objects.filter(username__startswith="user").order_by("pk"))


def newest():
    return crypto.keyring().key_ids[0]


def key_ids():
    return set(AniListToken.objects.values_list("key_id", flat=True))


@pytest.fixture
def old_key(settings):
    settings.ANILIST_TOKEN_KEYS = [OLD]


@pytest.fixture
def turn(settings, old_key):
    """Put the new key before the old one."""
    return lambda: setattr(settings, "ANILIST_TOKEN_KEYS", [NEW, OLD])


# Keys


def test_every_row_gets_the_newest_key_and_the_second_run_changes_nothing(turn):
    for user in people(7):
        connect(user, f"canary-{user.pk}")
    turn()
    assert tasks.rotate_keys(batch=3) == tasks.RotationReport(changed=7, unreadable=0, left=0)
    assert key_ids() == {newest()}
    for row in AniListToken.objects.all():
        assert tokens.open_token(row)[1] == Secret(f"canary-{row.user_id}")
    before = list(AniListToken.objects.order_by("pk").values())
    assert tasks.rotate_keys() == tasks.RotationReport(changed=0, unreadable=0, left=0)
    assert list(AniListToken.objects.order_by("pk").values()) == before


def test_rows_sealed_by_the_secret_key_move_to_a_key_of_their_own(alice, settings):
    connect(alice)
    settings.ANILIST_TOKEN_KEYS = [NEW]
    assert tasks.rotate_keys().changed == 1
    settings.SECRET_KEY = "another"
    assert tokens.open_token(tokens.for_user(alice))[1] == Secret("canary-token")


def test_a_row_that_no_key_opens_is_left_as_it_is_and_counted(alice, bob, settings, turn):
    connect(alice)
    settings.ANILIST_TOKEN_KEYS = [lost := Fernet.generate_key()]
    before = connect(bob).sealed
    turn()
    assert tasks.rotate_keys() == tasks.RotationReport(changed=1, unreadable=1, left=1)
    assert tokens.for_user(bob).sealed == before
    settings.ANILIST_TOKEN_KEYS = [NEW, lost]
    assert tasks.rotate_keys() == tasks.RotationReport(changed=1, unreadable=0, left=0)


def test_a_row_of_somebody_else_is_not_sealed_afresh(alice, bob, turn):
    """Sealing it for its new place would bless what a thief copied."""
    connect(alice)
    connect(bob)
    sealed = AniListToken.objects.get(user=alice).sealed
    AniListToken.objects.filter(user=bob).update(sealed=sealed)
    turn()
    assert tasks.rotate_keys().unreadable == 1
    assert AniListToken.objects.get(user=bob).sealed == sealed


def test_who_reconnects_between_reading_and_writing_keeps_what_they_brought(
    alice, turn, monkeypatch
):
    connect(alice)
    turn()
    seal = crypto.seal

    def late(token, **whose):
        sealed = seal(token, **whose)
        monkeypatch.setattr(crypto, "seal", seal)
        connect(alice, "canary-2")
        return sealed

    monkeypatch.setattr(crypto, "seal", late)
    assert tasks.rotate_keys() == tasks.RotationReport(changed=0, unreadable=0, left=0)
    assert tokens.open_token(tokens.for_user(alice))[1] == Secret("canary-2")


def test_progress_is_told_after_each_batch(turn):
    for user in people(5):
        connect(user)
    turn()
    steps = []
    tasks.rotate_keys(2, lambda step: steps.append((step.done, step.total)))
    assert steps == [(2, 5), (4, 5), (5, 5)]


def test_ctrl_c_leaves_whole_batches(turn):
    for user in people(5):
        connect(user)
    turn()

    def interrupt(step):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tasks.rotate_keys(2, interrupt)
    assert upkeep.count_stale() == 3
    assert upkeep.standing().unreadable == 0
    assert tasks.rotate_keys().changed == 3


def test_the_standing_names_each_key_and_what_none_opens(alice, bob, eve, settings, turn):
    connect(alice)
    turn()
    connect(bob)
    settings.ANILIST_TOKEN_KEYS = [Fernet.generate_key()]
    connect(eve)
    lost = newest()
    settings.ANILIST_TOKEN_KEYS = [NEW, OLD]
    old = AniListToken.objects.get(user=alice).key_id
    found = upkeep.standing()
    assert found == upkeep.Standing(newest(), {old: 1, newest(): 1, lost: 1}, unreadable=1)
    assert found.stale == 2


def test_rows_are_counted_by_the_keys_that_are_lost(alice, bob, eve, settings):
    for user, secret in [(alice, "a"), (bob, "a"), (eve, "b")]:
        settings.SECRET_KEY = secret
        connect(user)
    assert list(upkeep.rows_by_lost_key("default").values()) == [2]
    settings.SECRET_KEY = "c"
    assert sorted(upkeep.rows_by_lost_key("default").values()) == [1, 2]
    settings.SECRET_KEY_FALLBACKS = ["a", "b"]
    assert upkeep.rows_by_lost_key("default") == {}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.django_db(transaction=True)
def test_fifty_reconnect_during_a_rotation_and_the_newest_token_wins(turn):
    users = people(100)
    for user in users:
        connect(user, "canary-old")
    turn()
    returning = users[::2]
    rotations = [lambda: tasks.rotate_keys(batch=3)] * 2
    at_once(*rotations, *[lambda u=u: connect(u, f"canary-{u.pk}") for u in returning])
    tasks.rotate_keys()
    assert key_ids() == {newest()}
    found = {row.user_id: tokens.open_token(row)[1] for row in AniListToken.objects.all()}
    assert len(found) == len(users)
    assert [found[user.pk].reveal() for user in returning] == [f"canary-{u.pk}" for u in returning]
    assert {found[user.pk].reveal() for user in users[1::2]} == {"canary-old"}


def start(batch):
    """Start a process that rotates the keys in this test's database."""
    here = connection.settings_dict
    database = {
        name: here[name] for name in ("ENGINE", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
    }
    site = {
        "DATABASES": {"default": {**database, "NAME": str(here["NAME"])}},
        "ANILIST_TOKEN_KEYS": [NEW, OLD],
        "INSTALLED_APPS": [
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django_anilist",
        ],
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.rotating", str(batch)],
        env={**os.environ, "SITE": json.dumps(site)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.django_db(transaction=True)
def test_a_rotation_that_is_killed_again_and_again_loses_nothing(turn, settings, record_property):
    """Killed after a random batch and a random moment more, so that it also dies within one."""
    users = people(KILLS * 500)
    rows = []
    for user in users:
        sealed = crypto.seal(Secret(f"canary-{user.pk}"), user_pk=user.pk, anilist_id=user.pk)
        times = {"connected_at": timezone.now(), "expires_at": timezone.now()}
        rows.append(
            AniListToken(
                user=user, anilist_id=user.pk, sealed=sealed.text, key_id=sealed.key_id, **times
            )
        )
    AniListToken.objects.bulk_create(rows, batch_size=500)
    chance = random.Random(8)
    turn()
    left = [len(users)]
    for _ in range(KILLS):
        process = start(batch=5)
        for _ in range(chance.randint(1, 8)):
            process.stdout.readline()
        time.sleep(chance.random() * 0.03)
        process.kill()
        process.communicate()
        assert process.returncode == -9
        left.append(upkeep.count_stale())
    assert left == sorted(left, reverse=True)
    assert 0 < left[-1] < left[0]
    assert tasks.rotate_keys().changed == left[-1]
    settings.ANILIST_TOKEN_KEYS = [NEW]
    assert upkeep.standing() == upkeep.Standing(newest(), {newest(): len(users)}, unreadable=0)
    for row in upkeep.each():
        opened = crypto.unseal(row.sealed, user_pk=row.user_id, anilist_id=row.anilist_id)
        assert opened == Secret(f"canary-{row.user_id}")
    assert tasks.rotate_keys() == tasks.RotationReport(changed=0, unreadable=0, left=0)
    record_property("kills", KILLS)
    record_property("rows", len(users))


# Claims


def test_a_reminder_is_claimed_once(alice):
    row = connect(alice)
    assert upkeep.claim_reminder(row, 30)
    assert not upkeep.claim_reminder(row, 30)
    assert upkeep.claim_reminder(row, 7)
    assert not upkeep.claim_reminder(row, 30)
    assert tokens.for_user(alice).reminded_days == 7


def test_a_claim_that_is_taken_back_may_be_claimed_again(alice):
    row = connect(alice)
    assert upkeep.claim_reminder(row, 30)
    row = tokens.for_user(alice)
    assert upkeep.claim_reminder(row, 7)
    upkeep.release_reminder(row, 7)
    assert tokens.for_user(alice).reminded_days == 30
    assert upkeep.claim_reminder(row, 7)


def test_nobody_claims_or_takes_back_for_a_token_that_is_another_by_now(alice):
    old = connect(alice)
    new = connect(alice)
    assert not upkeep.claim_reminder(old, 30)
    assert upkeep.claim_reminder(new, 30)
    upkeep.release_reminder(old, 30)
    assert tokens.for_user(alice).reminded_days == 30


def test_a_new_connection_is_reminded_afresh(alice):
    upkeep.claim_reminder(connect(alice), 30)
    assert connect(alice).reminded_days is None
    assert tokens.for_user(alice).reminded_days is None


# Clearing away


def test_who_reconnects_just_before_the_row_is_cleared_away_keeps_it(alice):
    connect(alice, expires_in=0)
    moment = timezone.now() + datetime.timedelta(seconds=1)
    (row,) = upkeep.dead_since(moment)
    connect(alice, "canary-2")
    assert not upkeep.forget_dead(row, moment)
    assert tokens.open_token(tokens.for_user(alice))[1] == Secret("canary-2")


def test_pages_are_read_one_after_another(monkeypatch):
    monkeypatch.setattr(upkeep, "PAGE", 2)
    rows = [connect(user) for user in people(5)]
    assert list(upkeep.each()) == rows
    assert list(upkeep.each(after=rows[1].pk)) == rows[2:]
    assert upkeep.count(after=rows[1].pk) == 3

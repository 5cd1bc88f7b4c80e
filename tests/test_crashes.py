"""Killed at any moment, the site leaves nothing by halves, and goes on when it is back."""

from __future__ import annotations

import datetime
import json
import os
import random
import subprocess
import sys
from collections import Counter

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth import get_user_model
from django.db import connection
from django.utils import timezone

from django_anilist import tasks, tokens
from django_anilist.accounts import Account
from django_anilist.models import AniListToken, AuthorizationRequest, Status
from tests.test_failing_statements import grant, opened, rows_are_whole
from tests.test_races import ROUNDS, callback_of, outcome

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.timeout(300)]

#: How often each work is killed: a few times, or so often as every race is fought.
KILLS = int(os.environ.get("CRASH_KILLS", max(ROUNDS, 5)))
#: Longer than any work takes that is not killed.
TO_THE_END = 60.0
OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


@pytest.fixture
def site(sandbox):
    """A process of the site on this test's database; it does works, and can be told to be killed."""
    here = connection.settings_dict
    names = ("ENGINE", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
    settings = {
        "DEBUG": True,
        "DATABASES": {"default": {**{n: here[n] for n in names}, "NAME": str(here["NAME"])}},
        "ANILIST_SANDBOX_URL": sandbox.url,
        "ANILIST_BUDGET": "/dev/null/none",
        "ANILIST_TOKEN_KEYS": [NEW, OLD],
    }
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.killable"],
        env={**os.environ, "SITE": json.dumps(settings)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout.readline() == "ready\n"
        yield process
        process.stdin.close()


@pytest.fixture
def killings(site, settings, record_property):
    """Prepare and begin a work again and again, each time killed at another moment of its course.

    ``prepare`` returns the work: its name and arguments. Yields after each of them.
    """
    settings.ANILIST_TOKEN_KEYS = [NEW, OLD]
    chance, ends = random.Random(29), Counter()

    def end_of(work, seconds):
        name, arguments = work
        line = {"work": name, "arguments": arguments, "seconds": seconds}
        site.stdin.write(f"{json.dumps(line)}\n")
        site.stdin.flush()
        return site.stdout.readline().strip()

    def each(prepare):
        course = min(float(end_of(prepare(), TO_THE_END)) for _ in range(2))
        yield
        while ends["killed"] < KILLS:
            end = end_of(prepare(), chance.random() * course)
            ends["killed" if end == "killed" else "ended"] += 1
            yield
        record_property("killed", ends["killed"])

    return each


@pytest.fixture
def people(db):
    model = get_user_model()
    return model.objects.bulk_create([model(username=f"user{n}", password="!") for n in range(12)])


def visit(client, method, path):
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    return "visit", {"method": method, "path": path, "cookies": cookies}


def test_a_callback_that_is_killed_leaves_a_whole_row_or_none(alice_client, sandbox, killings):
    urls = []

    def prepare():
        AniListToken.objects.all().delete()
        urls.append(callback_of(alice_client, sandbox))
        return visit(alice_client, "get", urls[-1])

    for _ in killings(prepare):
        assert rows_are_whole() in (0, 1)
        # The state is worth nothing now, or the process never came to it.
        assert outcome(alice_client.get(urls[-1], secure=True)) in ("state", "connected")
        assert outcome(alice_client.get(callback_of(alice_client, sandbox), secure=True)) == (
            "connected"
        )
        assert rows_are_whole() == 1


def test_a_disconnection_that_is_killed_leaves_a_whole_row_or_none(
    alice, alice_client, sandbox, killings
):
    def prepare():
        tokens.save(alice, Account(7, "Alice"), grant(alice))
        callback_of(alice_client, sandbox)
        return visit(alice_client, "post", "/anilist/disconnect/")

    for _ in killings(prepare):
        rows_are_whole()
        for row in AniListToken.objects.all():  # the end of a killed process may come just now
            assert row.name == "Alice"
        assert alice_client.post("/anilist/disconnect/", secure=True).status_code == 303
        assert not AniListToken.objects.exists()
        assert not AuthorizationRequest.objects.exists()


def test_a_rotation_that_is_killed_loses_nothing(people, settings, killings):
    everybody = [(user.pk, f"canary-{user.pk}") for user in people]

    def prepare():
        settings.ANILIST_TOKEN_KEYS = [OLD]
        for user in people:
            tokens.save(user, Account(user.pk), grant(user))
        settings.ANILIST_TOKEN_KEYS = [NEW, OLD]
        return "task", {"name": "rotate_keys", "batch": 2}

    for _ in killings(prepare):
        assert opened() == everybody
        assert tasks.rotate_keys().left == tasks.rotate_keys().changed == 0
        settings.ANILIST_TOKEN_KEYS = [NEW]
        assert opened() == everybody


def test_a_purge_that_is_killed_takes_whole_rows_of_the_dead_only(people, killings):
    long_ago = timezone.now() - datetime.timedelta(days=100)
    dead, living = people[:9], people[9:]

    def prepare():
        for user in people:
            tokens.save(user, Account(user.pk), grant(user))
        AniListToken.objects.filter(user__in=dead).update(rejected_at=long_ago)
        return "task", {"name": "purge"}

    for _ in killings(prepare):
        assert {
            tokens.open_token(row)[0] for row in AniListToken.objects.filter(user__in=dead)
        } <= {Status.REJECTED}
        assert not AniListToken.objects.filter(sealed="").exists()
        tasks.purge()
        assert opened() == [(user.pk, f"canary-{user.pk}") for user in living]

"""Killed at any moment, the site leaves nothing by halves, and goes on when it is back."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client

from django_anilist import tokens
from django_anilist.models import AniListToken, Status
from django_anilist.sandbox.populate import add_person
from tests.test_races import ROUNDS, callback_of, outcome, people

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

#: How often a callback is killed: one half of these at a time, as each is a process of its own.
KILLS = 2 * min(ROUNDS, 5)
#: A callback is over in about so many seconds.
LONG = 0.1


def start(sandbox):
    """Start a process of the site, on this test's database."""
    here = connection.settings_dict
    names = ("ENGINE", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
    database = {**{name: here[name] for name in names}, "NAME": str(here["NAME"])}
    site = {
        "DEBUG": True,
        "DATABASES": {"default": database},
        "ANILIST_SANDBOX_URL": sandbox.url,
        "ANILIST_BUDGET": "/dev/null/none",
    }
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.calling_back"],
        env={**os.environ, "SITE": json.dumps(site)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def kill_in_a_callback(process, browser, url, seconds):
    process.stdin.write(f"{browser.cookies['sessionid'].value} {url}\n")
    process.stdin.flush()
    assert process.stdout.readline() == "begun\n"
    time.sleep(seconds)
    process.kill()
    process.communicate()


def test_a_callback_that_is_killed_leaves_a_whole_row_or_none(sandbox):
    chance = random.Random(29)
    browsers = {user.username: Client() for user in people(KILLS)}
    for user in get_user_model().objects.all():
        add_person(sandbox.store, user.username)
        browsers[user.username].force_login(user)
    everybody = list(browsers.items())
    for half in (everybody[::2], everybody[1::2]):
        processes = [start(sandbox) for _ in half]
        for process, (name, browser) in zip(processes, half, strict=True):
            assert process.stdout.readline() == "ready\n"
            url = callback_of(browser, sandbox, name)
            kill_in_a_callback(process, browser, url, chance.random() * LONG)
            # The state is worth nothing now, or the process never came to it.
            assert outcome(browser.get(url, secure=True)) in ("state", "connected")
    for row in AniListToken.objects.all():
        assert tokens.open_token(row)[0] is Status.CONNECTED
    for name, browser in everybody:
        url = callback_of(browser, sandbox, name)
        assert outcome(browser.get(url, secure=True)) == "connected"
    assert AniListToken.objects.count() == KILLS

"""What all clients of a process share."""

from __future__ import annotations

import os
import sys
import threading
import time

import pytest

from django_anilist import shared
from django_anilist.api.lockfile import SharedBudget
from django_anilist.api.redis_store import RedisBudget
from django_anilist.api.turns import Asker, Ticket


def test_there_is_one_budget_for_the_same_settings(settings, tmp_path):
    first = shared.budget()
    assert shared.budget() is first
    settings.ANILIST_BUDGET = str(tmp_path / "another")
    assert shared.budget() is not first


def test_a_budget_in_redis_is_used_where_it_is_asked_for(settings, redis_url):
    settings.ANILIST_BUDGET = redis_url
    found = shared.budget()
    assert isinstance(found, RedisBudget)
    assert isinstance(found.ask(Asker(1)), Ticket)
    found.close()


def test_without_the_redis_package_the_lock_file_serves(settings, monkeypatch, caplog):
    settings.ANILIST_BUDGET = "redis://127.0.0.1:6379/9"
    monkeypatch.setitem(sys.modules, "redis", None)
    assert isinstance(shared.budget(), SharedBudget)
    assert caplog.text.count("pip install redis") == 1
    shared.budget()
    assert caplog.text.count("pip install redis") == 1


def test_a_child_has_a_memory_of_its_own(monkeypatch):
    """Its parent's may have been locked, by another thread, at the moment of the fork."""
    parents = shared.memory()
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert shared.memory() is not parents


def test_nothing_is_remembered_where_the_settings_say_so(settings):
    settings.ANILIST_CACHE = ""
    assert shared.memory() is None
    shared.purge(5001)  # and there is nothing to purge


def test_a_nap_is_a_sleep_where_nobody_can_give_up():
    started = time.monotonic()
    shared.nap(0.02)
    assert time.monotonic() - started >= 0.02


def test_a_nap_ends_when_nobody_waits_any_more():
    event = threading.Event()
    token = shared.given_up.set(event)
    try:
        shared.nap(0.001)
        threading.Timer(0.05, event.set).start()
        with pytest.raises(shared.GivenUpError):
            shared.nap(30)
    finally:
        shared.given_up.reset(token)


@pytest.mark.parametrize(
    "url", ["redis://:s3cr/et#pw@10.0.0.5:6379/0", "redis://10.0.0.5:6379/0?socket_timeout=1s"]
)
def test_an_address_that_cannot_be_read_is_the_lock_file_and_a_warning(settings, caplog, url):
    settings.ANILIST_BUDGET = url
    assert isinstance(shared.budget(), SharedBudget)
    assert "see manage.py check" in caplog.text
    assert "s3cr" not in caplog.text

"""Fifty clicks at once: one change, and the same answer for everybody."""

from __future__ import annotations

from collections import Counter

import pytest
from django.utils import timezone

from django_anilist import entries
from django_anilist.entries import Change
from django_anilist.models import EntryChange
from tests.list_entries import FRIEREN, SAVE, SUBMISSION, attempts, entry_of, saves
from tests.test_races import ROUNDS, THREADS, at_once, same_browser

#: Races take turns at the server, and the last in the line waits for all.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.timeout(600)]

FIELDS = {"media_id": FRIEREN, "submission": SUBMISSION, "progress": 12, "next": "/list/"}


@pytest.fixture
def connected(alice_client, connect):
    connect(alice_client)
    return alice_client


def press(client, **fields):
    answer = client.post(SAVE, {**FIELDS, **fields}, secure=True)
    return answer.status_code, answer.headers.get("Location", "")


def presses(client, number=THREADS, **fields):
    windows = [same_browser(client) for _ in range(number)]
    return Counter(at_once(*[lambda w=w: press(w, **fields) for w in windows]))


@pytest.mark.parametrize("attempt", range(ROUNDS))
def test_one_form_sent_fifty_times_is_one_change(connected, sandbox, attempt):
    assert presses(connected) == {(303, "/list/"): THREADS}
    assert saves(sandbox) == [{"mediaId": FRIEREN, "progress": 12}]
    assert EntryChange.objects.get().state == "saved"


def test_whoever_waits_gets_the_entry_as_it_is_then(connected, sandbox):
    def press_as_script(window):
        headers = {"accept": "application/json"}
        return window.post(SAVE, FIELDS, headers=headers, secure=True).json()["entry"]["progress"]

    sandbox.dials.slow = 0.5
    windows = [same_browser(connected) for _ in range(5)]
    assert at_once(*[lambda w=w: press_as_script(w) for w in windows]) == [12] * 5
    assert len(saves(sandbox)) == 1


def test_fifty_who_say_yes_at_once_make_one_change(connected, sandbox, alice):
    change = Change.of(alice, SUBMISSION, {"media_id": FRIEREN, "progress": 12})
    EntryChange.objects.create(
        key=change.key, user=alice, state="parked", wanted=change.wanted, changed_at=timezone.now()
    )
    assert presses(connected, change=change.reference) == {(303, "/list/"): THREADS}
    assert len(saves(sandbox)) == 1


def test_fifty_who_find_a_dead_sender_make_one_change(connected, sandbox, alice):
    change = Change.of(alice, SUBMISSION, {"media_id": FRIEREN, "progress": 12})
    long_ago = timezone.now() - 2 * entries.SENDING_FOR
    EntryChange.objects.create(key=change.key, user=alice, changed_at=long_ago)
    assert presses(connected) == {(303, "/list/"): THREADS}
    assert len(saves(sandbox)) == 1


def test_ten_different_forms_are_ten_changes(connected, sandbox):
    windows = [same_browser(connected) for _ in range(10)]
    works = [
        lambda w=w, n=n: press(w, submission=f"{SUBMISSION}-{n}", progress=n + 1)
        for n, w in enumerate(windows)
    ]
    assert at_once(*works) == [(303, "/list/")] * 10
    assert sorted(save["progress"] for save in saves(sandbox)) == list(range(1, 11))
    assert 1 <= entry_of(sandbox, "alice").progress <= 10


def test_nobody_sends_again_what_nobody_knows_to_be_made(connected, sandbox):
    sandbox.dials.status = 503
    found = presses(connected, number=10)
    assert found == {(503, ""): 10}
    assert attempts(sandbox) == 1
    assert EntryChange.objects.get().state == "unknown"

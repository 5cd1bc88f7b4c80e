"""Two actors who meet at any point of their ways: one outcome, whoever comes first.

Fifty at once, as in ``test_races.py``, meet by luck; here one of two is stopped at each of its statements
and calls in turn, while the other runs to its end.
"""

from __future__ import annotations

import datetime

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from django_anilist import crypto, flow, tasks, tokens
from django_anilist.accounts import Account
from django_anilist.api.oauth import Grant
from django_anilist.api.secrets import Secret
from django_anilist.models import AniListToken, AuthorizationRequest, EntryChange, Status
from tests.interleaving import every_meeting
from tests.list_entries import FRIEREN, SAVE, SUBMISSION, saves
from tests.test_failing_statements import callback_of, outcome
from tests.test_races import same_browser

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def meetings(record_property):
    """Every meeting of the two of a scene; how many there were is kept with the test's outcome."""

    def each(scene):
        number = 0
        for found in every_meeting(scene):
            yield found
            number += 1
        record_property("interleavings", number)

    return each


def browser(user=None):
    client = Client()
    if user is not None:
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def comes_back(client, url):
    window = same_browser(client)
    return lambda: outcome(window.get(url, secure=True))


def exchanges(box):
    return sum(request.path == "/api/v2/oauth/token" for request in box.requests)


def nothing_is_there():
    AniListToken.objects.all().delete()
    AuthorizationRequest.objects.all().delete()
    EntryChange.objects.all().delete()


def open_row():
    """Return the one row there is, and its token."""
    row = AniListToken.objects.get()
    status, token = tokens.open_token(row)
    assert status is Status.CONNECTED
    return row, token.reveal()


def save(user, token, anilist_id=7):
    tokens.save(user, Account(anilist_id, "Alice"), Grant(Secret(token), 90 * 86400, None))
    return AniListToken.objects.get(user=user)


# Connecting


def test_one_state_brought_twice_counts_once(alice, anilist, meetings):
    client, spent = browser(alice), exchanges(anilist.box)

    def scene():
        nothing_is_there()
        url = callback_of(client, anilist.box)
        return comes_back(client, url), comes_back(client, url)

    for found in meetings(scene):
        assert sorted(found) == ["done", "state"]
        assert open_row()[0].user == alice
        spent += 1
        assert exchanges(anilist.box) == spent


def test_one_account_goes_to_one_of_two_users(alice, bob, anilist, meetings):
    clients = browser(alice), browser(bob)

    def scene():
        nothing_is_there()
        return tuple(comes_back(c, callback_of(c, anilist.box, name="eve")) for c in clients)

    for found in meetings(scene):
        assert sorted(found) == ["done", "taken"]
        assert open_row()[0].user == (alice if found[0] == "done" else bob)


def test_two_tabs_of_one_user_both_connect_to_one_row(alice, anilist, meetings):
    client = browser(alice)

    def scene():
        nothing_is_there()
        return tuple(comes_back(client, callback_of(client, anilist.box)) for _ in range(2))

    for found in meetings(scene):
        assert found == ("done", "done")
        assert open_row()[0].user == alice
        assert not AuthorizationRequest.objects.exists()


def test_who_disconnects_has_the_last_word_over_a_callback(alice, anilist, meetings):
    client = browser(alice)

    def scene():
        nothing_is_there()
        return comes_back(client, callback_of(client, anilist.box)), lambda: flow.disconnect(alice)

    for found, _ in meetings(scene):
        assert found in ("done", "state")
        assert not AniListToken.objects.exists()
        assert not AuthorizationRequest.objects.exists()


# Logging in


@pytest.fixture
def login_is_on(settings):
    settings.AUTHENTICATION_BACKENDS = [
        "django.contrib.auth.backends.ModelBackend",
        "django_anilist.backends.AniListBackend",
    ]
    settings.ANILIST_CREATE_USER = "django_anilist.backends.create_user"


def logs_in(box):
    client = browser()
    return comes_back(client, callback_of(client, box, "/anilist/login/", "eve"))


def test_two_logins_of_a_new_account_are_one_user(login_is_on, anilist, meetings):
    users = get_user_model().objects

    def scene():
        nothing_is_there()
        users.all().delete()
        return logs_in(anilist.box), logs_in(anilist.box)

    for found in meetings(scene):
        assert found == ("done", "done")
        assert open_row()[0].user == users.get()


def test_a_login_and_a_connection_of_one_account_find_one_owner(
    alice, login_is_on, anilist, meetings
):
    users, client = get_user_model().objects, browser(alice)

    def scene():
        nothing_is_there()
        users.exclude(pk=alice.pk).delete()
        return logs_in(anilist.box), comes_back(
            client, callback_of(client, anilist.box, name="eve")
        )

    for login, connection in meetings(scene):
        owner = open_row()[0].user
        assert login == "done"
        assert connection == ("done" if owner == alice else "taken")
        assert users.count() == (1 if owner == alice else 2)


# Keys, dead tokens, refused ones


OLD, NEW = (Fernet.generate_key() for _ in range(2))


@pytest.fixture
def sealed_long_ago(alice, settings):
    """Keep a token of alice's under the old key, now that there is a new one."""

    def keep():
        nothing_is_there()
        settings.ANILIST_TOKEN_KEYS = [OLD]
        row = save(alice, "old")
        settings.ANILIST_TOKEN_KEYS = [NEW, OLD]
        return row

    return keep


def test_a_rotation_never_undoes_a_reconnection(alice, sealed_long_ago, meetings):
    def scene():
        sealed_long_ago()
        return tasks.rotate_keys, lambda: save(alice, "new")

    for _ in meetings(scene):
        row, token = open_row()
        assert token == "new"
        assert row.key_id == crypto.keyring().key_ids[0]


def test_a_rotation_never_undoes_a_disconnection(alice, sealed_long_ago, meetings):
    def scene():
        sealed_long_ago()
        return tasks.rotate_keys, lambda: flow.disconnect(alice)

    for report, was_there in meetings(scene):
        assert report.unreadable == report.left == 0
        assert was_there
        assert not AniListToken.objects.exists()


def test_two_rotations_seal_each_row_once(sealed_long_ago, meetings):
    def scene():
        sealed_long_ago()
        return tasks.rotate_keys, tasks.rotate_keys

    for reports in meetings(scene):
        assert sum(report.changed for report in reports) == 1
        assert open_row()[1] == "old"


def test_a_purge_never_takes_who_has_come_back(alice, meetings):
    long_ago = timezone.now() - datetime.timedelta(days=100)

    def scene():
        nothing_is_there()
        save(alice, "old")
        AniListToken.objects.update(rejected_at=long_ago)
        return tasks.purge, lambda: save(alice, "new")

    for report, _ in meetings(scene):
        assert report.tokens in (0, 1)
        assert open_row()[1] == "new"


def test_a_refusal_of_the_old_token_leaves_the_new_one_alone(alice, sealed_long_ago, meetings):
    def scene():
        row = sealed_long_ago()
        return lambda: tokens.reject(row), lambda: save(alice, "new")

    for _ in meetings(scene):
        assert open_row()[1] == "new"


def test_a_refusal_holds_whatever_is_done_to_the_row_besides(alice, sealed_long_ago, meetings):
    """A rotation seals the refused token anew; the next call that is refused is then what marks it."""

    def scene():
        row = sealed_long_ago()
        return lambda: tokens.reject(row), tasks.rotate_keys

    for marked, report in meetings(scene):
        row = AniListToken.objects.get()
        assert bool(row.rejected_at) is marked
        assert report.left == 0


# A list


def presses(client):
    fields = {"media_id": FRIEREN, "submission": SUBMISSION, "progress": 12, "next": "/list/"}
    window = same_browser(client)
    return lambda: window.post(SAVE, fields, secure=True)


def test_a_form_sent_twice_is_one_change(alice, anilist, meetings):
    anilist.connect(alice)
    client, before = browser(alice), 0

    def scene():
        EntryChange.objects.all().delete()
        return presses(client), presses(client)

    for found in meetings(scene):
        assert [answer.url for answer in found] == ["/list/", "/list/"]
        assert len(saves(anilist.box)) == (before := before + 1)


def test_who_disconnects_while_a_change_is_made_is_disconnected(alice, anilist, meetings):
    client, before = browser(alice), 0

    def scene():
        nothing_is_there()
        anilist.connect(alice)
        return presses(client), lambda: flow.disconnect(alice)

    for answer, was_there in meetings(scene):
        made = len(saves(anilist.box)) - before
        before += made
        assert was_there
        assert not AniListToken.objects.exists()
        assert answer.status_code in (302, 303)
        assert made == (answer.url == "/list/")

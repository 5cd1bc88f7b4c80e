"""A database that fails at any statement: a calm answer, nothing by halves, and nothing lost.

In the words of ``tests.statements``: once, from then on, or only the answer is lost.
"""

from __future__ import annotations

import datetime
import re

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from django_anilist import entries, tokens
from django_anilist.accounts import Account
from django_anilist.api.oauth import Grant
from django_anilist.api.secrets import Secret
from django_anilist.models import AniListToken, AuthorizationRequest, EntryChange, Status
from tests.list_entries import FRIEREN, SAVE, SUBMISSION, saves
from tests.statements import WAYS, around_each, failing_at_each

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

#: What a browser may get besides a redirect: our own page, or Django's where its middleware cannot
#: keep the session that a view has changed.
OUR_PAGE, SESSION_LOST = 503, 400


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(tokens.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(entries, "LOOK_FOR", 2 * entries.LOOK_EVERY)


@pytest.fixture(params=WAYS)
def each_failing(request, record_property):
    """Do a work with each of its statements failing; it is given what goes around them."""

    def look(work):
        points = 0
        for failing, found in failing_at_each(request.param, lambda f: work(around_each(f))):
            yield failing, found
            points += 1
        record_property("statements that failed", points)

    return look


def browser(user=None):
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def callback_of(client, box, page="/anilist/authorize/", name="alice"):
    client.get(page, secure=True)
    return box.approve(client.post(page, secure=True).url, user=name)


def outcome(response):
    """A word for where it leads, or the status of a calm answer."""
    assert b"canary" not in response.content
    if response.status_code != 303:
        return response.status_code
    found = re.match(r"/anilist/problem/([a-z-]+)/", response.url)
    return found[1] if found else "done"


def rows_are_whole():
    """Tell how many token rows there are, each of which opens."""
    rows = list(AniListToken.objects.all())
    assert {tokens.open_token(row)[0] for row in rows} <= {Status.CONNECTED}
    return len(rows)


def test_a_callback_connects_or_says_that_it_did_not(alice, anilist, each_failing):
    client = browser(alice)

    def callback(around):
        tokens.delete(alice)
        url = callback_of(client, anilist.box)
        with around:
            return url, client.get(url, secure=True)

    for failing, (url, answer) in each_failing(callback):
        found = outcome(answer)
        assert found in ("done", "failed", "state")
        assert rows_are_whole() == 1 or found != "done"
        if failing.how == "once" and failing.at > 2:  # what reads the session and its user
            assert found == "done"
        assert outcome(client.get(url, secure=True)) in ("state", "done")
        assert outcome(client.get(callback_of(client, anilist.box), secure=True)) == "done"
        assert rows_are_whole() == 1


def test_a_login_lets_in_or_says_that_it_did_not(alice, anilist, settings, each_failing):
    settings.AUTHENTICATION_BACKENDS = ["django_anilist.backends.AniListBackend"]
    settings.ANILIST_CREATE_USER = "django_anilist.backends.create_user"
    users = get_user_model().objects

    def login(around):
        users.all().delete()
        AuthorizationRequest.objects.all().delete()
        client = browser()
        url = callback_of(client, anilist.box, "/anilist/login/", "eve")
        with around:
            return client, client.get(url, secure=True)

    for _, (client, answer) in each_failing(login):
        found = outcome(answer)
        assert found in ("done", "failed", "state", SESSION_LOST)
        assert users.count() == rows_are_whole()  # nobody without the row that says who they are
        if found == "done":
            assert client.session["_auth_user_id"] == str(users.get().pk)
        again = browser()
        url = callback_of(again, anilist.box, "/anilist/login/", "eve")
        assert outcome(again.get(url, secure=True)) == "done"
        assert users.count() == rows_are_whole() == 1


PAGES = [
    ("alice", "get", "/anilist/authorize/"),
    ("alice", "post", "/anilist/authorize/"),
    ("alice", "get", "/anilist/login/"),
    ("a visitor", "post", "/anilist/login/"),
    ("alice", "get", "/anilist/"),
    ("alice", "get", "/anilist/problem/denied/"),
    ("alice", "get", f"{SAVE}?media={FRIEREN}"),
]
ACCEPTED = ["text/html", "application/json"]


@pytest.mark.parametrize("accept", ACCEPTED)
@pytest.mark.parametrize(("who", "method", "path"), PAGES)
def test_every_page_is_there_or_says_that_it_is_not(
    alice, anilist, settings, each_failing, who, method, path, accept
):
    backend = "django_anilist.backends.AniListBackend"
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend", backend]
    anilist.connect(alice)

    def visit(around):
        client = browser(alice if who == "alice" else None)
        with around:
            return getattr(client, method)(path, secure=True, headers={"accept": accept})

    for _, answer in each_failing(visit):
        assert outcome(answer) in ("done", 200, OUR_PAGE, SESSION_LOST)
        assert rows_are_whole() == 1


def test_who_disconnects_is_gone_or_hears_that_they_are_not(alice, anilist, each_failing):
    client = browser(alice)

    def disconnect(around):
        anilist.connect(alice)
        with around:
            return client.post("/anilist/disconnect/", secure=True)

    for _, answer in each_failing(disconnect):
        assert outcome(answer) in ("done", OUR_PAGE)
        assert rows_are_whole() == 0 or answer.status_code == OUR_PAGE
        assert outcome(client.post("/anilist/disconnect/", secure=True)) == "done"
        assert rows_are_whole() == 0


def test_a_change_of_a_list_is_made_once_or_said_not_to_be(alice, anilist, each_failing):
    anilist.connect(alice)
    client = browser(alice)
    fields = {"media_id": FRIEREN, "submission": SUBMISSION, "progress": 12, "next": "/list/"}

    def press(around):
        EntryChange.objects.all().delete()
        before = len(saves(anilist.box))
        with around:
            answer = client.post(SAVE, fields, secure=True)
        return answer, lambda: len(saves(anilist.box)) - before

    for _, (answer, made) in each_failing(press):
        found = outcome(answer)
        assert (found, made()) in (("done", 1), (OUR_PAGE, 0))
        EntryChange.objects.update(changed_at=timezone.now() - 2 * entries.SENDING_FOR)
        assert outcome(client.post(SAVE, fields, secure=True)) == "done"
        assert made() in (1, 2)


# Commands


def work_of(command, *args):
    """Return the message with which a command stops; ``""`` where it does not."""
    try:
        call_command(command, *args, verbosity=0)
    except CommandError as error:
        return str(error)
    return ""


@pytest.fixture
def people(db):
    model = get_user_model()
    return model.objects.bulk_create([model(username=f"user{n}", password="!") for n in range(6)])


def grant(user):
    return Grant(Secret(f"canary-{user.pk}"), 90 * 86400, None)


def opened():
    rows = AniListToken.objects.order_by("user_id")
    return [(row.user_id, tokens.open_token(row)[1].reveal()) for row in rows]


def test_a_rotation_loses_nothing_and_goes_on_later(people, settings, each_failing):
    old, new = Fernet.generate_key(), Fernet.generate_key()

    def rotate(around):
        settings.ANILIST_TOKEN_KEYS = [old]
        for user in people:
            tokens.save(user, Account(user.pk), grant(user))
        settings.ANILIST_TOKEN_KEYS = [new, old]
        with around:
            return work_of("anilist_rotate_keys", "--batch", "2")

    for _, said in each_failing(rotate):
        assert said == "" or said.startswith("The database failed")
        assert opened() == [(user.pk, f"canary-{user.pk}") for user in people]
        assert work_of("anilist_rotate_keys", "--batch", "2") == ""
        settings.ANILIST_TOKEN_KEYS = [new]
        assert opened() == [(user.pk, f"canary-{user.pk}") for user in people]


def test_a_purge_takes_the_dead_only_and_goes_on_later(people, each_failing):
    long_ago = timezone.now() - datetime.timedelta(days=100)
    dead, living = people[:3], people[3:]

    def purge(around):
        for user in people:
            tokens.save(user, Account(user.pk), grant(user))
        AniListToken.objects.filter(user__in=dead).update(rejected_at=long_ago)
        values = {"redirect_uri": "-", "created_at": long_ago}
        AuthorizationRequest.objects.create(user=dead[0], state_hash="old", **values)
        with around:
            return work_of("anilist_purge")

    for _, said in each_failing(purge):
        assert said == "" or said.startswith("The database failed")
        assert not AniListToken.objects.filter(sealed="").exists()
        assert work_of("anilist_purge") == ""
        assert opened() == [(user.pk, f"canary-{user.pk}") for user in living]
        assert not AuthorizationRequest.objects.exists()

"""Fifty at once: one exchange, one row, and a calm answer for everybody."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.core.files import locks
from django.db import connections
from django.test import Client

from django_anilist import flow, pending, tasks, tokens
from django_anilist.accounts import Account
from django_anilist.api.errors import AccountTaken
from django_anilist.api.oauth import Grant
from django_anilist.api.secrets import Secret
from django_anilist.models import AniListToken, AuthorizationRequest
from django_anilist.sandbox.populate import add_person

#: Races take turns at the server, and the last in the line waits for all.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.timeout(600)]

THREADS = 50
#: Rounds of each race; CI asks for twenty.
ROUNDS = int(os.environ.get("RACE_ROUNDS", "3"))


@contextmanager
def alone_with_the_server():
    """Wait for the tests of other processes: a database server has a hundred connections, for all."""
    with (Path(tempfile.gettempdir()) / f"django-anilist-races-{os.getuid()}").open("w") as file:
        locks.lock(file, locks.LOCK_EX)
        yield


def at_once(*works):
    """Do all the works at the same moment, each in a thread with a connection of its own."""
    barrier = threading.Barrier(len(works))

    def one(work):
        barrier.wait()
        try:
            return work()
        finally:
            connections.close_all()

    with alone_with_the_server(), ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


def same_browser(client):
    """Another window of the browser that ``client`` is."""
    window = Client()
    window.cookies = client.cookies.copy()
    return window


def callback_of(client, sandbox, user="alice"):
    client.get("/anilist/authorize/", secure=True)
    address = client.post("/anilist/authorize/", secure=True).url
    return sandbox.approve(address, user=user)


def outcome(response):
    assert response.status_code == 303
    path = response.url.split("?")[0]
    return path.removeprefix("/anilist/").removeprefix("problem/").strip("/") or "connected"


def exchanges(sandbox):
    return sandbox.count("/api/v2/oauth/token")


def people(number):
    users = [get_user_model()(username=f"user{n}", password="!") for n in range(number)]
    return get_user_model().objects.bulk_create(users)


@pytest.mark.parametrize("attempt", range(ROUNDS))
def test_one_callback_opened_fifty_times_is_one_exchange(
    alice_client, sandbox, attempt, record_property
):
    url = callback_of(alice_client, sandbox)
    windows = [same_browser(alice_client) for _ in range(THREADS)]
    answers = at_once(*[lambda w=w: outcome(w.get(url, secure=True)) for w in windows])
    assert Counter(answers) == {"connected": 1, "state": THREADS - 1}
    assert exchanges(sandbox) == 1
    assert AniListToken.objects.count() == 1
    record_property("exchanges", exchanges(sandbox))
    record_property("rows", AniListToken.objects.count())


@pytest.mark.parametrize("attempt", range(ROUNDS))
def test_fifty_users_who_want_one_account_get_it_once(sandbox, attempt, record_property):
    clients = []
    for user in people(THREADS):
        client = Client()
        client.force_login(user)
        clients.append((client, callback_of(client, sandbox)))
    answers = at_once(*[lambda c=c, u=u: outcome(c.get(u, secure=True)) for c, u in clients])
    assert Counter(answers) == {"connected": 1, "taken": THREADS - 1}
    assert AniListToken.objects.count() == 1
    record_property("linked", answers.count("connected"))
    record_property("calm", answers.count("taken"))


@pytest.mark.parametrize("attempt", range(ROUNDS))
def test_fifty_connects_of_one_user_all_work_and_are_one_row(
    alice_client, sandbox, monkeypatch, attempt, record_property
):
    monkeypatch.setattr(pending, "MAX_REQUESTS", THREADS)
    windows = [(same_browser(alice_client), callback_of(alice_client, sandbox)) for _ in range(50)]
    answers = at_once(*[lambda w=w, u=u: outcome(w.get(u, secure=True)) for w, u in windows])
    assert Counter(answers) == {"connected": THREADS}
    assert tokens.open_token(AniListToken.objects.get())[0].usable
    record_property("connected", answers.count("connected"))
    record_property("rows", AniListToken.objects.count())


def test_ten_tabs_that_finish_at_once_are_one_row(alice_client, sandbox):
    urls = [callback_of(alice_client, sandbox) for _ in range(10)]
    windows = [(same_browser(alice_client), url) for url in urls]
    answers = at_once(*[lambda w=w, u=u: outcome(w.get(u, secure=True)) for w, u in windows])
    assert answers == ["connected"] * 10
    assert AniListToken.objects.count() == 1


@pytest.mark.parametrize("attempt", range(ROUNDS))
def test_fifty_saves_for_one_user_are_one_row_and_one_of_the_tokens(alice, attempt):
    def save(number):
        grant = Grant(Secret(f"canary-{number}"), 3600, 7)
        return tokens.save(alice, Account(7, "Alice"), grant).pk

    assert len(set(at_once(*[lambda n=n: save(n) for n in range(THREADS)]))) == 1
    row = AniListToken.objects.get()
    assert tokens.open_token(row)[1] in [Secret(f"canary-{number}") for number in range(THREADS)]


def test_fifty_saves_of_one_account_leave_the_first_owner_untouched(alice):
    first = tokens.save(alice, Account(7, "Alice"), Grant(Secret("canary"), 3600, 7))

    def save(user):
        with pytest.raises(AccountTaken):
            tokens.save(user, Account(7, "Alice"), Grant(Secret("canary-2"), 3600, 7))

    at_once(*[lambda u=u: save(u) for u in people(THREADS)])
    row = AniListToken.objects.get()
    assert (row.pk, row.user_id, row.sealed) == (first.pk, alice.pk, first.sealed)


def test_twenty_starts_at_once_lose_none_within_the_limit_of_ten(alice_client, sandbox):
    alice_client.get("/anilist/authorize/", secure=True)
    windows = [same_browser(alice_client) for _ in range(20)]
    starts = at_once(*[lambda w=w: w.post("/anilist/authorize/", secure=True) for w in windows])
    assert {response.status_code for response in starts} == {303}
    kept = AuthorizationRequest.objects.count()
    assert kept <= 10
    urls = [sandbox.approve(response.url, user="alice") for response in starts]
    answers = Counter(outcome(alice_client.get(url, secure=True)) for url in urls)
    assert answers == {"connected": kept, "state": 20 - kept}


@pytest.mark.parametrize("place", ["anywhere", "while it is saved"])
def test_who_disconnects_while_a_callback_runs_is_not_connected_in_the_end(
    alice, alice_client, sandbox, monkeypatch, place
):
    saving, values = threading.Event(), tokens._values

    def slowly(*args):
        saving.set()
        time.sleep(0.1)
        return values(*args)

    def disconnect():
        if place == "while it is saved":
            assert saving.wait(10)
        flow.disconnect(alice)

    if place == "while it is saved":
        monkeypatch.setattr(tokens, "_values", slowly)
    for _ in range(10):
        url = callback_of(alice_client, sandbox)
        window = same_browser(alice_client)
        answer, _ = at_once(lambda w=window, u=url: outcome(w.get(u, secure=True)), disconnect)
        assert answer == "connected" or (answer, place) == ("state", "anywhere")
        assert not AniListToken.objects.exists()
        assert not AuthorizationRequest.objects.exists()
        saving.clear()


def test_rotating_connecting_and_disconnecting_at_once_stop_nobody(settings):
    """Whatever order the locks are taken in, nobody is left with an error of the database's."""
    users = people(20)
    for user in users:
        tokens.save(user, Account(user.pk, "A"), Grant(Secret("canary-old"), 3600, None))
    settings.ANILIST_TOKEN_KEYS = [Fernet.generate_key()]

    def again(user):
        for _ in range(3):
            flow.disconnect(user)
            tokens.save(user, Account(user.pk, "A"), Grant(Secret("canary-new"), 3600, None))

    rotations = [lambda: tasks.rotate_keys(batch=4)] * 3
    at_once(*rotations, *[lambda u=u: again(u) for u in users[::2]])
    tasks.rotate_keys()
    assert AniListToken.objects.count() == len(users)
    opened = [tokens.open_token(row)[1] for row in AniListToken.objects.order_by("user_id")]
    assert opened == [Secret("canary-new"), Secret("canary-old")] * 10


def untuned(monkeypatch):
    """Let SQLite be as Django leaves it: five seconds' patience, and transactions that begin by reading."""
    options = connections["default"].settings_dict["OPTIONS"]
    monkeypatch.setitem(options, "timeout", 5)
    monkeypatch.delitem(options, "transaction_mode")


def tries_of_one_state(client, sandbox):
    url = callback_of(client, sandbox)
    return [(same_browser(client), url) for _ in range(THREADS)]


def tries_of_one_user(client, sandbox):
    return [(same_browser(client), callback_of(client, sandbox)) for _ in range(THREADS)]


def tries_of_many_users(client, sandbox, names=("alice", "bob", "eve")):
    """Fifty users want so many accounts."""
    browsers = [Client() for _ in range(THREADS)]
    for browser, user in zip(browsers, people(THREADS), strict=True):
        browser.force_login(user)
    return [
        (browser, callback_of(browser, sandbox, names[number % len(names)]))
        for number, browser in enumerate(browsers)
    ]


def tries_of_one_account(client, sandbox):
    return tries_of_many_users(client, sandbox, ("eve",))


@pytest.mark.skipif(
    "sqlite" not in django_settings.DATABASES["default"]["ENGINE"], reason="is about SQLite"
)
@pytest.mark.parametrize(
    ("tries", "connect"),
    [
        (tries_of_one_state, {1}),
        (tries_of_one_user, range(1, THREADS + 1)),
        (tries_of_one_account, {1}),
        (tries_of_many_users, {1, 2, 3}),
    ],
)
def test_fifty_writers_on_an_untuned_sqlite_are_calm(
    alice_client, sandbox, monkeypatch, record_property, tries, connect
):
    monkeypatch.setattr(pending, "MAX_REQUESTS", THREADS)
    asked = tries(alice_client, sandbox)
    untuned(monkeypatch)
    answers = at_once(*[lambda c=c, u=u: outcome(c.get(u, secure=True)) for c, u in asked])
    found = Counter(answers)
    assert set(found) <= {"connected", "taken", "state", "failed"}
    assert found["connected"] in connect or found["failed"]
    assert AniListToken.objects.count() <= max(connect)
    assert all(tokens.open_token(row)[0].usable for row in AniListToken.objects.all())
    for outcome_word, number in found.items():
        record_property(outcome_word.replace("failed", "given up"), number)


@pytest.fixture
def login_is_on(settings):
    settings.AUTHENTICATION_BACKENDS = ["django_anilist.backends.AniListBackend"]
    settings.ANILIST_CREATE_USER = "django_anilist.backends.create_user"


def login_of(client, sandbox, user="eve"):
    return sandbox.approve(client.post("/anilist/login/", secure=True).url, user=user)


@pytest.mark.parametrize("attempt", range(ROUNDS))
def test_one_login_opened_fifty_times_is_one_exchange_and_one_user(login_is_on, sandbox, attempt):
    client = Client()
    url = login_of(client, sandbox)
    windows = [same_browser(client) for _ in range(THREADS)]
    answers = at_once(*[lambda w=w: outcome(w.get(url, secure=True)) for w in windows])
    assert Counter(answers) == {"connected": 1, "state": THREADS - 1}
    assert exchanges(sandbox) == 1
    assert get_user_model().objects.count() == AniListToken.objects.count() == 1


@pytest.mark.parametrize("attempt", range(ROUNDS))
def test_fifty_browsers_that_log_in_as_one_new_account_are_one_user(
    login_is_on, alice, sandbox, attempt
):
    """Called like somebody who is there already, too."""
    clients = [Client() for _ in range(THREADS)]
    tries = [(client, login_of(client, sandbox, "alice")) for client in clients]
    answers = at_once(*[lambda c=c, u=u: outcome(c.get(u, secure=True)) for c, u in tries])
    assert Counter(answers) == {"connected": THREADS}
    (new,) = get_user_model().objects.exclude(pk=alice.pk)
    assert AniListToken.objects.get().user == new
    assert {client.session["_auth_user_id"] for client in clients} == {str(new.pk)}


def test_fifty_new_accounts_at_once_are_fifty_users(login_is_on, sandbox):
    tries = []
    for number in range(THREADS):
        add_person(sandbox.store, f"person{number}")
        client = Client()
        tries.append((client, login_of(client, sandbox, f"person{number}")))
    answers = at_once(*[lambda c=c, u=u: outcome(c.get(u, secure=True)) for c, u in tries])
    assert Counter(answers) == {"connected": THREADS}
    assert get_user_model().objects.count() == AniListToken.objects.count() == THREADS

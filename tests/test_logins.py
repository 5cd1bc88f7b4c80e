"""Logging in with AniList in a browser: who gets in, who does not, and nobody as somebody else."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from django_anilist import backends, logins, pending, tokens
from django_anilist.models import AniListToken, AuthorizationRequest, Status
from django_anilist.page import Page
from django_anilist.problems import PROBLEMS
from django_anilist.showing import disconnect_button
from django_anilist.signals import anilist_connected
from django_anilist.testing.dance import signed_in

pytestmark = pytest.mark.django_db

LOGIN, CALLBACK = "/anilist/login/", "/anilist/callback/"
OURS = "django_anilist.backends.AniListBackend"
DJANGOS = "django.contrib.auth.backends.ModelBackend"
User = get_user_model()


@pytest.fixture(autouse=True)
def login_is_on(settings, sandbox):
    settings.AUTHENTICATION_BACKENDS = [DJANGOS, OURS]
    settings.ANILIST_CREATE_USER = "django_anilist.backends.create_user"


def refuse(*, request, account):
    return None


def make_inactive(*, request, account):
    return User.objects.create_user(f"new-{account.id}", is_active=False)


def return_nonsense(*, request, account):
    return account.name


def return_unsaved(*, request, account):
    return User(username="unsaved")


def take_a_name(*, request, account):
    return User.objects.create_user("alice")


def start(client, next_url=""):
    client.get(LOGIN, secure=True)
    return client.post(LOGIN, {"next": next_url}, secure=True).url


def outcome_of(response):
    assert response.status_code == 303
    assert response.content == b""
    found = re.match(r"/anilist/problem/([a-z-]+)/", response.url)
    return found[1] if found else "in"


@pytest.fixture
def log_in(sandbox):
    """Walk the whole way as somebody on AniList; return the callback's answer."""

    def walk(client, name="eve", next_url=""):
        return client.get(sandbox.approve(start(client, next_url), user=name), secure=True)

    return walk


def who(client):
    """Return who is signed in at a client, or ``None``."""
    try:
        return signed_in(client)
    except ValueError:
        return None


def exchanges(sandbox):
    return sandbox.count(path="/api/v2/oauth/token")


# Off unless it is asked for


@pytest.mark.parametrize("method", ["get", "post"])
def test_without_the_backend_there_is_no_such_page(client, settings, method):
    settings.AUTHENTICATION_BACKENDS = [DJANGOS]
    assert getattr(client, method)(LOGIN, secure=True).status_code == 404
    assert not AuthorizationRequest.objects.exists()


def test_a_backend_switched_off_meanwhile_lets_nobody_in(client, sandbox, settings):
    url = sandbox.approve(start(client), user="eve")
    settings.AUTHENTICATION_BACKENDS = [DJANGOS]
    assert outcome_of(client.get(url, secure=True)) == "state"
    assert exchanges(sandbox) == 0


def test_a_sites_own_subclass_switches_it_on(client, settings):
    settings.AUTHENTICATION_BACKENDS = [DJANGOS, "tests.test_logins.Lenient"]
    assert client.get(LOGIN, secure=True).status_code == 200


# The page


def test_a_plain_visit_starts_nothing_and_makes_no_session(client):
    page = client.get(LOGIN, {"next": "/list/"}, secure=True)
    assert b"Sign in with AniList" in page.content
    assert b'value="/list/"' in page.content
    assert "sessionid" not in client.cookies
    assert not AuthorizationRequest.objects.exists()


@pytest.mark.parametrize("middleware", [True, False])
def test_a_post_from_another_site_is_refused_even_if_the_site_forgot_to(settings, middleware):
    if not middleware:
        names = [name for name in settings.MIDDLEWARE if "Csrf" not in name]
        settings.MIDDLEWARE = names
    client = Client(enforce_csrf_checks=True)
    headers = {"origin": "https://evil.test"}
    assert client.post(LOGIN, secure=True, headers=headers).status_code == 403
    assert not AuthorizationRequest.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_page_can_neither_be_framed_nor_kept(client, method):
    headers = getattr(client, method)(LOGIN, secure=True).headers
    assert headers["X-Frame-Options"] == "DENY"
    assert "no-store" in headers["Cache-Control"]
    assert headers["Referrer-Policy"] == "same-origin"


def test_who_is_signed_in_already_goes_to_their_account(alice_client):
    response = alice_client.get(LOGIN, {"next": "/not-for-alice/"}, secure=True)
    assert (response.status_code, response.url) == (303, "/anilist/")


@pytest.mark.parametrize(("next_url", "where"), [("/ok/", "/ok/"), ("//evil.test", "/anilist/")])
def test_who_signed_in_in_another_tab_goes_on_without_asking_anilist(alice_client, next_url, where):
    response = alice_client.post(LOGIN, {"next": next_url}, secure=True)
    assert (response.status_code, response.url) == (303, where)
    assert not AuthorizationRequest.objects.exists()


def test_missing_settings_are_a_calm_503(client, settings):
    settings.ANILIST_CLIENT_ID = ""
    assert client.get(LOGIN, secure=True).status_code == 503


def test_a_site_that_asks_everybody_to_sign_in_lets_them_do_so(client, settings, log_in):
    settings.LOGIN_URL = "anilist:login"
    settings.MIDDLEWARE = [
        *settings.MIDDLEWARE,
        "django.contrib.auth.middleware.LoginRequiredMiddleware",
    ]
    assert client.get("/anilist/", secure=True).url == "/anilist/login/?next=/anilist/"
    assert client.get("/anilist/problem/denied/", secure=True).status_code == 200
    assert outcome_of(log_in(client)) == "in"


# Who gets in


def test_a_new_account_is_a_new_user(client, sandbox, log_in):
    seen = []
    anilist_connected.connect(lambda **kwargs: seen.append(kwargs), weak=False, dispatch_uid="seen")
    response = log_in(client, "eve", "/list/?page=2")
    anilist_connected.disconnect(dispatch_uid="seen")
    assert response.url == "/list/?page=2"
    user = who(client)
    assert (user.username, user.has_usable_password()) == ("eve", False)
    assert user.anilist_token.anilist_id == sandbox.user("eve").id
    assert [(entry["user"], entry["reconnected"]) for entry in seen] == [(user, False)]
    assert not AuthorizationRequest.objects.exists()
    page = client.get("/anilist/", secure=True)
    assert b"Signed in as eve." in page.content


def test_a_known_account_is_its_user_whatever_they_are_called(
    alice, alice_client, client, connect, log_in
):
    connect(alice_client, user="eve")
    assert outcome_of(log_in(client, "eve")) == "in"
    assert who(client) == alice
    assert User.objects.count() == 1


def test_coming_again_makes_no_second_user(log_in):
    first, second = Client(), Client()
    log_in(first)
    log_in(second)
    assert who(first) == who(second)
    assert User.objects.count() == 1


def test_after_an_account_was_renamed_it_is_the_same_user(client, sandbox, log_in):
    log_in(Client(), "eve")
    row = AniListToken.objects.get()
    sandbox.user("eve").name = "evelyn"
    sandbox.store.people["evelyn"] = sandbox.store.people.pop("eve")
    log_in(client, "evelyn")
    assert who(client) == row.user
    row.refresh_from_db()
    assert (row.name, row.user.username) == ("evelyn", "eve")


@pytest.mark.parametrize("state", ["expired", "rejected"])
def test_logging_in_renews_a_dead_token(client, alice, alice_client, connect, log_in, state):
    connect(alice_client, user="alice")
    dead = {"expired": {"expires_at": timezone.now()}, "rejected": {"rejected_at": timezone.now()}}
    AniListToken.objects.update(**dead[state])
    assert tokens.open_token(tokens.for_user(alice))[0] == state
    log_in(client, "alice")
    assert tokens.open_token(tokens.for_user(alice))[0] is Status.CONNECTED


def test_an_outage_at_the_viewer_costs_nobody_their_way_in(client, sandbox):
    url = sandbox.approve(start(client), user="eve")
    sandbox.dials.where, sandbox.dials.switched_off = "graphql", True
    assert outcome_of(client.get(url, secure=True)) == "in"
    assert who(client).username == f"anilist-{sandbox.user('eve').id}"


@pytest.mark.parametrize(
    ("chosen", "where"), [(None, "/anilist/"), ("/home/", "/home/"), ("admin:index", "/admin/")]
)
def test_without_a_next_people_come_to_where_the_site_says(client, settings, log_in, chosen, where):
    if chosen:
        settings.LOGIN_REDIRECT_URL = chosen
    assert log_in(client).url == where


def test_next_never_leads_off_the_site(client, log_in):
    assert log_in(client, next_url="//evil.test/").url == "/anilist/"


# Who does not


def test_without_the_hook_an_unknown_account_is_told_kindly(client, settings, log_in):
    del settings.ANILIST_CREATE_USER
    response = log_in(client)
    assert outcome_of(response) == "unknown-account"
    page = client.get(response.url, secure=True)
    assert page.status_code == 403
    assert str(PROBLEMS["unknown-account"].title) in page.content.decode()
    assert b'href="/anilist/login/"' in page.content
    assert (who(client), User.objects.count(), AniListToken.objects.count()) == (None, 0, 0)


def test_a_hook_may_refuse(client, settings, log_in):
    settings.ANILIST_CREATE_USER = "tests.test_logins.refuse"
    assert outcome_of(log_in(client)) == "unknown-account"
    assert not AniListToken.objects.exists()


@pytest.mark.parametrize("hook", ["return_nonsense", "return_unsaved"])
def test_a_hook_that_returns_no_user_is_the_sites_mistake(client, settings, log_in, hook, caplog):
    settings.ANILIST_CREATE_USER = f"tests.test_logins.{hook}"
    assert outcome_of(log_in(client)) == "setup"
    assert "must return a saved user or None" in caplog.text
    assert (User.objects.count(), AniListToken.objects.count()) == (0, 0)


def test_a_hook_that_is_not_there_is_the_sites_mistake(client, settings, log_in):
    settings.ANILIST_CREATE_USER = "tests.nowhere.create_user"
    assert outcome_of(log_in(client)) == "setup"


def test_a_hook_that_stumbles_over_somebody_else_links_nobody(
    client, alice, settings, log_in, caplog
):
    """An IntegrityError names a user with that name; they are not the account's owner."""
    settings.ANILIST_CREATE_USER = "tests.test_logins.take_a_name"
    assert outcome_of(log_in(client, "alice")) == "failed"
    assert "Connecting failed unexpectedly: IntegrityError at " in caplog.text
    assert (who(client), AniListToken.objects.count()) == (None, 0)
    assert list(User.objects.all()) == [alice]


def test_a_user_called_like_the_account_is_not_linked(client, alice, sandbox, log_in):
    log_in(client, "alice")
    new = who(client)
    assert new != alice
    assert new.username == f"alice-{sandbox.user('alice').id}"
    assert tokens.for_user(alice) is None


def test_an_inactive_user_is_refused_and_their_row_left_alone(
    client, alice, alice_client, connect, log_in
):
    connect(alice_client, user="alice")
    alice.is_active = False
    alice.save()
    before = AniListToken.objects.values().get()
    response = log_in(client, "alice")
    assert outcome_of(response) == "inactive"
    assert client.get(response.url, secure=True).status_code == 403
    assert who(client) is None
    assert AniListToken.objects.values().get() == before


def test_a_user_made_inactive_meanwhile_is_refused(client, alice, alice_client, connect, sandbox):
    connect(alice_client, user="alice")
    before = AniListToken.objects.values().get()
    url = sandbox.approve(start(client), user="alice")
    alice.is_active = False
    alice.save()
    assert outcome_of(client.get(url, secure=True)) == "inactive"
    assert (who(client), AniListToken.objects.values().get()) == (None, before)


class Anybody(ModelBackend):
    """Takes whatever it is given, and lets the first user in."""

    def authenticate(self, request, **credentials):
        return User.objects.first()


def test_a_backend_that_takes_anything_decides_nothing(client, alice, settings, log_in):
    settings.AUTHENTICATION_BACKENDS = ["tests.test_logins.Anybody", OURS]
    assert outcome_of(log_in(client, "eve")) == "in"
    assert who(client).username == "eve"


def test_a_new_user_who_waits_for_approval_gets_in_once_they_have_it(client, settings, log_in):
    settings.ANILIST_CREATE_USER = "tests.test_logins.make_inactive"
    assert outcome_of(log_in(client)) == "inactive"
    assert outcome_of(log_in(client)) == "inactive"
    assert who(client) is None
    user = User.objects.get()
    user.is_active = True
    user.save()
    assert outcome_of(log_in(client)) == "in"
    assert who(client) == user


def test_saying_no_is_fine(client, sandbox):
    response = client.get(sandbox.deny(start(client), user="eve"), secure=True)
    assert outcome_of(response) == "denied"
    page = client.get(response.url, secure=True)
    assert b"You said no, and that is fine" in page.content
    assert b'href="/anilist/login/"' in page.content
    assert (who(client), User.objects.count(), exchanges(sandbox)) == (None, 0, 0)


# State


def test_a_stolen_callback_address_lets_nobody_in_as_somebody_else(client, sandbox):
    """Eve starts, and has somebody else open her address: login CSRF."""
    stolen = sandbox.approve(start(Client()), user="eve")
    start(client)
    assert outcome_of(client.get(stolen, secure=True)) == "state"
    assert outcome_of(Client().get(stolen, secure=True)) == "state"
    assert (who(client), exchanges(sandbox)) == (None, 0)


def test_the_same_callback_twice_counts_once(client, sandbox):
    url = sandbox.approve(start(client), user="eve")
    assert outcome_of(client.get(url, secure=True)) == "in"
    assert outcome_of(client.get(url, secure=True)) == "state"
    assert exchanges(sandbox) == 1
    assert who(client).username == "eve"


@pytest.mark.parametrize(("seconds", "outcome"), [(599, "in"), (601, "state")])
def test_a_request_lives_ten_minutes(client, sandbox, clock, seconds, outcome):
    address = start(client)
    clock.shift(seconds)
    assert outcome_of(client.get(sandbox.approve(address, user="eve"), secure=True)) == outcome


def test_who_signed_in_meanwhile_is_not_exchanged_for_somebody_else(client, alice, sandbox):
    url = sandbox.approve(start(client), user="eve")
    client.force_login(alice, DJANGOS)
    assert outcome_of(client.get(url, secure=True)) == "state"
    assert who(client) == alice
    assert (exchanges(sandbox), AniListToken.objects.count()) == (0, 0)


def test_who_went_to_connect_and_signed_out_meanwhile_is_not_signed_in(alice, sandbox):
    client = Client()
    client.force_login(alice, DJANGOS)
    address = client.post("/anilist/authorize/", secure=True).url
    browser = client.session["anilist_browser"]
    client.logout()
    start(client)  # the browser goes on, with a session of its own
    session = client.session
    session["anilist_browser"] = browser
    session.save()
    url = sandbox.approve(address, user="alice")
    assert outcome_of(client.get(url, secure=True)) == "state"
    assert (who(client), exchanges(sandbox)) == (None, 0)


# A20: the session


def test_logging_in_changes_the_session_key_and_the_csrf_token(client, sandbox):
    url = sandbox.approve(start(client), user="eve")
    before = {name: client.cookies[name].value for name in ("sessionid", "csrftoken")}
    client.get(url, secure=True)
    after = {name: client.cookies[name].value for name in ("sessionid", "csrftoken")}
    assert before["sessionid"] != after["sessionid"]
    assert before["csrftoken"] != after["csrftoken"]


def test_whoever_knew_the_session_key_before_is_nobody_after(client, sandbox):
    url = sandbox.approve(start(client), user="eve")
    thief = Client()
    thief.cookies["sessionid"] = client.cookies["sessionid"].value
    client.get(url, secure=True)
    assert who(client).username == "eve"
    assert who(thief) is None


def test_the_session_remembers_our_backend_and_no_token(client, log_in):
    log_in(client)
    assert client.session["_auth_user_backend"] == OURS
    assert "eyJ" not in str(dict(client.session))


# Disconnecting


class Lenient(backends.AniListBackend):
    """A site that knows of another way in."""

    def has_other_way_in(self, user):
        return True


def disconnect(client):
    response = client.post("/anilist/disconnect/", secure=True)
    return response if response.url == "/anilist/" else client.get(response.url, secure=True)


def test_nobody_loses_their_last_way_in(client, log_in):
    log_in(client)
    before = AniListToken.objects.values().get()
    page = disconnect(client)
    assert page.status_code == 409
    assert b"AniList is your only way in" in page.content
    assert b"Set a password first" in page.content
    assert AniListToken.objects.values().get() == before


def test_who_would_lose_their_last_way_in_is_told_why_and_not_asked(client, log_in, rf):
    log_in(client)
    page = client.get("/anilist/", secure=True).content.decode()
    assert "/anilist/disconnect/" not in page
    assert "AniList is your only way in" in page
    assert "Set a password first" in page
    request = rf.get("/")
    request.user = User.objects.get()
    assert not disconnect_button(Page.of({"request": request}))


def test_who_has_a_password_is_offered_to_disconnect(client, log_in, rf):
    log_in(client)
    user = User.objects.get()
    user.set_password("another way in")
    user.save()
    client.force_login(user, OURS)
    page = client.get("/anilist/", secure=True).content.decode()
    assert 'action="/anilist/disconnect/"' in page
    assert "only way in" not in page
    request = rf.get("/")
    request.user = user
    assert "Disconnect AniList" in disconnect_button(Page.of({"request": request}))


def test_who_has_a_password_may_disconnect(client, log_in):
    log_in(client)
    user = User.objects.get()
    user.set_password("another way in")
    user.save()
    client.force_login(user, OURS)
    assert disconnect(client).status_code == 303
    assert not AniListToken.objects.exists()


@pytest.mark.parametrize(
    ("installed", "kept"),
    [([DJANGOS], False), ([DJANGOS, "tests.test_logins.Lenient"], False), ([OURS], True)],
)
def test_what_other_ways_there_are_decides(alice, alice_client, connect, settings, installed, kept):
    """Without our backend AniList is no way in; a subclass may know of others; alone it is the only one."""
    connect(alice_client, user="alice")
    if installed != [OURS]:
        alice.set_unusable_password()
        alice.save()
    settings.AUTHENTICATION_BACKENDS = installed
    client = Client()
    client.force_login(alice, installed[-1])
    disconnect(client)
    assert AniListToken.objects.exists() == kept


def test_who_is_not_connected_may_press_disconnect_in_peace(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("josh"), OURS)
    assert disconnect(client).status_code == 303


def test_staff_may_disconnect_anybody(client, log_in, admin_client):
    log_in(client)
    row = AniListToken.objects.get()
    admin_client.post(f"/admin/django_anilist/anilisttoken/{row.pk}/delete/", {"post": "yes"})
    assert not AniListToken.objects.exists()


# Floods


def test_the_eleventh_tab_of_a_browser_costs_the_first_only(client, sandbox):
    other = start(Client())
    addresses = [start(client) for _ in range(11)]
    assert AuthorizationRequest.objects.count() == 11
    gone = sandbox.approve(addresses[0], user="eve")
    assert outcome_of(client.get(gone, secure=True)) == "state"
    assert urlsplit(other).path == "/api/v2/oauth/authorize"


def test_a_flood_of_new_browsers_pushes_out_the_oldest_logins_and_no_connecting(
    alice_client, sandbox, monkeypatch
):
    monkeypatch.setattr(pending, "MAX_LOGINS", 20)
    connecting = alice_client.post("/anilist/authorize/", secure=True).url
    clients = [Client() for _ in range(30)]
    addresses = [client.post(LOGIN, secure=True).url for client in clients]
    assert AuthorizationRequest.objects.filter(user=None).count() == 20
    urls = [sandbox.approve(address, user="eve") for address in (addresses[0], addresses[29])]
    assert outcome_of(clients[0].get(urls[0], secure=True)) == "state"
    assert outcome_of(clients[29].get(urls[1], secure=True)) == "in"
    url = sandbox.approve(connecting, user="alice")
    assert outcome_of(alice_client.get(url, secure=True)) == "in"


def test_a_start_asks_few_questions_however_many_are_under_way(
    client, django_assert_max_num_queries
):
    client.post(LOGIN, secure=True)
    with django_assert_max_num_queries(6):
        client.post(LOGIN, secure=True)


# Somebody else was faster


def test_where_somebody_was_faster_their_user_is_logged_in(client, sandbox, log_in, monkeypatch):
    """The decision begins again: by the account's id, not by what stood in the way."""
    log_in(Client())
    first, owner, calls = User.objects.get(), tokens.owner, []

    def late(anilist_id):
        calls.append(anilist_id)
        return None if len(calls) == 1 else owner(anilist_id)

    monkeypatch.setattr(tokens, "owner", late)
    assert outcome_of(log_in(client)) == "in"
    assert who(client) == first
    assert User.objects.count() == 1


def test_a_name_taken_at_the_same_moment_is_tried_again(client, monkeypatch, log_in):
    tried = []

    def create(*, request, account):
        tried.append(account)
        if len(tried) == 1:
            raise IntegrityError("username")
        return backends.create_user(request=request, account=account)

    monkeypatch.setattr(logins.settings.__class__, "create_user", property(lambda self: create))
    assert outcome_of(log_in(client)) == "in"
    assert len(tried) == 2


def test_the_hook_gets_the_request_of_nobody_and_the_account(client, sandbox, monkeypatch, log_in):
    given = []

    def create(*, request, account):
        given.append((request.user, account))

    monkeypatch.setattr(logins.settings.__class__, "create_user", property(lambda self: create))
    log_in(client)
    ((user, account),) = given
    assert isinstance(user._wrapped, AnonymousUser)
    assert (account.id, account.name) == (sandbox.user("eve").id, "eve")


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (logins, "log_in"),
        (logins, "_welcome"),
        (logins, "login"),
        (backends, "make_password"),
        (backends.AniListBackend, "authenticate"),
        (tokens, "_store"),
    ],
)
def test_no_surprise_on_the_way_in_shows_or_logs_the_code_or_leaves_half_a_user(
    client, sandbox, monkeypatch, caplog, place, name
):
    caplog.set_level("DEBUG")
    url = sandbox.approve(start(client), user="eve")

    def surprise(*args, **kwargs):
        raise RuntimeError(f"canary {url}")

    monkeypatch.setattr(place, name, surprise)
    assert outcome_of(client.get(url, secure=True)) == "failed"
    assert who(client) is None
    assert User.objects.count() == AniListToken.objects.count()
    ours = [record for record in caplog.records if record.name == "django_anilist"]
    assert not any("canary" in record.getMessage() or record.exc_info for record in ours)

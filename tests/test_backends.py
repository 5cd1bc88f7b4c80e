"""The backend and the ready hook, called as Django and sites call them."""

from __future__ import annotations

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import aauthenticate, authenticate, get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.test.utils import isolate_apps

from django_anilist import backends, tokens
from django_anilist.accounts import Account
from django_anilist.api.oauth import Grant
from django_anilist.api.secrets import Secret
from django_anilist.backends import AniListBackend, create_user
from django_anilist.checks.login import check_login
from django_anilist.conf import AniListImproperlyConfigured

pytestmark = pytest.mark.django_db

OURS = "django_anilist.backends.AniListBackend"
ACCOUNT = Account(7, "josh")


@pytest.fixture
def connected(alice):
    tokens.save(alice, ACCOUNT, Grant(Secret("canary-token"), 3600, 7))
    return alice


@pytest.fixture(params=[authenticate, async_to_sync(aauthenticate)], ids=["sync", "async"])
def ask(request, settings):
    settings.AUTHENTICATION_BACKENDS = [OURS]
    return request.param


def test_the_owner_of_the_account_is_found(ask, connected):
    found = ask(None, anilist_account=ACCOUNT)
    assert (found, found.backend) == (connected, OURS)


def test_an_account_with_another_id_and_the_same_name_is_nobody(ask, connected):
    assert ask(None, anilist_account=Account(8, "josh")) is None


def test_an_inactive_owner_is_nobody(ask, connected):
    connected.is_active = False
    connected.save()
    assert ask(None, anilist_account=ACCOUNT) is None


def test_a_password_opens_nothing_here(ask, connected):
    """Though ``ModelBackend``, from which permissions come, would take it."""
    assert ask(None, username="alice", password="password") is None


def test_without_an_account_nobody_is_found(ask, connected):
    assert ask(None, anilist_account=None) is None


def test_the_session_finds_active_users_only(connected):
    assert AniListBackend().get_user(connected.pk) == connected
    connected.is_active = False
    connected.save()
    assert AniListBackend().get_user(connected.pk) is None


# The ready hook


def made(name, number=7):
    return create_user(request=None, account=Account(number, name)).username


def test_a_new_user_has_anilists_name_and_no_password():
    user = create_user(request=None, account=ACCOUNT)
    assert (user.username, user.email, user.has_usable_password()) == ("josh", "", False)
    assert (user.is_staff, user.is_superuser) == (False, False)


@pytest.mark.parametrize("there", ["josh", "JOSH", "Josh"])
def test_a_name_that_is_taken_in_any_case_gets_the_id(there):
    get_user_model().objects.create_user(there)
    assert made("josh") == "josh-7"


def test_where_that_is_taken_too_it_gets_more():
    for there in ("josh", "josh-7"):
        get_user_model().objects.create_user(there)
    assert made("josh").startswith("josh-7-")


@pytest.mark.parametrize("name", ["", "日本", "\u202e", "<>"])
def test_a_name_that_cannot_be_a_username_is_left_out(name):
    assert made(name) == "anilist-7"


def test_only_plain_letters_are_taken_over():
    assert made("jо sh<b>") == "jshb"  # the second letter is Cyrillic


def test_a_long_name_is_cut_to_what_fits():
    assert made("x" * 400) == "x" * 150
    assert made("x" * 400, 8) == "x" * 148 + "-8"


# Other models of users


def users_with(**fields):
    """Return a model of users with these fields besides, or in place of Django's."""
    meta = type("Meta", (), {"app_label": "handmade"})
    return type("Person", (AbstractBaseUser,), {
        "__module__": __name__, "Meta": meta, "USERNAME_FIELD": "username",
        "username": models.CharField(max_length=150, unique=True), **fields,
    })  # fmt: skip


def mail(**options):
    return models.EmailField(**options)


@pytest.mark.parametrize(
    ("fields", "missed"),
    [
        ({"email": mail(blank=True)}, []),
        ({"nick": models.CharField(max_length=9, default="")}, []),
        ({"born": models.DateField(null=True)}, []),
        ({"made": models.DateTimeField(auto_now_add=True)}, []),
        ({"email": mail(unique=True)}, ["email"]),
        ({"born": models.DateField()}, ["born"]),
        ({"email": mail(unique=True), "USERNAME_FIELD": "email", "username": None}, ["email"]),
    ],
)
@isolate_apps("tests.handmade")
def test_what_the_ready_hook_cannot_fill_in_is_told_by_a_check(
    settings, monkeypatch, fields, missed
):
    settings.AUTHENTICATION_BACKENDS = [OURS]
    settings.ANILIST_CREATE_USER = "django_anilist.backends.create_user"
    model = users_with(**fields)
    monkeypatch.setattr(backends, "get_user_model", lambda: model)
    assert backends.fields_to_fill() == missed
    assert [message.id for message in check_login(None)] == ["anilist.E009"] * bool(missed)
    settings.ANILIST_CREATE_USER = "tests.test_logins.take_a_name"
    assert check_login(None) == []


@isolate_apps("tests.handmade")
def test_nobody_gets_a_name_for_a_mail_address(monkeypatch):
    model = users_with(email=mail(unique=True), USERNAME_FIELD="email", username=None)
    monkeypatch.setattr(backends, "get_user_model", lambda: model)
    with pytest.raises(AniListImproperlyConfigured, match="no mail address"):
        create_user(request=None, account=ACCOUNT)

"""Where tokens were kept before, each place read as it really is. The packages: ``from_packages.py``."""

from __future__ import annotations

import datetime

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from django_anilist.api.secrets import Secret
from django_anilist.legacy import Found, UnknownSourceError, source
from tests.handmade.models import Answer, Link, Plain, Profile

pytestmark = pytest.mark.django_db

LONG = "a" * 1000


def keep_in_session(user=None, **content):
    store = SessionStore()
    store.update(content if user is None else {"_auth_user_id": str(user.pk), **content})
    store.save()
    return store


# What may be named


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "neither allauth, nor social, nor APP.MODEL.FIELD"),
        ("alauth", "neither allauth, nor social, nor APP.MODEL.FIELD"),
        ("handmade.Plain", "neither allauth, nor social, nor APP.MODEL.FIELD"),
        ("handmade.Other.token", "no model handmade.Other"),
        ("nowhere.Plain.token", "no model nowhere.Plain"),
        ("handmade.Plain.tokn", "handmade.Plain has no field 'tokn'"),
        ("handmade.Link.access_token", "2 fields of handmade.Link lead to the user"),
        ("contenttypes.ContentType.model", "0 fields of contenttypes.ContentType lead"),
        ("allauth", "no model socialaccount.SocialToken: is its app in INSTALLED_APPS?"),
        ("social", "no model social_django.UserSocialAuth"),
    ],
)
def test_a_place_that_is_none_is_told_in_words(name, words):
    with pytest.raises(UnknownSourceError, match=words):
        source(name)


# Columns


def test_a_column_of_text_is_read_newest_first(alice, bob):
    Plain.objects.create(user=alice, token="first")
    Plain.objects.create(user=bob, token="second")
    place = source("handmade.Plain.token")
    assert len(place) == 2
    assert list(place) == [Found(bob.pk, Secret("second")), Found(alice.pk, Secret("first"))]


def test_a_row_that_goes_meanwhile_is_passed_over(alice):
    for text in ("first", "second"):
        Plain.objects.create(user=alice, token=text)
    place = iter(source("handmade.Plain.token"))
    assert next(place).token == Secret("second")
    Plain.objects.all().delete()
    assert list(place) == []


def test_the_way_to_the_user_may_be_named(alice, bob):
    Link.objects.create(owner=alice, made_by=bob, access_token="token")
    assert [found.user_pk for found in source("handmade.Link.access_token", user="owner")] == [
        alice.pk
    ]


def test_the_model_of_users_itself_may_hold_the_column(alice):
    alice.last_name = "token"
    alice.save()
    assert list(source("auth.User.last_name")) == [Found(alice.pk, Secret("token"))]


@pytest.mark.parametrize("value", [None, "", "  "])
def test_an_empty_column_holds_no_token(alice, value):
    Profile.objects.create(user=alice, anilist_token=value)
    assert list(source("handmade.Profile.anilist_token")) == [Found(alice.pk, None)]


@pytest.mark.parametrize("length", [64, 255])
def test_a_column_that_is_full_to_the_last_character_holds_a_part_only(alice, length):
    Profile.objects.create(user=alice, anilist_token=LONG[:64])
    Link.objects.create(owner=alice, made_by=alice, access_token=LONG[:255])
    name, user = {64: ("Profile.anilist_token", ""), 255: ("Link.access_token", "owner")}[length]
    (found,) = source(f"handmade.{name}", user=user)
    assert found == Found(alice.pk, Secret(LONG[:length]), cut_off=True)


@pytest.mark.parametrize("length", [63, 1000])
def test_a_token_that_fits_is_whole_and_so_is_one_that_no_database_cut(alice, length):
    """SQLite keeps what does not fit; PostgreSQL refuses it, and MariaDB may cut it."""
    row = Profile(user=alice, anilist_token=LONG[:length])
    place = source("handmade.Profile.anilist_token")
    assert place.read(row) == Found(alice.pk, Secret(LONG[:length]))


def test_the_word_before_a_token_is_no_part_of_it(alice):
    Plain.objects.create(user=alice, token=" Bearer token\n")
    assert [found.token for found in source("handmade.Plain.token")] == [Secret("token")]


@pytest.mark.parametrize(
    ("kept", "end"),
    [
        ({}, None),
        ({"expires_at": 2_000_000_000}, 2_000_000_000),
        ({"expires_on": 2_000_000_000.5}, 2_000_000_000.5),
        ({"expires_in": 100, "created_at": 1_000}, 1_100),
        ({"expires": 100, "auth_time": 1_000}, 1_100),
        ({"expires_in": 100}, None),
        ({"expires_at": "soon"}, None),
        ({"expires_at": True}, None),
        ({"expires_at": -1}, None),
        ({"expires_at": 10**400}, None),
        ({"expires_at": "x", "expires_in": 100, "created_at": 1_000}, 1_100),
    ],
)
def test_what_the_token_endpoint_said_is_read_from_json(alice, kept, end):
    Answer.objects.create(user=alice, data={"access_token": "token", **kept})
    assert list(source("handmade.Answer.data")) == [Found(alice.pk, Secret("token"), end)]


def test_a_number_that_is_none_is_no_end(alice):
    place = source("handmade.Answer.data")
    row = Answer(user=alice, data={"access_token": "token", "expires_at": float("nan")})
    assert place.read(row) == Found(alice.pk, Secret("token"), None)


def test_dots_lead_into_json(alice):
    Answer.objects.create(user=alice, data={"anilist": {"token": "token"}})
    assert [found.token for found in source("handmade.Answer.data.anilist.token")] == [
        Secret("token")
    ]
    assert [found.token for found in source("handmade.Answer.data.other.token")] == [None]


@pytest.mark.parametrize(
    ("text", "token"),
    [('{"access_token": "token"}', Secret("token")), ("{broken", None), ('{"other": 1}', None)],
)
def test_json_in_a_column_of_text_is_read_too(alice, text, token):
    Plain.objects.create(user=alice, token=text)
    assert [found.token for found in source("handmade.Plain.token")] == [token]


# Sessions


def test_a_session_tells_the_token_and_who_is_signed_in(alice):
    keep_in_session(alice, access_token="token")
    assert list(source("sessions.Session.access_token")) == [Found(alice.pk, Secret("token"))]


def test_a_session_may_hold_more_than_the_token(alice):
    keep_in_session(alice, anilist={"access_token": "token", "expires_at": 7})
    expected = [Found(alice.pk, Secret("token"), 7)]
    assert list(source("sessions.Session.anilist")) == expected
    assert [found.token for found in source("sessions.Session.anilist.access_token")] == [
        Secret("token")
    ]


def test_a_user_that_can_be_none_is_nobody():
    keep_in_session(_auth_user_id="no number", access_token="token")
    assert list(source("sessions.Session.access_token")) == [Found(None, Secret("token"))]


def test_nobody_is_signed_in_in_some_sessions():
    keep_in_session(access_token="token")
    assert list(source("sessions.Session.access_token")) == [Found(None, Secret("token"))]


def test_sessions_that_ended_are_not_read_and_the_newest_comes_first(alice):
    for days in (-1, 1, 2):
        store = keep_in_session(alice, access_token=f"token{days}")
        ends = timezone.now() + datetime.timedelta(days=days)
        Session.objects.filter(pk=store.session_key).update(expire_date=ends)
    assert [found.token for found in source("sessions.Session.access_token")] == [
        Secret("token2"),
        Secret("token1"),
    ]


def test_no_token_shows_in_what_was_found(alice):
    Plain.objects.create(user=alice, token="canary-token")
    assert "canary" not in repr(list(source("handmade.Plain.token")))

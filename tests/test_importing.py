"""Tokens that were kept elsewhere are asked about, sealed, and counted; in a dry run, only counted."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.utils import timezone

from django_anilist import tokens
from django_anilist.api.secrets import Secret
from django_anilist.gateway import AniList
from django_anilist.importing import ImportReport, import_tokens
from django_anilist.models import AniListToken, Status
from tests.handmade.models import Answer, Link, Plain, Profile

pytestmark = pytest.mark.django_db

PLACE = "handmade.Plain.token"


def bring(place=PLACE, **options):
    return import_tokens(place, write=True, **options)


# What is done


def test_a_plain_column_becomes_sealed_rows(alice, bob, token, anilist):
    kept = {user: token(user.username) for user in (alice, bob)}
    for user, text in kept.items():
        Plain.objects.create(user=user, token=text)
    assert bring() == ImportReport(imported=2)
    anilist.assert_requests(2)
    for user, text in kept.items():
        row = tokens.for_user(user)
        assert tokens.open_token(row) == (Status.CONNECTED, Secret(text))
        assert (row.name, row.anilist_id) == (
            user.username,
            anilist.box.user(user.username).id,
        )
        assert text not in row.sealed
    assert AniList.for_user(alice).viewer()["name"] == "alice"


def test_a_second_run_changes_nothing_and_asks_nothing(alice, token, anilist):
    Plain.objects.create(user=alice, token=token("alice"))
    bring()
    before = AniListToken.objects.values().get()
    assert bring() == ImportReport(already=1)
    assert AniListToken.objects.values().get() == before
    anilist.assert_requests(1)


def test_a_dry_run_writes_nothing_and_asks_nothing(alice, bob, eve, token, anilist):
    Plain.objects.create(user=alice, token=token("alice"))
    Plain.objects.create(user=bob, token="no token, it has spaces")
    Plain.objects.create(user=None, token=token("eve"))
    assert import_tokens(PLACE) == ImportReport(imported=1, malformed=1, nobody=1)
    assert not AniListToken.objects.exists()
    anilist.assert_requests(0)


def test_the_newest_of_several_tokens_of_a_user_counts(alice, token, anilist):
    old, new = token("alice"), token("alice")
    Plain.objects.create(user=alice, token=old)
    Plain.objects.create(user=alice, token=new)
    assert import_tokens(PLACE) == ImportReport(imported=1, already=1)
    assert bring() == ImportReport(imported=1, already=1)
    assert tokens.open_token(tokens.for_user(alice))[1] == Secret(new)
    anilist.assert_requests(1)


def test_a_token_ends_when_it_says_so_itself(alice, token, clock):
    text = token("alice")
    clock.shift(100 * 86400)
    Answer.objects.create(user=alice, data={"access_token": text, "expires_in": 1, "auth_time": 0})
    assert bring("handmade.Answer.data").imported == 1
    left = tokens.for_user(alice).expires_at - timezone.now()
    assert left.days in (264, 265)


# What is left alone


def test_who_connected_already_keeps_what_they_have(alice, token, anilist):
    anilist.connect(alice)
    before = AniListToken.objects.values().get()
    Plain.objects.create(user=alice, token=token("alice"))
    assert bring() == ImportReport(already=1)
    assert AniListToken.objects.values().get() == before


@pytest.mark.parametrize(
    ("model", "field", "length"), [(Profile, "anilist_token", 64), (Link, "access_token", 255)]
)
def test_a_token_that_its_column_cut_off_is_never_sent(alice, token, anilist, model, field, length):
    owner = {"user": alice} if model is Profile else {"owner": alice, "made_by": alice}
    model.objects.create(**owner, **{field: token("alice")[:length]})
    place = f"handmade.{model.__name__}.{field}"
    report = bring(place, user="" if model is Profile else "owner")
    assert report == ImportReport(cut_off=1)
    anilist.assert_requests(0)


def test_an_expired_token_is_never_sent(alice, token, anilist, clock):
    Plain.objects.create(user=alice, token=token("alice"))
    clock.shift(366 * 86400)
    assert bring() == ImportReport(expired=1)
    anilist.assert_requests(0)


def test_a_token_that_anilist_refuses_is_not_kept(alice, bob, token, anilist):
    Plain.objects.create(user=alice, token=token("alice"))
    Plain.objects.create(user=bob, token="opaque-and-unknown")
    anilist.box.revoke("alice")
    assert bring() == ImportReport(refused=2)
    assert not AniListToken.objects.exists()


def test_anilist_is_shown_no_token_of_a_sandbox(alice, anilist):
    Plain.objects.create(user=alice, token="e30.e30.sandbox-x")
    assert bring() == ImportReport(refused=1)
    anilist.assert_requests(0)


def test_a_token_that_names_another_account_than_anilist_does_is_not_kept(
    alice, token, anilist, monkeypatch
):
    Plain.objects.create(user=alice, token=token("alice"))
    person = anilist.box.user("alice")
    monkeypatch.setattr(person, "id", person.id + 1)
    assert bring() == ImportReport(refused=1)


def test_an_account_belongs_to_one_user(alice, bob, token):
    text = token("alice")
    Plain.objects.create(user=alice, token=text)
    Plain.objects.create(user=bob, token=text)
    assert bring() == ImportReport(imported=1, taken=1)


def test_who_connects_another_account_meanwhile_keeps_it(alice, token, anilist, monkeypatch):
    Plain.objects.create(user=alice, token=token("someone"))
    monkeypatch.setattr(tokens, "for_user", lambda user: anilist.connect(user) and None)
    assert bring() == ImportReport(already=1)
    assert AniListToken.objects.get().name == "alice"


@pytest.mark.parametrize("kind", ["switched-off", "server", "html", "timeout"])
def test_an_outage_ends_the_run_soon_and_the_next_goes_on(token, anilist, django_user_model, kind):
    for number in range(5):
        user = django_user_model.objects.create(username=f"user{number}")
        Plain.objects.create(user=user, token=token(f"user{number}"))
    with anilist.outage(kind):
        assert bring() == ImportReport(unanswered=3, stopped=True)
    assert not AniListToken.objects.exists()
    assert bring() == ImportReport(imported=5)


def test_ctrl_c_leaves_what_was_imported_and_the_next_run_goes_on(alice, bob, token):
    for user in (alice, bob):
        Plain.objects.create(user=user, token=token(user.username))

    def interrupt(step):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring(progress=interrupt)
    assert AniListToken.objects.count() == 1
    assert bring() == ImportReport(imported=1, already=1)


def test_a_session_is_a_place_too(alice, bob, token, canary):
    canary.expected.add(("access token", "sessions"))  # as an older package left it there
    for user, text in ((alice, token("alice")), (None, token("bob"))):
        store = SessionStore()
        store.update({"access_token": text} | ({"_auth_user_id": str(user.pk)} if user else {}))
        store.save()
    SessionStore().save()
    assert bring("sessions.Session.access_token") == ImportReport(imported=1, nobody=1, empty=1)


# The packages, in a site that has them


@pytest.mark.skipif(
    connection.vendor != "sqlite", reason="has a database of its own, once is enough"
)
def test_tokens_of_allauth_and_social_auth_are_brought_along():
    """In a process of its own: these packages want settings, and warn of things, that are not ours."""
    missing = [name for name in ("allauth", "social_django") if not importlib.util.find_spec(name)]
    if missing and os.environ.get("CI") != "true":
        pytest.skip(f"{' and '.join(missing)} not installed")
    assert missing == []
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--ds"]
    command += ["tests.settings_import", "-W", "default", "tests/from_packages.py"]
    root = Path(__file__).parents[1]
    ran = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr

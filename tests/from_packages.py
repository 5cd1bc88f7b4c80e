"""Tokens of django-allauth and social-auth-app-django: run by ``test_importing`` in a site that has both."""

from __future__ import annotations

import datetime

import pytest
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.core.management import call_command
from django.utils import timezone
from social_django.models import UserSocialAuth

from django_anilist import legacy, tokens
from django_anilist.api.secrets import Secret
from django_anilist.importing import ImportReport, import_tokens
from django_anilist.models import AniListToken, Status

pytestmark = pytest.mark.django_db


def allauth_keeps(user, text, provider="anilist", ends=None, app=None):
    account = SocialAccount.objects.get_or_create(user=user, provider=provider, uid=str(user.pk))[0]
    return SocialToken.objects.create(account=account, token=text, expires_at=ends, app=app)


def social_keeps(user, provider="anilist", **extra_data):
    return UserSocialAuth.objects.create(
        user=user, provider=provider, uid=str(user.pk), extra_data=extra_data
    )


def opened(user):
    return tokens.open_token(tokens.for_user(user))


def test_allauths_tokens_are_brought_along(alice, bob, token):
    texts = {user: token(user.username) for user in (alice, bob)}
    for user, text in texts.items():
        allauth_keeps(user, text)
    assert import_tokens("allauth") == ImportReport(imported=2)
    assert not AniListToken.objects.exists()
    assert import_tokens("allauth", write=True) == ImportReport(imported=2)
    for user, text in texts.items():
        assert opened(user) == (Status.CONNECTED, Secret(text))


def test_allauths_own_end_counts_where_the_token_says_none(alice):
    ends = timezone.now() - datetime.timedelta(days=1)
    allauth_keeps(alice, "opaque", ends=ends)
    assert import_tokens("allauth", write=True) == ImportReport(expired=1)


def test_the_token_that_lives_longest_counts(alice, token):
    app = SocialApp.objects.create(provider="anilist", name="AniList")
    ends = timezone.now() + datetime.timedelta(days=300)
    new = allauth_keeps(alice, token("alice"), ends=ends, app=app)
    allauth_keeps(alice, token("alice"))
    assert import_tokens("allauth", write=True) == ImportReport(imported=1, already=1)
    assert opened(alice)[1] == Secret(new.token)


def test_socials_tokens_are_brought_along(alice, bob, token):
    texts = {user: token(user.username) for user in (alice, bob)}
    for user, text in texts.items():
        social_keeps(user, access_token=text, token_type="Bearer", expires=31_536_000, auth_time=1)
    assert import_tokens("social", write=True) == ImportReport(imported=2)
    for user, text in texts.items():
        assert opened(user) == (Status.CONNECTED, Secret(text))


def test_socials_own_end_counts_where_the_token_says_none(alice, bob):
    social_keeps(alice, access_token="opaque", expires=3600, auth_time=1_700_000_000)
    social_keeps(bob)
    assert import_tokens("social", write=True) == ImportReport(expired=1, empty=1)


@pytest.mark.parametrize("source", ["allauth", "social"])
def test_only_anilists_are_read_by_the_name_it_has_there(alice, bob, token, source):
    keep = {
        "allauth": allauth_keeps,
        "social": lambda user, text, provider: social_keeps(user, provider, access_token=text),
    }[source]
    keep(alice, "of another service", provider="github")
    keep(bob, token("bob"), provider="anilist-oauth2")
    assert import_tokens(source) == ImportReport()
    report = import_tokens(source, provider="anilist-oauth2", write=True)
    assert report == ImportReport(imported=1)


@pytest.mark.parametrize("source", ["allauth", "social"])
def test_the_command_says_what_it_would_do_and_does_it(alice, token, capsys, source):
    text = token("alice")
    allauth_keeps(alice, text)
    social_keeps(alice, access_token=text)
    call_command("anilist_import_tokens", "--from", source)
    assert capsys.readouterr().out == (
        "Would be imported with --write, if AniList accepts them: 1\n"
    )
    call_command("anilist_import_tokens", "--from", source, "--write")
    told = "".join(capsys.readouterr())
    assert "Imported: 1\n" in told
    assert "still in the clear" in told
    assert text not in told
    assert opened(alice)[1] == Secret(text)


def test_nothing_that_was_found_shows_its_token(alice):
    allauth_keeps(alice, "canary-token")
    social_keeps(alice, access_token="canary-token")
    found = [*legacy.source("allauth"), *legacy.source("social")]
    assert [one.token for one in found] == [Secret("canary-token")] * 2
    assert "canary" not in repr(found)

"""What a worker may call."""

import pytest
from django.core import mail
from django.utils import translation
from django.utils.formats import date_format

from django_anilist import tokens
from django_anilist.tasks import remind_one
from tests.admin.conftest import connected

pytestmark = pytest.mark.django_db


def test_a_reminder_says_who_when_and_where(alice):
    row = connected(alice, 7, "Alice & Co")
    assert remind_one(row)
    (sent,) = mail.outbox
    assert sent.to == ["alice@example.com"]
    assert sent.subject == "Please connect AniList to testserver again"
    for words in (
        "Hello alice,",
        "account Alice & Co ends on",
        "\nhttps://testserver/anilist/authorize/\n",
    ):
        assert words in sent.body
    assert "canary" not in sent.body


def test_a_reminder_of_what_is_over_says_so(alice):
    row = connected(alice, 7, "Alice")
    tokens.reject(row)
    remind_one(row)
    assert "has come to its end" in mail.outbox[0].body


def test_nobody_to_write_to_is_no_error(alice):
    alice.email = ""
    alice.save()
    assert not remind_one(connected(alice, 7))
    assert mail.outbox == []


def test_it_is_written_in_the_language_of_the_site(alice, settings):
    settings.LANGUAGE_CODE = "de"
    row = connected(alice, 7)
    with translation.override("de"):
        day = date_format(row.expires_at, "DATE_FORMAT")
    with translation.override("en"):
        assert day != date_format(row.expires_at, "DATE_FORMAT")
        remind_one(row)
        assert translation.get_language() == "en"
    assert day in mail.outbox[0].body

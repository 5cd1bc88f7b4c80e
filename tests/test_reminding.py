"""A year ends, and its user hears of it in time: once at each threshold, and in words they understand."""

from __future__ import annotations

import datetime
import logging

import pytest
from django.core import mail
from django.core.mail.backends import locmem
from django.utils import formats, timezone, translation

from django_anilist import reminding, tasks, tokens
from django_anilist.accounts import Account
from django_anilist.api.oauth import Grant
from django_anilist.api.secrets import Secret
from django_anilist.conf import AniListImproperlyConfigured
from django_anilist.gateway import AniList
from django_anilist.models import AniListToken, Status
from django_anilist.signals import token_expiring
from django_anilist.tasks import ReminderReport
from tests.test_races import at_once
from tests.test_upkeep import people

pytestmark = pytest.mark.django_db

DAY = 24 * 60 * 60
NOBODY = ReminderReport()


def connect(user, days=365.0):
    grant = Grant(Secret("canary-token"), int(days * DAY), None)
    return tokens.save(user, Account(1000 + user.pk, user.get_username().title()), grant)


@pytest.fixture
def heard():
    """What ``token_expiring`` said: days, and whether a mail went out."""
    found = []

    def listen(sender, days, mailed, **others):
        found.append((days, mailed))

    token_expiring.connect(listen)
    yield found
    token_expiring.disconnect(listen)


@pytest.fixture
def failing(monkeypatch):
    """A mail server that is down, until the returned function is called."""

    trouble = [OSError("canary: the server's own words")]
    send = locmem.EmailBackend.send_messages

    def fail(backend, messages):
        if trouble:
            raise trouble[0]
        return send(backend, messages)

    monkeypatch.setattr(locmem.EmailBackend, "send_messages", fail)
    return trouble.clear


# The year of a token


def test_a_year_has_three_reminders_however_often_they_are_run(alice, clock, heard):
    connect(alice)
    begin = timezone.now()
    for day in range(367):
        clock.move_to(begin + datetime.timedelta(days=day, hours=1))
        for _ in range(2):
            tasks.remind()
        if day == 335:
            assert AniList.for_user(alice).status == Status.EXPIRING
            assert len(mail.outbox) == 1
    assert heard == [(30, True), (7, True), (1, True)]
    assert len(mail.outbox) == 3


def test_on_day_366_no_call_is_made_with_the_dead_token(alice, alice_client, anilist, clock):
    """Not by a page, a task, a command, or whoever asks for something public."""
    anilist.connect(alice)
    begin = timezone.now()
    clock.move_to(begin + datetime.timedelta(days=335))
    assert AniList.for_user(alice).viewer()["name"] == "alice"
    assert len(anilist.requests) == 1
    clock.move_to(begin + datetime.timedelta(days=366))
    alice_client.force_login(alice)
    assert AniList.for_user(alice).status == Status.EXPIRED
    for page in ("/anilist/", "/anilist/authorize/"):
        assert alice_client.get(page, secure=True).status_code == 200
    assert tasks.verify().dead == 1
    assert tasks.remind() == NOBODY
    anilist.assert_requests(1)
    AniList.for_user(alice).media(1)
    assert "Authorization" not in anilist.requests[-1].headers


def test_a_new_connection_begins_a_new_year(alice, clock, heard):
    connect(alice, days=29)
    tasks.remind()
    connect(alice)
    assert tasks.remind() == NOBODY
    clock.shift(datetime.timedelta(days=336))
    assert tasks.remind().mailed == 1
    assert heard == [(30, True)] * 2


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.django_db(transaction=True)
def test_ten_runs_at_once_mail_everybody_once(heard):
    for user in people(20):
        user.email = f"{user.username}@example.com"
        user.save()
        connect(user, days=29)
    reports = at_once(*[tasks.remind] * 10)
    assert sorted(message.to for message in mail.outbox) == sorted(
        [f"user{number}@example.com"] for number in range(20)
    )
    assert heard == [(30, True)] * 20
    assert sum(report.mailed for report in reports) == sum(report.due for report in reports) == 20


def test_how_far_it_is_is_told(alice, bob, eve):
    for user, days in ((alice, 5), (bob, 29), (eve, 300)):
        connect(user, days)
    steps = []
    tasks.remind(progress=lambda step: steps.append((step.done, step.total)))
    assert steps == [(1, 2), (2, 2)]


# Who is mailed


@pytest.mark.parametrize(
    ("days", "threshold"), [(29, 30), (7.5, 30), (6.9, 7), (1.5, 7), (0.9, 1), (0.01, 1)]
)
def test_who_missed_reminders_hears_of_the_nearest_threshold_only(alice, heard, days, threshold):
    connect(alice, days)
    assert tasks.remind().mailed == 1
    assert heard == [(threshold, True)]
    assert tasks.remind() == NOBODY


@pytest.mark.parametrize("days", [365, 31, 0])
def test_nobody_is_reminded_too_early_or_too_late(alice, days):
    connect(alice, days)
    assert tasks.remind() == NOBODY


def test_the_thresholds_are_the_callers(alice, heard):
    connect(alice, days=50)
    assert tasks.remind([60, 14]).mailed == 1
    assert heard == [(60, True)]


def test_a_refused_token_is_not_one_that_expires(alice):
    tokens.reject(connect(alice, days=5))
    assert tasks.remind() == NOBODY


def test_an_inactive_user_is_left_alone(alice):
    connect(alice, days=5)
    alice.is_active = False
    alice.save()
    assert tasks.remind() == NOBODY


def test_who_has_no_address_is_told_by_the_signal_only(alice, heard):
    alice.email = ""
    alice.save()
    connect(alice, days=5)
    assert tasks.remind() == ReminderReport(due=1, no_address=1)
    assert heard == [(7, False)]
    assert mail.outbox == []


def test_a_dry_run_counts_and_changes_nothing(alice, bob, heard):
    connect(alice, days=29)
    connect(bob)
    before = list(AniListToken.objects.values())
    assert tasks.remind(dry_run=True) == ReminderReport(due=1)
    assert (list(AniListToken.objects.values()), mail.outbox, heard) == (before, [], [])


# The mail


def test_the_mail_says_when_and_where_to_connect_again(alice, settings):
    row = connect(alice, days=29)
    assert tasks.remind_one(row) is True
    (message,) = mail.outbox
    date = formats.date_format(timezone.localtime(row.expires_at))
    assert message.to == ["alice@example.com"]
    assert message.from_email == settings.DEFAULT_FROM_EMAIL
    assert message.subject == f"Your AniList connection to testserver ends on {date}"
    assert "https://testserver/anilist/authorize/\n" in message.body
    assert "AniList account Alice" in message.body
    assert "canary" not in message.message().as_string()


def test_the_mail_is_plain_text_and_no_name_can_add_a_header(alice, monkeypatch):
    row = connect(alice, days=29)
    row.name = "A & <b>\nBcc: eve@example.com"
    monkeypatch.setattr(reminding, "render_to_string", lambda name, context: f"To {row.name}\n")
    tasks.remind_one(row)
    assert mail.outbox[0].subject == "To A & <b> Bcc: eve@example.com"
    assert mail.outbox[0].recipients() == ["alice@example.com"]


@pytest.mark.parametrize(("days", "refused"), [(-1, False), (300, True)])
def test_a_mail_about_a_dead_token_names_no_end_to_come(alice, days, refused):
    """Staff send it, whenever they like."""
    row = connect(alice, days)
    if refused:
        tokens.reject(row)
    assert tasks.remind_one(row)
    (message,) = mail.outbox
    assert message.subject == "Please connect AniList to testserver again"
    assert "AniList no longer accepts that connection." in message.body
    assert "ends" not in message.body


def test_names_are_not_escaped_in_plain_text(alice):
    row = connect(alice, days=29)
    row.name = "Tom & <Jerry>"
    tasks.remind_one(row)
    assert "Tom & <Jerry>" in mail.outbox[0].body


def test_the_mail_is_in_the_language_of_the_site_whoever_sends_it(alice, settings):
    settings.LANGUAGE_CODE = "de"
    row = connect(alice, days=29)
    with translation.override("fr"):
        tasks.remind_one(row)
    with translation.override("de"):
        date = formats.date_format(timezone.localtime(row.expires_at))  # 24. Dezember 2026
    assert date in mail.outbox[0].subject


def test_a_mail_that_fails_is_tried_again_and_tells_nothing_of_the_server(
    alice, bob, failing, heard, caplog
):
    connect(alice, days=29)
    connect(bob, days=29)
    with caplog.at_level(logging.DEBUG):
        assert tasks.remind() == ReminderReport(due=2, failed=2)
    assert "A reminder could not be mailed: OSError" in caplog.messages
    assert "canary" not in caplog.text
    assert heard == []
    failing()
    assert tasks.remind() == ReminderReport(due=2, mailed=2)


def test_without_an_address_of_the_site_nothing_is_claimed(alice, settings):
    """A link to nowhere is worse than a setting that is named."""
    connect(alice, days=29)
    settings.ANILIST_REDIRECT_URI = ""
    with pytest.raises(AniListImproperlyConfigured, match="ANILIST_REDIRECT_URI"):
        tasks.remind()
    assert tokens.for_user(alice).reminded_days is None

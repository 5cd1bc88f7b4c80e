"""What a site does now and then: verify what it has, clear away what is dead, and report in numbers."""

from __future__ import annotations

import dataclasses
import datetime
import json

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from django_anilist import shared, tasks, tokens
from django_anilist.accounts import Account
from django_anilist.api.oauth import Grant
from django_anilist.api.secrets import Secret
from django_anilist.gateway import AniList
from django_anilist.models import AniListToken, AuthorizationRequest, EntryChange
from django_anilist.pending import LIFETIME
from django_anilist.signals import anilist_disconnected
from django_anilist.tasks import PurgeReport, VerificationReport

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


@pytest.fixture
def trio(alice, bob, eve, anilist):
    """Everybody is connected."""
    for user in (alice, bob, eve):
        anilist.connect(user)
    return AniListToken.objects.order_by("pk")


def states():
    return list(AniListToken.objects.order_by("pk").values("sealed", "rejected_at"))


# Verification


def test_each_token_is_asked_about_once(trio, anilist):
    assert tasks.verify() == VerificationReport(accepted=3)
    anilist.assert_requests(3)


def test_what_is_remembered_proves_nothing(alice, alice_client, sandbox, connect):
    connect(alice_client)
    AniList.for_user(alice).viewer()
    AniList.for_user(alice).viewer()
    assert sandbox.count() == 2
    assert tasks.verify() == tasks.verify() == VerificationReport(accepted=1)
    assert sandbox.count() == 4


def test_what_anilist_refuses_is_marked_and_not_asked_about_again(trio, bob, anilist):
    anilist.revoke(bob)
    assert tasks.verify() == VerificationReport(accepted=2, refused=1)
    assert tokens.for_user(bob).rejected_at is not None
    assert tasks.verify() == VerificationReport(accepted=2, dead=1)
    anilist.assert_requests(5)


def test_dead_tokens_are_not_sent(trio, alice, bob, eve, anilist):
    anilist.expire(alice)
    tokens.reject(tokens.for_user(bob))
    AniListToken.objects.filter(user=eve).update(sealed="broken")
    assert tasks.verify() == VerificationReport(dead=3)
    anilist.assert_requests(0)


def test_a_renamed_account_is_noticed(alice, anilist):
    person = anilist.connect(alice)
    person.name = "renamed"
    assert tasks.verify().accepted == 1
    assert tokens.for_user(alice).name == "renamed"


def test_a_token_of_another_account_is_counted_and_left_alone(alice, bob, anilist):
    anilist.connect(alice)
    token = Secret(anilist.box.issue_token("alice"))
    tokens.save(bob, Account(4711, "bob"), Grant(token, 3600, None))
    before = states()
    assert tasks.verify() == VerificationReport(accepted=1, other=1)
    assert states() == before


def test_who_disconnects_meanwhile_is_not_asked_about(trio, eve, anilist):
    """The rows are read by the page; the token anew for each request."""
    assert tasks.verify(progress=lambda step: tokens.delete(eve)) == VerificationReport(
        accepted=2, dead=1
    )
    anilist.assert_requests(2)


@pytest.mark.parametrize("kind", ["switched-off", "server", "html", "timeout", "connection"])
def test_an_outage_ends_the_run_soon_and_touches_no_row(trio, anilist, kind):
    before = states()
    with anilist.outage(kind):
        report = tasks.verify()
    assert report == VerificationReport(unanswered=3, stopped_after=0)
    assert states() == before


def test_a_run_goes_on_after_the_last_row_that_was_answered(trio, anilist):
    first = trio[0].pk
    for number in range(2):
        anilist.connect(get_user_model().objects.create(username=f"more{number}"))

    def break_down(step):
        anilist.outage()

    report = tasks.verify(progress=break_down)
    assert report == VerificationReport(accepted=1, unanswered=3, stopped_after=first)
    anilist.dial(switched_off=False)
    assert tasks.verify(report.stopped_after) == VerificationReport(accepted=4)


def test_a_spent_budget_is_waited_for(trio, anilist, monkeypatch):
    limit, naps = anilist.limit(), []

    def nap(seconds):
        naps.append(seconds)
        if len(naps) == 3:
            limit()

    with monkeypatch.context() as patches:  # undone before the kit undoes its own patch of it
        patches.setattr(shared, "nap", nap)
        assert tasks.verify() == VerificationReport(accepted=3)
    assert len(naps) == 3
    assert all(0 < seconds <= 120 for seconds in naps)


@pytest.mark.parametrize("viewer", [None, {}, {"id": "7"}, []])
def test_a_viewer_that_is_none_is_no_answer(alice, anilist, monkeypatch, viewer):
    anilist.connect(alice)
    monkeypatch.setattr(AniList, "execute", lambda *args, **kwargs: {"Viewer": viewer})
    assert tasks.verify() == VerificationReport(unanswered=1)


def test_verification_tells_how_far_it_is_and_where_to_go_on(trio):
    steps = []
    tasks.verify(progress=steps.append)
    assert [(step.done, step.total, step.last) for step in steps] == [
        (number, 3, row.pk) for number, row in enumerate(trio, start=1)
    ]


# Clearing away


def ask(user, age):
    return AuthorizationRequest.objects.create(
        user=user, state_hash=str(age), browser_hash="b", created_at=timezone.now() - age
    )


def connect(user, ends=DAY, refused=None):
    seconds = int(ends.total_seconds())
    row = tokens.save(
        user, Account(1000 + user.pk, user.username), Grant(Secret("t"), seconds, None)
    )
    if refused is not None:
        AniListToken.objects.filter(pk=row.pk).update(rejected_at=timezone.now() - refused)
    return row


def test_requests_too_old_to_be_answered_go(alice):
    ask(alice, LIFETIME + datetime.timedelta(seconds=1))
    young = ask(alice, LIFETIME - datetime.timedelta(seconds=30))
    assert tasks.purge() == PurgeReport(requests=1)
    assert list(AuthorizationRequest.objects.all()) == [young]


def test_changes_that_are_not_offered_again_go(alice):
    """They hold what the user wrote, and the next change of anybody may be long in coming."""
    for minutes in (5, 15):
        EntryChange.objects.create(
            user=alice,
            key=str(minutes),
            state=EntryChange.State.PARKED,
            wanted={"notes": "mine"},
            changed_at=timezone.now() - datetime.timedelta(minutes=minutes),
        )
    assert tasks.purge() == PurgeReport(changes=1)
    assert [row.key for row in EntryChange.objects.all()] == ["5"]


def test_tokens_that_died_long_ago_go_and_nothing_else(django_user_model, settings):
    users = [django_user_model.objects.create_user(f"user{n}", password="p") for n in range(6)]
    connect(users[0], ends=-31 * DAY)
    connect(users[1], refused=31 * DAY)
    kept = [
        connect(users[2], ends=-29 * DAY),
        connect(users[3], refused=29 * DAY),
        connect(users[4]),
        connect(users[5]),
    ]
    settings.SECRET_KEY = "lost"  # a row that no key opens is not dead
    assert tasks.purge(dead_days=30) == PurgeReport(tokens=2)
    assert list(AniListToken.objects.order_by("pk")) == kept
    assert django_user_model.objects.count() == 6
    assert tasks.purge(dead_days=30) == PurgeReport()


def test_tokens_that_will_die_are_no_dead_ones(alice):
    connect(alice, ends=DAY)
    with pytest.raises(ValueError, match="dead_days is -2"):
        tasks.purge(dead_days=-2)
    assert AniListToken.objects.count() == 1


def test_who_reconnects_while_the_dead_are_cleared_away_is_not_counted(alice, monkeypatch):
    connect(alice, ends=-100 * DAY)
    monkeypatch.setattr(tasks.logins, "backend_path", lambda: connect(alice) and "")
    assert tasks.purge() == PurgeReport()
    assert AniListToken.objects.count() == 1


def test_a_site_hears_of_each_token_that_goes(alice):
    heard = []

    def listen(sender, user, anilist_id, name, **others):
        heard.append((user, anilist_id, name))

    connect(alice, ends=-100 * DAY)
    anilist_disconnected.connect(listen)
    tasks.purge()
    anilist_disconnected.disconnect(listen)
    assert heard == [(alice, 1000 + alice.pk, "alice")]


def test_where_people_log_in_with_anilist_the_rows_are_kept(alice, settings):
    """They say who is who: without hers, alice would be somebody new when she comes back."""
    settings.AUTHENTICATION_BACKENDS = ["django_anilist.backends.AniListBackend"]
    connect(alice, ends=-100 * DAY)
    assert tasks.purge() == PurgeReport(kept=1)
    assert tokens.owner(1000 + alice.pk) == alice


# For a queue


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("rotate_keys", {"batch": 10}),
        ("remind", {"days": [30, 7, 1], "dry_run": True}),
        ("verify", {"after": 3}),
        ("purge", {"dead_days": 30}),
        ("import_tokens", {"source": "handmade.Plain.token", "write": True}),
    ],
)
def test_a_queue_can_carry_the_arguments_and_keep_the_report(name, arguments):
    report = dataclasses.asdict(getattr(tasks, name)(**json.loads(json.dumps(arguments))))
    assert json.loads(json.dumps(report)) == report


def test_everything_that_is_promised_is_there():
    assert [name for name in tasks.__all__ if not hasattr(tasks, name)] == []

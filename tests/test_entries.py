"""A change of a list entry: made once, kept where it must wait, and never made on a guess."""

import datetime

import pytest
from django.core import signing
from django.db import OperationalError
from django.utils import timezone

from django_anilist import entries
from django_anilist.api.errors import (
    BadResponse,
    NotFound,
    OutcomeUnknown,
    QueryError,
    RateLimited,
    TokenRejected,
    Unavailable,
)
from django_anilist.entries import Change, make, parked
from django_anilist.models import EntryChange
from tests.list_entries import SUBMISSION

pytestmark = pytest.mark.django_db

WANTED = {"media_id": 7, "progress": 3, "notes": "mine"}
WAITING = [
    RateLimited(30),
    TokenRejected(),
    Unavailable("connection", in_doubt=False),
    BadResponse("html", "html"),
]
WAITING[-1].in_doubt = False


class AniListThat:
    """A client that answers with what it is given: an entry, or an error to raise."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def save_media_list_entry(self, **arguments):
        self.asked.append(arguments)
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer


@pytest.fixture
def change(alice):
    return Change.of(alice, SUBMISSION, WANTED)


def never(seconds):
    raise AssertionError("nobody is in the way")


def fails_with(error, change):
    client = AniListThat(error)
    with pytest.raises(type(error)):
        make(client, change, sleep=never)
    assert client.asked == [WANTED]


def state():
    return EntryChange.objects.get().state


def test_a_change_is_made_and_its_entry_returned(change):
    client = AniListThat({"progress": 3})
    assert make(client, change, sleep=never) == {"progress": 3}
    assert client.asked == [WANTED]


def test_the_same_change_is_made_once(change):
    client = AniListThat({"progress": 3})
    make(client, change, sleep=never)
    assert make(client, change, sleep=never) is None
    assert len(client.asked) == 1


def test_what_was_typed_is_not_kept_once_it_is_saved(change):
    make(AniListThat({}), change, sleep=never)
    assert EntryChange.objects.get().wanted == {"media_id": 7, "progress": 3}


def test_the_same_form_filled_in_differently_is_another_change(alice, change):
    client = AniListThat({}, {})
    make(client, change, sleep=never)
    assert make(client, Change.of(alice, SUBMISSION, {"media_id": 7}), sleep=never) == {}


def test_a_change_without_a_submission_is_like_no_other(alice):
    client = AniListThat({}, {})
    for _ in range(2):
        assert make(client, Change.of(alice, "", WANTED), sleep=never) == {}


def test_the_same_submission_of_two_users_is_two_changes(alice, bob):
    client = AniListThat({}, {})
    for user in (alice, bob):
        assert make(client, Change.of(user, SUBMISSION, WANTED), sleep=never) == {}


@pytest.mark.parametrize("error", WAITING, ids=repr)
def test_what_anilist_could_not_take_is_offered_again(alice, change, error):
    fails_with(error, change)
    offered = parked(alice, change.reference)
    assert (offered.wanted, offered.made) == (WANTED, False)
    client = AniListThat({"progress": 3})
    assert make(client, offered, sleep=never) == {"progress": 3}
    assert make(client, offered, sleep=never) is None
    assert client.asked == [WANTED]
    assert parked(alice, change.reference).made


@pytest.mark.parametrize("error", WAITING, ids=repr)
def test_a_parked_change_may_be_sent_again_from_its_own_form(change, error):
    fails_with(error, change)
    assert make(AniListThat({"progress": 3}), change, sleep=never) == {"progress": 3}


def test_a_user_keeps_the_newest_twenty_that_wait(alice, bob, clock):
    """Who sends forms without end while AniList can take none does not fill the database."""
    sent = [Change.of(alice, f"form {number}", WANTED) for number in range(25)]
    others = Change.of(bob, SUBMISSION, WANTED)
    for one in (others, *sent):
        clock.shift(1)
        fails_with(TokenRejected(), one)
    assert [one for one in sent if parked(alice, one.reference)] == sent[5:]
    assert parked(bob, others.reference)


@pytest.mark.parametrize("error", [NotFound("no"), QueryError("no")], ids=repr)
def test_what_anilist_refuses_is_forgotten(alice, change, error):
    fails_with(error, change)
    assert parked(alice, change.reference) is None
    assert make(AniListThat({}), change, sleep=never) == {}


@pytest.mark.parametrize("error", [OutcomeUnknown("timeout"), BadResponse("no entry")], ids=repr)
def test_what_may_have_been_made_is_not_sent_again_by_a_second_click(alice, change, error):
    with pytest.raises(OutcomeUnknown):
        make(AniListThat(error), change, sleep=never)
    assert parked(alice, change.reference) is None
    client = AniListThat()
    with pytest.raises(OutcomeUnknown):
        make(client, change, sleep=never)
    assert client.asked == []


def test_whoever_has_looked_may_send_again_what_may_have_been_made(change, clock):
    fails_with(OutcomeUnknown("timeout"), change)
    clock.shift(31)
    assert make(AniListThat({"progress": 3}), change, sleep=never) == {"progress": 3}


@pytest.mark.parametrize("error", [SystemExit(), ZeroDivisionError()], ids=repr)
def test_a_sender_that_falls_over_leaves_it_open_whether_it_was_made(change, error):
    fails_with(error, change)
    assert state() == "unknown"


def test_the_second_click_waits_for_the_first(change):
    EntryChange.objects.create(
        key=change.key, user=change.user, wanted=WANTED, changed_at=timezone.now()
    )
    naps = []

    def sleep(seconds):
        naps.append(seconds)
        if len(naps) == 3:
            EntryChange.objects.update(state="saved")

    assert make(AniListThat(), change, sleep=sleep) is None
    assert naps == [entries.LOOK_EVERY] * 3


def test_the_second_click_takes_over_where_the_first_was_refused(change):
    EntryChange.objects.create(
        key=change.key, user=change.user, wanted=WANTED, changed_at=timezone.now()
    )
    assert make(
        AniListThat({"progress": 3}), change, sleep=lambda _: EntryChange.objects.all().delete()
    ) == {"progress": 3}


def test_nobody_waits_for_ever(change):
    EntryChange.objects.create(
        key=change.key, user=change.user, wanted=WANTED, changed_at=timezone.now()
    )
    naps = []
    with pytest.raises(OutcomeUnknown):
        make(AniListThat(), change, sleep=naps.append)
    assert sum(naps) == pytest.approx(entries.LOOK_FOR)


@pytest.mark.parametrize(("age", "taken_over"), [(29, False), (31, True)])
def test_a_dead_sender_is_replaced_after_half_a_minute(change, clock, age, taken_over):
    EntryChange.objects.create(
        key=change.key, user=change.user, wanted=WANTED, changed_at=timezone.now()
    )
    clock.shift(age)
    client = AniListThat({"progress": 3})
    if taken_over:
        assert make(client, change, sleep=never) == {"progress": 3}
    else:
        with pytest.raises(OutcomeUnknown):
            make(client, change, sleep=lambda seconds: None)
    assert len(client.asked) == taken_over


# Offers


def test_an_offer_is_for_its_user_only(alice, eve, change):
    fails_with(RateLimited(), change)
    assert parked(eve, change.reference) is None
    forged = signing.dumps([str(eve.pk), change.key], salt="django_anilist.entries")
    assert parked(alice, forged) is None


@pytest.mark.parametrize(("age", "there"), [(9 * 60 + 59, True), (10 * 60 + 1, False)])
def test_an_offer_holds_for_ten_minutes(alice, change, clock, age, there):
    fails_with(RateLimited(), change)
    name = change.reference
    clock.shift(age)
    assert (parked(alice, name) is not None) == there


@pytest.mark.parametrize(
    "forge",
    [
        lambda name: "",
        lambda name: "nonsense",
        lambda name: name[:-1] + ("a" if name[-1] != "a" else "b"),
        lambda name: "x" + name,
        lambda name: name + ":x",
        lambda name: name.swapcase(),
        lambda name: "\0" + name,
        lambda name: name.replace(":", "ü", 1),
        lambda name: signing.dumps(["1", "x"], salt="another"),
        lambda name: signing.dumps("text", salt="django_anilist.entries"),
        lambda name: signing.dumps(7, salt="django_anilist.entries"),
        lambda name: signing.dumps([1], salt="django_anilist.entries"),
        lambda name: signing.dumps([[], {}], salt="django_anilist.entries"),
    ],
)
def test_a_name_that_was_tampered_with_is_nothing(alice, change, forge):
    fails_with(RateLimited(), change)
    assert parked(alice, forge(change.reference)) is None


# What is kept, and for how long


def test_old_changes_are_forgotten(alice, bob, clock):
    for number, error in enumerate([{}, RateLimited(), OutcomeUnknown("timeout")]):
        client, made = AniListThat(error), Change.of(alice, f"{SUBMISSION}-{number}", WANTED)
        if error:
            with pytest.raises(type(error)):
                make(client, made)
        else:
            make(client, made)
    clock.shift(datetime.timedelta(minutes=11))
    make(AniListThat({}), Change.of(bob, SUBMISSION, WANTED))
    states = EntryChange.objects.filter(user=alice).order_by("state")
    assert [row.state for row in states] == ["saved", "unknown"]
    clock.shift(datetime.timedelta(days=1))
    make(AniListThat({}), Change.of(bob, "", WANTED))
    assert not EntryChange.objects.filter(user=alice).exists()


def test_a_row_names_itself_by_its_number_only(change):
    make(AniListThat({}), change)
    row = EntryChange.objects.get()
    assert str(row) == f"#{row.pk}"


# A database that has no time


@pytest.fixture
def busy_afterwards(monkeypatch):
    """A database that takes the claim and then nothing more."""
    calls = []

    def patiently(write):
        calls.append(write)
        if len(calls) > 2:
            raise OperationalError("database is locked: canary")
        return write()

    monkeypatch.setattr(entries, "patiently", patiently)


def test_what_is_saved_counts_even_where_that_cannot_be_noted(change, busy_afterwards, caplog):
    assert make(AniListThat({"progress": 3}), change) == {"progress": 3}
    assert "could not be noted: OperationalError" in caplog.text
    assert "canary" not in caplog.text


@pytest.mark.parametrize("error", [QueryError("no"), OutcomeUnknown("timeout")], ids=repr)
def test_what_anilist_said_goes_before_what_the_database_says(change, busy_afterwards, error):
    fails_with(error, change)


def test_a_change_that_cannot_be_parked_is_no_offer(alice, change, busy_afterwards):
    with pytest.raises(OperationalError):
        make(AniListThat(RateLimited()), change)

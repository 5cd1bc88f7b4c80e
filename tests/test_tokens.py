"""Token rows: written in one place, opened in one place, never lost and never leaked."""

import copy
import datetime
import json
import pickle

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import serializers
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.forms.models import model_to_dict
from django.utils import timezone
from rest_framework.serializers import ModelSerializer

from django_anilist import tokens
from django_anilist.accounts import Account
from django_anilist.api.errors import AccountMismatch, AccountTaken, BadResponse, StateMismatch
from django_anilist.api.oauth import Grant
from django_anilist.api.secrets import Secret
from django_anilist.models import AniListToken, AuthorizationRequest, EntryChange, Status
from django_anilist.signals import anilist_connected, anilist_disconnected, token_rejected

pytestmark = pytest.mark.django_db

YEAR = 365 * 24 * 60 * 60
CANARY = "canary-token"
SEVEN = Account(7, "Alice")


def grant(token=CANARY, expires_in=YEAR):
    return Grant(Secret(token), expires_in, None)


def connect(user, anilist_id=7, name="Alice", **kwargs):
    return tokens.save(user, Account(anilist_id, name), grant(**kwargs))


@pytest.fixture
def heard():
    """What the signals said, in order."""
    found = []

    def listen(signal, sender, **arguments):
        found.append((signal, arguments))

    for signal in (anilist_connected, anilist_disconnected, token_rejected):
        signal.connect(listen, sender=AniListToken)
    yield found
    for signal in (anilist_connected, anilist_disconnected, token_rejected):
        signal.disconnect(listen, sender=AniListToken)


@pytest.fixture
def no_waiting(monkeypatch):
    """Note the waits instead of waiting."""
    waits = []
    monkeypatch.setattr(tokens.time, "sleep", waits.append)
    return waits


# Saving


def test_a_saved_token_opens_again(alice):
    connect(alice)
    assert tokens.open_token(tokens.for_user(alice)) == (Status.CONNECTED, Secret(CANARY))


def test_a_visitor_has_no_row_and_costs_no_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert tokens.for_user(AnonymousUser()) is None
    assert tokens.open_token(None) == (Status.DISCONNECTED, None)


def test_connecting_is_announced_with_ids_and_no_token(alice, heard):
    row = connect(alice)
    ((signal, arguments),) = heard
    assert signal is anilist_connected
    assert (arguments["user"], arguments["token"], arguments["reconnected"]) == (alice, row, False)
    assert CANARY not in str(arguments)


def test_reconnecting_keeps_the_row_and_takes_the_new_token(alice, heard):
    first = connect(alice)
    tokens.reject(first)
    second = connect(alice, name="Renamed", token="canary-2")
    assert (second.pk, second.name, second.rejected_at) == (first.pk, "Renamed", None)
    assert tokens.open_token(second)[1] == Secret("canary-2")
    assert heard[-1][1]["reconnected"] is True


def test_reconnecting_while_the_profile_is_unknown_keeps_the_known_name(alice):
    connect(alice)
    assert connect(alice, name="").name == "Alice"


def test_an_account_of_another_user_is_taken_and_their_row_untouched(alice, bob):
    connect(alice)
    before = AniListToken.objects.values().get()
    with pytest.raises(AccountTaken):
        connect(bob)
    assert AniListToken.objects.values().get() == before


def test_coming_back_as_another_account_is_refused_and_the_row_untouched(alice):
    connect(alice)
    before = AniListToken.objects.values().get()
    with pytest.raises(AccountMismatch):
        connect(alice, anilist_id=8)
    assert AniListToken.objects.values().get() == before


def test_the_row_vanishing_at_the_wrong_moment_is_tried_again(alice, monkeypatch):
    """Between our update and our insert somebody inserts, and deletes before we look again."""
    connect(alice)
    update = AniListToken.objects.all().__class__.update
    calls = []

    def late(self, **values):
        calls.append(1)
        return update(self, **values) if len(calls) > 1 else 0

    monkeypatch.setattr(AniListToken.objects.all().__class__, "update", late)
    assert connect(alice).user == alice
    assert len(calls) == 2


def test_a_row_that_never_settles_ends_in_a_database_error(alice, monkeypatch, no_waiting):
    connect(alice)
    tries = []
    rows = AniListToken.objects.all().__class__
    monkeypatch.setattr(rows, "update", lambda self, **values: tries.append(values) or 0)
    with pytest.raises(OperationalError) as caught:
        connect(alice)
    assert str(caught.value) == "The token row keeps changing"
    assert len(tries) == 3 * 4  # three times, and four times over as for any busy database


@pytest.mark.parametrize("failures", [1, 2, 3])
def test_a_busy_database_is_asked_again(alice, monkeypatch, no_waiting, failures):
    left = [OperationalError("database is locked")] * failures
    store = tokens._store

    def busy(*args):
        if left:
            raise left.pop()
        return store(*args)

    monkeypatch.setattr(tokens, "_store", busy)
    assert connect(alice).user == alice
    assert no_waiting == [0.1, 0.4, 1.6][:failures]


def test_a_database_busy_for_good_is_an_error_and_writes_nothing(alice, monkeypatch, no_waiting):
    def busy(*args):
        raise OperationalError("database is locked")

    monkeypatch.setattr(tokens, "_store", busy)
    with pytest.raises(OperationalError):
        connect(alice)
    assert len(no_waiting) == 3
    assert not AniListToken.objects.exists()


def test_a_token_not_wanted_any_more_is_not_kept(alice, heard):
    with pytest.raises(StateMismatch):
        tokens.save(alice, Account(7), grant(), lambda: False)
    assert not AniListToken.objects.exists()
    assert heard == []


def test_a_new_user_and_their_token_come_together(django_user_model, heard):
    row = tokens.save_first(
        lambda: django_user_model.objects.create(username="new"), SEVEN, grant()
    )
    assert (row.user.username, row.anilist_id) == ("new", 7)
    assert tokens.open_token(row) == (Status.CONNECTED, Secret(CANARY))
    ((signal, arguments),) = heard
    assert signal is anilist_connected
    assert arguments == {"user": row.user, "token": row, "reconnected": False}


def test_a_new_user_whose_token_cannot_be_kept_is_not_made(alice, django_user_model, heard):
    connect(alice)
    with pytest.raises(AccountTaken):
        tokens.save_first(lambda: django_user_model.objects.create(username="new"), SEVEN, grant())
    assert not django_user_model.objects.filter(username="new").exists()
    assert len(heard) == 1


def test_the_owner_of_an_account_is_told_by_its_id_in_one_query(
    alice, bob, django_assert_num_queries
):
    connect(bob, anilist_id=8)
    connect(alice)
    with django_assert_num_queries(1):
        assert tokens.owner(7).username == "alice"
    assert tokens.owner(9) is None


# Several databases


class Replicated:
    """Sends reads of token rows to a replica that is out of reach, and writes to where they belong."""

    def db_for_read(self, model, **hints):
        return "replica" if model is AniListToken else None

    def db_for_write(self, model, **hints):
        assert model is not None
        return "default" if model is AniListToken else None


@pytest.fixture
def replicated(settings, monkeypatch):
    """Return the names of the databases that transactions, and waits for their end, were on."""
    used = []

    def noting(name):
        plain = getattr(transaction, name)

        def noted(*args, using=None, **more):
            used.append(using)
            return plain(*args, using=using, **more)

        monkeypatch.setattr(tokens.transaction, name, noted)

    noting("atomic")
    noting("on_commit")
    settings.DATABASE_ROUTERS = [Replicated()]
    return used


def test_what_decides_is_read_where_it_is_written(alice, bob, replicated):
    """A replica may lag: who just connected would be told that nobody is."""
    first = connect(alice)
    row = connect(alice)
    assert first.pk == row.pk
    assert tokens.owner(7) == alice
    with pytest.raises(AccountTaken):
        connect(bob)
    with pytest.raises(AccountMismatch):
        connect(alice, anilist_id=8)
    tokens.save_first(lambda: bob, Account(8), grant())
    tokens.note_use(row)
    tokens.note_profile(row, {"id": 7, "name": "Renamed"})
    assert tokens.reject(row)
    assert tokens.is_connected(alice)
    assert tokens.delete(alice)
    assert len(replicated) > 8
    assert set(replicated) == {"default"}


# Opening


def test_a_token_expires_when_its_time_is_over(alice, clock):
    row = connect(alice, expires_in=60)
    clock.shift(59)
    assert tokens.open_token(row)[0] is Status.EXPIRING
    clock.shift(2)
    assert tokens.open_token(row) == (Status.EXPIRED, None)


def test_a_clock_set_forward_and_back_loses_nothing(alice, clock):
    row = connect(alice)
    clock.shift(datetime.timedelta(days=730))
    assert tokens.open_token(row) == (Status.EXPIRED, None)
    clock.shift(datetime.timedelta(days=-730))
    assert tokens.open_token(row)[0] is Status.CONNECTED


def test_the_last_thirty_days_are_told_apart(alice, clock):
    row = connect(alice)
    clock.shift(datetime.timedelta(days=334))
    assert tokens.open_token(row)[0] is Status.CONNECTED
    clock.shift(datetime.timedelta(days=2))
    assert tokens.open_token(row)[0] is Status.EXPIRING
    assert tokens.open_token(row)[1] == Secret(CANARY)


def test_a_sealed_token_swapped_between_rows_is_unreadable_in_both(alice, bob):
    first, second = connect(alice), connect(bob, anilist_id=8)
    first.sealed, second.sealed = second.sealed, first.sealed
    assert tokens.open_token(first) == tokens.open_token(second) == (Status.UNREADABLE, None)


@pytest.mark.parametrize(
    ("signature", "sandbox_url", "status"),
    [
        ("sandbox-x", "", Status.UNREADABLE),
        ("x", "http://127.0.0.1:8001", Status.UNREADABLE),
        ("sandbox-x", "http://127.0.0.1:8001", Status.CONNECTED),
        ("x", "", Status.CONNECTED),
    ],
)
def test_a_token_of_the_sandbox_stays_there_and_one_of_anilists_away_from_it(
    alice, settings, signature, sandbox_url, status
):
    """A copy of the live site's database, say, on a developer's machine."""
    settings.DEBUG, settings.ANILIST_SANDBOX_URL = True, sandbox_url
    row = connect(alice, token=f"e30.e30.{signature}")
    assert tokens.open_token(row)[0] is status


def test_a_lost_key_makes_a_row_unreadable_and_its_return_mends_it(alice, settings):
    row, key = connect(alice), settings.SECRET_KEY
    settings.SECRET_KEY = "another"
    assert tokens.open_token(row) == (Status.UNREADABLE, None)
    settings.SECRET_KEY = key
    assert tokens.open_token(row)[0] is Status.CONNECTED


def test_a_new_user_with_an_old_primary_key_cannot_use_an_old_row_for_another_account(alice):
    row = connect(alice)
    row.anilist_id = 8
    assert tokens.open_token(row) == (Status.UNREADABLE, None)


def test_deleting_a_user_deletes_the_token(alice):
    connect(alice)
    alice.delete()
    assert not AniListToken.objects.exists()


def test_nothing_of_a_deleted_user_is_kept(alice):
    connect(alice)
    AuthorizationRequest.objects.create(state_hash="s", user=alice, created_at=timezone.now())
    EntryChange.objects.create(key="k", user=alice, changed_at=timezone.now())
    alice.delete()
    left = [model.objects.count() for model in (AniListToken, AuthorizationRequest, EntryChange)]
    assert left == [0, 0, 0]


# Refusal and disconnecting


def test_a_refusal_is_noted_once_and_deletes_nothing(alice, heard):
    row = connect(alice)
    tokens.reject(row)
    tokens.reject(AniListToken.objects.get())
    row.refresh_from_db()
    assert row.rejected_at is not None
    assert tokens.open_token(row) == (Status.REJECTED, None)
    assert [signal for signal, _ in heard] == [anilist_connected, token_rejected]
    assert heard[-1][1] == {"user": alice, "token": row}


def test_a_row_in_hand_knows_at_once_that_it_was_refused(alice):
    row = connect(alice)
    tokens.reject(row)
    assert tokens.open_token(row) == (Status.REJECTED, None)


def test_a_late_refusal_does_not_touch_a_newer_token(alice, heard):
    old = connect(alice)
    new = connect(alice, token="canary-2")
    tokens.reject(old)
    new.refresh_from_db()
    assert new.rejected_at is None
    assert token_rejected not in [signal for signal, _ in heard]


@pytest.mark.django_db(transaction=True)
def test_where_each_request_is_a_transaction_a_refusal_is_told_once_that_is_kept(
    alice, heard, monkeypatch
):
    row = connect(alice)
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    with transaction.atomic():
        tokens.reject(row)
        assert token_rejected not in [signal for signal, _ in heard]
    assert heard[-1] == (token_rejected, {"user": alice, "token": row})


def test_what_waits_to_be_saved_goes_with_the_token_and_nobody_elses(alice, bob):
    now = timezone.now()
    for user in (alice, bob):
        EntryChange.objects.create(key=user.username, user=user, wanted={}, changed_at=now)
    tokens.delete(alice)
    assert [change.user for change in EntryChange.objects.all()] == [bob]


def test_disconnecting_deletes_the_row_and_says_so(alice, heard):
    connect(alice)
    assert tokens.delete(alice) is True
    assert not AniListToken.objects.exists()
    assert heard[-1][0] is anilist_disconnected
    assert heard[-1][1] == {"user": alice, "anilist_id": 7, "name": "Alice"}


def test_of_two_who_disconnect_a_user_at_once_one_is_told(alice, heard, monkeypatch):
    row = connect(alice)
    monkeypatch.setattr(tokens, "for_user", lambda user: row)
    assert [tokens.delete(alice), tokens.delete(alice)] == [True, False]
    assert [signal for signal, _ in heard] == [anilist_connected, anilist_disconnected]


def test_disconnecting_twice_is_calm(alice, heard):
    assert tokens.delete(alice) is False
    assert heard == []


# The account


def test_an_account_is_read_from_the_viewer():
    viewer = {
        "id": 7,
        "name": "Alice",
        "avatar": {"large": "https://s4.anilist.co/file/a.png"},
        "mediaListOptions": {"scoreFormat": "POINT_5"},
    }
    assert Account.from_viewer(viewer) == Account(
        7, "Alice", "https://s4.anilist.co/file/a.png", "POINT_5"
    )


@pytest.mark.parametrize(
    "id", [None, True, "7", 1.0, 0, -1, 2**31, 10**400, [7], {"id": 7}, float("inf")]
)
def test_an_id_that_is_no_id_is_a_bad_response(id):
    with pytest.raises(BadResponse) as caught:
        Account.from_viewer({"id": id, "name": "Alice"})
    assert str(caught.value) == "AniList's Viewer holds no id"


@pytest.mark.parametrize(
    "viewer",
    [
        {"name": ["Alice"], "avatar": 7, "mediaListOptions": "x"},
        {"name": None, "avatar": None, "mediaListOptions": None},
        {"avatar": {"large": "javascript:alert(1)"}, "mediaListOptions": {"scoreFormat": "NEW"}},
        {"avatar": {"large": "https://evil.test/a.png"}},
        {"avatar": {"large": "https://s4.anilist.co.evil.test/a.png"}},
        {"avatar": {"large": 'https://s4.anilist.co/"onerror="x'}},
        {"avatar": {"large": ["https://s4.anilist.co/a.png"]}},
    ],
)
def test_an_odd_profile_is_left_out(viewer):
    assert Account.from_viewer({"id": 7, **viewer}) == Account(7)


def test_a_hostile_name_is_kept_as_one_short_clean_line(alice):
    name = "A\0li\ud800ce\u202e \n" + "x" * 10_000
    connect(alice, name=Account.from_viewer({"id": 7, "name": name}).name)
    kept = AniListToken.objects.get().name
    assert kept.startswith("Alice x")
    assert len(kept) == 100


def test_a_renamed_account_is_followed(alice):
    row = connect(alice)
    tokens.note_profile(row, {"id": 7, "name": "Renamed"})
    assert row.name == AniListToken.objects.get().name == "Renamed"


def test_an_unchanged_profile_costs_no_query(alice, django_assert_num_queries):
    row = connect(alice)
    with django_assert_num_queries(0):
        tokens.note_profile(row, {"id": 7, "name": "Alice"})


def test_another_accounts_profile_is_not_taken(alice):
    row = connect(alice)
    tokens.note_profile(row, {"id": 8, "name": "Bob"})
    assert AniListToken.objects.get().name == "Alice"


# Leaks


class TokenSerializer(ModelSerializer):
    class Meta:
        model = AniListToken
        fields = "__all__"


def shown_in_14_ways(row, capsys):
    rows = AniListToken.objects.all()
    call_command("dumpdata", "django_anilist")
    return [
        str(row),
        repr(row),
        f"{row!s:>10}",
        repr(rows),
        str(rows.values()),
        str(rows.values_list()),
        str(model_to_dict(row)),
        serializers.serialize("json", rows),
        serializers.serialize("xml", rows),
        capsys.readouterr().out,
        repr(pickle.dumps(row)),
        str(vars(copy.copy(row))),
        str(vars(row)),
        json.dumps(TokenSerializer(row).data, default=str),
    ]


def test_none_of_14_ways_to_show_a_row_shows_the_token(alice, capsys):
    shown = shown_in_14_ways(connect(alice), capsys)
    assert len(shown) == 14
    assert [text for text in shown if CANARY in text] == []


def test_the_database_does_not_hold_the_token(alice, django_user_model):
    """Read back as raw text: every column of every row."""
    for number in range(100):
        user = django_user_model.objects.create(username=f"user{number}")
        connect(user, anilist_id=100 + number, token=f"canary-token-{number}")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {AniListToken._meta.db_table}")
        assert CANARY not in str(cursor.fetchall())


def test_sql_logs_do_not_hold_the_token(alice, django_assert_num_queries, caplog):
    caplog.set_level("DEBUG", "django.db.backends")
    connection.force_debug_cursor = True
    try:
        connect(alice)
        tokens.open_token(tokens.for_user(alice))
        assert connection.queries
        assert CANARY not in str(connection.queries) + caplog.text
    finally:
        connection.force_debug_cursor = False


def test_dates_are_those_of_the_grant(alice):
    row = connect(alice, expires_in=3600)
    assert row.connected_at <= timezone.now()
    assert row.expires_at - row.connected_at == datetime.timedelta(hours=1)
    assert row.profile_url == "https://anilist.co/user/7"


# Last use


@pytest.fixture
def note_use(django_capture_on_commit_callbacks):
    """Note the use of a row, as after the transaction that a test runs in."""

    def note(row):
        with django_capture_on_commit_callbacks(execute=True):
            tokens.note_use(row)

    return note


def used_at():
    return AniListToken.objects.get().used_at


def test_a_use_is_kept_to_the_hour(alice, clock, note_use):
    clock.move_to("2026-11-25 09:41:30+00:00")
    row = connect(alice)
    assert row.used_at is None
    note_use(row)
    assert used_at() == datetime.datetime(2026, 11, 25, 9, tzinfo=datetime.timezone.utc)


def test_a_second_use_within_the_hour_costs_nothing(
    alice, clock, note_use, django_assert_num_queries
):
    clock.move_to("2026-11-25 09:41:30+00:00")
    row = connect(alice)
    note_use(row)
    with django_assert_num_queries(0):
        note_use(row)
        note_use(AniListToken(pk=row.pk, used_at=row.used_at))


def test_of_many_workers_one_writes(alice, clock, note_use):
    """Each of them read the row before any of them wrote."""
    connect(alice)
    clock.move_to("2026-11-25 09:59:00+00:00")
    workers = [tokens.for_user(alice) for _ in range(3)]
    note_use(workers[0])
    AniListToken.objects.update(name="written since")
    clock.shift(50)
    note_use(workers[1])
    assert used_at().hour == 9
    clock.shift(20)
    note_use(workers[2])
    assert used_at().hour == 10


def test_a_later_note_of_an_earlier_use_changes_nothing(alice, clock, note_use):
    row = connect(alice)
    clock.move_to("2026-11-25 11:00:00+00:00")
    note_use(tokens.for_user(alice))
    clock.move_to("2026-11-25 10:00:00+00:00")
    note_use(row)
    assert used_at().hour == 11


def test_a_use_that_cannot_be_noted_breaks_nothing(alice, monkeypatch, note_use):
    row = connect(alice)

    def refuse(*args, **values):
        raise OperationalError("read only")

    monkeypatch.setattr(AniListToken.objects.all().__class__, "update", refuse)
    note_use(row)
    assert used_at() is None


def test_a_use_cannot_be_noted_where_a_site_ends_its_transactions_itself(alice, monkeypatch):
    """Django has no moment of commit to wait for then, and says so by an error."""

    def refuse(*args, **options):
        raise TransactionManagementError(
            "on_commit() cannot be used in manual transaction management"
        )

    row = connect(alice)
    monkeypatch.setattr(tokens.transaction, "on_commit", refuse)
    tokens.note_use(row)
    assert used_at() is None


def test_a_token_given_up_twice_is_news_once(alice):
    row = connect(alice)
    assert tokens.reject(row)
    assert not tokens.reject(row)

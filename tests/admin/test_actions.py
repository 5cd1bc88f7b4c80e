"""What staff may do to tokens: asked first, bounded, and told row by row."""

import time

import pytest
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.core import mail

from django_anilist import shared, tasks, tokens
from django_anilist.admin import actions
from django_anilist.api.transport import RequestsTransport
from django_anilist.models import AniListToken, Status
from django_anilist.signals import anilist_disconnected, token_rejected
from tests.admin.conftest import LIST, act, connected, messages_of
from tests.faults.expected import GRACE
from tests.faults.server import FaultServer

pytestmark = pytest.mark.django_db

ALL = ["verify_now", "send_reconnect_mail", "mark_for_reconnect", "disconnect"]


@pytest.fixture
def two(alice, bob, sandbox):
    """Alice and bob, connected to whom the sandbox knows by these names."""
    return [
        connected(user, sandbox.user(name).id, name, token=sandbox.issue_token(name))
        for user, name in ((alice, "alice"), (bob, "bob"))
    ]


@pytest.fixture
def heard():
    """The signals of the rows that were touched."""
    found = []

    def listen(sender, signal, **arguments):
        found.append(signal)

    for signal in (anilist_disconnected, token_rejected):
        signal.connect(listen)
    yield found
    for signal in (anilist_disconnected, token_rejected):
        signal.disconnect(listen)


# Who may, and how


@pytest.mark.parametrize("action", ALL)
def test_nothing_is_done_before_somebody_says_yes(admin_client, two, sandbox, heard, action):
    before = list(AniListToken.objects.values())
    answer = act(admin_client, action, *two, post="")
    text = answer.content.decode()
    assert answer.status_code == 200
    for words in ("alice", "bob", f'name="action" value="{action}"', 'name="post" value="yes"'):
        assert words in text
    assert list(AniListToken.objects.values()) == before
    assert (sandbox.requests, mail.outbox, heard) == ([], [], [])
    assert LogEntry.objects.count() == 0


@pytest.mark.parametrize("permissions", [("view",), ("view", "delete"), ()], ids=str)
@pytest.mark.parametrize("action", ALL)
def test_who_may_not_change_tokens_starts_nothing(staff, two, sandbox, heard, action, permissions):
    client = staff(*permissions)
    before = list(AniListToken.objects.values())
    assert f'value="{action}"' not in client.get(LIST).content.decode()
    act(client, action, *two)
    assert list(AniListToken.objects.values()) == before
    assert (sandbox.requests, mail.outbox, heard) == ([], [], [])


def test_who_may_only_look_has_no_choice_of_actions_at_all(viewer_client, two):
    assert 'name="action"' not in viewer_client.get(LIST).content.decode()


@pytest.mark.parametrize("action", ALL)
def test_who_may_change_tokens_may_act_and_still_edit_nothing(staff, two, action):
    client = staff("view", "change")
    assert f'value="{action}"' in client.get(LIST).content.decode()
    assert client.post(f"{LIST}{two[0].pk}/change/", {"name": "Eve"}).status_code == 403


def test_too_many_at_once_are_not_begun(admin_client, two, monkeypatch):
    monkeypatch.setattr(actions, "MOST_ROWS", 1)
    (message,) = messages_of(act(admin_client, "disconnect", *two))
    assert message == "Choose at most 1 at a time. Nothing was done."
    assert AniListToken.objects.count() == 2


def test_no_rows_chosen_is_no_error(admin_client, two):
    answer = admin_client.post(LIST, {"action": "disconnect", "index": "0"}, follow=True)
    (message,) = messages_of(answer)
    assert "Items must be selected" in message


# Verify


def test_a_token_past_its_year_is_not_sent_to_be_verified(admin_client, two, sandbox):
    AniListToken.objects.update(expires_at="2020-01-01T00:00:00Z")
    (message,) = messages_of(act(admin_client, "verify_now", two[0]))
    assert message == "alice: not asked, since the token is dead: the user must connect again."
    assert sandbox.requests == []


def test_verifying_reports_each_row(admin_client, two, sandbox, eve):
    sandbox.revoke("bob")
    tokens.reject(connected(eve, 77, "eve"))
    rows = AniListToken.objects.all()
    assert sorted(messages_of(act(admin_client, "verify_now", *rows))) == [
        "alice: accepted by AniList.",
        "bob: refused by AniList, so the user must connect again.",
        "eve: not asked, since the token is dead: the user must connect again.",
    ]
    assert sandbox.count() == 2
    assert tokens.open_token(AniListToken.objects.get(name="bob"))[0] is Status.REJECTED


@pytest.mark.parametrize(
    ("dial", "value", "words"),
    [
        ("switched_off", True, "AniList gave no answer; nothing was changed."),
        ("status", 503, "AniList gave no answer; nothing was changed."),
        ("html", True, "AniList gave no answer; nothing was changed."),
        ("too_many", True, "the request budget is spent."),
    ],
)
def test_an_outage_changes_no_row(admin_client, two, sandbox, dial, value, words):
    setattr(sandbox.dials, dial, value)
    for message in messages_of(act(admin_client, "verify_now", *two)):
        assert message.endswith(words)
    assert AniListToken.objects.filter(rejected_at=None).count() == 2


def test_a_hanging_anilist_holds_the_page_no_longer_than_said(
    admin_client, django_user_model, settings, monkeypatch
):
    """A hundred rows; what is not done in time is left out. The bound is 15 seconds in earnest."""
    assert actions.SECONDS == 15
    monkeypatch.setattr(actions, "SECONDS", 2.0)
    rows = []
    for number in range(100):
        user = django_user_model.objects.create(username=f"user{number}")
        rows.append(connected(user, 100 + number, f"A{number}"))
    given, send = [], RequestsTransport.send
    monkeypatch.setattr(
        RequestsTransport, "send", lambda way, call: given.append(call.deadline) or send(way, call)
    )
    with FaultServer(lambda exchange: exchange.hang()) as server:
        settings.DEBUG, settings.ANILIST_SANDBOX_URL = True, server.url.rstrip("/")
        started = time.monotonic()
        found = messages_of(act(admin_client, "verify_now", *rows))
        took = time.monotonic() - started
    shared.close_connections()
    assert 0 < max(given) <= 2.0  # one request may take eight, where nothing else bounds it
    assert took < 2.0 + GRACE
    assert "not known, since AniList gave no answer" in found[0]
    assert found[1].endswith(": left out, since the time was up.")
    assert "A99" in found[0] + found[1]
    assert AniListToken.objects.filter(rejected_at=None).count() == 100


def test_wrong_settings_are_reported_and_are_no_error(admin_client, two, settings):
    settings.DEBUG = False  # where a sandbox is refused
    (message,) = messages_of(act(admin_client, "verify_now", *two))
    assert "the settings are wrong" in message


# Disconnect, mark, remind


def test_disconnecting_forgets_the_tokens_and_says_so(admin_client, two, heard):
    (message,) = messages_of(act(admin_client, "disconnect", *two))
    assert message.endswith(": disconnected.")
    assert {"alice", "bob"} <= set(message.replace(":", ",").replace(" ", "").split(","))
    assert not AniListToken.objects.exists()
    assert heard == [anilist_disconnected] * 2
    assert set(LogEntry.objects.values_list("action_flag", flat=True)) == {DELETION}


def test_nobody_loses_their_last_way_in_by_it(admin_client, two, alice, settings):
    settings.AUTHENTICATION_BACKENDS = [
        "django.contrib.auth.backends.ModelBackend",
        "django_anilist.backends.AniListBackend",
    ]
    alice.set_unusable_password()
    alice.save()
    assert sorted(messages_of(act(admin_client, "disconnect", *two))) == [
        "alice: left connected, since the user could not sign in any more: deleting the token does it.",
        "bob: disconnected.",
    ]
    admin_client.post(f"{LIST}{two[0].pk}/delete/", {"post": "yes"})
    assert not AniListToken.objects.exists()


def test_who_disconnected_meanwhile_is_no_error(admin_client, two, monkeypatch):
    monkeypatch.setattr(tokens, "delete", lambda user: False)
    (message,) = messages_of(act(admin_client, "disconnect", two[0]))
    assert message == "alice: not there any more."
    assert LogEntry.objects.count() == 0


def test_marking_keeps_the_row_and_ends_its_use(admin_client, two, heard):
    assert messages_of(act(admin_client, "mark_for_reconnect", two[0])) == [
        "alice: marked, so the user is asked to connect again."
    ]
    assert messages_of(act(admin_client, "mark_for_reconnect", two[0])) == ["alice: marked before."]
    assert tokens.open_token(tokens.for_user(two[0].user))[0] is Status.REJECTED
    assert heard == [token_rejected]


def test_a_mail_asks_to_connect_again(admin_client, two, bob):
    bob.email = ""
    bob.save()
    assert sorted(messages_of(act(admin_client, "send_reconnect_mail", *two))) == [
        "alice: sent a mail.",
        "bob: not sent, since the user has no mail address.",
    ]
    (sent,) = mail.outbox
    assert sent.to == ["alice@example.com"]


class ApiError(Exception):
    """As a mail backend that is no SMTP server raises its own."""


@pytest.mark.parametrize("error", [ConnectionRefusedError, ApiError("alice@example.com")])
def test_a_mail_server_that_is_down_is_reported(admin_client, two, monkeypatch, caplog, error):
    def refuse(row):
        if row.pk == two[0].pk:
            raise error
        return True

    monkeypatch.setattr(tasks, "remind_one", refuse)
    assert sorted(messages_of(act(admin_client, "send_reconnect_mail", *two))) == [
        "alice: not sent, since the mail server did not take it.",
        "bob: sent a mail.",
    ]
    assert "A mail could not be sent: " in caplog.text
    assert "alice@example.com" not in caplog.text


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("verify_now", "Verify now: accepted by AniList"),
        ("mark_for_reconnect", "Mark for reconnect: marked, so the user is asked to connect again"),
        ("send_reconnect_mail", "Send reconnect mail: sent a mail"),
    ],
)
def test_what_staff_did_stands_in_the_history(admin_client, admin_user, two, action, words):
    act(admin_client, action, two[0])
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id) == (admin_user, str(two[0].pk))
    assert (entry.action_flag, entry.get_change_message()) == (CHANGE, words)

"""The commands: the tasks with words around them, calm about ctrl-C and missing settings, and secretive."""

from __future__ import annotations

import itertools
import os
import pty
import re
import signal
import subprocess
import sys

import pytest
from cryptography.fernet import Fernet
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone

from django_anilist import tasks, tokens, upkeep
from django_anilist.accounts import Account
from django_anilist.api.oauth import Grant
from django_anilist.api.secrets import Secret
from django_anilist.management.commands import anilist_generate_key
from django_anilist.models import AniListToken, AuthorizationRequest
from django_anilist.progress import Step
from tests.handmade.models import Plain

pytestmark = pytest.mark.django_db

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))
DAY = 24 * 60 * 60


def connect(user, days=365, token="canary-token"):
    grant = Grant(Secret(token), days * DAY, None)
    return tokens.save(user, Account(1000 + user.pk, user.username), grant)


@pytest.fixture
def run(capsys):
    """Run a command and return what it said, in words for people."""

    def call(*arguments):
        try:
            call_command(*arguments)
        finally:
            told = capsys.readouterr()
            for secret in ("canary", OLD, NEW):
                assert secret not in told.out + told.err
        return told.out

    return call


# A key


def test_a_new_key_is_printed_alone_so_that_it_can_be_piped(alice, settings, capsys, canary):
    canary.expected.add(("sealing key", "output of commands"))
    call_command("anilist_generate_key")
    told = capsys.readouterr()
    settings.ANILIST_TOKEN_KEYS = [told.out.strip()]
    connect(alice)
    assert tokens.open_token(tokens.for_user(alice))[1] == Secret("canary-token")
    assert "anilist_rotate_keys" in told.err
    assert told.out.strip() not in told.err


def test_no_two_keys_are_alike(capsys):
    call_command("anilist_generate_key")
    call_command("anilist_generate_key")
    first, second = capsys.readouterr().out.split()
    assert first != second


def test_a_key_is_made_while_the_settings_are_broken(settings, capsys):
    settings.ANILIST_TOKEN_KEYS = ["broken"]
    assert anilist_generate_key.Command.requires_system_checks == []
    call_command("anilist_generate_key")
    assert len(capsys.readouterr().out.strip()) == 44


# Rotation


def test_keys_are_rotated_and_the_check_says_when_the_old_one_may_go(alice, bob, settings, run):
    settings.ANILIST_TOKEN_KEYS = [OLD]
    connect(alice)
    connect(bob)
    settings.ANILIST_TOKEN_KEYS = [NEW, OLD]
    with pytest.raises(CommandError, match="Keep the older keys"):
        run("anilist_rotate_keys", "--check")
    assert run("anilist_rotate_keys", "--batch", "1") == "Tokens sealed with the newest key: 2\n"
    key_id = AniListToken.objects.first().key_id
    assert run("anilist_rotate_keys", "--check") == (
        f"Tokens of key {key_id} (the newest): 2\n"
        "All tokens have the newest key: the older ones may go.\n"
    )
    assert run("anilist_rotate_keys") == "There was nothing to do.\n"


def test_tokens_that_no_key_opens_are_an_error_for_whoever_waits_on_the_command(
    alice, settings, run, capsys
):
    settings.ANILIST_TOKEN_KEYS = [OLD]
    connect(alice)
    settings.ANILIST_TOKEN_KEYS = [NEW]
    with pytest.raises(CommandError, match="do not have the newest key: 1"):
        run("anilist_rotate_keys")
    with pytest.raises(CommandError, match="Keep the older keys"):
        call_command("anilist_rotate_keys", "--check")
    assert "Tokens that no key opens: 1. Their users must reconnect." in capsys.readouterr().out


def test_a_check_changes_nothing(alice, settings, run):
    settings.ANILIST_TOKEN_KEYS = [OLD]
    connect(alice)
    settings.ANILIST_TOKEN_KEYS = [NEW, OLD]
    before = AniListToken.objects.values().get()
    with pytest.raises(CommandError):
        run("anilist_rotate_keys", "--check")
    assert AniListToken.objects.values().get() == before


@pytest.mark.django_db(transaction=True)
def test_a_database_that_fails_is_a_sentence_at_every_statement_and_nothing_is_lost(
    alice, bob, settings, run, monkeypatch
):
    """Each statement in turn fails, for good; then the next run does the rest."""
    monkeypatch.setattr(tokens.time, "sleep", lambda seconds: None)
    settings.ANILIST_TOKEN_KEYS = [OLD]
    connect(alice)
    connect(bob)
    failures = 0
    for number in range(1, 50):
        settings.ANILIST_TOKEN_KEYS = [(OLD, NEW)[number % 2], (NEW, OLD)[number % 2]]
        statements = itertools.count(1)

        def fail(execute, *arguments, number=number, statements=statements):
            if next(statements) >= number:
                raise OperationalError("the server went away")
            return execute(*arguments)

        try:
            with connection.execute_wrapper(fail):
                run("anilist_rotate_keys", "--batch", "1")
            break
        except CommandError as error:
            assert "The database failed: the server went away. Run it again" in str(error)
            failures += 1
        assert upkeep.standing().unreadable == 0
        run("anilist_rotate_keys")
    assert failures > 5
    assert upkeep.standing().stale == 0


@pytest.mark.parametrize("arguments", [[], ["--check"]])
def test_broken_keys_are_named_in_a_sentence(settings, run, arguments):
    settings.ANILIST_TOKEN_KEYS = ["broken"]
    with pytest.raises(CommandError, match="Every key of ANILIST_TOKEN_KEYS must be made by"):
        run("anilist_rotate_keys", *arguments)


@pytest.mark.parametrize("batch", ["0", "-1", "many", "1.5", "36501", "1" * 30])
def test_a_batch_is_a_whole_number_above_0(run, batch):
    with pytest.raises(CommandError, match="not a whole number from 1 to 36500"):
        run("anilist_rotate_keys", f"--batch={batch}")


# Reminders


def test_users_are_reminded_and_the_next_run_finds_nothing_to_do(alice, bob, eve, run):
    bob.email = ""
    bob.save()
    connect(alice, days=5)
    connect(bob, days=5)
    connect(eve)
    assert run("anilist_remind", "--dry-run") == "Users due for a reminder: 2\n"
    assert mail.outbox == []
    assert run("anilist_remind") == (
        "Users due for a reminder: 2\nUsers mailed: 1\nUsers without an e-mail address: 1\n"
    )
    assert run("anilist_remind") == "There was nothing to do.\n"


def test_the_thresholds_may_be_chosen(alice, run):
    connect(alice, days=50)
    assert run("anilist_remind") == "There was nothing to do.\n"
    assert "Users mailed: 1" in run("anilist_remind", "--days", "60, 14")


@pytest.mark.parametrize("days", ["", "0", "30;7", "30,", "soon"])
def test_days_that_are_none_are_told_in_words(run, days):
    with pytest.raises(CommandError, match="is no list of days like 30,7,1"):
        run("anilist_remind", f"--days={days}")


def test_mail_that_fails_is_an_error(alice, run, monkeypatch):
    monkeypatch.setattr(tasks, "remind", lambda *a, **k: tasks.ReminderReport(due=1, failed=1))
    with pytest.raises(CommandError, match="once mail can be sent"):
        run("anilist_remind")


def test_a_missing_setting_is_named_in_a_sentence(alice, settings, run):
    settings.ANILIST_REDIRECT_URI = ""
    with pytest.raises(CommandError, match="set ANILIST_REDIRECT_URI ="):
        run("anilist_remind")


# Verification


def test_tokens_are_verified(alice, bob, eve, anilist, run):
    for user in (alice, bob, eve):
        anilist.connect(user)
    anilist.revoke(bob)
    anilist.expire(eve)
    assert run("anilist_verify") == (
        "Tokens that AniList accepts: 1\n"
        "Tokens that AniList refuses, now marked as refused: 1\n"
        "Tokens not asked about: expired, refused before, or unreadable: 1\n"
    )


def test_a_run_that_an_outage_ended_says_how_to_go_on(anilist, django_user_model, run):
    for number in range(4):
        anilist.connect(django_user_model.objects.create(username=f"user{number}"))
    first = AniListToken.objects.order_by("pk")[0].pk
    with anilist.outage(), pytest.raises(CommandError, match=f"--after {first}$"):
        run("anilist_verify", "--after", str(first))
    assert run("anilist_verify", "--after", str(first)) == "Tokens that AniList accepts: 3\n"


def test_ctrl_c_says_how_to_go_on(alice, bob, anilist, monkeypatch, capsys):
    anilist.connect(alice)
    row = AniListToken.objects.get()

    def interrupted(after, progress):
        progress(Step(1, 2, row.pk))
        raise KeyboardInterrupt

    monkeypatch.setattr(tasks, "verify", interrupted)
    with pytest.raises(SystemExit) as caught:
        call_command("anilist_verify")
    assert caught.value.code == 130
    assert f"Go on with: manage.py anilist_verify --after {row.pk}\n" in capsys.readouterr().err


# Clearing away


def test_what_is_of_no_use_goes(alice, bob, run):
    connect(alice, days=-40)
    connect(bob)
    AuthorizationRequest.objects.create(
        user=alice, state_hash="s", browser_hash="b", created_at=timezone.now().replace(year=2020)
    )
    assert run("anilist_purge") == "Authorization requests deleted: 1\n"
    assert run("anilist_purge", "--dead-days", "30") == "Dead tokens deleted: 1\n"
    assert list(AniListToken.objects.values_list("user", flat=True)) == [bob.pk]


# Importing


def test_an_import_is_told_first_and_done_when_asked(alice, bob, anilist, run):
    anilist._person("alice")
    Plain.objects.create(user=alice, token=anilist.box.issue_token("alice"))
    Plain.objects.create(user=bob, token="canary with spaces")
    told = run("anilist_import_tokens", "--from", "handmade.Plain.token")
    assert told == (
        "Would be imported with --write, if AniList accepts them: 1\nNo tokens at all: 1\n"
    )
    assert not AniListToken.objects.exists()
    told = run("anilist_import_tokens", "--from", "handmade.Plain.token", "--write")
    assert told == (
        "Imported: 1\nNo tokens at all: 1\n"
        "They are still in the clear where they were: clear that away now.\n"
    )


def test_a_place_that_is_none_is_named_in_a_sentence(run):
    with pytest.raises(CommandError, match=r"no model nowhere\.Model"):
        run("anilist_import_tokens", "--from", "nowhere.Model.field")


def test_an_outage_during_an_import_is_an_error(anilist, django_user_model, run):
    for number in range(3):
        user = django_user_model.objects.create(username=f"user{number}")
        Plain.objects.create(user=user, token="canary")
    with anilist.outage(), pytest.raises(CommandError, match="Run it again later"):
        run("anilist_import_tokens", "--from", "handmade.Plain.token", "--write")


# A terminal, for real


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no such terminals")
def test_ctrl_c_on_a_terminal_ends_a_bar_in_peace():
    """The bar is drawn over one line, and what was done is done."""
    code = (
        "import time\n"
        "from tests.processes import configure\n"
        "configure()\n"
        "from django.core.management import call_command\n"
        "from django_anilist import tasks\n"
        "from django_anilist.progress import Step\n"
        "def slowly(batch, progress):\n"
        "    for done in range(1, 1000):\n"
        "        progress(Step(done, 1000))\n"
        "        time.sleep(0.05)\n"
        "tasks.rotate_keys = slowly\n"
        "call_command('anilist_rotate_keys')\n"
    )
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", code], stderr=theirs, env={**os.environ, "SITE": "{}"}
    )
    os.close(theirs)
    seen = b""
    while seen.count(b"\r[") < 3:
        seen += os.read(ours, 1024)
    process.send_signal(signal.SIGINT)
    try:
        while chunk := os.read(ours, 1024):
            seen += chunk
    except OSError:  # how a terminal says that nobody is left
        pass
    os.close(ours)
    assert process.wait() == 130
    drawn = seen.decode()
    assert re.search(r"\r\[#*\.+\] \d+ of 1000, about \d+ \w+ left", drawn)
    assert "Stopped. What is done is done; run it again to go on." in drawn
    assert "Traceback" not in drawn


def test_every_command_explains_itself(capsys):
    commands = ("rotate_keys", "remind", "verify", "purge", "import_tokens", "generate_key")
    for name in commands:
        with pytest.raises(SystemExit):
            call_command(f"anilist_{name}", "--help")
        assert len(capsys.readouterr().out) > 500

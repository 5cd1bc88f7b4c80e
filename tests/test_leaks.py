"""Where a token could turn up, and does not."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.template import Context, Template

from django_anilist import answer_store, tasks, tokens
from django_anilist.accounts import Account
from django_anilist.api.errors import AniListError
from django_anilist.api.oauth import Grant
from django_anilist.api.secrets import Secret
from django_anilist.gateway import AniList
from django_anilist.models import AniListToken
from tests.canary import known, reports
from tests.faults.server import FaultServer, answer

CANARIES = [f"canary-token-{number:03}" for number in range(100)]


def found_in(data: bytes) -> list[str]:
    return [canary for canary in CANARIES if canary.encode() in data]


@pytest.mark.django_db(transaction=True)
def test_neither_the_database_nor_a_backup_holds_a_token(django_user_model, tmp_path):
    for number, canary in enumerate(CANARIES):
        user = django_user_model.objects.create(username=f"user{number}")
        tokens.save(user, Account(100 + number, f"A{number}"), Grant(Secret(canary), 3600, None))
    dump = tmp_path / "dump.json"
    call_command("dumpdata", output=str(dump), verbosity=0)
    assert "anilisttoken" in dump.read_text()
    assert found_in(dump.read_bytes()) == []
    raw = raw_database()
    assert b"A99" in raw
    assert found_in(raw) == []


def raw_database() -> bytes:
    """Return the bytes on disk, or the server's own dump."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        name = Path(settings["NAME"])
        return b"".join(path.read_bytes() for path in name.parent.glob(f"{name.name}*"))
    if connection.vendor == "postgresql":
        address = ["-h", settings["HOST"], "-p", settings["PORT"], "-U", settings["USER"]]
        command = ["pg_dump", *address, settings["NAME"]]
    else:
        address = ["-h", settings["HOST"], "-P", settings["PORT"], "-u", settings["USER"]]
        command = ["mariadb-dump", *address, settings["NAME"]]
    if shutil.which(command[0]) is None and os.environ.get("CI") != "true":
        pytest.skip(f"{command[0]} is not installed")
    return subprocess.run(command, capture_output=True, check=True).stdout


@pytest.mark.django_db
def test_a_day_at_the_site_leaves_no_token_or_code_behind(alice_client, sandbox, connect, caplog):
    """Connect, use, be revoked, reconnect: then look through all that was kept or said."""
    caplog.set_level(logging.DEBUG)
    connect(alice_client)
    user = AniListToken.objects.get().user
    AniList.for_user(user).viewer()
    sandbox.revoke("alice")
    with pytest.raises(AniListError):
        AniList.for_user(user).media_list()
    connect(alice_client)
    canaries = [*sandbox.store.tokens, *sandbox.store.codes, "only-for-the-sandbox"]
    kept = [
        str(dict(alice_client.session)),
        str(alice_client.cookies),
        str(getattr(cache, "_cache", "")),
        str(answer_store._local._kept),
        "".join(record.getMessage() for record in caplog.records),
        str(list(AniListToken.objects.values())),
    ]
    assert len(canaries) > 4
    assert [canary for canary in canaries if canary in "".join(kept)] == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_database_and_backup_hold_nothing_of_a_day_and_of_a_start(
    canary, alice_client, bob_client, sandbox, connect, tmp_path, journal
):
    """While bob is still on AniList's page, so that a state is alive; with SQLite's log and journal."""
    with journal_mode(journal):
        connect(alice_client)
        bob_client.post("/anilist/authorize/", secure=True)
        dump = tmp_path / "dump.json"
        call_command("dumpdata", output=str(dump), verbosity=0)
        kept = {"dump": dump.read_bytes(), "database": raw_database()}
        kept.update(canary.database_bytes())
    assert b"authorizationrequest" in kept["dump"]
    assert b"alice" in kept["database"]
    assert any(name.endswith("wal") for name in kept) is (
        journal == "wal" and connection.vendor == "sqlite"
    )
    assert {known.TOKEN, known.CODE, known.STATE, known.CLIENT_SECRET} <= canary.known.kinds()
    assert [hit for name, data in kept.items() for hit in canary.look(name, data)] == []


@contextlib.contextmanager
def journal_mode(mode):
    """Let SQLite keep its journal another way for a while; servers have but one."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA journal_mode={mode}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=delete")


@pytest.mark.django_db
def test_a_queue_carries_no_secret(canary, alice_client, sandbox, connect):
    """As Celery would write it: a name, the arguments, and later the report, all as JSON."""
    connect(alice_client)
    written = []
    for name, arguments in (
        ("verify", {"after": 0}),
        ("remind", {"days": [400], "dry_run": True}),
        ("rotate_keys", {"batch": 10}),
        ("purge", {"dead_days": 30}),
        ("import_tokens", {"source": "handmade.Plain.token", "write": True}),
    ):
        carried = json.dumps({"task": name, "kwargs": arguments})
        report = getattr(tasks, name)(**json.loads(carried)["kwargs"])
        written += [carried, json.dumps(dataclasses.asdict(report))]
    assert '"accepted": 1' in "".join(written)
    assert canary.look("queue", "".join(written)) == []


@pytest.mark.django_db
def test_no_secret_travels_in_an_address(alice_client, sandbox, connect):
    connect(alice_client)
    AniList.for_user(AniListToken.objects.get().user).media_list()
    assert sandbox.count() == 2
    assert {request.query for request in sandbox.requests} == {""}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("400 Bad", b'{"errors": [{"message": "Invalid token", "status": 400}]}'),
        ("503 Down", b"<html>"),
        ("400 Bad", b'{"errors": [{"message": "what is TOKEN?", "status": 400}]}'),
        ("200 OK", b"[]"),
    ],
    ids=["rejected", "down", "echoed", "nonsense"],
)
def test_every_report_tells_of_the_error_and_not_of_the_token(
    alice, monkeypatch, canary, status, body
):
    """Django's, as page and as mail, with DEBUG on and off, and Sentry's, with every frame's variables."""
    token = Secret(secrets.token_hex(20))
    fault = answer(body.replace(b"TOKEN", token.reveal().encode()), status)
    tokens.save(alice, Account(7, "Alice"), Grant(token, 3600, 7))
    said = []
    with FaultServer(fault) as server:
        client = AniList.for_user(alice)
        monkeypatch.setattr(client, "_endpoints", type("E", (), {"graphql": server.url}))
        for ask in (client.viewer, client.media_list, lambda: client.media(1)):
            try:
                ask()
            except AniListError:
                said += reports.all_of(sys.exc_info(), None)
    kept = dict(said)
    assert len(said) == 3 * len(kept) == 15
    for report in kept.values():
        assert "django_anilist" in report
    assert [name for name, report in said if canary.look(name, report)] == []
    assert token.reveal() not in "".join(report for _, report in said)


@pytest.mark.django_db
def test_a_lost_key_is_calm_on_every_page_and_asks_nothing(
    admin_client, admin_user, sandbox, settings
):
    """And when the key comes back, the connection is there again."""
    key = Fernet.generate_key()
    settings.ANILIST_TOKEN_KEYS = [key]
    row = tokens.save(admin_user, Account(7, "Alice"), Grant(Secret("canary-token"), 31_536_000, 7))
    settings.ANILIST_TOKEN_KEYS = [Fernet.generate_key()]
    admin = "/admin/django_anilist/anilisttoken/"
    pages = [
        "/anilist/",
        "/anilist/authorize/",
        "/anilist/problem/busy/",
        admin,
        f"{admin}{row.pk}/change/",
        f"{admin}{row.pk}/history/",
        f"{admin}{row.pk}/delete/",
        "/anilist/save-entry/?change=none",
    ]
    for page in pages:
        response = admin_client.get(page, secure=True)
        assert response.status_code in (200, 303, 503), page
        assert b"canary" not in response.content
    assert "unreadable" in admin_client.get(admin, secure=True).content.decode()
    names = (
        "connect_button",
        "disconnect_button",
        "status",
        "avatar user",
        "notice",
        "list",
    )
    tags = "{% load anilist %}" + "".join(f"{{% anilist_{name} %}}" for name in names)
    html = Template(tags).render(Context({"user": admin_user}))
    assert "Reconnect AniList" in html
    assert sandbox.requests == []
    settings.ANILIST_TOKEN_KEYS = [key]
    assert AniList.for_user(admin_user)

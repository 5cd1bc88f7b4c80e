"""Where a token could turn up, and does not."""

from __future__ import annotations

import logging
import secrets
import shutil
import subprocess
from pathlib import Path

import pytest
import sentry_sdk
from cryptography.fernet import Fernet
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.template import Context, Template

from django_anilist import answer_store, tokens
from django_anilist.api.errors import AniListError
from django_anilist.api.oauth import Grant
from django_anilist.api.secrets import Secret
from django_anilist.gateway import AniList
from django_anilist.models import AniListToken
from django_anilist.tokens import Account
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
    if shutil.which(command[0]) is None:
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
        str(answer_store._local._cache),
        "".join(record.getMessage() for record in caplog.records),
        str(list(AniListToken.objects.values())),
    ]
    assert len(canaries) > 4
    assert [canary for canary in canaries if canary in "".join(kept)] == []


@pytest.mark.django_db
def test_no_secret_travels_in_an_address(alice_client, sandbox, connect):
    connect(alice_client)
    AniList.for_user(AniListToken.objects.get().user).media_list()
    assert sandbox.count() == 2
    assert {request.query for request in sandbox.requests} == {""}


class Memory(sentry_sdk.transport.Transport):
    """Keeps what would be sent to an error tracker."""

    def __init__(self, options=None):
        super().__init__(options)
        self.kept = []

    def capture_envelope(self, envelope):
        self.kept += [repr(item.payload.json) for item in envelope.items]


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
def test_an_error_tracker_hears_of_the_error_and_not_of_the_token(alice, monkeypatch, status, body):
    """With the variables of every frame, which Sentry sends along."""
    token = Secret(secrets.token_hex(20))
    fault = answer(body.replace(b"TOKEN", token.reveal().encode()), status)
    tokens.save(alice, Account(7, "Alice"), Grant(token, 3600, 7))
    tracker = sentry_sdk.Client(
        dsn="https://public@sentry.invalid/1", transport=Memory(), default_integrations=False
    )
    with FaultServer(fault) as server, sentry_sdk.isolation_scope() as scope:
        scope.set_client(tracker)
        client = AniList.for_user(alice)
        monkeypatch.setattr(client, "_endpoints", type("E", (), {"graphql": server.url}))
        for ask in (client.viewer, client.media_list, lambda: client.media(1)):
            try:
                ask()
            except AniListError as error:
                sentry_sdk.capture_exception(error)
    kept = "".join(tracker.transport.kept)
    tracker.close()
    assert "django_anilist" in kept
    assert token.reveal() not in kept


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

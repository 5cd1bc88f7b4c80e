"""Every fault of the wire at every place we ask AniList: a calm answer, in time, nothing lost."""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import logging
import os
import threading
import time
from urllib.parse import parse_qs, urlsplit

import pytest

from django_anilist import flow, shared, tokens
from django_anilist.api import oauth
from django_anilist.api.errors import AniListError, RateLimited, Unavailable
from django_anilist.api.oauth import Grant
from django_anilist.api.secrets import Secret
from django_anilist.conf import Settings
from django_anilist.gateway import AniList
from django_anilist.models import AniListToken
from django_anilist.tokens import Account
from tests.faults.bodies import BODIES
from tests.faults.server import FaultServer
from tests.faults.transport import FAULTS

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

DEADLINE = 0.6
CALM = {"unavailable", "busy", "code", "client"}
EVERY = {**FAULTS, **BODIES}
#: Bodies that are proper answers of a token endpoint or of GraphQL after all.
PROPER = {"a key twice", "a lone surrogate", "an escaped NUL", "gzip of nothing"}


@pytest.fixture
def fault_at(monkeypatch, sandbox):
    """Put a fault server in the place of one endpoint, with short deadlines."""
    monkeypatch.setattr(oauth, "EXCHANGE_DEADLINE", DEADLINE)
    monkeypatch.setattr(flow, "VIEWER_DEADLINE", DEADLINE)
    healthy = Settings().endpoints

    def place(endpoint, url):
        broken = dataclasses.replace(healthy, **{endpoint: url})
        # The fingerprint is of the healthy ones: the fault comes after the start.
        object.__setattr__(broken, "fingerprint", healthy.fingerprint)
        monkeypatch.setattr(Settings, "endpoints", property(lambda self: broken))

    yield place
    shared.close_connections()


def callback(client, sandbox):
    client.get("/anilist/authorize/", secure=True)
    address = client.post("/anilist/authorize/", secure=True).url
    return sandbox.approve(address, user="alice")


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("place", ["token", "graphql"])
def test_a_callback_survives(alice_client, sandbox, fault_at, caplog, place, name):
    caplog.set_level(logging.DEBUG)
    url = callback(alice_client, sandbox)
    with FaultServer(EVERY[name]) as server:
        fault_at(place, server.url)
        started = time.monotonic()
        response = alice_client.get(url, secure=True)
        took = time.monotonic() - started
    assert (response.status_code, response.content) == (303, b"")
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response.headers["Cache-Control"]
    assert "code" not in parse_qs(urlsplit(response.url).query)
    assert took <= 2 * DEADLINE + 0.5
    path = urlsplit(response.url).path
    outcome = path.removeprefix("/anilist/problem/").strip("/")
    # At Viewer an outage costs nothing: the token's own word says whose it is.
    assert outcome in CALM or (place == "graphql" and path == "/anilist/")
    assert AniListToken.objects.exists() is (path == "/anilist/")
    code = parse_qs(urlsplit(url).query)["code"][0]
    assert code not in caplog.text
    assert "only-for-the-sandbox" not in caplog.text
    assert not any(record.exc_info for record in caplog.records if record.name == "django_anilist")


@pytest.mark.parametrize("name", EVERY)
def test_a_query_survives_and_the_row_is_untouched(alice, sandbox, fault_at, name):
    tokens.save(alice, Account(5001, "alice"), Grant(Secret("canary-token"), 3600, 5001))
    before = AniListToken.objects.values().get()
    with FaultServer(EVERY[name]) as server:
        fault_at("graphql", server.url)
        client = AniList.for_user(alice)
        client._ways = dataclasses.replace(client._ways, deadline=DEADLINE)
        started = time.monotonic()
        try:
            client.viewer()
            failed = False
        except AniListError as error:
            failed = True
            assert "canary" not in f"{error}{error!r}"
            assert (
                isinstance(error, Unavailable | RateLimited)
                or "as HTML" in name
                or "errors" in name
                or "odd" in name
            )
        took = time.monotonic() - started
    assert took <= DEADLINE + 0.5
    assert failed or name in PROPER
    assert AniListToken.objects.values().get() == before


@pytest.mark.parametrize(
    "status", ["403 Forbidden", "429 Slow down", "500 Bad", "502 Bad", "503 Down"]
)
@pytest.mark.parametrize("times", [8])
def test_no_outage_however_long_disconnects_anybody(alice, sandbox, fault_at, status, times):
    row = tokens.save(alice, Account(5001, "alice"), Grant(Secret("canary-token"), 3600, 5001))
    with FaultServer(BODIES[f"status {status} as HTML"]) as server:
        fault_at("graphql", server.url)
        for _ in range(times):
            with pytest.raises((Unavailable, RateLimited)):
                AniList.for_user(alice, max_wait=0).viewer()
    row.refresh_from_db()
    assert row.rejected_at is None
    assert AniList.for_user(alice)


#: Faults that are over in no time, so that many of them are too.
QUICK = [
    name
    for name in EVERY
    if not name.startswith(("hang", "drip", "endless", "64 MiB"))
    and not any(word in name for word in ("bomb", "slow", "silent", "MiB", "stall"))
]


@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="descriptors are counted in /proc")
def test_two_thousand_faulty_calls_through_the_whole_client_leave_nothing(
    sandbox, fault_at, monkeypatch
):
    monkeypatch.setattr(shared, "nap", lambda seconds: None)
    quick = [EVERY[name] for name in QUICK][:60]

    def failing(times):
        for number in range(times // 40):
            with FaultServer(quick[number % len(quick)]) as server:
                fault_at("graphql", server.url)
                client = AniList.anonymous()
                client._ways = dataclasses.replace(client._ways, deadline=DEADLINE)
                for _ in range(40):
                    with contextlib.suppress(AniListError):
                        client.execute("{ Media(id: 1) { id } }", cache=0)
        shared.close_connections()
        gc.collect()

    failing(400)
    before = len(os.listdir("/proc/self/fd")), threading.active_count()
    failing(2000)
    assert len(os.listdir("/proc/self/fd")) <= before[0]
    assert threading.active_count() <= before[1]

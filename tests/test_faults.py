"""Every fault at every place we ask AniList: a calm answer, in time, nothing lost and nothing told."""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import os
import threading

import pytest

from django_anilist import shared, tokens
from django_anilist.accounts import Account
from django_anilist.api.errors import AniListError, RateLimited, Unavailable
from django_anilist.api.oauth import Grant
from django_anilist.api.secrets import Secret
from django_anilist.conf import Settings
from django_anilist.gateway import AniList
from tests.faults import matrix
from tests.faults.bodies import BODIES
from tests.faults.expected import GOOD, GRACE, complaints
from tests.faults.playing import Player, cells
from tests.faults.server import FaultServer
from tests.faults.transport import FAULTS

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

#: All faults take minutes, so all are played where that is asked for, as .ci/run does once.
EVERY = int(os.environ.get("FAULTS_EVERY", "5"))
#: For faults that only a deadline ends, and for all others, which end by themselves.
SHORT, LONG = 0.15, 3.0
#: A page asks for several things, and may lose so many deadlines altogether.
PAGE = 2.5


@pytest.fixture(scope="module")
def servers():
    with matrix.servers() as found:
        yield found


@pytest.fixture
def player(servers, tmp_path):
    player = Player(servers, tmp_path / "budget")
    with player.settled_in():
        yield player


def play(player, cell):
    deadline = SHORT if cell.fault in matrix.WAITING else LONG
    outcome = player.play(cell, deadline=deadline)
    return complaints(outcome, deadline * (PAGE if cell.place == "page" else 1) + GRACE)


def test_there_are_more_than_enough_faults():
    assert len(matrix.NAMES) == len(set(matrix.NAMES)) > 350
    assert {cell.place for cell in cells("hang at once")} >= {"token", "viewer", "query", "list"}


@pytest.mark.parametrize("name", sorted(GOOD))
def test_without_a_fault_every_place_is_served(player, name):
    served = [cell for cell in cells(name) if name == matrix.WELL or cell.place != "token"]
    assert [found for cell in served for found in play(player, cell)] == []


@pytest.mark.parametrize("name", matrix.NAMES[::EVERY])
def test_the_site_stays_calm(player, name):
    assert [found for cell in cells(name) for found in play(player, cell)] == []


@pytest.fixture
def fault_at(monkeypatch, sandbox):
    """Put a fault server in the place of one endpoint."""
    healthy = Settings().endpoints

    def place(endpoint, url):
        broken = dataclasses.replace(healthy, **{endpoint: url})
        monkeypatch.setattr(Settings, "endpoints", property(lambda self: broken))

    yield place
    shared.close_connections()


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
    for name in {**FAULTS, **BODIES}
    if not name.startswith(("hang", "drip", "endless", "64 MiB"))
    and not any(word in name for word in ("bomb", "slow", "silent", "MiB", "stall"))
]


@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="descriptors are counted in /proc")
def test_two_thousand_faulty_calls_through_the_whole_client_leave_nothing(
    sandbox, fault_at, monkeypatch
):
    monkeypatch.setattr(shared, "nap", lambda seconds: None)
    quick = [{**FAULTS, **BODIES}[name] for name in QUICK][:60]

    def failing(times):
        for number in range(times // 40):
            with FaultServer(quick[number % len(quick)]) as server:
                fault_at("graphql", server.url)
                client = AniList.anonymous()
                client._ways = dataclasses.replace(client._ways, deadline=0.6)
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

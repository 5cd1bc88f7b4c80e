"""Three people, a sandbox for them to connect to, and a clock."""

from __future__ import annotations

import contextlib
import datetime
import os
from functools import partial

import pytest
import redis
from django.contrib.auth import get_user_model
from django.test import Client

from django_anilist import answer_store, flow, last_hour, shared
from django_anilist.api import oauth
from django_anilist.api.errors import Unavailable
from django_anilist.api.patience import PatientTransport
from django_anilist.api.transport import RequestsTransport
from django_anilist.sandbox import OAuthClient, Sandbox
from tests import properties
from tests.settings import ANILIST_CLIENT_ID, ANILIST_CLIENT_SECRET, ANILIST_REDIRECT_URI

pytest_plugins = ["tests.canary.plugin"]

PEOPLE = ("alice", "bob", "eve")


@pytest.hookimpl(trylast=True)  # hypothesis marks its tests in this hook too
def pytest_collection_modifyitems(items):
    """Give thousands of examples the time that they take, on whatever machine."""
    for item in items:
        if item.get_closest_marker("hypothesis") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(max(600, 6 * properties.EXAMPLES)))


def _user(name):
    return get_user_model().objects.create_user(name, f"{name}@example.com", "password")


def _client_of(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def alice(db):
    return _user("alice")


@pytest.fixture
def bob(db):
    return _user("bob")


@pytest.fixture
def eve(db):
    return _user("eve")


@pytest.fixture
def alice_client(alice):
    return _client_of(alice)


@pytest.fixture
def bob_client(bob):
    return _client_of(bob)


@pytest.fixture
def clock(time_machine):
    """A clock moved by hand and by nothing else, for the site and the sandbox alike."""
    time_machine.move_to(datetime.datetime.now(datetime.timezone.utc), tick=False)
    return time_machine


@pytest.fixture(autouse=True)
def ample_budget(settings, tmp_path, monkeypatch):
    """A budget of each test's own, whose slots are free again at once, and no pause after an outage."""
    settings.ANILIST_BUDGET = str(tmp_path / "budget")
    monkeypatch.setattr(shared, "BUDGET_WINDOW", 0.0)
    monkeypatch.setattr(shared, "BREAKER_PERIOD", 0.0)


@pytest.fixture(autouse=True)
def nothing_remembered():
    """No test is answered from what another one asked, nor counts it."""
    answer_store._local.clear()
    last_hour._here.cache_clear()
    shared._stalled.cache_clear()


@pytest.fixture(scope="session")
def running_sandbox():
    client = OAuthClient(ANILIST_CLIENT_ID, ANILIST_CLIENT_SECRET, ANILIST_REDIRECT_URI)
    with Sandbox([client]) as box:
        yield box
        shared.close_connections()


@pytest.fixture
def sandbox(running_sandbox, settings, monkeypatch):
    """A fresh sandbox that the site's settings point at, as in development.

    A pause of the machine is no outage: fifty who connect at once may take their time, too.
    """
    running_sandbox.reset()
    settings.DEBUG = True
    settings.ANILIST_SANDBOX_URL = running_sandbox.url
    settings.ANILIST_DEADLINE = 60
    monkeypatch.setattr(oauth, "EXCHANGE_DEADLINE", 60.0)
    monkeypatch.setattr(flow, "VIEWER_DEADLINE", 60.0)
    yield running_sandbox
    # Nothing secret ever travels in an address.
    ours = [request for request in running_sandbox.requests if "authorize" not in request.path]
    assert [request.query for request in ours if request.query] == []


@pytest.fixture
def hangs(monkeypatch):
    """An AniList that takes each question and never answers. Returns the seconds that each waited in vain.

    They pass at once: only what counts them sees them go by.
    """
    waited = []

    def hang(transport, call):
        waited.append(call.deadline)
        raise Unavailable("timeout")

    patient = partial(PatientTransport, clock=lambda: sum(waited))
    monkeypatch.setattr(shared, "PatientTransport", patient)
    monkeypatch.setattr(RequestsTransport, "send", hang)
    monkeypatch.setattr(shared, "BREAKER_PERIOD", 30.0)
    return waited


@pytest.fixture
def connect(sandbox):
    """Walk the whole dance: our page, AniList's consent, our callback. Returns the last answer."""

    def walk(client, user="alice", next=""):
        client.get("/anilist/authorize/", secure=True)
        address = client.post("/anilist/authorize/", {"next": next}, secure=True).url
        return client.get(sandbox.approve(address, user=user), secure=True)

    return walk


@pytest.fixture
def token(anilist):
    """Return a token that AniList gave a person, whom it knows from now on."""

    def issue(name):
        anilist._person(name)
        return anilist.box.issue_token(name)

    return issue


@pytest.fixture(scope="session")
def redis_url():
    """The address of a Redis that is there to be used; without one the test is skipped, but in CI."""
    url = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
    try:
        with contextlib.closing(redis.Redis.from_url(url)) as client:
            client.ping()
    except redis.RedisError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no Redis answers at {url} ({type(error).__name__})")
    return url

"""A sandbox with a clock moved by hand, and the ways to knock at it."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from django_anilist.sandbox import OAuthClient, Sandbox, graph
from django_anilist.sandbox.asked import Asked
from django_anilist.sandbox.populate import fill
from django_anilist.sandbox.store import Store

CLIENT = OAuthClient("1001", "only-for-the-sandbox", "http://site.test/anilist/callback/")
FRIEREN = 154587


class Clock:
    """Seconds since 1970, moved by hand."""

    def __init__(self):
        self.seconds = 1_800_000_000.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def box(clock):
    with Sandbox([CLIENT], now=clock) as box:
        yield box


@pytest.fixture
def http():
    with requests.Session() as session:
        session.headers["Referer"] = "http://site.test/"
        yield session


def authorize_url(box, **changes):
    query = {
        "client_id": "1001",
        "redirect_uri": CLIENT.redirect_uri,
        "response_type": "code",
        "state": "s",
    }
    given = {name: value for name, value in {**query, **changes}.items() if value is not None}
    return f"{box.url}/api/v2/oauth/authorize?{urlencode(given)}"


def token_request(box, code, **changes):
    body = {
        "grant_type": "authorization_code",
        "client_id": "1001",
        "client_secret": CLIENT.secret,
        "redirect_uri": CLIENT.redirect_uri,
        "code": code,
        **changes,
    }
    return {name: value for name, value in body.items() if value is not None}


def exchange(box, http, code, **changes):
    return http.post(f"{box.url}/api/v2/oauth/token", json=token_request(box, code, **changes))


def code_of(box):
    return parse_qs(urlsplit(box.approve(authorize_url(box))).query)["code"][0]


def ask(box, http, query, variables=None, token=None, **more):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body = {"query": query, "variables": variables or {}, **more}
    return http.post(f"{box.url}/graphql", json=body, headers=headers)


class World:
    """A store and who asks it, without a socket between."""

    def __init__(self, clock, plan=None):
        self.clock = clock
        self.store = fill(Store([CLIENT], clock, plan))

    def answer(self, query, variables=None, by="alice"):
        viewer = self.store.people[by] if by else None
        asked = Asked(self.store, viewer, "http://127.0.0.1")
        return graph.answer(asked, {"query": query, "variables": variables or {}})

    def ask(self, query, variables=None, by="alice"):
        """Return the data, of an answer that must have no errors."""
        found = self.answer(query, variables, by)
        assert "errors" not in found.content, found.content["errors"]
        assert found.status == 200
        return found.content["data"]

    def refusal(self, query, variables=None, by="alice"):
        """Return the status and the first error."""
        found = self.answer(query, variables, by)
        return found.status, found.content["errors"][0]


@pytest.fixture
def world(clock):
    return World(clock)

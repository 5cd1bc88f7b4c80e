"""A test that would reach AniList itself fails, and is told what to do."""

from __future__ import annotations

import socket
from http.client import HTTPConnection

import pytest
from django.contrib.auth.models import AnonymousUser

from django_anilist.gateway import AniList
from django_anilist.testing import RealAniListError
from django_anilist.testing.network import blocked


@pytest.mark.parametrize("host", ["anilist.co", "graphql.anilist.co", b"s4.anilist.co"])
def test_anilist_cannot_be_looked_up(host):
    with pytest.raises(RealAniListError, match="Ask for the fixture `anilist`"):
        socket.getaddrinfo(host, 443)


def test_a_client_without_the_fixture_says_so(settings):
    settings.ANILIST_SANDBOX_URL = ""
    with pytest.raises(RealAniListError, match=r"graphql\.anilist\.co"):
        AniList.for_user(AnonymousUser()).media(1)


def test_no_proxy_is_asked_for_anilist_either(settings):
    settings.ANILIST_SANDBOX_URL = ""
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        settings.ANILIST_PROXY = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        with pytest.raises(RealAniListError, match=r"graphql\.anilist\.co"):
            AniList.for_user(AnonymousUser()).media(1)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_everything_else_is_left_alone(host):
    assert socket.getaddrinfo(host, 80)


def test_it_is_put_back():
    before = socket.getaddrinfo, HTTPConnection.set_tunnel
    with blocked():
        assert socket.getaddrinfo is not before[0]
    assert before == (socket.getaddrinfo, HTTPConnection.set_tunnel)

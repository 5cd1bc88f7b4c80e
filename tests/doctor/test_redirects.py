"""The way back from AniList, and what a proxy in front makes of it."""

from __future__ import annotations

import pytest

from django_anilist.doctor.redirects import look_at_redirects

SSL_HEADER = 'SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")'


@pytest.fixture(autouse=True)
def live(settings):
    """A live site behind a proxy that it knows of."""
    settings.ALLOWED_HOSTS = ["anime.example"]
    settings.ANILIST_REDIRECT_URI = "https://anime.example/anilist/callback/"
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


def found():
    return {each.id.removeprefix("anilist."): each.remedy for each in look_at_redirects()}


def test_a_site_that_is_right_hears_what_to_register():
    assert found() == {"D101": "https://anime.example/anilist/callback/"}


def test_without_our_pages_e002_speaks(settings):
    settings.ROOT_URLCONF = "tests.no_urls"
    assert found() == {}


def test_what_to_register_is_what_would_be_right(settings):
    settings.ANILIST_REDIRECT_URI = "https://anime.example/callback"
    assert found()["D101"] == "https://anime.example/anilist/callback/"


@pytest.mark.parametrize(
    "allowed", [["anime.example"], [".example"], ["*"], ["x.test", "ANIME.example"]]
)
def test_a_host_that_is_let_in(settings, allowed):
    settings.ALLOWED_HOSTS = allowed
    assert found().keys() == {"D101"}


@pytest.mark.parametrize("allowed", [[], ["other.example"], ["other.example", "127.0.0.1"]])
def test_a_host_that_is_not(settings, allowed):
    settings.ALLOWED_HOSTS = allowed
    assert found()["D102"] == 'ALLOWED_HOSTS = [*ALLOWED_HOSTS, "anime.example"]'
    assert "D105" not in found()


@pytest.mark.parametrize("allowed", [["127.0.0.1"], ["[::1]", "localhost"], ["10.0.0.7"], ["app"]])
def test_a_proxy_that_hides_the_host(settings, allowed):
    settings.ALLOWED_HOSTS = allowed
    assert found()["D105"] == 'USE_X_FORWARDED_HOST = True; ALLOWED_HOSTS = ["anime.example"]'
    assert "D102" not in found()
    settings.SECURE_PROXY_SSL_HEADER = None
    assert found()["D103"] == SSL_HEADER


def test_a_proxy_that_tells_the_host(settings):
    settings.ALLOWED_HOSTS, settings.USE_X_FORWARDED_HOST = ["127.0.0.1"], True
    assert "D102" in found()


@pytest.mark.parametrize(
    ("uri", "allowed"),
    [
        ("http://127.0.0.1:8000/anilist/callback/", []),
        ("http://[::1]:8000/anilist/callback/", []),
        ("http://site.localhost:8000/anilist/callback/", []),
        ("http://[::1]:8000/anilist/callback/", ["[::1]"]),
    ],
)
def test_under_debug_this_machine_is_let_in(settings, uri, allowed):
    settings.DEBUG, settings.ALLOWED_HOSTS, settings.ANILIST_REDIRECT_URI = True, allowed, uri
    assert found().keys() == {"D101"}


@pytest.mark.parametrize("name", ["USE_X_FORWARDED_HOST", "USE_X_FORWARDED_PORT"])
def test_a_proxy_whose_tls_django_is_not_told_of(settings, name):
    settings.SECURE_PROXY_SSL_HEADER = None
    setattr(settings, name, True)
    assert found()["D103"] == SSL_HEADER


@pytest.mark.parametrize("name", ["X-Forwarded-Proto", "X_FORWARDED_PROTO"])
def test_a_header_that_django_never_sees(settings, name):
    settings.SECURE_PROXY_SSL_HEADER = (name, "https")
    assert found()["D103"] == SSL_HEADER


def test_a_proxy_of_which_nothing_is_known_is_only_mentioned(settings):
    settings.SECURE_PROXY_SSL_HEADER = None
    assert found()["D104"] == SSL_HEADER
    settings.DEBUG = True
    assert "D104" not in found()


def test_under_debug_no_redirect_uri_means_no_origin_for_anilist(settings):
    settings.DEBUG, settings.ANILIST_REDIRECT_URI = True, ""
    assert found()["D106"] == 'ANILIST_REDIRECT_URI = "https://anime.example/anilist/callback/"'
    settings.ANILIST_SANDBOX_URL = "http://127.0.0.1:8001"
    assert "D106" not in found()

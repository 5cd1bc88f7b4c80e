"""Whether the session's cookie is there when a user comes back from AniList."""

from __future__ import annotations

import pytest

from django_anilist.doctor.cookies import look_at_cookies


@pytest.fixture(autouse=True)
def live(settings):
    settings.ANILIST_REDIRECT_URI = "https://www.anime.example/anilist/callback/"
    settings.SESSION_COOKIE_SECURE = True


def found():
    return {each.id.removeprefix("anilist."): each.remedy for each in look_at_cookies()}


def test_a_site_that_is_right_hears_nothing():
    assert found() == {}


@pytest.mark.parametrize(
    "domain", ["www.anime.example", "anime.example", ".anime.example", ".ANIME.example"]
)
def test_a_domain_that_covers_the_host(settings, domain):
    settings.SESSION_COOKIE_DOMAIN = domain
    assert found() == {}


@pytest.mark.parametrize(
    "domain", ["manga.example", "api.anime.example", "nime.example", "www.anime.example.com"]
)
def test_a_domain_that_does_not(settings, domain):
    settings.SESSION_COOKIE_DOMAIN = domain
    assert found() == {"D110": "SESSION_COOKIE_DOMAIN = None"}


@pytest.mark.parametrize(
    ("path", "covers"),
    [("/", True), ("/anilist", True), ("/anilist/", True), ("/ani", False), ("/app/", False)],
)
def test_the_path(settings, path, covers):
    settings.SESSION_COOKIE_PATH = path
    assert found() == ({} if covers else {"D111": 'SESSION_COOKIE_PATH = "/"'})


def test_a_secure_cookie_and_a_plain_address(settings):
    settings.ANILIST_REDIRECT_URI = "http://127.0.0.1:8000/anilist/callback/"
    assert found() == {"D112": 'ANILIST_REDIRECT_URI = "https://127.0.0.1:8000/anilist/callback/"'}
    settings.DEBUG = True
    assert found()["D112"].startswith("SESSION_COOKIE_SECURE = False")


@pytest.mark.parametrize("same_site", ["None", "none"])
def test_a_cookie_that_browsers_drop(settings, same_site):
    settings.SESSION_COOKIE_SAMESITE = same_site
    assert found() == {}
    settings.SESSION_COOKIE_SECURE = False
    assert found() == {"D113": "SESSION_COOKIE_SECURE = True"}


@pytest.mark.parametrize("same_site", [None, False, "Lax"])
def test_a_cookie_that_they_keep(settings, same_site):
    settings.SESSION_COOKIE_SAMESITE, settings.SESSION_COOKIE_SECURE = same_site, False
    assert found() == {}


def test_a_strict_cookie_is_mentioned(settings):
    settings.SESSION_COOKIE_SAMESITE = "Strict"
    assert found() == {"D114": ""}


@pytest.mark.parametrize("uri", ["", "https://[::1"])
def test_without_a_redirect_uri_e002_speaks(settings, uri):
    settings.ANILIST_REDIRECT_URI, settings.SESSION_COOKIE_DOMAIN = uri, "manga.example"
    assert found() == {}

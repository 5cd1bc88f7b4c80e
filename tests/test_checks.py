"""System checks: each mistake has an id and the line that mends it."""

import time

import pytest
from cryptography.fernet import Fernet
from django.core import checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from django_anilist.checks import CHECKS

KEY = Fernet.generate_key().decode()


def found():
    return [message for check in CHECKS for message in check(None)]


def ids():
    return [message.id for message in found()]


def test_a_well_set_up_site_hears_nothing():
    assert found() == []


def test_the_checks_are_wired_to_djangos_command(settings):
    settings.ANILIST_CLIENT_ID = ""
    with pytest.raises(SystemCheckError, match=r"anilist\.E001"):
        call_command("check")


def test_the_checks_have_a_tag_of_their_own(settings):
    settings.ANILIST_CLIENT_ID = ""
    assert [message.id for message in checks.run_checks(tags=["anilist"])] == ["anilist.E001"]


def test_every_message_has_a_hint(settings):
    settings.ANILIST_CLIENT_ID = settings.ANILIST_CLIENT_SECRET = settings.ANILIST_REDIRECT_URI = ""
    settings.ANILIST_SANDBOX_URL = "http://10.0.0.1"
    settings.ANILIST_TOKEN_KEYS = ["x"]
    settings.ANILIST_CLINET_ID = "7"
    settings.MIDDLEWARE, settings.INSTALLED_APPS = [], ["django_anilist"]
    messages = found()
    expected = {"E001", "E002", "E003", "E004", "E020", "E030", "W002"}
    assert {message.id.removeprefix("anilist.") for message in messages} == expected
    assert all(message.hint for message in messages)


@pytest.mark.parametrize("name", ["ANILIST_CLIENT_ID", "ANILIST_CLIENT_SECRET"])
@pytest.mark.parametrize("value", ["", "  ", "changeme", "your-client-id", "<id>", "xxxx", "TODO"])
def test_e001_a_missing_client_or_a_placeholder(settings, name, value):
    setattr(settings, name, value)
    assert ids() == ["anilist.E001"]
    assert name in found()[0].hint


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "/anilist/callback/",
        "http://example.com/anilist/callback/",
        "https://example.com/elsewhere/",
        "https://example.com/anilist/callback",
        "https://example.com/anilist/authorize/",
        "https://[::1",
        "ftp://example.com/anilist/callback/",
    ],
)
def test_e002_a_redirect_uri_that_cannot_work(settings, uri):
    settings.ANILIST_REDIRECT_URI = uri
    assert ids() == ["anilist.E002"]
    assert "https://example.com/anilist/callback/" in found()[0].hint


@pytest.mark.parametrize(
    ("uri", "debug"),
    [
        ("https://example.com/anilist/callback/", False),
        ("http://127.0.0.1:8000/anilist/callback/", False),
        ("http://example.com/anilist/callback/", True),
        ("", True),
    ],
)
def test_e002_is_silent_for_what_works(settings, uri, debug):
    settings.ANILIST_REDIRECT_URI, settings.DEBUG = uri, debug
    assert ids() == []


def test_e002_says_so_when_the_urls_are_not_included(settings):
    settings.ROOT_URLCONF = "tests.no_urls"
    assert ids() == ["anilist.E002"]
    assert "include" in found()[0].hint


def test_e003_a_sandbox_elsewhere(settings):
    settings.DEBUG, settings.ANILIST_SANDBOX_URL = True, "https://anilist.example"
    assert ids() == ["anilist.E003"]


def test_a_sandbox_on_this_machine_is_fine_under_debug(settings):
    settings.DEBUG, settings.ANILIST_SANDBOX_URL = True, "http://127.0.0.1:8001"
    assert ids() == []


def test_e030_a_sandbox_in_production(settings):
    settings.ANILIST_SANDBOX_URL = "http://127.0.0.1:8001"
    assert ids() == ["anilist.E030"]


def test_e004_middleware_missing(settings):
    settings.MIDDLEWARE = settings.MIDDLEWARE[:-1]
    assert ids() == ["anilist.E004"]


def test_e004_middleware_out_of_order(settings):
    settings.MIDDLEWARE = list(reversed(settings.MIDDLEWARE))
    assert ids() == ["anilist.E004"]


def test_e004_an_app_missing(settings):
    settings.INSTALLED_APPS = [
        name for name in settings.INSTALLED_APPS if name != "django.contrib.sessions"
    ]
    assert ids() == ["anilist.E004"]


@pytest.mark.parametrize(
    "keys", [["short"], ["A" * 44, "x"], [KEY, KEY], "one string", b"bytes", 7, ["A" * 43]]
)
def test_e020_keys_that_cannot_seal(settings, keys):
    settings.ANILIST_TOKEN_KEYS = keys
    assert ids() == ["anilist.E020"]
    assert KEY not in str(found())


@pytest.mark.parametrize("keys", [[], [KEY], (KEY.encode(),), lambda: [KEY]])
def test_e020_is_silent_for_keys_that_can(settings, keys):
    settings.ANILIST_TOKEN_KEYS = keys
    assert ids() == []


def test_w002_names_the_setting_that_was_meant(settings):
    settings.ANILIST_CLINET_ID = "7"
    assert ids() == ["anilist.W002"]
    assert found()[0].hint == "Did you mean ANILIST_CLIENT_ID?"


def test_w002_says_what_to_do_with_a_name_like_no_other(settings):
    settings.ANILIST_QWXYZ = "7"
    assert found()[0].hint == "Remove ANILIST_QWXYZ."


def test_the_checks_are_quick():
    """A bound so wide that no machine misses it; a check that went to the network would."""
    started = time.perf_counter()
    found()
    assert time.perf_counter() - started < 2

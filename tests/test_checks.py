"""System checks: each mistake has an id and the line that mends it."""

import sys
import time

import pytest
from cryptography.fernet import Fernet
from django.core import checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from django_anilist.checks import CHECKS, DEPLOY_CHECKS

KEY = Fernet.generate_key().decode()


def found():
    return [message for check in CHECKS for message in check(None)]


def deployed():
    return [message for check in DEPLOY_CHECKS for message in check(None)]


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


def test_every_message_has_a_hint(settings, monkeypatch):
    settings.ANILIST_CLIENT_ID = settings.ANILIST_CLIENT_SECRET = settings.ANILIST_REDIRECT_URI = ""
    settings.ANILIST_SANDBOX_URL = "http://10.0.0.1"
    settings.ANILIST_TOKEN_KEYS = ["x"]
    settings.ANILIST_CLINET_ID = "7"
    settings.ANILIST_MAX_WAIT = "long"
    settings.ANILIST_BUDGET = "redis://127.0.0.1"
    monkeypatch.setitem(sys.modules, "redis", None)
    settings.MIDDLEWARE, settings.INSTALLED_APPS = [], ["django_anilist"]
    messages = found() + deployed()
    expected = {
        *("E001", "E002", "E003", "E004", "E005", "E006", "E020", "E030", "W002", "W015"),
    }
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


@pytest.mark.parametrize("name", ["ANILIST_MAX_WAIT", "ANILIST_DEADLINE", "ANILIST_STALE_FOR"])
@pytest.mark.parametrize("value", ["soon", None, -1, float("nan"), float("inf"), []])
def test_e005_seconds_that_are_no_number(settings, name, value):
    setattr(settings, name, value)
    assert ids() == ["anilist.E005"]
    assert name in found()[0].hint


@pytest.mark.parametrize("value", [7, ["Media"], {"Media": "long"}, {"Media": -1}])
def test_e005_lifetimes_that_are_none(settings, value):
    settings.ANILIST_CACHE_SECONDS = value
    assert ids() == ["anilist.E005"]


def test_e005_a_cache_that_there_is_not(settings):
    settings.ANILIST_CACHE = "anilist"
    assert ids() == ["anilist.E005"]


def test_e005_is_silent_for_what_works(settings):
    settings.ANILIST_MAX_WAIT, settings.ANILIST_DEADLINE = 0, 2.5
    settings.ANILIST_CACHE, settings.ANILIST_CACHE_SECONDS = "", {"Media": 3600}
    assert ids() == []


def test_e006_redis_without_its_package(settings, monkeypatch):
    settings.ANILIST_BUDGET = "redis://127.0.0.1:6379/0"
    assert ids() == []
    monkeypatch.setitem(sys.modules, "redis", None)
    assert ids() == ["anilist.E006"]


@pytest.mark.parametrize(
    ("backend", "expected"),
    [
        ("locmem.LocMemCache", ["anilist.W015"]),
        ("dummy.DummyCache", ["anilist.W015"]),
        ("filebased.FileBasedCache", []),
        ("redis.RedisCache", []),
        ("db.DatabaseCache", []),
    ],
)
def test_w015_a_cache_that_each_process_has_for_itself(settings, tmp_path, backend, expected):
    place = str(tmp_path) if "file" in backend else "redis://127.0.0.1"
    settings.CACHES = {
        "default": {"BACKEND": f"django.core.cache.backends.{backend}", "LOCATION": place}
    }
    assert [message.id for message in deployed()] == expected


@pytest.mark.parametrize("alias", ["", "nowhere"])
def test_w015_is_silent_where_nothing_is_remembered_or_e005_speaks(settings, alias):
    settings.ANILIST_CACHE = alias
    assert deployed() == []


def test_w015_is_for_deployment_only():
    assert "anilist.W015" not in [message.id for message in checks.run_checks(tags=["anilist"])]
    found = checks.run_checks(tags=["anilist"], include_deployment_checks=True)
    assert "anilist.W015" in [message.id for message in found]


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

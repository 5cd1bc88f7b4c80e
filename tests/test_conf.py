"""Settings: read on every access, clean, and clear about what is missing."""

import tempfile

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.views.debug import get_default_exception_reporter_filter

from django_anilist.api.endpoints import ANILIST
from django_anilist.conf import (
    AniListImproperlyConfigured,
    is_loopback_host,
    is_loopback_origin,
)
from django_anilist.conf import (
    settings as anilist_settings,
)


def test_settings_follow_an_override(settings):
    settings.ANILIST_CLIENT_ID = "7"
    assert anilist_settings.client_id == "7"
    settings.ANILIST_CLIENT_ID = "8"
    assert anilist_settings.client_id == "8"


def test_stray_spaces_around_the_client_are_dropped(settings):
    settings.ANILIST_CLIENT_ID, settings.ANILIST_CLIENT_SECRET = " 7\n", " canary-secret "
    assert anilist_settings.client_id == "7"
    assert anilist_settings.client_secret.reveal() == "canary-secret"


def test_a_client_of_none_is_none(settings):
    """As ``os.environ.get`` gives it where the variable is not set."""
    settings.ANILIST_CLIENT_ID = settings.ANILIST_CLIENT_SECRET = None
    assert (anilist_settings.client_id, anilist_settings.client_secret.reveal()) == ("", "")


def test_seconds_in_words_are_numbers(settings):
    settings.ANILIST_CACHE_SECONDS = {"Media": "3600"}
    assert anilist_settings.cache_seconds == {"Media": 3600.0}


@pytest.mark.parametrize("name", ["ANILIST_DEADLINE", "ANILIST_MAX_WAIT", "ANILIST_STALE_FOR"])
@pytest.mark.parametrize("value", [None, "2s", []])
def test_seconds_that_are_none_name_their_setting(settings, name, value):
    setattr(settings, name, value)
    with pytest.raises(AniListImproperlyConfigured, match=f"{name} must be a number of seconds"):
        getattr(anilist_settings, name.removeprefix("ANILIST_").lower())


def test_without_a_sandbox_the_endpoints_are_anilists():
    assert anilist_settings.endpoints == ANILIST


def test_a_sandbox_replaces_every_endpoint(settings):
    settings.DEBUG, settings.ANILIST_SANDBOX_URL = True, "http://127.0.0.1:8001/"
    endpoints = anilist_settings.endpoints
    assert endpoints.graphql == "http://127.0.0.1:8001/graphql"
    assert endpoints.token == "http://127.0.0.1:8001/api/v2/oauth/token"
    assert anilist_settings.image_origins == ("https://s4.anilist.co", "http://127.0.0.1:8001")


@pytest.mark.parametrize(
    ("chosen", "url", "path"),
    [
        ("/run/site/budget", "", "/run/site/budget"),
        ("redis://cache:6379/1", "redis://cache:6379/1", None),
        ("", "", None),
        (None, "", None),
    ],
)
def test_a_budget_is_kept_in_a_file_or_in_redis_and_then_in_a_file_for_the_worst(
    settings, chosen, url, path
):
    settings.ANILIST_BUDGET = chosen
    assert anilist_settings.budget_url == url
    usual = f"-{anilist_settings.budget_name}.budget"
    assert anilist_settings.budget_path.endswith(path or usual)


def test_a_sandbox_has_a_budget_of_its_own(settings):
    live = anilist_settings.budget_name
    settings.DEBUG, settings.ANILIST_SANDBOX_URL = True, "http://127.0.0.1:8001"
    assert anilist_settings.budget_name != live


def test_answers_are_remembered_in_the_default_cache_for_their_time_and_six_hours_more(settings):
    found = (
        anilist_settings.cache_alias,
        anilist_settings.cache_seconds,
        anilist_settings.stale_for,
    )
    assert found == ("default", {}, 21_600.0)
    settings.ANILIST_CACHE, settings.ANILIST_STALE_FOR = None, 0
    assert (anilist_settings.cache_alias, anilist_settings.stale_for) == ("", 0.0)


def test_a_sandbox_outside_debug_is_refused(settings):
    settings.ANILIST_SANDBOX_URL = "http://127.0.0.1:8001"
    with pytest.raises(AniListImproperlyConfigured, match="DEBUG"):
        _ = anilist_settings.endpoints
    assert anilist_settings.image_origins == ("https://s4.anilist.co",)


def test_a_sandbox_on_another_machine_is_refused(settings):
    settings.DEBUG, settings.ANILIST_SANDBOX_URL = True, "http://10.0.0.1:8001"
    with pytest.raises(AniListImproperlyConfigured, match=r"127\.0\.0\.1"):
        _ = anilist_settings.endpoints


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8001",
        "http://localhost",
        "https://[::1]:9/",
        "http://127.9.9.9:1",
    ],
)
def test_an_origin_on_this_machine_is_told(url):
    assert is_loopback_origin(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:8001",
        "http://example.com",
        "http://127.0.0.1.example.com",
        "http://user@127.0.0.1",
        "http://127.0.0.1/path",
        "http://127.0.0.1/?q",
        "http://127.0.0.1:99999",
        "http://[::1",
        "ftp://127.0.0.1",
        "http://",
    ],
)
def test_an_origin_elsewhere_or_a_malformed_one_is_told(url):
    assert not is_loopback_origin(url)


def test_a_name_that_only_begins_like_loopback_is_not():
    assert not is_loopback_host("localhost.example.com")


def test_the_client_has_the_registered_redirect_uri_to_the_letter(rf, settings):
    settings.ANILIST_REDIRECT_URI = "https://example.com/anilist/callback/"
    request = rf.get("/", headers={"host": "evil.test", "x-forwarded-host": "evil.test"})
    settings.ALLOWED_HOSTS, settings.USE_X_FORWARDED_HOST = ["*"], True
    client = anilist_settings.oauth_client(request)
    assert client.redirect_uri == "https://example.com/anilist/callback/"


def test_under_debug_the_redirect_uri_is_built_from_the_request(rf, settings):
    settings.ANILIST_REDIRECT_URI, settings.DEBUG = "", True
    client = anilist_settings.oauth_client(rf.get("/"))
    assert client.redirect_uri == "http://testserver/anilist/callback/"


def test_outside_debug_a_missing_redirect_uri_is_a_mistake(rf, settings):
    settings.ANILIST_REDIRECT_URI = ""
    with pytest.raises(ImproperlyConfigured, match="ANILIST_REDIRECT_URI ="):
        anilist_settings.oauth_client(rf.get("/"))


@pytest.mark.parametrize("name", ["ANILIST_CLIENT_ID", "ANILIST_CLIENT_SECRET"])
@pytest.mark.parametrize("value", ["", "  "])
def test_a_missing_client_is_a_mistake(rf, settings, name, value):
    setattr(settings, name, value)
    with pytest.raises(ImproperlyConfigured, match="ANILIST_CLIENT_ID"):
        anilist_settings.oauth_client(rf.get("/"))


def test_anilist_is_told_the_sites_own_origin(settings):
    settings.ANILIST_REDIRECT_URI = "https://example.com:8443/anilist/callback/"
    assert anilist_settings.site_origin == "https://example.com:8443"
    assert anilist_settings.user_agent.endswith("(+https://example.com:8443)")


def test_no_user_name_is_part_of_the_origin(settings):
    settings.ANILIST_REDIRECT_URI = "https://bob:canary-word@example.com/anilist/callback/"
    assert anilist_settings.site_origin == "https://example.com"


def test_without_a_redirect_uri_the_origin_is_localhost(settings):
    settings.ANILIST_REDIRECT_URI = ""
    assert anilist_settings.site_origin == "http://localhost"


def test_the_budget_is_one_for_each_system_user_and_anilist(settings):
    settings.ANILIST_BUDGET = ""
    first = anilist_settings.budget_path
    assert first.startswith(tempfile.gettempdir())
    settings.DEBUG, settings.ANILIST_SANDBOX_URL = True, "http://127.0.0.1:8001"
    assert anilist_settings.budget_path != first
    settings.ANILIST_BUDGET = "/run/anilist.budget"
    assert anilist_settings.budget_path == "/run/anilist.budget"


def test_the_wait_of_a_page_can_be_set(settings):
    assert anilist_settings.max_wait == 2.0
    settings.ANILIST_MAX_WAIT = 1
    assert anilist_settings.max_wait == 1.0


def test_proxy_and_ca_bundle_are_off_unless_set(settings):
    assert anilist_settings.proxy is None
    assert anilist_settings.ca_bundle is None
    settings.ANILIST_PROXY, settings.ANILIST_CA_BUNDLE = "http://127.0.0.1:3128", "ca.pem"
    assert anilist_settings.proxy == "http://127.0.0.1:3128"
    assert anilist_settings.ca_bundle == "ca.pem"


def test_django_stars_our_secrets_in_its_reports(settings):
    settings.ANILIST_CLIENT_SECRET = "canary-secret"
    settings.ANILIST_TOKEN_KEYS = [Fernet.generate_key().decode()]
    shown = get_default_exception_reporter_filter().get_safe_settings()
    assert "canary-secret" not in str(shown)
    assert settings.ANILIST_TOKEN_KEYS[0] not in str(shown)

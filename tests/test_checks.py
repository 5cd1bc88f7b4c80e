"""System checks: each mistake has an id and the line that mends it."""

from __future__ import annotations

import copy
import os
import re
import sys
import time
import types
import urllib.parse
import warnings
from pathlib import Path

import django
import pytest
from cryptography.fernet import Fernet
from django.conf import settings as django_settings
from django.contrib.auth.apps import AuthConfig
from django.contrib.sessions.middleware import SessionMiddleware
from django.core import checks, mail
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.urls import clear_url_caches, include, path, set_script_prefix
from pytest_socket import disable_socket, enable_socket

from django_anilist import tokens
from django_anilist.accounts import Account
from django_anilist.api.oauth import Grant
from django_anilist.api.secrets import Secret
from django_anilist.checks import CHECKS, DATABASE_CHECKS, DEPLOY_CHECKS, versions

KEY, OTHER_KEY = Fernet.generate_key().decode(), Fernet.generate_key().decode()
DOCS = Path(__file__).resolve().parents[1] / "docs" / "checks.rst"
NEWEST = {"requests": "99.0", "urllib3": "99.0"}
CACHE = "django.core.cache.backends"
BACKENDS = ["django.contrib.auth.backends.ModelBackend", "django_anilist.backends.AniListBackend"]


def found():
    return [message for check in CHECKS for message in check(None)]


def deployed():
    return [message for check in DEPLOY_CHECKS for message in check(None)]


def in_the_database():
    return [message for check in DATABASE_CHECKS for message in check(None, databases=["default"])]


def ids(messages=None):
    return [message.id.removeprefix("anilist.") for message in messages or found()]


@pytest.fixture(autouse=True)
def production(settings, monkeypatch):
    """A site that is set up as it should be where everybody can reach it."""
    settings.SESSION_COOKIE_SECURE = True
    settings.ANILIST_TOKEN_KEYS = [KEY]
    settings.CACHES = {"default": {"BACKEND": f"{CACHE}.db.DatabaseCache", "LOCATION": "cache"}}
    monkeypatch.delattr(mail, "outbox")  # which says that tests run
    monkeypatch.setattr(versions, "version", NEWEST.__getitem__)
    monkeypatch.setattr(django, "VERSION", (99, 0, 0, "final", 0))
    monkeypatch.setenv("ANILIST_CLIENT_ID", "1001")
    monkeypatch.setenv("ANILIST_CLIENT_SECRET", "only-for-the-sandbox")
    monkeypatch.setenv("ANILIST_TOKEN_KEY", KEY)
    monkeypatch.setenv("ANILIST_OLD_TOKEN_KEY", OTHER_KEY)
    monkeypatch.setenv("OLD_SECRET_KEY", "the-one-before")
    yield
    set_script_prefix("/")


def paste(settings, hint):
    """Run a hint as the last line of the site's settings."""
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # some of Django's own settings are deprecated, and read here
        before = {
            name: getattr(django_settings, name) for name in dir(django_settings) if name.isupper()
        }
    after = {"os": os, **before, "CACHES": copy.deepcopy(before["CACHES"])}
    exec(hint, after)
    for name in before.keys() - after.keys():
        delattr(settings, name)
    for name, value in after.items():
        if name.isupper() and value is not before.get(name):
            setattr(settings, name, value)
    set_script_prefix(settings.FORCE_SCRIPT_NAME or "/")


#: What is wrong with a site, by the id of the check that says so. Each line it gives mends it.
BROKEN = [
    *(
        ("E001", {name: value})
        for name in ("ANILIST_CLIENT_ID", "ANILIST_CLIENT_SECRET")
        for value in (None, "", "  ", "changeme", "your-client-id", "<id>", "xxxx", "TODO", "...")
    ),
    *(
        ("E002", {"ANILIST_REDIRECT_URI": uri})
        for uri in (
            "",
            "/anilist/callback/",
            "example.com/anilist/callback/",
            "http://example.com/anilist/callback/",
            "https://example.com/elsewhere/",
            "https://example.com/anilist/callback",
            "https://example.com/anilist/authorize/",
            "https://example.com/app/anilist/callback/",
            "https://[::1",
            "https://example.com:port/anilist/callback/",
            "ftp://example.com/anilist/callback/",
            "https://bob@example.com/anilist/callback/",
            "https://example.com/anilist/callback/#here",
        )
    ),
    *(("E003", {"DEBUG": True, "ANILIST_SANDBOX_URL": url}) for url in ("https://anilist.example", "127.0.0.1:8101", "localhost:8101")),
    *(("E006", {"ANILIST_BUDGET": budget}) for budget in ("localhost:6379", "redis:6379", "anilist.budget", 5, "http://127.0.0.1", "redis//127.0.0.1")),
    ("E030", {"ANILIST_SANDBOX_URL": "http://127.0.0.1:8001"}),
    *(("E005", {name: value}) for name in ("ANILIST_MAX_WAIT", "ANILIST_DEADLINE", "ANILIST_STALE_FOR") for value in ("soon", None, -1, 10**400, float("nan"), float("inf"), [])),
    *(("E005", {"ANILIST_CACHE_SECONDS": value}) for value in (7, ["Media"], {"Media": "long"}, {"Media": -1})),
    ("E005", {"ANILIST_DEADLINE": 0}),
    ("E005", {"ANILIST_CACHE": "anilist"}),
    *(("E005", {"ANILIST_USE_PKCE": value}) for value in ("False", "0", "", None, [])),
    *(("E007", {"ANILIST_PROXY": value}) for value in ("127.0.0.1:3128", "socks5://127.0.0.1", "http://", "http://[::1", 7)),
    ("E007", {"ANILIST_CA_BUNDLE": "/nowhere/authorities.pem"}),
    *(
        ("E008", {"ANILIST_CREATE_USER": path, "AUTHENTICATION_BACKENDS": BACKENDS})
        for path in ("create_user", "nowhere.create_user", "django_anilist.backends.nothing", 7, "django_anilist.backends.__doc__")
    ),
    *(
        ("W008", {"ANILIST_CREATE_USER": "django_anilist.backends.create_user", "AUTHENTICATION_BACKENDS": backends})
        for backends in (BACKENDS[:1], [*BACKENDS[:1], "django_anilist.backend.AniListBackend"])
    ),
    ("W009", {"ROOT_URLCONF": "tests.no_login_urls", "LOGIN_URL": "/accounts/login/"}),
    ("W009", {"LOGIN_URL": "log-in"}),
    *(("E020", {"ANILIST_TOKEN_KEYS": keys}) for keys in (["short"], ["A" * 44, "x"], [KEY, KEY], "one string", b"bytes", 7, ["A" * 43])),
    ("W002", {"ANILIST_CLINET_ID": "1001"}),
    ("W002", {"ANILIST_QWXYZ": "7"}),
    ("W003", {"DEBUG": True, "ANILIST_REDIRECT_URI": "http://192.0.2.7:8000/anilist/callback/"}),
    ("W010", {"SESSION_COOKIE_SECURE": False}),
    ("W011", {"SESSION_COOKIE_HTTPONLY": False}),
    *(("W012", {"SESSION_COOKIE_SAMESITE": value}) for value in ("None", None, False)),
    ("W014", {"SESSION_ENGINE": "django.contrib.sessions.backends.signed_cookies"}),
    *(
        ("W014", {"SESSION_ENGINE": f"django.contrib.sessions.backends.{name}", "SESSION_CACHE_ALIAS": "own", "CACHES": {"default": {"BACKEND": f"{CACHE}.db.DatabaseCache", "LOCATION": "cache"}, "own": {"BACKEND": f"{CACHE}.locmem.LocMemCache"}}})
        for name in ("cache", "cached_db")
    ),
    *(("W015", {"CACHES": {"default": {"BACKEND": f"{CACHE}.{name}"}}}) for name in ("locmem.LocMemCache", "dummy.DummyCache")),
    ("W015", {"ANILIST_CACHE": "own", "CACHES": {"default": {"BACKEND": f"{CACHE}.db.DatabaseCache", "LOCATION": "cache"}, "own": {"BACKEND": f"{CACHE}.locmem.LocMemCache"}}}),
    *(("W020", {"ANILIST_TOKEN_KEYS": keys}) for keys in ([], ())),
]  # fmt: skip


def test_a_well_set_up_site_hears_nothing():
    assert found() + deployed() == []


@pytest.mark.parametrize(
    "wrong", [{"ANILIST_SANDBOX_URL": "http://127.0.0.1:8001"}, {"ANILIST_REDIRECT_URI": ""}]
)
def test_a_developers_settings_are_fine_while_tests_run_without_debug(settings, monkeypatch, wrong):
    for name, value in wrong.items():
        setattr(settings, name, value)
    assert found()
    monkeypatch.setattr(mail, "outbox", [], raising=False)
    assert found() == []


@pytest.mark.parametrize("url", ["accounts/login/", "en-us/accounts/login/"])
def test_a_page_at_djangos_own_address_is_fine(settings, monkeypatch, url):
    pages = [path(url, lambda request: None), path("anilist/", include("django_anilist.urls"))]
    monkeypatch.setitem(sys.modules, "pages", types.SimpleNamespace(urlpatterns=pages))
    settings.ROOT_URLCONF, settings.LOGIN_URL = "pages", "/accounts/login/"
    clear_url_caches()
    assert "W009" not in ids()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("/accounts/login/", True),
        ("/app/accounts/login/", False),
        ("login", False),
        ("/admin/login/", True),
        ("/another-program/", False),
        ("https://sign-in.example/", False),
        ("https://sign-in.example/admin/login/", False),
    ],
)
def test_w009_knows_a_site_below_a_path(settings, url, told):
    set_script_prefix("/app/")
    settings.FORCE_SCRIPT_NAME, settings.LOGIN_URL = "/app", url
    try:
        assert ("W009" in ids()) is told
    finally:
        set_script_prefix("/")


@pytest.mark.django_db
def test_a_database_without_tokens_is_fine():
    assert in_the_database() == []


@pytest.mark.parametrize(("id", "wrong"), BROKEN)
def test_each_mistake_is_told_and_its_line_mends_it(settings, id, wrong):
    for name, value in wrong.items():
        setattr(settings, name, value)
    (message,) = found() + deployed()
    assert message.id == f"anilist.{id}"
    assert message.msg.endswith(".")
    assert len(message.msg.split(". ")) == 1
    paste(settings, message.hint)
    assert found() + deployed() == []


def test_e002_names_the_sites_own_host(settings):
    settings.ANILIST_REDIRECT_URI, settings.ALLOWED_HOSTS = (
        "",
        ["*", ".example.net", "anime.example"],
    )
    assert 'ANILIST_REDIRECT_URI = "https://anime.example/anilist/callback/"' in found()[0].hint
    settings.ALLOWED_HOSTS = ["*"]
    assert 'ANILIST_REDIRECT_URI = "https://example.com/anilist/callback/"' in found()[0].hint


@pytest.mark.parametrize(
    ("uri", "debug"),
    [
        ("https://example.com/anilist/callback/", False),
        ("https://example.com:8443/anilist/callback/", False),
        ("http://127.0.0.1:8000/anilist/callback/", False),
        ("http://localhost:8000/anilist/callback/", True),
        ("", True),
    ],
)
def test_e002_and_w003_are_silent_for_what_works(settings, uri, debug):
    settings.ANILIST_REDIRECT_URI, settings.DEBUG = uri, debug
    assert ids() == []


def test_e002_includes_the_urls(settings, monkeypatch):
    urls = types.ModuleType("bare_urls")
    urls.urlpatterns = [path("accounts/login/", lambda request: None, name="login")]
    monkeypatch.setitem(sys.modules, "bare_urls", urls)
    settings.ROOT_URLCONF = "bare_urls"
    assert ids() == ["E002"]
    exec(found()[0].hint, {"urlpatterns": urls.urlpatterns, "path": path, "include": include})
    clear_url_caches()
    assert found() == []


def test_e002_knows_a_site_below_a_path(settings):
    settings.FORCE_SCRIPT_NAME = "/app"
    set_script_prefix("/app")
    assert ids() == ["E002"]
    assert "https://testserver/app/anilist/callback/" in found()[0].hint
    paste(settings, found()[0].hint)
    assert found() == []


def test_a_sandbox_on_this_machine_is_fine_under_debug(settings):
    settings.DEBUG, settings.ANILIST_SANDBOX_URL = True, "http://127.0.0.1:8001"
    assert ids() == []


MIDDLEWARE = {
    "missing": lambda names: names[:-1],
    "reversed": lambda names: names[::-1],
    "auth before session": lambda names: [names[2], *names[:2], *names[3:]],
    "ours first": lambda names: [names[-1], *names[:-1]],
    "none": lambda names: [],
    "sessions only": lambda names: names[:1],
}


@pytest.mark.parametrize("change", MIDDLEWARE.values(), ids=MIDDLEWARE.keys())
def test_e004_middleware_missing_or_out_of_order(settings, change):
    settings.MIDDLEWARE = change(settings.MIDDLEWARE)
    others = set(settings.MIDDLEWARE)
    assert ids() == ["E004"]
    assert documented("E004", found()[0].hint)
    paste(settings, found()[0].hint)
    assert found() == []
    assert others <= set(settings.MIDDLEWARE)


def test_e004_leaves_the_sites_own_order_alone_where_only_ours_is_missing(settings):
    *others, ours = settings.MIDDLEWARE
    settings.MIDDLEWARE = [others[0], "django.middleware.common.CommonMiddleware", *others[1:]]
    assert found()[0].hint == f"MIDDLEWARE = {[*settings.MIDDLEWARE, ours]}"


def test_e003_keeps_the_port_where_only_the_scheme_is_missing(settings):
    settings.DEBUG, settings.ANILIST_SANDBOX_URL = True, "127.0.0.1:8101"
    assert found()[0].hint == 'ANILIST_SANDBOX_URL = "http://127.0.0.1:8101"'


def test_e004_leaves_a_slip_out(settings):
    *others, ours = settings.MIDDLEWARE
    settings.MIDDLEWARE = [*others, "django_anilist.middleware.AnilistMiddleware"]
    assert ids() == ["E004"]
    paste(settings, found()[0].hint)
    assert sorted(settings.MIDDLEWARE) == sorted([*others, ours])


class OwnSessions(SessionMiddleware):
    """What a site, or another package, made of it."""


def test_e004_middleware_that_inherits_is_as_good(settings):
    own = f"{__name__}.OwnSessions"
    django, *others = settings.MIDDLEWARE
    assert django.endswith(".SessionMiddleware")
    settings.MIDDLEWARE = [own, *others]
    assert found() == []
    settings.MIDDLEWARE = [*others, own]
    assert ids() == ["E004"]
    paste(settings, found()[0].hint)
    assert (found(), settings.MIDDLEWARE.count(own), django in settings.MIDDLEWARE) == (
        [],
        1,
        False,
    )


def test_e004_a_function_and_a_name_that_leads_nowhere_are_somebody_elses(settings):
    settings.MIDDLEWARE = [
        *settings.MIDDLEWARE,
        "tests.csp.nothing",
        "tests.sentences.there_is_none",
    ]
    assert found() == []


class OwnAuth(AuthConfig):
    """An application of another name for the same thing."""


def test_e004_an_app_with_a_configuration_of_the_sites_own_is_there(settings):
    settings.INSTALLED_APPS = [
        f"{__name__}.OwnAuth" if app == "django.contrib.auth" else app
        for app in settings.INSTALLED_APPS
    ]
    assert found() == []


@pytest.mark.parametrize("name", ["auth", "contenttypes", "sessions"])
def test_e004_an_app_missing(settings, name):
    wanted = f"django.contrib.{name}"
    settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if app != wanted]
    assert ids() == ["E004"]
    assert found()[0].hint == f'INSTALLED_APPS += ["{wanted}"]'


def test_e004_an_app_named_by_its_configuration_is_there(settings):
    settings.INSTALLED_APPS = [
        "django.contrib.auth.apps.AuthConfig" if app == "django.contrib.auth" else app
        for app in settings.INSTALLED_APPS
    ]
    assert found() == []


def test_e006_redis_without_its_package(settings, monkeypatch):
    settings.ANILIST_BUDGET = "redis://127.0.0.1:6379/0"
    assert ids() == []
    monkeypatch.setitem(sys.modules, "redis", None)
    assert ids() == ["E006"]
    assert found()[0].hint == 'python -m pip install "django-anilist[redis]"'
    assert documented("E006", found()[0].hint)


@pytest.mark.parametrize(
    "url",
    [
        "redis://:s3cr/et#pw@10.0.0.5:6379/0",
        "redis://10.0.0.5:6379/0?socket_timeout=1s",
        "redis://10.0.0.5:port/0",
        "redis://10.0.0.5:6379/0?ssl=true",
    ],
)
def test_e006_an_address_of_redis_that_cannot_be_read(settings, url):
    settings.ANILIST_BUDGET = url
    assert ids() == ["E006"]
    assert documented("E006", found()[0].hint)
    assert "s3cr" not in str(found())
    odd = "s3cr/et#pw"
    exec(found()[0].hint, {"urllib": urllib, "password": odd}, names := {})
    settings.ANILIST_BUDGET = names["ANILIST_BUDGET"]
    assert found() == []


def test_e007_is_silent_for_what_works(settings, tmp_path):
    bundle = tmp_path / "authorities.pem"
    bundle.write_text("")
    settings.ANILIST_CA_BUNDLE, settings.ANILIST_PROXY = bundle, "http://bob:word@127.0.0.1:3128"
    assert ids() == []


def test_no_key_is_ever_told(settings):
    settings.ANILIST_TOKEN_KEYS = [KEY, KEY]
    assert KEY not in str(found())


@pytest.mark.parametrize("path", ["", None])
@pytest.mark.parametrize("installed", [BACKENDS, BACKENDS[:1]])
def test_e008_and_w008_are_silent_without_a_maker_of_users(settings, path, installed):
    settings.AUTHENTICATION_BACKENDS, settings.ANILIST_CREATE_USER = installed, path
    assert found() == []


@pytest.mark.parametrize("value", ["Lax", "Strict", "strict"])
def test_w012_is_silent_for_cookies_that_stay_with_the_site(settings, value):
    settings.SESSION_COOKIE_SAMESITE = value
    assert found() + deployed() == []


@pytest.mark.parametrize("keys", [[KEY], (KEY.encode(),), lambda: [KEY]])
def test_e020_and_w020_are_silent_for_keys_that_can_seal(settings, keys):
    settings.ANILIST_TOKEN_KEYS = keys
    assert found() + deployed() == []


def test_e005_is_silent_for_what_works(settings):
    settings.ANILIST_MAX_WAIT, settings.ANILIST_DEADLINE = 0, 2.5
    settings.ANILIST_CACHE, settings.ANILIST_CACHE_SECONDS = "", {"Media": 3600}
    assert ids() == []


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"timeout": 20},
        {"transaction_mode": "IMMEDIATE"},
        {"timeout": 5, "transaction_mode": "IMMEDIATE"},
        {"timeout": 20, "transaction_mode": "DEFERRED"},
    ],
)
@pytest.mark.parametrize("vendor", ["sqlite", "postgresql"])
def test_w013_sqlite_whose_writers_do_not_wait(monkeypatch, options, vendor):
    database = {"OPTIONS": options}
    connection = types.SimpleNamespace(vendor=vendor, settings_dict=database)
    monkeypatch.setattr("django_anilist.checks.storage.connections", {"default": connection})
    assert ids(deployed()) == (["W013"] if vendor == "sqlite" else [])
    if vendor == "sqlite":
        (message,) = deployed()
        assert documented("W013", message.hint)
        exec(message.hint, {"DATABASES": {"default": database}})
        assert deployed() == []


@pytest.mark.parametrize("engine", ["db", "file", "cache", "cached_db"])
def test_w014_is_silent_for_sessions_that_all_processes_know(settings, engine):
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"
    assert deployed() == []


@pytest.mark.parametrize(
    "backend", ["filebased.FileBasedCache", "redis.RedisCache", "db.DatabaseCache"]
)
def test_w015_is_silent_for_a_cache_that_all_processes_share(settings, tmp_path, backend):
    place = str(tmp_path) if "file" in backend else "redis://127.0.0.1"
    settings.CACHES = {"default": {"BACKEND": f"{CACHE}.{backend}", "LOCATION": place}}
    assert deployed() == []


@pytest.mark.parametrize("alias", ["", "nowhere"])
def test_w015_is_silent_where_nothing_is_remembered_or_e005_speaks(settings, alias):
    settings.CACHES = {"default": {"BACKEND": f"{CACHE}.locmem.LocMemCache"}}
    settings.ANILIST_CACHE = alias
    assert deployed() == []


@pytest.fixture
def a_token(alice):
    return tokens.save(alice, Account(50), Grant(Secret("word"), 1000, 50))


@pytest.mark.parametrize("keys", [[OTHER_KEY], []], ids=["a key of its own", "a derived key"])
def test_w021_tokens_that_no_key_opens(settings, request, keys):
    settings.SECRET_KEY, settings.ANILIST_TOKEN_KEYS = "the-one-before", keys
    row = request.getfixturevalue("a_token")
    assert in_the_database() == []
    settings.SECRET_KEY, settings.ANILIST_TOKEN_KEYS = "another", [KEY] if keys else []
    (message,) = in_the_database()
    assert message.id == "anilist.W021"
    assert f"{row.key_id} (1)" in message.hint
    assert documented("W021", message.hint)
    paste(settings, message.hint)
    assert in_the_database() == []


def test_w021_asks_once_and_only_where_it_may(a_token, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert [DATABASE_CHECKS[0](None), DATABASE_CHECKS[0](None, databases=["other"])] == [[], []]
    with django_assert_num_queries(1):
        in_the_database()


def test_w021_leaves_bad_keys_to_e020(a_token, settings):
    settings.ANILIST_TOKEN_KEYS = ["short"]
    assert in_the_database() == []


def test_w021_is_asked_with_the_database_only(a_token, settings):
    settings.ANILIST_TOKEN_KEYS = [OTHER_KEY]
    settings.SECRET_KEY = "another"
    assert checks.run_checks(tags=["anilist"]) == []
    asked = checks.run_checks(tags=[checks.Tags.database], databases=["default"])
    assert ids(asked) == ["W021"]


@pytest.mark.parametrize(
    ("name", "old", "least"),
    [
        ("Django", "5.1.9", "5.2.17"),
        ("Django", "5.2", "5.2.17"),
        ("Django", "5.2.16", "5.2.17"),
        ("Django", "6.0.7", "6.0.8"),
        ("requests", "2.32.3", "2.32.4"),
        ("urllib3", "2.6.9", "2.7.0"),
    ],
)
def test_w040_versions_with_known_holes(monkeypatch, name, old, least):
    def installed(number):
        if name == "Django":
            monkeypatch.setattr(django, "VERSION", (*map(int, number.split(".")), "final", 0))
            monkeypatch.setattr(django, "get_version", lambda: number)
        else:
            monkeypatch.setattr(versions, "version", {**NEWEST, name: number}.__getitem__)

    installed(old)
    (message,) = deployed()
    assert message.id == "anilist.W040"
    assert f"{name} {old}" in message.msg
    assert least in message.hint
    assert documented("W040", message.hint)
    installed(least)
    assert deployed() == []


def test_w040_is_silent_where_a_package_hides_its_version(monkeypatch):
    def hidden(name):
        raise versions.PackageNotFoundError(name)

    monkeypatch.setattr(versions, "version", hidden)
    assert deployed() == []


# All of them together


@pytest.mark.django_db  # which Django asks whether it has a JSONField
def test_the_checks_are_wired_to_djangos_command(settings):
    settings.ANILIST_CLIENT_ID = ""
    with pytest.raises(SystemCheckError, match=r"anilist\.E001"):
        call_command("check")


def test_the_checks_have_a_tag_of_their_own(settings):
    settings.ANILIST_CLIENT_ID = ""
    assert ids(checks.run_checks(tags=["anilist"])) == ["E001"]


def test_a_developer_is_not_bothered_with_what_concerns_the_live_site(settings):
    settings.SESSION_COOKIE_SECURE, settings.ANILIST_TOKEN_KEYS = False, []
    assert checks.run_checks(tags=["anilist"]) == []
    told = checks.run_checks(tags=["anilist"], include_deployment_checks=True)
    assert sorted(ids(told)) == ["W010", "W020"]


def test_the_checks_are_quick_and_keep_off_the_network(settings):
    """50 ms is what is promised; the least of some rounds is what they cost without the machine's noise."""
    settings.ANILIST_BUDGET, settings.ANILIST_PROXY = "redis://192.0.2.1", "http://192.0.2.1:3128"
    settings.CACHES = {
        "default": {"BACKEND": f"{CACHE}.redis.RedisCache", "LOCATION": "redis://192.0.2.1"}
    }
    took = []
    disable_socket()
    try:
        for _ in range(5):
            started = time.perf_counter()
            assert found() + deployed() == []
            took.append(time.perf_counter() - started)
    finally:
        enable_socket()
    assert min(took) < 0.05


# The table in the docs

_ROW = re.compile(r"^   \* - ``anilist\.([EW]\d{3})``\n((?:     .*\n)+)", re.M)


def table():
    """Return the documented checks: id to level, what, remedy."""
    rows = _ROW.findall(DOCS.read_text(encoding="utf-8"))
    return {id: [" ".join(cell.split()) for cell in re.split(r"^     - ", cells, flags=re.M)[1:]] for id, cells in rows}  # fmt: skip


def documented(id, hint):
    """Tell whether the table's remedy is the line of ``hint``; dots stand for what differs."""
    line = re.sub(r"  # .*", "", hint)
    remedies = re.findall(r"``(.+?)``", table()[id][2])
    patterns = [".*".join(map(re.escape, remedy.split("..."))) for remedy in remedies]
    return any(re.fullmatch(pattern, line) for pattern in patterns)


def told():
    """Return the ids that the checks tell, with what each holds to and when it is asked."""
    return {
        id: (what.strip(), when)
        for when, group in (("", CHECKS), ("deploy", DEPLOY_CHECKS), ("database", DATABASE_CHECKS))
        for check in group
        for id, what in re.findall(r"([EW]\d{3}): (.*?)(?=$| [EW]\d{3}:)", " ".join(check.__doc__.split()))
    }  # fmt: skip


def test_the_docs_list_every_check_and_no_other():
    assert list(table()) == sorted(table())
    assert table().keys() == told().keys()
    for id, (what, when) in told().items():
        level = "error" if id.startswith("E") else "warning"
        assert table()[id][:2] == [f"{level}, ``--{when}``" if when else level, what]


@pytest.mark.parametrize(("id", "wrong"), BROKEN)
def test_the_docs_give_the_line_that_the_check_gives(settings, id, wrong):
    for name, value in wrong.items():
        setattr(settings, name, value)
    (message,) = found() + deployed()
    assert documented(id, message.hint)

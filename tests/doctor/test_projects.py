"""Broken projects, run for real: each fault is named, and its remedy, followed to the letter, mends it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import jsonschema
import pytest

import django_anilist.doctor
from django_anilist.sandbox import OAuthClient, Sandbox
from tests.doctor.projects import KEEP_A_TOKEN, KEY, OLD_KEY, Project

SCHEMA = Path(django_anilist.doctor.__file__).with_name("report.schema.json")
CALLBACK = "http://127.0.0.1:8000/anilist/callback/"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def box():
    with Sandbox([OAuthClient("1001", "only-for-the-sandbox", CALLBACK)], limit=30) as box:
        yield box


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """A database with its tables, made once."""
    project = Project(tmp_path_factory.mktemp("first"))
    assert project.manage("migrate", "-v", "0").returncode == 0
    return project.folder / "db.sqlite3"


@pytest.fixture
def live(tmp_path, database):
    shutil.copy(database, tmp_path)
    return Project(tmp_path)


@pytest.fixture
def workshop(tmp_path, database, box):
    box.reset()
    shutil.copy(database, tmp_path)
    return Project(tmp_path, live=False, sandbox=box.url)


@pytest.fixture(scope="module")
def validate():
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema).validate


def test_the_tests_of_a_site_that_is_developed_with_the_sandbox_run(workshop):
    """Django's runner turns DEBUG off, and asks the checks then."""
    test = "from django.test import SimpleTestCase\nclass Tests(SimpleTestCase):\n    def test(self): pass\n"
    (workshop.folder / "tests.py").write_text(test, encoding="utf-8")
    ran = workshop.manage("test")
    assert "Ran 1 test" in ran.stderr
    assert ran.returncode == 0, ran.stderr


#: What is put at the end of the settings, whom it breaks, what the doctor calls it, and what it says to
#: put there instead.
BROKEN = {
    "no secret": ("live", "del ANILIST_CLIENT_SECRET", "E001", 'ANILIST_CLIENT_SECRET = os.environ["ANILIST_CLIENT_SECRET"]'),
    "a wrong secret": ("workshop", 'ANILIST_CLIENT_SECRET = "of-another-site"', "D160", 'ANILIST_CLIENT_SECRET = os.environ["ANILIST_CLIENT_SECRET"]'),
    "an id that is no number": ("workshop", 'ANILIST_CLIENT_ID = "my-site"', "D160", 'ANILIST_CLIENT_ID = os.environ["ANILIST_CLIENT_ID"]'),
    "a redirect URL that leads elsewhere": ("live", 'ANILIST_REDIRECT_URI = "https://anime.example/callback"', "E002", 'ANILIST_REDIRECT_URI = "https://anime.example/anilist/callback/"'),
    "a redirect URL below a path": ("live", 'ANILIST_REDIRECT_URI = "https://anime.example/app/anilist/callback/"', "E002", 'FORCE_SCRIPT_NAME = "/app"'),
    "a path that the redirect URL lacks": ("live", 'FORCE_SCRIPT_NAME = "/app"', "E002", 'ANILIST_REDIRECT_URI = "https://anime.example/app/anilist/callback/"'),
    "a host that is not let in": ("live", 'ALLOWED_HOSTS = ["www.example.org"]', "D102", 'ALLOWED_HOSTS = [*ALLOWED_HOSTS, "anime.example"]'),
    "a proxy that ends TLS": ("live", "USE_X_FORWARDED_HOST, SECURE_PROXY_SSL_HEADER = True, None", "D103", 'SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")'),
    "a proxy that hides the host": ("live", 'ALLOWED_HOSTS = ["127.0.0.1", "app"]', "D105", 'USE_X_FORWARDED_HOST = True; ALLOWED_HOSTS = ["anime.example"]'),
    "a cookie that comes along from everywhere": ("live", 'SESSION_COOKIE_SAMESITE = "None"', "W012", 'SESSION_COOKIE_SAMESITE = "Lax"'),
    "a cookie of another domain": ("live", 'SESSION_COOKIE_DOMAIN = "manga.example"', "D110", "SESSION_COOKIE_DOMAIN = None"),
    "sessions of each process's own": ("live", 'CACHES["own"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}; SESSION_CACHE_ALIAS, SESSION_ENGINE = "own", "django.contrib.sessions.backends.cache"', "W014", 'SESSION_ENGINE = "django.contrib.sessions.backends.db"'),
    "a budget that is not shared": ("live", 'ANILIST_BUDGET = "/nowhere/budget"', "D120", 'ANILIST_BUDGET = ""'),
    "a Redis that is not there": ("live", 'ANILIST_BUDGET = "redis://:canary-word@127.0.0.1:1/0"', "D121", 'ANILIST_BUDGET = "redis://127.0.0.1:6379/0"'),
    "a cache that is not there": ("live", 'CACHES["default"] = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://:canary-word@127.0.0.1:1"}', "D122", 'ANILIST_CACHE = ""'),
    "no key of its own": ("live", "ANILIST_TOKEN_KEYS = []", "W020", 'ANILIST_TOKEN_KEYS = [os.environ["ANILIST_TOKEN_KEY"]]'),
    "a sandbox on the live site": ("live", 'ANILIST_SANDBOX_URL = "http://127.0.0.1:8001"', "E030", 'ANILIST_SANDBOX_URL = ""'),
    "middleware out of order": ("live", "MIDDLEWARE = MIDDLEWARE[::-1]", "E004", "MIDDLEWARE = ["),
    "a proxy that is not there": ("workshop", 'ANILIST_PROXY = "http://bob:canary-word@127.0.0.1:1"', "D154", "ANILIST_PROXY = None"),
}  # fmt: skip


@pytest.fixture
def project(request):
    return request.getfixturevalue(request.param)


def problems(report):
    return [found for found in report["findings"] if found["level"] != "info"]


@pytest.mark.parametrize(
    ("project", "line", "id", "remedy"), BROKEN.values(), ids=BROKEN.keys(), indirect=["project"]
)
def test_a_broken_project_is_named_and_its_remedy_mends_it(
    project, line, id, remedy, validate, request
):
    if "redis://127.0.0.1:6379" in remedy:
        request.getfixturevalue("redis_url")
    project.put(line)
    report, code = project.examined()
    validate(report)
    assert (report["verdict"], code) == ("problems", 1)
    (found,) = problems(report)
    assert found["id"] == f"anilist.{id}"
    assert found["remedy"].startswith(remedy)
    for secret in ("only-for-the-sandbox", "canary-word", KEY, "of-another-site"):
        assert secret not in json.dumps(report)
    project.follow(found)
    report, code = project.examined()
    assert (problems(report), report["verdict"], code) == ([], "content", 0)


def test_pages_that_are_not_included(live):
    (live.folder / "site_urls.py").write_text(
        "from django.urls import include, path\nurlpatterns = []\n"
    )
    (found,) = problems(live.examined()[0])
    assert (found["id"], found["place"]) == ("anilist.E002", "urls")
    live.follow(found)
    assert live.examined()[1] == 0


def test_tokens_that_no_key_opens(live):
    kept = live.manage("shell", "-v", "0", "-c", KEEP_A_TOKEN, ANILIST_TOKEN_KEY=OLD_KEY)
    assert kept.returncode == 0, kept.stderr
    (found,) = problems(live.examined()[0])
    assert found["id"] == "anilist.W021"
    live.follow(found)
    assert live.examined()[1] == 0


def test_tables_that_are_not_there_yet(live):
    (live.folder / "db.sqlite3").unlink()
    (found,) = problems(live.examined()[0])
    assert (found["id"], found["place"]) == ("anilist.D131", "shell")
    live.follow(found)
    assert live.examined()[1] == 0


def test_a_database_that_cannot_be_asked(live, validate):
    live.put('DATABASES["default"]["NAME"] = "/nowhere/db.sqlite3"')
    report, code = live.examined()
    validate(report)
    assert (report["verdict"], code) == ("unsure", 3)
    assert [found["id"] for found in problems(report)] == ["anilist.D130"]


@pytest.mark.parametrize(
    ("seconds", "words"), [(-7200, "2 hours ahead of"), (600, "10 minutes behind")]
)
def test_a_clock_that_is_wrong(workshop, box, seconds, words):
    box.dials.clock = seconds
    (found,) = problems(workshop.examined()[0])
    assert (found["id"], found["place"]) == ("anilist.D159", "shell")
    assert words in found["text"]
    assert found["remedy"] == "timedatectl set-ntp true"
    box.dials.clock = 0
    assert workshop.examined()[1] == 0


def test_a_project_that_is_right_hears_what_to_register_and_what_anilist_allows(
    workshop, box, validate
):
    report, code = workshop.examined()
    validate(report)
    assert (report["verdict"], code, report["asked"]) == ("content", 0, f"{box.url}/graphql")
    assert [found["id"] for found in report["findings"]] == [
        "anilist.D101",
        "anilist.D158",
        "anilist.D161",
    ]
    assert report["findings"][0]["remedy"] == CALLBACK
    assert "allows 30 requests a minute" in report["findings"][1]["text"]
    assert [request.path for request in box.requests] == ["/graphql", "/api/v2/oauth/token"]

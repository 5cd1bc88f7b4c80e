"""What all processes of a site should have in common."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from django.core.cache.backends.locmem import LocMemCache

from django_anilist.api import locked_file
from django_anilist.conf import Settings
from django_anilist.doctor.sharing import look_at_sharing

REDIS = "django.core.cache.backends.redis.RedisCache"


class Forgetful(LocMemCache):
    """A cache that is too small for anything, as a full Memcached is."""

    def set(self, key, value, timeout=None, version=None):
        pass


def found():
    return {
        each.id.removeprefix("anilist."): (each.remedy, each.place) for each in look_at_sharing()
    }


def test_a_site_that_is_right_hears_nothing():
    assert found() == {}


def test_a_budget_whose_folder_is_not_there(settings):
    settings.ANILIST_BUDGET = "/nowhere/budget"
    assert found()["D120"] == ('ANILIST_BUDGET = ""  # a file in the temporary folder', "settings")


def test_a_budget_that_somebody_else_put_there(settings, tmp_path, monkeypatch):
    """A link in the temporary folder is not followed."""
    in_the_way = tmp_path / "django-anilist-1000-abc.budget"
    in_the_way.symlink_to(tmp_path / "elsewhere")
    settings.ANILIST_BUDGET = ""
    monkeypatch.setattr(Settings, "budget_path", str(in_the_way))
    assert found()["D120"] == (f"rm {in_the_way}  # as whoever owns it", "shell")
    Path(in_the_way).unlink()
    assert found() == {}


@pytest.fixture
def usual_place(tmp_path, monkeypatch):
    """The temporary folder of a site that runs as user 1000; returns what lays the budgets of others."""
    monkeypatch.setattr(Settings, "budget_path", str(tmp_path / "django-anilist-1000-abc.budget"))

    def lay(uid, name="abc", age=0):
        file = tmp_path / f"django-anilist-{uid}-{name}.budget"
        file.touch()
        os.utime(file, (time.time() - age,) * 2)

    return lay


def test_two_system_users_have_a_budget_each(usual_place):
    assert found() == {}
    usual_place(33)
    usual_place(1001)
    (only,) = look_at_sharing()
    assert (only.id, only.remedy[:24]) == ("anilist.D124", 'ANILIST_BUDGET = "redis:')
    assert "Users 1001, 33 of" in only.text


@pytest.mark.parametrize(
    "other", [{"uid": 0}, {"uid": 33, "age": 90_000}, {"uid": 33, "name": "sandbox"}]
)
def test_budgets_that_tell_nothing(usual_place, other):
    usual_place(**other)
    assert found() == {}


def test_root_looks_in_passing(usual_place, tmp_path, monkeypatch):
    usual_place(33)
    monkeypatch.setattr(Settings, "budget_path", str(tmp_path / "django-anilist-0-abc.budget"))
    assert found() == {}


def test_a_machine_without_file_locks(monkeypatch):
    monkeypatch.setattr(locked_file, "fcntl", None)
    (only,) = look_at_sharing()
    assert "no file locks" in only.text


def test_a_redis_that_does_not_answer(settings):
    settings.ANILIST_BUDGET = "redis://:canary-word@127.0.0.1:1/0"
    (only,) = look_at_sharing()
    assert (only.id, "canary-word" in str(only)) == ("anilist.D121", False)


def test_a_redis_that_does(settings, redis_url):
    settings.ANILIST_BUDGET = redis_url
    assert found() == {}


def test_a_sandbox_that_may_not_be_is_for_the_checks(settings):
    settings.ANILIST_BUDGET, settings.ANILIST_SANDBOX_URL = "", "http://127.0.0.1:8001"
    assert found() == {}


def test_a_cache_that_raises(settings):
    settings.CACHES = {"default": {"BACKEND": REDIS, "LOCATION": "redis://127.0.0.1:1"}}
    (only,) = look_at_sharing()
    assert only.id == "anilist.D122"
    assert "ConnectionError" in only.text
    settings.ANILIST_CACHE = ""
    assert found() == {}


def test_a_cache_that_keeps_nothing(settings):
    settings.CACHES = {"default": {"BACKEND": f"{__name__}.Forgetful"}}
    (only,) = look_at_sharing()
    assert (only.id, "nothing comes back" in only.text) == ("anilist.D122", True)


@pytest.mark.parametrize("alias", ["nowhere", ""])
def test_no_cache_and_one_that_e005_speaks_of(settings, alias):
    settings.ANILIST_CACHE = alias
    assert found() == {}


def test_a_cache_that_is_none_on_purpose(settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    assert found() == {}


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (
            "redis://:canary-word@cache.example:6380/1",
            'ANILIST_BUDGET = "redis://cache.example:6380"',
        ),
        ("rediss://cache.example", 'ANILIST_BUDGET = "rediss://cache.example"'),
        ("redis://127.0.0.1:6379", None),
        (["redis://cache.example", "redis://other.example"], None),
        ("", None),
    ],
)
def test_a_cache_that_other_machines_may_share(settings, place, line):
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": place}
    }
    if isinstance(place, list):
        settings.CACHES["default"]["BACKEND"] = "django.core.cache.backends.dummy.DummyCache"
    assert found() == ({"D123": (line, "settings")} if line else {})

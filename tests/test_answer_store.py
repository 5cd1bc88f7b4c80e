"""Django's cache as a memory: any backend, and no loss when it is gone."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache

from django_anilist import answer_store
from django_anilist.answer_store import DjangoAnswerStore


class Broken(BaseCache):
    """A cache whose server is gone."""

    def __init__(self, *args, **kwargs):
        super().__init__({})

    def get(self, *args, **kwargs):
        raise ConnectionError("canary-address")

    set = add = delete = get_many = set_many = delete_many = get


class Quiet(Broken):
    """The same, as some make it: it says that nothing is there, and that nothing could be added."""

    def get(self, key, default=None, version=None):
        return default

    def add(self, *args, **kwargs):
        return None

    def set_many(self, *args, **kwargs):
        return []

    set = delete = delete_many = add

    def get_many(self, keys, version=None):
        return {}


def backends(tmp_path, redis_url=""):
    return {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
        "dummy": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
        "files": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": str(tmp_path / "cache"),
        },
        "database": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "caches",
        },
        "redis": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": redis_url,
            "KEY_PREFIX": f"test-{os.getpid()}-{tmp_path.name}",  # the server is everybody's
        },
        "broken": {"BACKEND": "tests.test_answer_store.Broken"},
        "quiet": {"BACKEND": "tests.test_answer_store.Quiet"},
    }


@pytest.fixture
def store(request, settings, tmp_path):
    redis_url = request.getfixturevalue("redis_url") if request.param == "redis" else ""
    settings.CACHES = backends(tmp_path, redis_url)
    found = DjangoAnswerStore(request.param)
    yield found
    found.cache.clear() if request.param in ("default", "files") else None
    found.delete_many(["anilist:test:1", "anilist:test:2"])


@pytest.mark.parametrize("store", ["default", "files", "redis"], indirect=True)
def test_what_is_kept_comes_back(store):
    store.set_many({"anilist:test:1": b"\0one", "anilist:test:2": b"two"}, 60.0)
    assert store.get_many(["anilist:test:1", "anilist:test:2", "anilist:test:3"]) == {
        "anilist:test:1": b"\0one",
        "anilist:test:2": b"two",
    }
    assert store.add("anilist:test:1", b"other", 60.0) is False
    store.delete_many(["anilist:test:1"])
    assert store.add("anilist:test:1", b"other", 60.0) is True
    assert store.get_many(["anilist:test:1"]) == {"anilist:test:1": b"other"}


@pytest.mark.parametrize("store", ["default", "files", "redis"], indirect=True)
def test_of_many_who_add_at_once_one_does(store):
    for _ in range(20):
        store.delete_many(["anilist:test:1"])
        with ThreadPoolExecutor(8) as pool:
            added = list(pool.map(lambda _: store.add("anilist:test:1", b"x", 60.0), range(8)))
        assert added.count(True) == 1


@pytest.mark.parametrize(
    ("store", "shared"),
    [("default", False), ("dummy", False), ("files", True), ("database", True), ("redis", True)],
    indirect=["store"],
)
@pytest.mark.django_db
def test_it_knows_whether_other_processes_see_it(store, shared):
    assert store.shared is shared


@pytest.mark.parametrize("store", ["default"], indirect=True)
def test_the_memory_of_a_process_has_room_and_leaves_the_sites_own_cache_alone(store):
    """Django's ``LocMemCache`` keeps 300 entries, and drops at random when it is full."""
    caches["default"].set("of-the-site", 1)
    keys = [f"anilist:test:{number}" for number in range(2000)]
    store.set_many(dict.fromkeys(keys, b"x"), 60.0)
    assert len(store.get_many(keys)) == 2000
    assert caches["default"].get("of-the-site") == 1


@pytest.mark.parametrize("store", ["broken"], indirect=True)
def test_a_cache_that_is_gone_is_empty_and_told_once(store, caplog):
    for _ in range(3):
        assert store.get_many(["a"]) == {}
        store.set_many({"a": b"1"}, 60.0)
        store.delete_many(["a"])
        assert store.add("a", b"1", 60.0) is True
    assert caplog.text.count("cannot be used (ConnectionError)") == 1
    assert "canary" not in caplog.text


@pytest.mark.parametrize("store", ["quiet"], indirect=True)
def test_a_cache_that_hides_that_it_is_gone_keeps_nobody_waiting(store):
    """Else everybody would take it for somebody who asks the same, and wait for what never comes."""
    assert store.add("anilist:test:1", b"", 60.0) is True
    assert store.get_many(["anilist:test:1"]) == {}


def test_a_cache_that_is_not_there_is_nobodys(caplog):
    store = DjangoAnswerStore("nowhere")
    assert store.shared is False
    assert store.get_many(["key"]) == {}
    assert caplog.text.count("The cache 'nowhere' cannot be used") == 1


def made(location, params):
    """A cache that a function makes, which Django allows too."""
    return LocMemCache(location, params)


def test_a_cache_may_be_made_by_a_function(settings):
    settings.CACHES = {"default": {"BACKEND": "tests.test_answer_store.made"}}
    store = DjangoAnswerStore("default")
    assert store.shared is False
    store.set_many({"anilist:test:1": b"one"}, 60.0)
    assert store.get_many(["anilist:test:1"]) == {"anilist:test:1": b"one"}


@pytest.mark.parametrize(
    "cache",
    [
        {},
        {"BACKEND": "nowhere.Cache"},
        {"BACKEND": "nonsense"},
        {"BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache", "LOCATION": "here"},
    ],
)
def test_a_cache_that_cannot_be_made_is_empty_and_nobodys(settings, caplog, cache):
    """``pymemcache`` may be missing, which Django finds out when the cache is first used."""
    settings.CACHES = {"default": cache}
    store = DjangoAnswerStore("default")
    assert store.shared is False
    assert store.get_many(["key"]) == {}
    assert store.add("key", b"", 60.0) is True
    assert caplog.text.count("The cache 'default' cannot be used") == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no child processes to fork here")
def test_a_child_process_begins_with_nothing_though_somebody_was_in_there():
    answer_store._local.set_many({"alice": b"one"}, 60.0)
    with answer_store._local._lock:
        child = os.fork()
        if child == 0:
            os._exit(len(answer_store._local.get_many(["alice"])))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert answer_store._local.get_many(["alice"]) == {"alice": b"one"}

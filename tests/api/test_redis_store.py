"""The budget in Redis: the same as in Python, for all machines, and no loss when it is gone."""

from __future__ import annotations

import contextlib
import logging
import secrets
import socket
import sys
import threading
from urllib.parse import urlsplit

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from django_anilist.api import redis_store
from django_anilist.api.breaker import Breaker
from django_anilist.api.budget import USUAL_LIMIT, WINDOW, Budget
from django_anilist.api.lockfile import SharedBudget
from django_anilist.api.redis_store import SCRIPT, RedisBudget, is_redis_url
from django_anilist.api.turns import TASK, WEB, Asker, Heard, Standing, Ticket
from tests.properties import many

CLOCK = "redis.call('TIME')"


@pytest.fixture
def fallback(tmp_path):
    return SharedBudget(tmp_path / "budget")


@pytest.fixture
def name(redis_url):
    """A budget of each test's own, gone when the test is over."""
    found = f"test-{secrets.token_hex(8)}"
    yield found
    with contextlib.closing(redis.Redis.from_url(redis_url)) as client:
        client.delete(f"django-anilist:budget:{found}")


@pytest.fixture
def store(redis_url, name, fallback):
    with contextlib.closing(RedisBudget(redis_url, name, fallback)) as found:
        yield found


def spend(store, number=1):
    turns = [store.ask(Asker(n, max_wait=1000)) for n in range(number)]
    return [turn for turn in turns if isinstance(turn, Ticket)]


# The same as in Python

ASKERS = st.builds(
    Asker,
    st.integers(0, 4),
    st.sampled_from([WEB, TASK]),
    st.sampled_from([1.0, 8.0, 8.0, 300.0]),
    st.sampled_from([0.0, 2.0, 100.0]),
)
#: Whole microseconds that a float holds exactly.
MOMENTS = [1 / 64, 0.75, 5.25, 29.875, 61.0, 4000.0, -900.0]
NUMBERS = st.none() | st.integers(0, 120)
HEARD = st.builds(
    Heard,
    st.sampled_from(["", "", "", "server", "timeout", "switched-off", "response"]),
    st.none() | st.none() | st.integers(1, 120).map(float),
    NUMBERS,
    NUMBERS,
)
STEPS = st.one_of(
    st.tuples(st.just("ask"), ASKERS),
    st.tuples(st.just("ask"), ASKERS),
    st.tuples(st.just("answered"), st.integers(0, 10), HEARD),
    st.tuples(st.just("leave"), st.integers(0, 4)),
    st.tuples(st.just("spend_down_to"), st.integers(0, 40)),
    st.tuples(st.just("later"), st.sampled_from(MOMENTS)),
)


class Twice:
    """One budget in Python and one in Redis, by one clock that is moved by hand."""

    def __init__(self, client, key, slots):
        self.client, self.key, self.now = client, key, 1_000_000.25
        self.budget = Budget(slots=[0.0] * slots)
        self.there = RedisBudget.__new__(RedisBudget)
        self.there._key, self.there._scale = key, (repr(WINDOW), repr(30.0))
        self.there._script = self.script
        self.client.delete(key)
        if slots != USUAL_LIMIT:
            self.answered(Ticket(-1.0), Heard(limit=slots, left=slots))

    def script(self, keys, args):
        seconds, part = divmod(self.now, 1)
        text = SCRIPT.replace(CLOCK, f"{{ {int(seconds)}, {int(part * 1_000_000)} }}")
        return self.client.eval(text, 1, *keys, *args)

    def ask(self, asker):
        if self.budget.is_of_another_clock(self.now):
            self.budget = Budget(breaker=Breaker())
        return self.budget.ask(asker, self.now), redis_store._turn(
            self.there._run(
                "ask",
                redis_store._name(asker.id),
                asker.lane,
                repr(asker.deadline),
                repr(asker.max_wait),
            )
        )

    def answered(self, ticket, heard):
        if self.budget.is_of_another_clock(self.now):
            self.budget = Budget(breaker=Breaker())
        self.budget.answered(ticket, heard, self.now)
        words = [
            *(repr(ticket.held_until), ticket.used, ticket.number, heard.reason),
            *("" if v is None else v for v in (heard.lock_out, heard.limit, heard.left)),
        ]
        self.there._run("answered", *words)

    def leave(self, id):
        if self.budget.is_of_another_clock(self.now):
            self.budget = Budget(breaker=Breaker())
        self.budget.leave(id)
        self.there._run("leave", redis_store._name(id))

    def spend_down_to(self, left):
        if self.budget.is_of_another_clock(self.now):
            self.budget = Budget(breaker=Breaker())
        self.budget.spend_down_to(left, self.now)
        self.there._run("spend_down_to", left)

    def look(self):
        budget = self.budget
        if budget.is_of_another_clock(self.now):
            budget = Budget(breaker=Breaker())
        return budget.look(self.now), redis_store._standing(self.there._run("look"))


def nearly(found):
    return pytest.approx(found, rel=0, abs=1e-6)


def same(here, there):
    assert type(here) is type(there)
    for field in here.__dataclass_fields__:
        mine, other = getattr(here, field), getattr(there, field)
        assert other == (nearly(mine) if isinstance(mine, float) else mine), (here, there)


@given(st.sampled_from([2, 3, USUAL_LIMIT]), st.lists(STEPS, max_size=40))
@many(1.5)
def test_both_budgets_always_say_the_same(redis_url, name, slots, steps):
    with contextlib.closing(redis.Redis.from_url(redis_url, decode_responses=True)) as client:
        twice = Twice(client, f"django-anilist:budget:{name}", slots)
        tickets = []
        for what, *words in steps:
            if what == "later":
                twice.now += words[0]
            elif what == "ask":
                here, there = twice.ask(*words)
                same(here, there)
                if isinstance(here, Ticket):
                    tickets.append((here, there))
            elif what == "answered":
                if tickets:
                    here, there = tickets[words[0] % len(tickets)]
                    assert here.held_until == there.held_until
                    twice.answered(here, words[1])
            else:
                getattr(twice, what)(*words)
            same(*twice.look())


def test_the_script_has_one_clock_and_it_is_the_servers():
    assert SCRIPT.count(CLOCK) == 1
    assert "ARGV[4]" not in SCRIPT


# For all machines


def test_what_one_spends_the_other_has_not(store, redis_url, name, tmp_path):
    spend(store, 10)
    there = SharedBudget(tmp_path / "another machine")
    with contextlib.closing(RedisBudget(redis_url, name, there)) as other:
        assert other.look() == Standing(USUAL_LIMIT, USUAL_LIMIT - 10)
    assert there.look().left == USUAL_LIMIT  # no file was needed


def test_threads_take_their_turns(store):
    tickets = []
    threads = [
        threading.Thread(target=lambda n=n: tickets.append(store.ask(Asker(n, max_wait=0))))
        for n in range(60)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = [turn.number for turn in tickets if isinstance(turn, Ticket)]
    assert len(numbers) == len(set(numbers)) == USUAL_LIMIT


def test_an_answer_gives_the_slot_back_and_teaches_the_limit(store):
    (ticket,) = spend(store)
    store.answered(ticket, Heard(limit=45, left=44))
    found = store.look()
    assert (found.limit, found.left) == (45, 44)


def test_who_gives_up_is_out_of_the_queue(store):
    spend(store, USUAL_LIMIT)
    store.ask(Asker(2**64 - 1, max_wait=1000))
    assert store.look().waiting == 1
    store.leave(2**64 - 1)
    assert store.look().waiting == 0


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x81\xa1a\x01", bytes(range(256))])
def test_a_damaged_budget_is_a_fresh_one(store, redis_url, name, content):
    with contextlib.closing(redis.Redis.from_url(redis_url)) as client:
        client.set(f"django-anilist:budget:{name}", content)
    assert store.look() == Standing(USUAL_LIMIT, USUAL_LIMIT)
    assert len(spend(store)) == 1


def test_nothing_of_it_stays_for_ever(store, redis_url, name):
    spend(store)
    with contextlib.closing(redis.Redis.from_url(redis_url)) as client:
        assert 0 < client.ttl(f"django-anilist:budget:{name}") <= 7200


# Gone


class Port:
    """A Redis that can be unplugged: a port that leads there, or nowhere."""

    def __init__(self, store):
        self.store, self.client = store, store._client
        self.script = store._script

    def unplug(self):
        with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as free:
            port = free.getsockname()[1]
        at_once = redis.retry.Retry(redis.backoff.NoBackoff(), 0)
        dead = redis.Redis(port=port, socket_connect_timeout=0.2, retry=at_once)
        self.store._script = dead.register_script(SCRIPT)
        self.dead = dead

    def plug(self):
        self.dead.close()
        self.store._script = self.script


@pytest.fixture
def port(store, monkeypatch):
    monkeypatch.setattr(redis_store, "PARTED", 0.0)
    return Port(store)


def test_without_redis_the_lock_file_serves_with_what_was_left_and_one_warning(
    store, port, fallback, caplog
):
    spend(store, 10)
    port.unplug()
    assert len(spend(store, USUAL_LIMIT)) == USUAL_LIMIT - 10
    assert fallback.look().left == 0
    assert caplog.text.count("Redis cannot be reached") == 1
    assert store.fault() == "ConnectionError"
    store.leave(1)
    assert store.look().left == 0


def test_back_in_redis_what_the_lock_file_spent_is_spent(store, port, caplog):
    spend(store, 5)
    port.unplug()
    spend(store, 10)
    port.plug()
    assert store.fault() == ""
    assert store.look().left == USUAL_LIMIT - 15
    port.unplug()
    store.look()
    assert caplog.text.count("Redis cannot be reached") == 2


def test_a_redis_that_lost_everything_is_told(store, port, redis_url, name):
    spend(store, 20)
    port.unplug()
    assert len(spend(store, 5)) == 5
    with contextlib.closing(redis.Redis.from_url(redis_url)) as client:
        client.delete(f"django-anilist:budget:{name}")
    port.plug()
    assert store.look().left == USUAL_LIMIT - 25


def test_a_master_that_became_a_replica_is_left_for_whoever_has_its_name_now(
    redis_url, name, fallback, monkeypatch
):
    """Its connection stays open, and so each try would lead to it again."""
    monkeypatch.setattr(redis_store, "PARTED", 0.0)
    with contextlib.closing(RedisBudget(redis_url, name, fallback)) as store:
        store.look()
        before = store._client.connection_pool.get_connection()
        store._client.connection_pool.release(before)

        def read_only(*args, **kwargs):
            raise redis.exceptions.ReadOnlyError("You can't write against a read only replica.")

        script, store._script = store._script, read_only
        assert isinstance(store.ask(Asker(1)), Ticket)
        store._script = script
        assert before._sock is None
        assert (store.fault(), len(spend(store, 3))) == ("", 3)


def test_what_can_only_be_read_is_a_fault(redis_url, name, fallback):
    with contextlib.closing(RedisBudget(redis_url, name, fallback)) as store:
        client = redis.Redis.from_url(redis_url)
        user = f"reader-{secrets.token_hex(4)}"
        client.acl_setuser(
            user,
            enabled=True,
            nopass=True,
            keys=["*"],
            categories=["+@read", "+@scripting", "+@connection"],
            commands=["+time"],
        )
        try:
            parts = urlsplit(redis_url)
            reading = f"redis://{user}:x@{parts.hostname}:{parts.port}{parts.path}"
            with contextlib.closing(RedisBudget(reading, name, fallback)) as reader:
                assert reader.fault()
        finally:
            client.acl_deluser(user)
            client.close()
        left = store.look().left
        assert (store.fault(), store.look().left) == ("", left)


def test_while_it_is_gone_it_is_not_tried_each_time(store, port, monkeypatch):
    monkeypatch.setattr(redis_store, "PARTED", 60.0)
    port.unplug()
    store.look()
    tried = []
    monkeypatch.setattr(store, "_script", lambda **words: tried.append(words))
    spend(store, 3)
    assert tried == []


def test_a_redis_that_hangs_holds_nobody(fallback, caplog):
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        with contextlib.closing(RedisBudget(url, "silent", fallback)) as store:
            assert len(spend(store, 3)) == 3
    assert "Redis cannot be reached" in caplog.text


def test_no_address_of_redis_is_ever_logged(fallback, caplog):
    caplog.set_level(logging.DEBUG)
    with contextlib.closing(RedisBudget("redis://:canary@127.0.0.1:1/0", "x", fallback)) as store:
        spend(store)
    assert "canary" not in caplog.text
    assert "Redis cannot be reached" in caplog.text


def test_without_the_package_there_is_an_import_error(monkeypatch, fallback):
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(ImportError):
        RedisBudget("redis://127.0.0.1/0", "x", fallback)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("redis://a/0", True),
        ("rediss://a", True),
        ("unix:///x", True),
        ("/tmp/redis", False),
        ("", False),
    ],
)
def test_an_address_is_told_from_a_path(text, expected):
    assert is_redis_url(text) is expected

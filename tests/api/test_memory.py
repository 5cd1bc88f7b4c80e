"""What is remembered: found by who asked it, only, and not for ever."""

from __future__ import annotations

import gzip
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_anilist.api import memory as module
from django_anilist.api.memory import Found, Memory
from tests.api.stores import DictStore

ONE, TWO = b"1" * 16, b"2" * 16
ALICE, BOB = 5001, 5002


@pytest.fixture
def store():
    return DictStore()


@pytest.fixture
def memory(store):
    return Memory(store, clock=store.clock)


def keep(memory, viewer, digest=ONE, body=b"{}", status=200, seconds=1000):
    memory.keep(viewer, memory.generation(viewer), {digest: (status, body)}, seconds)


@pytest.mark.parametrize("viewer", [None, ALICE])
@pytest.mark.parametrize("body", [b"{}", b"x" * 100_000, os.urandom(50_000), b""])
def test_what_is_kept_comes_back_with_its_age(memory, store, viewer, body):
    keep(memory, viewer, body=body, status=404)
    store.now += 7
    assert memory.recall(viewer, ONE) == Found(404, body, 7.0)


def test_what_came_in_gzip_is_kept_as_it_came(memory, store):
    body = os.urandom(100) * 100
    packed = gzip.compress(body)
    memory.keep(None, memory.generation(None), {ONE: (200, body)}, 1000, packed=packed)
    assert memory.recall(None, ONE) == Found(200, body, 0.0)
    assert any(packed in kept for kept, _ in store.values.values())


def test_nobody_finds_what_somebody_else_asked(memory):
    keep(memory, ALICE)
    memory.generation(BOB)
    assert memory.recall(ALICE, ONE)
    assert memory.recall(BOB, ONE) is None
    assert memory.recall(None, ONE) is None


def test_even_an_answer_copied_to_another_viewers_place_is_not_read(memory, store):
    keep(memory, ALICE)
    memory.generation(BOB)
    (key,) = [key for key in store.values if key.endswith(ONE.hex())]
    store.values[key.replace(str(ALICE), str(BOB))] = store.values[key]
    assert memory.recall(BOB, ONE) is None


def test_to_forget_is_to_find_nothing_any_more(memory):
    keep(memory, ALICE)
    keep(memory, BOB)
    memory.forget(ALICE)
    assert memory.recall(ALICE, ONE) is None
    assert memory.recall(BOB, ONE)


def test_what_was_asked_before_forgetting_does_not_come_back(memory):
    """A slow read that began before a change must not bring the old state back."""
    before = memory.generation(ALICE)
    memory.forget(ALICE)
    memory.keep(ALICE, before, {ONE: (200, b"old")}, 1000)
    assert memory.recall(ALICE, ONE) is None


def test_a_generation_that_was_lost_takes_its_answers_along(memory, store):
    keep(memory, ALICE)
    store.delete_many([f"anilist:{ALICE}:generation"])
    assert memory.recall(ALICE, ONE) is None
    memory.generation(ALICE)
    assert memory.recall(ALICE, ONE) is None


def test_two_who_begin_a_generation_at_once_agree(store):
    class Slow(DictStore):
        def add(self, key, value, seconds):
            DictStore.add(self, key, b"theirs!!", seconds)  # somebody else was faster
            return super().add(key, value, seconds)

    assert Memory(Slow()).generation(ALICE) == b"theirs!!"


def test_a_store_that_keeps_nothing_keeps_nobody_apart_who_asks_the_same():
    class Forgetful(DictStore):
        def get_many(self, keys):
            return {}

    memory = Memory(Forgetful())
    assert memory.generation(ALICE) == memory.generation(ALICE)
    keep(memory, ALICE)
    assert memory.recall(ALICE, ONE) is None


class Failing(DictStore):
    """A cache that can be read and, for now, not written."""

    failing = False

    def set_many(self, values, seconds):
        return not self.failing and super().set_many(values, seconds)

    def add(self, key, value, seconds):
        return self.failing or super().add(key, value, seconds)


def test_what_could_not_be_forgotten_is_not_read_until_it_can():
    store = Failing()
    memory = Memory(store, clock=store.clock)
    for viewer in (ALICE, BOB, None):
        keep(memory, viewer)
    before = memory.generation(ALICE)
    store.failing = True
    memory.forget(ALICE)
    assert memory.recall(ALICE, ONE) is None
    assert memory.recall(BOB, ONE)
    assert memory.recall(None, ONE)
    during = memory.generation(ALICE)
    store.failing = False
    for generation in (before, during):
        memory.keep(ALICE, generation, {ONE: (200, b"from before")}, 1000)
        assert memory.recall(ALICE, ONE) is None
    keep(memory, ALICE, body=b"from afterwards")
    assert memory.recall(ALICE, ONE).body == b"from afterwards"


def test_purging_leaves_nothing_of_a_viewer(memory, store):
    keep(memory, ALICE, ONE)
    keep(memory, ALICE, TWO)
    keep(memory, BOB)
    memory.purge(ALICE)
    left = [key for key in store.values if f":{ALICE}:" in key]
    assert left == [f"anilist:{ALICE}:generation"]
    assert memory.recall(BOB, ONE)


@pytest.mark.parametrize("value", [None, 7, "text", b"", b"short", b"\xff" * 200])
def test_what_is_not_of_our_writing_is_not_there(memory, store, value):
    keep(memory, None)
    (key,) = [key for key in store.values if key.endswith(ONE.hex())]
    store.values[key] = (value, store.now + 10)
    assert memory.recall(None, ONE) is None


def test_a_damaged_body_is_not_there(memory, store):
    keep(memory, None, body=b"x" * 10_000)
    (key,) = [key for key in store.values if key.endswith(ONE.hex())]
    packed, until = store.values[key]
    store.values[key] = (packed[:-5], until)
    assert memory.recall(None, ONE) is None


def test_an_answer_from_tomorrow_is_not_believed(memory, store):
    keep(memory, None)
    store.now -= 24 * 3600
    assert memory.recall(None, ONE) is None
    store.now += 24 * 3600 - 30
    assert memory.recall(None, ONE).age == 0.0  # clocks of two machines differ a little


@pytest.mark.parametrize("viewer", [None, ALICE])
def test_the_number_of_answers_is_bounded_and_the_oldest_go(memory, store, monkeypatch, viewer):
    monkeypatch.setattr(module, "VIEWER_BOUNDS", (10, 10**6))
    monkeypatch.setattr(module, "PUBLIC_BOUNDS", (10, 10**6))
    digests = [bytes([number]) * 16 for number in range(25)]
    for digest in digests:
        keep(memory, viewer, digest)
    found = memory.recall_many(viewer, digests)
    assert list(found) == digests[-10:]
    assert len(store.values) <= 12


def test_the_bytes_are_bounded_too(memory, monkeypatch):
    monkeypatch.setattr(module, "PUBLIC_BOUNDS", (1000, 50_000))
    digests = [bytes([number]) * 16 for number in range(20)]
    for digest in digests:
        keep(memory, None, digest, body=os.urandom(10_000))
    assert list(memory.recall_many(None, digests)) == digests[-4:]


def test_an_answer_that_is_too_large_is_not_kept(memory, store):
    keep(memory, None, body=os.urandom(module.MAX_PACKED))
    assert store.values == {}


def test_an_answer_kept_again_is_the_newest(memory, monkeypatch):
    monkeypatch.setattr(module, "PUBLIC_BOUNDS", (2, 10**6))
    three = b"3" * 16
    for digest in (ONE, TWO, ONE, three):
        keep(memory, None, digest)
    assert set(memory.recall_many(None, [ONE, TWO, three])) == {ONE, three}


@pytest.mark.parametrize(
    ("digest", "body", "writes"),
    [(ONE, b"{}", 2), (ONE, b"{} ", 2), (TWO, b"{}", 1), (TWO, b"{} ", 2)],
)
def test_the_list_is_left_alone_where_little_would_change(memory, store, digest, body, writes):
    """It is long where much is kept, and what is asked all the time is kept anew all the time."""
    for kept in (ONE, TWO):
        keep(memory, None, kept)
    store.writes = 0
    keep(memory, None, digest, body)
    assert store.writes == writes


def test_a_damaged_list_of_what_is_kept_is_begun_anew(memory, store):
    keep(memory, None)
    store.values["anilist:anonymous:index"] = (b"odd", store.now + 10)
    keep(memory, None, TWO)
    assert memory.recall(None, TWO)


def test_many_are_found_with_one_look(memory, store):
    for digest in (ONE, TWO):
        keep(memory, ALICE, digest)
    store.reads = 0
    assert len(memory.recall_many(ALICE, [ONE, TWO, b"3" * 16])) == 2
    assert store.reads == 1


@given(st.binary(max_size=200))
def test_no_bytes_in_the_store_are_an_error(value):
    store = DictStore()
    store.values[f"anilist:anonymous:{ONE.hex()}"] = (value, store.now + 10)
    found = Memory(store, clock=store.clock).recall(None, ONE)
    assert found is None or isinstance(found.body, bytes)

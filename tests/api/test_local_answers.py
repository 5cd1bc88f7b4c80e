"""The memory of one process: it keeps what is read, within bounds, and only for its time."""

from __future__ import annotations

from django_anilist.api.local_answers import LocalAnswers


class Clock:
    now = 1_000.0

    def __call__(self):
        return self.now


def test_what_is_read_stays_and_what_was_not_for_longest_goes_where_bytes_are_many():
    room = LocalAnswers(most_bytes=50_000)
    keys = [str(number) for number in range(20)]
    for key in keys:
        room.set_many({key: bytes(10_000)}, 60.0)
        room.get_many([keys[0]])
    assert list(room.get_many(keys)) == [keys[0], *keys[-4:]]


def test_what_is_written_again_takes_its_room_once():
    room = LocalAnswers(most_bytes=50_000)
    for size in (40_000, 10_000) * 10:
        room.set_many({"alice": bytes(size), "bob": bytes(10_000)}, 60.0)
    assert {key: len(value) for key, value in room.get_many(["alice", "bob"]).items()} == {
        "alice": 10_000,
        "bob": 10_000,
    }
    room.set_many({"carol": bytes(30_000)}, 60.0)
    assert len(room.get_many(["alice", "bob", "carol"])) == 3


def test_what_is_larger_than_all_bounds_is_not_kept_and_nothing_else_either():
    room = LocalAnswers(most_bytes=50_000)
    room.set_many({"alice": b"one", "bob": bytes(50_001)}, 60.0)
    assert room.get_many(["alice", "bob"]) == {}
    room.set_many({"alice": bytes(50_000)}, 60.0)
    assert list(room.get_many(["alice", "bob"])) == ["alice"]


def test_there_is_room_for_so_many():
    room = LocalAnswers(most=30)
    keys = [str(number) for number in range(100)]
    for key in keys:
        room.set_many({key: b"x"}, 60.0)
    assert list(room.get_many(keys)) == keys[-30:]


def test_what_is_deleted_makes_room():
    room = LocalAnswers(most_bytes=50_000)
    room.set_many({"alice": bytes(30_000)}, 60.0)
    room.delete_many(["alice", "nobody"])
    room.set_many({"bob": bytes(30_000), "carol": bytes(20_000)}, 60.0)
    assert list(room.get_many(["alice", "bob", "carol"])) == ["bob", "carol"]


def test_nothing_is_kept_beyond_its_time():
    clock = Clock()
    room = LocalAnswers(most_bytes=10, clock=clock)
    room.set_many({"alice": b"12345"}, 60.0)
    clock.now += 59.9
    assert room.get_many(["alice"]) == {"alice": b"12345"}
    assert room.add("alice", b"other", 60.0) is False
    clock.now += 0.1
    assert room.get_many(["alice"]) == {}
    assert room.add("alice", b"1234567890", 60.0) is True
    assert room.get_many(["alice"]) == {"alice": b"1234567890"}
    clock.now += 60.0
    assert room.add("alice", b"an", 1.0) is True
    assert room.get_many(["alice"]) == {"alice": b"an"}


def test_an_empty_value_is_there_like_any_other():
    room = LocalAnswers()
    assert room.add("flight", b"", 60.0) is True
    assert room.add("flight", b"", 60.0) is False
    assert room.get_many(["flight"]) == {"flight": b""}


def test_clearing_forgets_everything():
    room = LocalAnswers(most_bytes=10)
    room.set_many({"alice": bytes(10)}, 60.0)
    room.clear()
    assert room.get_many(["alice"]) == {}
    room.set_many({"bob": bytes(10)}, 60.0)
    assert list(room.get_many(["bob"])) == ["bob"]

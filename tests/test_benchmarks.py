"""What the benchmarks count by: shares, queues and virtual time. What they measure is no test's business."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from benchmarks.counting import CountingSandbox
from benchmarks.match import runs_of, share, told
from benchmarks.paper import patient
from benchmarks.policies import AtOnce, Backoff, Counter, FixedGap, RetryAfter
from benchmarks.virtual import World, percentile
from django_anilist.api.turns import TASK, WEB


class Cache(dict):
    """As much of Django's cache as a counter needs."""

    def add(self, key, value, timeout):
        self.setdefault(key, value)

    def incr(self, key):
        self[key] += 1
        return self[key]


@pytest.fixture
def naps(monkeypatch):
    """The seconds that somebody would have slept; each nap moves the clock."""
    found = []
    now = [1000.0]

    def sleep(seconds):
        if seconds:
            found.append(pytest.approx(seconds, abs=0.01))
            now[0] += seconds

    monkeypatch.setattr("benchmarks.policies.time.sleep", sleep)
    monkeypatch.setattr("benchmarks.policies.time.monotonic", lambda: now[0])
    monkeypatch.setattr("benchmarks.policies.time.time", lambda: now[0])
    return found


def test_who_spends_evenly_what_there_is_has_used_all_of_it():
    assert share([number / 30 for number in range(-30, 150)], [30] * 4) == pytest.approx(1)


@pytest.mark.parametrize("late", [0.0, 0.1, 0.5, 0.9])
def test_it_does_not_matter_when_in_a_window_somebody_spends_all(late):
    bursts = [window + late for window in range(-1, 5) for _ in range(30)]
    assert share(bursts, [30] * 4) == pytest.approx(1)


def test_who_waits_longer_than_a_window_loses_what_that_is():
    bursts = [1.25 * number for number in range(-2, 100) for _ in range(30)]
    assert share(bursts, [30] * 80) == pytest.approx(0.8, rel=0.01)


def test_a_limit_that_changes_is_counted_as_it_was():
    served = (
        [n / 30 for n in range(30)]
        + [1 + n / 90 for n in range(180)]
        + [3 + n / 30 for n in range(30)]
    )
    assert share(served, [30, 90, 90, 30]) == pytest.approx(1, rel=0.02)


def test_lock_outs_are_runs_of_refusals():
    assert len(list(runs_of([200, 429, 429, 200, 429], 429))) == 2


def test_what_a_killed_process_left_unfinished_is_left_out(tmp_path):
    (tmp_path / "1.calls").write_text("task\tok\t0.5\nweb\tRateLim")
    assert list(told(tmp_path)) == [("task", "ok", 0.5)]


def test_a_sandbox_counts_beyond_a_thousand():
    with CountingSandbox() as box:

        class Request:
            method, path, query_string, headers, args = "GET", "/", b"", {}, {}

        for _ in range(1001):
            box.record(Request)
        assert (len(box.requests), len(box.seen), len(box.moments)) == (1000, 1001, 1001)


# What others do


def test_nothing_at_all_waits_for_nobody(naps):
    pace = AtOnce()
    pace.refused(60)
    pace.wait()
    assert naps == []


def test_blind_backoff_doubles_until_it_is_served(naps):
    pace = Backoff(60.0)
    for _ in range(3):
        pace.refused(60)
        pace.wait()
    pace.served()
    pace.wait()
    assert naps == [1.0, 2.0, 4.0]


def test_the_decent_wait_as_long_as_they_are_told(naps):
    pace = RetryAfter()
    pace.refused(60)
    pace.wait()
    pace.wait()
    assert naps == [60.0]


def test_a_fixed_gap_is_between_any_two(naps):
    pace = FixedGap(2.0)
    pace.wait()
    pace.wait()
    assert naps == [2.0]


def test_a_counter_lets_so_many_leave_in_each_window_by_the_clock(naps):
    pace = Counter(Cache(), 2, 60.0)
    pace.wait()
    pace.wait()
    assert naps == []
    pace.wait()
    assert naps
    assert len(naps) == pytest.approx((1020 - 1000) / 0.1, abs=1)


# Virtual time


@pytest.mark.parametrize("lane", [WEB, TASK])
def test_a_crowd_in_virtual_time_spends_all_and_is_refused_nothing(lane):
    world = World()
    for number in range(20):
        world.begin(world.forever(lane, 120.0), at=number / 1000)
    world.run(180.0)
    assert world.refused == 0
    assert len(world.served) == 90


def test_the_edge_of_virtual_time_refuses_who_does_not_wait():
    world = World()
    assert [world.edge.admit(30, 60.0) is None for _ in range(31)] == [False] * 30 + [True]


def test_virtual_time_is_the_same_each_time():
    def play():
        world = World()
        world.begin(world.visitors(1.0, WEB, 2.0))
        world.run(300.0)
        return world.asked, world.turned_away, world.served

    assert play() == play()


@pytest.mark.parametrize(("a_second", "bounded"), [(0.4, True), (0.6, False)])
def test_a_queue_is_bounded_where_less_comes_in_than_may_leave(a_second, bounded):
    after_an_hour, at_the_end, _ = patient(a_second, 4 * 3600.0)
    assert (at_the_end < 100) is bounded
    if not bounded:
        assert at_the_end > 3 * after_an_hour > 0


def test_a_percentile_is_one_of_the_values():
    assert percentile(range(100), 95) == 95
    assert percentile([], 95) == 0.0


@pytest.mark.slow
def test_one_command_writes_tables_and_the_page(tmp_path):
    command = [
        sys.executable,
        "-m",
        "benchmarks",
        "--only",
        "paper",
        "--quick",
        "--into",
        str(tmp_path),
    ]
    subprocess.run(command, check=True, timeout=100)
    found = json.loads((tmp_path / "benchmarks" / "hosts.json").read_text("utf-8"))
    assert {row[2] for row in found["rows"]} == {0}  # nobody is refused
    assert "100 hosts of 16 workers" in (tmp_path / "benchmarks.rst").read_text("utf-8")

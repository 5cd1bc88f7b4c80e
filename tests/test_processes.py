"""Several processes of one site: what they share, they share for real."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
import redis

from benchmarks import match
from benchmarks.players import Player
from django_anilist.sandbox import OAuthClient, Sandbox

PROCESSES, THREADS = 4, 25


@pytest.fixture
def slow_box():
    """A sandbox that takes its time, so that everybody is there before the first answer."""
    with Sandbox([OAuthClient()]) as box:
        box.dials.slow = 0.5
        yield box


@pytest.fixture(params=["files", "redis"])
def cache(request, tmp_path):
    if request.param == "files":
        place, backend = str(tmp_path / "cache"), "filebased.FileBasedCache"
    else:
        place = request.getfixturevalue("redis_url").rsplit("/", 1)[0] + "/15"
        backend = "redis.RedisCache"
    prefix = f"test-{os.getpid()}-{tmp_path.name}"
    yield {
        "BACKEND": f"django.core.cache.backends.{backend}",
        "LOCATION": place,
        "KEY_PREFIX": prefix,
    }
    if request.param == "redis":
        with redis.Redis.from_url(place) as client:
            for key in client.scan_iter(f"{prefix}*"):
                client.delete(key)


def start(box, cache, tmp_path):
    site = {
        "DEBUG": True,
        "ANILIST_SANDBOX_URL": box.url,
        "ANILIST_BUDGET": str(tmp_path / "budget"),
        "ANILIST_DEADLINE": 60,
        "CACHES": {"default": cache},
    }
    return subprocess.Popen(
        [sys.executable, "-m", "tests.processes", str(THREADS)],
        env={**os.environ, "SITE": json.dumps(site)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_hundred_cold_views_in_four_processes_make_one_request(slow_box, cache, tmp_path):
    site = [start(slow_box, cache, tmp_path) for _ in range(PROCESSES)]
    assert [process.stdout.readline() for process in site] == ["ready\n"] * PROCESSES
    for process in site:
        process.stdin.write("go\n")
        process.stdin.flush()
    found = [json.loads(process.communicate(timeout=100)[0]) for process in site]
    assert found == [[1] * THREADS] * PROCESSES
    assert slow_box.count() == 1


# The game of benchmarks/match.py, in short: how much of the budget is used depends on the machine, and is
# measured there. That nobody is ever locked out does not.


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["lock file", "Redis"])
@pytest.mark.parametrize("meanwhile", [match.nothing, match.kill])
def test_four_greedy_processes_draw_no_429(policy, meanwhile, request):
    address = request.getfixturevalue("redis_url") if policy == "Redis" else ""
    player = Player("", "", 3.0, policy=policy, redis=address)
    found = match.played(player, 2, meanwhile)
    assert (found.refused, found.lock_outs) == (0, 0)
    assert 0 < found.share <= 1.1

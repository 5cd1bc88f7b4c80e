"""Who gets what out of the budget: ``python -m benchmarks.game``.

Four processes of two threads ask for far more than AniList allows, for several windows. The sandbox's
limiter plays AniList's edge: a sliding window, and a lock-out for the first request too many. Printed
are the share of the budget that got through once the first window was over, and the 429s drawn.
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
import threading
import time
from pathlib import Path

from django_anilist.api.budget import TASK, WEB
from django_anilist.api.client import Client
from django_anilist.api.endpoints import sandbox
from django_anilist.api.errors import AniListError, RateLimited
from django_anilist.api.lockfile import SharedBudget
from django_anilist.api.pacing import PacedTransport
from django_anilist.api.transport import RequestsTransport
from django_anilist.sandbox import Sandbox

PROCESSES, THREADS, LIMIT = 4, 2, 30
QUERY = "{ Media(id: 1) { id } }"


def transport():
    return RequestsTransport(referer="http://localhost/", user_agent="benchmark")


def nothing(path: str, window: float):
    return transport()


def ack_slots(path: str, window: float):
    return PacedTransport(transport(), SharedBudget(path, window), lane=TASK, max_wait=10 * window)


def ack_slots_web(path: str, window: float):
    return PacedTransport(transport(), SharedBudget(path, window), lane=WEB, max_wait=10 * window)


POLICIES = {
    "nothing at all": nothing,
    "ack slots, tasks": ack_slots,
    "ack slots, web": ack_slots_web,
}


def play(policy: str, url: str, path: str, window: float, until: float) -> None:
    """Be one process: ask as fast as the policy lets."""

    def ask() -> None:
        client = Client(POLICIES[policy](path, window), sandbox(url))
        while time.monotonic() < until:
            try:
                client.execute(QUERY)
            except RateLimited as error:
                time.sleep(min(error.retry_after, 0.05))
            except AniListError:
                time.sleep(0.05)

    threads = [threading.Thread(target=ask, daemon=True) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(until - time.monotonic(), 0) + 2 * window)


def game(policy: str, window: float, windows: int) -> tuple[float, int]:
    """Return the share of the budget used in all but the first window, and the 429s drawn."""
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder, Sandbox() as box:
        box.dials.limit, box.dials.window = LIMIT, window
        started = time.monotonic() + 2  # the processes need a moment
        until = started + window * (windows + 1)
        path = str(Path(folder) / "budget")
        players = [
            context.Process(target=play, args=(policy, box.url, path, window, until))
            for _ in range(PROCESSES)
        ]
        for player in players:
            player.start()
        time.sleep(max(started + window - time.monotonic(), 0))
        before = len(good(box))
        time.sleep(windows * window)
        got = len(good(box)) - before
        refused = sum(request.status == 429 for request in list(box.requests))
        for player in players:
            player.terminate()
            player.join()
    return got / (LIMIT * windows), refused


def good(box: Sandbox) -> list[object]:
    return [request for request in list(box.requests) if request.status == 200]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--window", type=float, default=3.0, help="seconds a window is scaled to")
    parser.add_argument("--windows", type=int, default=5)
    options = parser.parse_args()
    print(f"{'policy':<20}{'budget used':>12}{'429s':>8}")
    for policy in POLICIES:
        share, refused = game(policy, options.window, options.windows)
        print(f"{policy:<20}{share:>12.1%}{refused:>8}")


if __name__ == "__main__":
    main()

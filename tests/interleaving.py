"""One actor stops at a point on its way, another runs to its end, and the first goes on.

Points are the statements of the database, its commits, and the calls to AniList. Every point is stopped
at (see ``STRIDE``), in both orders, so that no two threads need the luck to meet there.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.db import connections

from django_anilist.api.transport import RequestsTransport
from tests.statements import STRIDE, Around, around_each

#: Who stands still for so many seconds waits for what the other holds; and who is not through after
#: so many looks again and again what became of the other.
STANDS_STILL, GOES_IN_CIRCLES = 0.25, 1.0
#: Longer than any database waits for a lock.
FOR_EVER = 90.0

_here = threading.local()


class Point:
    """Stops its actor before step number ``at`` of its way, until it may go on."""

    def __init__(self, at: int = -1) -> None:
        self.at, self.steps, self.moved = at, 0, time.monotonic()
        self.reached, self.may_go_on = threading.Event(), threading.Event()

    def __call__(self, step: str, do: Callable[[], Any]) -> Any:
        self.moved = time.monotonic()
        self.steps += 1
        if self.steps == self.at + 1:
            self.reached.set()
            assert self.may_go_on.wait(FOR_EVER)
        try:
            return do()
        finally:
            self.moved = time.monotonic()


@contextmanager
def calls_are_points() -> Iterator[None]:
    """Let calls to AniList be points, too."""
    send = RequestsTransport.send

    def step(transport, call):
        around: Around = getattr(_here, "around", lambda _, do: do())
        return around("POST", lambda: send(transport, call))

    with patch.object(RequestsTransport, "send", step):
        yield


def _act(work: Callable[[], Any], point: Point) -> Any:
    _here.around = point
    try:
        with around_each(point):
            return work()
    finally:
        connections.close_all()


def meet(first: Callable[[], Any], second: Callable[[], Any], at: int) -> tuple[bool, Any, Any]:
    """Tell whether ``first`` came to its point, and what both returned."""
    point, freely = Point(at), Point()
    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(_act, first, point)
        one.add_done_callback(lambda _: point.reached.set())
        assert point.reached.wait(FOR_EVER)
        other = pool.submit(_act, second, freely)
        began = freely.moved = time.monotonic()
        while not other.done() and not _is_held_up(freely, began):
            time.sleep(0.005)
        point.may_go_on.set()
        return point.steps > at, one.result(FOR_EVER), other.result(FOR_EVER)


def _is_held_up(actor: Point, began: float) -> bool:
    now = time.monotonic()
    return now - actor.moved > STANDS_STILL or now - began > GOES_IN_CIRCLES


#: Prepares anew, and returns what two actors do.
Scene = Callable[[], tuple[Callable[[], Any], Callable[[], Any]]]


def every_meeting(scene: Scene) -> Iterator[tuple[Any, Any]]:
    """Let the two of ``scene`` meet at every point; yield what they returned, in the scene's order."""
    with calls_are_points():
        for first in (0, 1):
            came, at = True, 0
            while came:
                actors = scene()
                came, *found = meet(actors[first], actors[1 - first], at)
                yield (found[first], found[1 - first])
                at += STRIDE
            assert at > 1

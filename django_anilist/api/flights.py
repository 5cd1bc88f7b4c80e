"""One flight: those who want the same at once make one request between them."""

from __future__ import annotations

import copy
import dataclasses
import threading
import time
from collections.abc import Callable

from django_anilist.api.errors import AniListError, Unavailable
from django_anilist.api.memory import AnswerStore
from django_anilist.api.transport import Reply

#: How often a process looks whether another one has the answer, in seconds.
LOOK = 0.05

_Outcome = Reply | AniListError


class _Flight:
    def __init__(self) -> None:
        self.over = threading.Event()
        self.outcome: _Outcome | None = None


class Flights:
    """What is being asked for just now: by this process, and in a shared ``store`` by others."""

    def __init__(
        self,
        store: AnswerStore,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._sleep = sleep
        self._clock = clock
        self._lock = threading.Lock()
        self._under_way: dict[str, _Flight] = {}

    def join(
        self,
        name: str,
        ask: Callable[[float], Reply],
        recall: Callable[[], Reply | None],
        patience: float,
    ) -> tuple[Reply, bool]:
        """Return the reply of the flight ``name``, and whether somebody else asked for it.

        Who comes first asks, unless ``recall`` finds the answer by then; the others wait, up to
        ``patience`` seconds, and raise what asking raised. ``ask`` is told for how many seconds it was
        waited for somebody who had no answer in the end.
        """
        began = self._clock()
        ends = began + patience

        def ask_now() -> Reply:
            return ask(self._clock() - began)

        while True:
            flight, first = self._board(name)
            if first:
                return self._lead(name, flight, ask_now, recall, ends)
            if not flight.over.wait(max(ends - self._clock(), 0)):
                raise _too_long()
            if isinstance(flight.outcome, AniListError):
                raise copy.copy(flight.outcome)
            if flight.outcome is not None:
                return dataclasses.replace(flight.outcome), True
            # Who asked was given up on, and its view with it: somebody else asks.

    def _board(self, name: str) -> tuple[_Flight, bool]:
        with self._lock:
            there = self._under_way.get(name)
            flight = there or self._under_way.setdefault(name, _Flight())
            return flight, there is None

    def _lead(
        self,
        name: str,
        flight: _Flight,
        ask: Callable[[], Reply],
        recall: Callable[[], Reply | None],
        ends: float,
    ) -> tuple[Reply, bool]:
        try:
            found = self._ask_alone(name, ask, recall, ends)
            flight.outcome = found[0]
            return found
        except AniListError as error:
            flight.outcome = copy.copy(error)  # without what it has been through
            raise
        finally:
            with self._lock:
                self._under_way.pop(name, None)
            flight.over.set()

    def _ask_alone(
        self,
        name: str,
        ask: Callable[[], Reply],
        recall: Callable[[], Reply | None],
        ends: float,
    ) -> tuple[Reply, bool]:
        """Ask, while no other process does; where one does, wait for what it will have found."""
        if not self._store.shared or self._store.puts_off:
            return _found_or_asked(recall, ask)
        key = f"anilist:flight:{name}"
        while not self._store.add(key, b"", max(ends - self._clock(), 1.0)):
            if (reply := recall()) is not None:
                return reply, True
            if self._clock() >= ends:
                raise _too_long()
            self._sleep(LOOK)
        try:
            return _found_or_asked(recall, ask)
        finally:
            self._store.delete_many([key])


def _found_or_asked(
    recall: Callable[[], Reply | None], ask: Callable[[], Reply]
) -> tuple[Reply, bool]:
    found = recall()
    return (ask(), False) if found is None else (found, True)


def _too_long() -> Unavailable:
    return Unavailable("timeout", in_doubt=False)

"""The budget shared by all processes of one machine, in a small file that one at a time may change.

Nothing has to run for it. The file holds numbers only, is readable by its owner alone, and may be
deleted at any time. Its clock is ``time.monotonic``, which every process of a machine shares.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django_anilist.api.breaker import PERIOD, REASONS, Breaker
from django_anilist.api.budget import (
    HIGHEST_LIMIT,
    LONGEST_NAP,
    MAX_WAITERS,
    WINDOW,
    Budget,
)
from django_anilist.api.turns import TASK, WEB, Asker, Heard, Standing, Ticket, Turn, Waiter

fcntl: Any = None  # not on Windows: there the budget is each process's own
with contextlib.suppress(ImportError):
    fcntl = importlib.import_module("fcntl")

logger = logging.getLogger("django_anilist")

#: Milliseconds to wait for the lock, which its holders keep for far less than one.
_PATIENCE = 1000
_MAGIC = 0x414C4236
_HEAD = struct.Struct("<IHHdddddQHdqBBdd")
_WAITER = struct.Struct("<QBdd")
_REASONS = ("", *REASONS)


class SharedBudget:
    """A budget in the file at ``path``; where that cannot be used, one in memory, and a warning."""

    def __init__(self, path: str | Path, window: float = WINDOW, period: float = PERIOD) -> None:
        self._path = str(path)
        self._window = window
        self._period = period
        self.longest_nap = LONGEST_NAP * window
        self._lock = threading.Lock()
        self._own = self._fresh()
        self._last: tuple[bytes, Budget] | None = None  # what is in the file, if nobody else wrote
        self._warned = False
        self._fault = ""

    def now(self) -> float:
        """Return the moment, in seconds of the clock that all who share the file see."""
        return time.monotonic()

    def ask(self, asker: Asker) -> Turn:
        with self.change() as budget:
            return budget.ask(asker, self.now())

    def leave(self, id: int) -> None:
        with self.change() as budget:
            budget.leave(id)

    def answered(self, ticket: Ticket, heard: Heard) -> None:
        with self.change() as budget:
            budget.answered(ticket, heard, self.now())

    def spend_down_to(self, left: int) -> None:
        """Spend what is more than ``left``, which somebody who knows better says is gone."""
        with self.change() as budget:
            budget.spend_down_to(left, self.now())

    def look(self) -> Standing:
        with self.change() as budget:
            return budget.look(self.now())

    def fault(self) -> str:
        """Return why the budget is this process's own, in a word; ``""`` where it is shared."""
        with self._lock:
            file = self._open()
        if file is None:
            return self._fault or "no file locks"
        _give_back(file)
        return ""

    @contextlib.contextmanager
    def change(self) -> Iterator[Budget]:
        """Lend the budget to one at a time, and keep what was changed."""
        with self._lock:
            file = self._open()
            if file is None:
                yield self._own
                return
            try:
                budget = self._read(file)
                yield budget
                self._last = _pack(budget), budget
                os.pwrite(file, self._last[0], 0)
            finally:
                _give_back(file)

    def _fresh(self) -> Budget:
        return Budget(window=self._window, breaker=Breaker(period=self._period))

    def _open(self) -> int | None:
        """Return the file, locked. Links are not followed: the folder may be everybody's."""
        if fcntl is None:
            return None
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            file = os.open(self._path, flags, 0o600)
        except OSError as error:
            self._warn(error)
            return None
        try:
            found = os.fstat(file)
            if found.st_uid != os.getuid():
                raise PermissionError("it belongs to another user")
            if found.st_nlink > 1:  # somebody gave another file of ours this name
                raise PermissionError("it has other names")
            _lock(file)
        except OSError as error:
            os.close(file)
            self._warn(error)
            return None
        return file

    def _warn(self, error: OSError) -> None:
        self._fault = type(error).__name__
        if not self._warned:
            self._warned = True
            logger.warning(
                "AniList's budget is not shared: %s cannot be used (%s)", self._path, error
            )

    def _read(self, file: int) -> Budget:
        """Return the budget in the file; a fresh one where it is empty, damaged or of another boot."""
        data = os.pread(file, 65_536, 0)
        last, self._last = self._last, None
        if last and data.startswith(last[0]):
            return last[1]
        budget = self._fresh()
        try:
            _unpack_into(budget, data)
        except (struct.error, ValueError, IndexError):
            return self._fresh()
        return self._fresh() if budget.is_of_another_clock(self.now()) else budget


def _lock(file: int) -> None:
    """Take the lock, or raise ``TimeoutError``: a holder that is suspended must not stop a site."""
    for _ in range(_PATIENCE):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.001)
        else:
            return
    raise TimeoutError("somebody else keeps it locked")


def _give_back(file: int) -> None:
    """Unlock and close ``file``. To close it alone would leave it locked by a child forked just now."""
    fcntl.flock(file, fcntl.LOCK_UN)
    os.close(file)


def _pack(budget: Budget) -> bytes:
    breaker = budget.breaker
    head = _HEAD.pack(
        _MAGIC,
        budget.limit,
        len(budget.waiters),
        budget.locked_until,
        budget.distrust_until,
        budget.web_seen,
        budget.task_due,
        budget.promised,
        budget.spent,
        budget.others.spent,
        budget.others.until,
        budget.probe,
        breaker.failures,
        _REASONS.index(breaker.reason),
        breaker.open_until,
        breaker.probing_until,
    )
    slots = struct.pack(f"<{budget.limit}d", *budget.slots)
    queue = b"".join(_WAITER.pack(w.id, w.lane == TASK, w.since, w.seen) for w in budget.waiters)
    return head + slots + queue


def _unpack_into(budget: Budget, data: bytes) -> None:
    """Set what ``data`` says; ``struct.error`` or ``ValueError`` where it is not of our writing."""
    magic, limit, waiting, *head = _HEAD.unpack_from(data)
    if magic != _MAGIC or not 0 < limit <= HIGHEST_LIMIT or waiting > MAX_WAITERS:
        raise ValueError("not a budget")
    budget.slots = list(struct.unpack_from(f"<{limit}d", data, _HEAD.size))
    start = _HEAD.size + 8 * limit
    budget.waiters = [
        _waiter(_WAITER.unpack_from(data, start + number * _WAITER.size))
        for number in range(waiting)
    ]
    budget.locked_until, budget.distrust_until, budget.web_seen = head[:3]
    budget.task_due, budget.promised, budget.spent = head[3:6]
    budget.others.spent, budget.others.until, budget.probe = head[6:9]
    budget.breaker.failures, budget.breaker.reason = head[9], _REASONS[head[10]]
    budget.breaker.open_until, budget.breaker.probing_until = head[11:]


def _waiter(fields: tuple[Any, ...]) -> Waiter:
    name, is_task, since, seen = fields
    return Waiter(name, TASK if is_task else WEB, since, seen)

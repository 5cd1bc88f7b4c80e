"""The budget shared by all processes of one machine, in a small file that one at a time may change.

Nothing has to run for it. The file holds numbers only, is readable by its owner alone, and may be
deleted at any time. Its clock is ``time.monotonic``, which every process of a machine shares.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django_anilist.api import locked_file
from django_anilist.api.breaker import PERIOD, REASONS, Breaker
from django_anilist.api.budget import (
    HIGHEST_LIMIT,
    LONGEST_NAP,
    MAX_WAITERS,
    WINDOW,
    Budget,
)
from django_anilist.api.locked_file import LockedFile
from django_anilist.api.turns import TASK, WEB, Asker, Heard, Standing, Ticket, Turn, Waiter

logger = logging.getLogger("django_anilist")

_MAGIC = 0x414C4236
_HEAD = struct.Struct("<IHHdddddQHdqBBdd")
_WAITER = struct.Struct("<QBdd")
_REASONS = ("", *REASONS)
#: No budget takes more bytes than this.
_MOST = _HEAD.size + 8 * HIGHEST_LIMIT + _WAITER.size * MAX_WAITERS


class SharedBudget:
    """A budget in the file at ``path``; where that cannot be used, one in memory, and a warning."""

    def __init__(self, path: str | Path, window: float = WINDOW, period: float = PERIOD) -> None:
        self._path = str(path)
        self._window = window
        self._period = period
        self.longest_nap = LONGEST_NAP * window
        self._lock = threading.Lock()
        self._own = self._fresh()
        self._file: LockedFile | None = None
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
        with self.change():
            pass
        return self._fault

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
                self._write(file, budget)
            finally:
                file.unlock()

    def _fresh(self) -> Budget:
        return Budget(window=self._window, breaker=Breaker(period=self._period))

    def _open(self) -> LockedFile | None:
        """Return the file, locked; ``None`` where it cannot be used."""
        if locked_file.fcntl is None:
            self._fault = "no file locks"
            return None
        try:
            self._file = self._in_place() or LockedFile(self._path)
            self._file.lock()
        except OSError as error:
            self._file = None
            self._warn(error)
            return None
        return self._file

    def _in_place(self) -> LockedFile | None:
        """Return the file that is open, closed where it is none of ours by now."""
        if self._file is not None and not self._file.is_in_place():
            self._file.close()  # first: what is opened next may have its number
            self._file = None
        return self._file

    def _content(self, file: LockedFile) -> bytes:
        """Return what is in ``file``; where it cannot be read, what was there last."""
        try:
            return os.pread(file.number, _MOST, 0)
        except OSError as error:
            self._warn(error)
            return self._last[0] if self._last else b""

    def _write(self, file: LockedFile, budget: Budget) -> None:
        """Write ``budget``; where the disk is full, it stands for what is in the file instead."""
        packed = _pack(budget)
        try:
            if os.pwrite(file.number, packed, 0) < len(packed):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            self._last = self._content(file), budget
            self._warn(error)
        else:
            self._last, self._fault = (packed, budget), ""

    def _warn(self, error: OSError) -> None:
        self._fault = type(error).__name__
        if not self._warned:
            self._warned = True
            logger.warning(
                "AniList's budget is not shared: %s cannot be used (%s)", self._path, error
            )

    def _read(self, file: LockedFile) -> Budget:
        """Return the budget in the file; a fresh one where it is empty, damaged or of another boot."""
        data = self._content(file)
        last, self._last = self._last, None
        if last and (data == last[0] or (last[0] and data.startswith(last[0]))):
            return last[1]
        budget = self._fresh()
        try:
            _unpack_into(budget, data)
        except (struct.error, ValueError, IndexError):
            return self._fresh()
        return self._fresh() if budget.is_of_another_clock(self.now()) else budget


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
    budget.slots = sorted(struct.unpack_from(f"<{limit}d", data, _HEAD.size))
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

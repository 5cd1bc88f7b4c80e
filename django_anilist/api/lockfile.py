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

from django_anilist.api.budget import HIGHEST_LIMIT, WINDOW, Budget, Waiter

fcntl: Any = None  # not on Windows: there the budget is each process's own
with contextlib.suppress(ImportError):
    fcntl = importlib.import_module("fcntl")

logger = logging.getLogger("django_anilist")

#: Longest that anything in the file can be ahead of now: beyond it, the file is of another boot.
_HORIZON = 2 * 3600.0
_MAX_WAITERS = 500
#: Milliseconds to wait for the lock, which its holders keep for far less than one.
_PATIENCE = 1000
_MAGIC = 0x414C4233
_HEAD = struct.Struct("<IHHddddQ")
_WAITER = struct.Struct("<QBdd")


class SharedBudget:
    """A budget in the file at ``path``; where that cannot be used, one in memory, and a warning."""

    def __init__(self, path: str | Path, window: float = WINDOW) -> None:
        self._path = str(path)
        self._window = window
        self._lock = threading.Lock()
        self._own = Budget(window=window)
        self._warned = False

    def now(self) -> float:
        """Return the moment, in seconds of the clock that all who share the file see."""
        return time.monotonic()

    @contextlib.contextmanager
    def change(self) -> Iterator[Budget]:
        """Lend the budget to one at a time, and keep what was changed."""
        with self._lock:
            file = self._open()
            if file is None:
                yield self._own
                return
            with contextlib.closing(_Descriptor(file)):
                budget = self._read(file)
                yield budget
                _write(file, budget)

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
            if os.fstat(file).st_uid != os.getuid():
                raise PermissionError("it belongs to another user")
            _lock(file)
        except OSError as error:
            os.close(file)
            self._warn(error)
            return None
        return file

    def _warn(self, error: OSError) -> None:
        if not self._warned:
            self._warned = True
            logger.warning(
                "AniList's budget is not shared: %s cannot be used (%s)", self._path, error
            )

    def _read(self, file: int) -> Budget:
        """Return the budget in the file; a fresh one where it is empty, damaged or of another boot."""
        try:
            budget = _unpack(os.pread(file, 65_536, 0))
        except (struct.error, ValueError):
            budget = Budget()
        latest = max(*budget.slots, budget.locked_until, budget.distrust_until, budget.web_seen)
        if not latest <= self.now() + _HORIZON:
            budget = Budget()
        budget.window = self._window
        return budget


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


class _Descriptor:
    def __init__(self, file: int) -> None:
        self._file = file

    def close(self) -> None:
        os.close(self._file)  # and so gives the lock back


def _write(file: int, budget: Budget) -> None:
    data = _pack(budget)
    os.pwrite(file, data, 0)


def _pack(budget: Budget) -> bytes:
    waiters = budget.waiters[:_MAX_WAITERS]
    head = _HEAD.pack(
        _MAGIC,
        budget.limit,
        len(waiters),
        budget.locked_until,
        budget.distrust_until,
        budget.web_seen,
        budget.task_due,
        budget.spent,
    )
    slots = struct.pack(f"<{budget.limit}d", *budget.slots)
    queue = b"".join(_WAITER.pack(w.id, w.lane, w.since, w.seen) for w in waiters)
    return head + slots + queue


def _unpack(data: bytes) -> Budget:
    magic, limit, waiting, *moments, spent = _HEAD.unpack_from(data)
    if magic != _MAGIC or not 0 < limit <= HIGHEST_LIMIT or waiting > _MAX_WAITERS:
        raise ValueError("not a budget")
    slots = struct.unpack_from(f"<{limit}d", data, _HEAD.size)
    start = _HEAD.size + 8 * limit
    waiters = [
        Waiter(*_WAITER.unpack_from(data, start + number * _WAITER.size))
        for number in range(waiting)
    ]
    return Budget(
        slots=list(slots),
        locked_until=moments[0],
        distrust_until=moments[1],
        web_seen=moments[2],
        task_due=moments[3],
        spent=spent,
        waiters=waiters,
    )

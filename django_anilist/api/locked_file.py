"""A small file that one process at a time may change: it stays open, and is looked at before each use.

To open it anew for each change is half of what a change costs.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import time
import weakref
from typing import Any

fcntl: Any = None  # not on Windows
with contextlib.suppress(ImportError):
    fcntl = importlib.import_module("fcntl")

#: Seconds to wait for the lock, which its holders keep for far less than a thousandth.
_PATIENCE = 1.0

#: What a child process is not to share: it would have its parent's locks, and keep them beyond its end.
_open_files: weakref.WeakSet[LockedFile] = weakref.WeakSet()


def _close_all() -> None:
    for file in list(_open_files):
        file.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_all)


class LockedFile:
    """The file at ``path``, open for as long as this is somebody's. Raises ``OSError``.

    Links are not followed: the folder may be everybody's.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._process = os.getpid()
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self.number = _above_the_standard(os.open(path, flags, 0o600))
        found = os.fstat(self.number)
        self.close = weakref.finalize(self, _close, self.number, found)
        _open_files.add(self)
        _refuse_what_is_not_ours(found)

    def lock(self) -> None:
        """Take the lock, or raise ``TimeoutError``: a holder that is suspended must not stop a site."""
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                fcntl.flock(self.number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > end:
                    raise TimeoutError("somebody else keeps it locked") from None
                time.sleep(0.001)
            else:
                return

    def unlock(self) -> None:
        """Give the lock back."""
        fcntl.flock(self.number, fcntl.LOCK_UN)

    def is_in_place(self) -> bool:
        """Tell whether this still is what the path names, and this process the one that opened it."""
        if self._process != os.getpid():
            return False
        try:
            found = os.lstat(self._path)
        except FileNotFoundError:
            return False
        if not _is(self.number, found):
            return False
        _refuse_what_is_not_ours(found)
        return True


def _above_the_standard(number: int) -> int:
    """Return a descriptor that nobody takes for standard output, where that was closed."""
    if number > 2:
        return number
    try:
        moved: int = fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, 3)
        return moved
    finally:
        os.close(number)


def _is(number: int, found: os.stat_result) -> bool:
    """Tell whether a descriptor still is of that file: who becomes a daemon closes all there are."""
    try:
        return os.path.samestat(os.fstat(number), found)
    except OSError:
        return False


def _close(number: int, found: os.stat_result) -> None:
    if _is(number, found):
        os.close(number)


def _refuse_what_is_not_ours(found: os.stat_result) -> None:
    if found.st_uid != os.getuid():
        raise PermissionError("it belongs to another user")
    if found.st_nlink > 1:  # somebody gave another file of ours this name
        raise PermissionError("it has other names")

"""Answers in the memory of one process, bounded in number and bytes: the one read longest ago goes."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping

#: How much room there is, in entries and in bytes.
MOST = 20_000
MOST_BYTES = 128 * 1024 * 1024


class LocalAnswers:
    """What is kept in memory, by key. Safe to use from several threads; nothing here raises.

    Django's ``LocMemCache`` has room for 300 entries of any size and drops a third of them at random
    when it is full; it also takes four times as long.
    """

    def __init__(
        self,
        most: int = MOST,
        most_bytes: int = MOST_BYTES,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._most, self._most_bytes, self._clock = most, most_bytes, clock
        self.begin_anew()

    def begin_anew(self) -> None:
        """Begin with nothing, as a child process does: a thread of its parent may have been in here."""
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[bytes, float]] = OrderedDict()
        self._bytes = 0

    def get_many(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Return what is there of ``keys``."""
        now, found = self._clock(), {}
        with self._lock:
            for key in keys:
                if (value := self._value(key, now)) is not None:
                    found[key] = value
                    self._kept.move_to_end(key)
        return found

    def set_many(self, values: Mapping[str, bytes], seconds: float) -> list[str]:
        """Keep ``values`` for no longer than ``seconds``; return the keys that failed, which is none."""
        until = self._clock() + seconds
        with self._lock:
            for key, value in values.items():
                self._put(key, value, until)
        return []

    def delete_many(self, keys: Iterable[str]) -> None:
        """Delete what is there of ``keys``."""
        with self._lock:
            for key in keys:
                self._drop(key)

    def add(self, key: str, value: bytes, seconds: float) -> bool:
        """Keep ``value`` unless there is one; tell whether there was none."""
        now = self._clock()
        with self._lock:
            if self._value(key, now) is not None:
                return False
            self._put(key, value, now + seconds)
            return True

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
            self._bytes = 0

    def _value(self, key: str, now: float) -> bytes | None:
        """Return what is there; what is past its time goes."""
        value, until = self._kept.get(key, (None, 0.0))
        if value is not None and until <= now:
            self._drop(key)
            return None
        return value

    def _put(self, key: str, value: bytes, until: float) -> None:
        self._drop(key)  # what is written anew is the newest
        self._kept[key] = value, until
        self._bytes += len(value)
        while len(self._kept) > self._most or self._bytes > self._most_bytes:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: str) -> None:
        value, _ = self._kept.pop(key, (b"", 0.0))
        self._bytes -= len(value)

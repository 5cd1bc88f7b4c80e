"""A cache in a dict, with a clock that is moved by hand."""

from __future__ import annotations

import threading


class DictStore:
    """As much of a cache as answers are remembered in; ``now`` is its clock."""

    def __init__(self, *, shared=False):
        self.values, self.shared, self.now = {}, shared, 1_000_000.0
        self.reads = self.writes = 0
        self._lock = threading.Lock()

    puts_off = False

    def soon(self, work):
        work()

    def clock(self):
        return self.now

    def get_many(self, keys):
        self.reads += 1
        with self._lock:
            return {key: self.values[key][0] for key in keys if self._there(key)}

    def set_many(self, values, seconds):
        self.writes += 1
        with self._lock:
            self.values |= {key: (value, self.now + seconds) for key, value in values.items()}
        return True

    def delete_many(self, keys):
        with self._lock:
            for key in keys:
                self.values.pop(key, None)

    def add(self, key, value, seconds):
        with self._lock:
            if self._there(key):
                return False
            self.values[key] = (value, self.now + seconds)
            return True

    def _there(self, key):
        return key in self.values and self.values[key][1] > self.now

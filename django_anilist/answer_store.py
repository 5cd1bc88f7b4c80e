"""Django's cache, as the place where answers are remembered. A cache that is down is an empty one."""

from __future__ import annotations

import contextlib
import logging
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.filebased import FileBasedCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.files import locks

logger = logging.getLogger("django_anilist")

#: How much room there is for answers in the memory of one process, in entries. Django's own
#: ``LocMemCache`` keeps 300, and drops a third of them at random when they are full.
LOCAL_ENTRIES = 20_000
#: And in bytes.
LOCAL_BYTES = 128 * 1024 * 1024


class _Room(LocMemCache):
    """A cache in memory that is bounded in bytes: where it is full, what was not read for longest goes.

    It does not look through our keys for what memcached cannot bear.
    """

    _cache: OrderedDict[str, bytes]
    _bytes = 0

    def validate_key(self, key: str) -> None:
        pass

    def clear(self) -> None:
        super().clear()
        self._bytes = 0

    def _set(self, key: str, value: bytes, timeout: Any = DEFAULT_TIMEOUT) -> None:
        self._delete(key)
        self._bytes += len(value)
        super()._set(key, value, timeout)  # type: ignore[misc]
        while self._bytes > LOCAL_BYTES:
            self._delete(next(reversed(self._cache)))

    def _delete(self, key: str) -> bool:
        self._bytes -= len(self._cache.get(key, b""))
        return bool(super()._delete(key))  # type: ignore[misc]

    def _cull(self) -> None:
        for key in list(self._cache)[-len(self._cache) // 3 :]:
            self._delete(key)


_local = _Room("django-anilist", {"OPTIONS": {"MAX_ENTRIES": LOCAL_ENTRIES}})


@contextlib.contextmanager
def _alone(cache: BaseCache) -> Iterator[None]:
    """Let one process at a time add to a cache of files: there Django looks first, and then writes."""
    if not isinstance(cache, FileBasedCache):
        yield
        return
    folder = Path(cache._dir)  # type: ignore[attr-defined]
    folder.mkdir(0o700, parents=True, exist_ok=True)
    with (folder / "anilist.lock").open("w") as file:
        locks.lock(file, locks.LOCK_EX)  # and given back as the file is closed
        yield


class DjangoAnswerStore:
    """The cache of ``settings.CACHES[alias]``; where that is each process's own memory, one with room.

    A cache that raises is taken for empty, with one warning for each kind of error.
    """

    def __init__(self, alias: str) -> None:
        self._alias = alias
        self._warned: set[type[Exception]] = set()

    @property
    def cache(self) -> BaseCache:
        """The cache in use: Django gives each thread its own."""
        cache = caches[self._alias]
        return _local if isinstance(cache, LocMemCache) else cache

    @property
    def shared(self) -> bool:
        """Whether other processes see it too."""
        return not isinstance(self.cache, LocMemCache | DummyCache)

    def get_many(self, keys: Iterable[str]) -> Mapping[str, Any]:
        """Return what is there of ``keys``."""
        try:
            return self.cache.get_many(list(keys))
        except Exception as error:  # noqa: BLE001  whatever a backend raises when its server is gone
            self._warn(error)
            return {}

    def set_many(self, values: Mapping[str, bytes], seconds: float) -> None:
        """Keep ``values`` for no longer than ``seconds``."""
        try:
            self.cache.set_many(dict(values), max(round(seconds), 1))
        except Exception as error:  # noqa: BLE001
            self._warn(error)

    def delete_many(self, keys: Iterable[str]) -> None:
        """Delete what is there of ``keys``."""
        try:
            self.cache.delete_many(list(keys))
        except Exception as error:  # noqa: BLE001
            self._warn(error)

    def add(self, key: str, value: bytes, seconds: float) -> bool:
        """Keep ``value`` unless there is one; tell whether there was none.

        A cache that hides that it is down says there is one, and has none.
        """
        try:
            with _alone(self.cache):
                added = self.cache.add(key, value, max(round(seconds), 1))
            return bool(added) or key not in self.cache.get_many([key])
        except Exception as error:  # noqa: BLE001
            self._warn(error)
            return True

    def _warn(self, error: Exception) -> None:
        if type(error) not in self._warned:
            self._warned.add(type(error))
            logger.warning(
                "The cache %r cannot be used (%s): AniList is asked each time",
                self._alias,
                type(error).__name__,
            )

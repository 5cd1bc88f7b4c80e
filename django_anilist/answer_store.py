"""Django's cache, as the place where answers are remembered. A cache that is down is an empty one."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.db import DatabaseCache
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.filebased import FileBasedCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.files import locks
from django.db import connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.module_loading import import_string

from django_anilist.api.local_answers import LocalAnswers

logger = logging.getLogger("django_anilist")

_local = LocalAnswers()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_local.begin_anew)


def clear_local() -> None:
    """Forget what this process remembers in its own memory, as between two tests."""
    _local.clear()


@lru_cache(maxsize=32)
def _is_a(backend: str, kind: type[BaseCache]) -> bool:
    """Tell whether the class that ``backend`` names is a ``kind`` of cache."""
    try:
        made_by = import_string(backend)
    except ImportError:
        return False
    return isinstance(made_by, type) and issubclass(made_by, kind)


@contextlib.contextmanager
def _alone(cache: object) -> Iterator[None]:
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
    """The cache of ``settings.CACHES[alias]``; where that is each process's own memory, a roomier one.

    A cache that raises is taken for empty, with one warning for each kind of error.
    """

    def __init__(self, alias: str) -> None:
        self._alias = alias
        self._warned: set[type[Exception]] = set()

    @property
    def cache(self) -> BaseCache | LocalAnswers:
        """The cache in use: Django gives each thread its own, which takes a while to find."""
        return _local if _is_a(self._backend, LocMemCache) else caches[self._alias]

    @property
    def _backend(self) -> str:
        named: str = caches.settings.get(self._alias, {}).get("BACKEND", "")
        return named

    @property
    def shared(self) -> bool:
        """Whether other processes see it too."""
        try:
            return not isinstance(self.cache, LocalAnswers | LocMemCache | DummyCache)
        except Exception as error:  # noqa: BLE001  whatever a backend raises that cannot be made
            self._warn(error)
            return False

    @property
    def puts_off(self) -> bool:
        """Whether to write now would be a part of a view's transaction.

        Until its end all others would wait for its rows, and it may be undone.
        """
        return self._transaction() is not None

    def soon(self, work: Callable[[], object]) -> None:
        """Do ``work``, which writes: now, or where there is a transaction, once that is kept."""
        if (connection := self._transaction()) is None:
            work()
        else:
            transaction.on_commit(work, using=connection.alias, robust=True)

    def _transaction(self) -> BaseDatabaseWrapper | None:
        """Return the connection of a cache that is a table, within a transaction; ``None`` elsewhere."""
        if not _is_a(self._backend, DatabaseCache):
            return None
        model = caches[self._alias].cache_model_class  # type: ignore[attr-defined]
        connection = connections[router.db_for_write(model)]
        return connection if connection.in_atomic_block else None

    def get_many(self, keys: Iterable[str]) -> Mapping[str, Any]:
        """Return what is there of ``keys``."""
        try:
            return self.cache.get_many(list(keys))
        except Exception as error:  # noqa: BLE001  whatever a backend raises when its server is gone
            self._warn(error)
            return {}

    def set_many(self, values: Mapping[str, bytes], seconds: float) -> bool:
        """Keep ``values`` for no longer than ``seconds``; tell whether that worked."""
        try:
            return not self.cache.set_many(dict(values), max(round(seconds), 1))
        except Exception as error:  # noqa: BLE001
            self._warn(error)
            return False

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

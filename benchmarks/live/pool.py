"""Redis connections of the whole process, whoever asks for a pool.

Under ASGI Django makes a cache for each request, and each cache a pool of its own, whose connections
stay open until Python happens to collect it. What is counted here are our own descriptors.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import redis


@lru_cache
def _pool(url: str, options: tuple[tuple[str, Any], ...]) -> redis.ConnectionPool:
    return redis.ConnectionPool.from_url(url, **dict(options))


class OnePool:
    """For ``OPTIONS["pool_class"]`` of Django's ``RedisCache``."""

    @staticmethod
    def from_url(url: str, **options: Any) -> redis.ConnectionPool:
        return _pool(url, tuple(sorted(options.items())))

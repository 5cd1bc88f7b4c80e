"""What others do about AniList's limit, to play against in ``benchmarks/game.py``.

Each policy is a ``Pace``: it waits before a request, and hears of a 429. One is made for each thread, or
one for each process, as such code does it. All times are shares of the window, as ours are.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from django_anilist.api.replies import retry_after
from django_anilist.api.transport import Call, Reply, Transport


class Pace(Protocol):
    """Waits for the turn of one request, and hears how it went."""

    def wait(self) -> None: ...

    def served(self) -> None: ...

    def refused(self, seconds: float) -> None: ...


class AtOnce:
    """Nothing at all."""

    def wait(self) -> None: ...

    def served(self) -> None: ...

    def refused(self, seconds: float) -> None: ...


class Backoff(AtOnce):
    """A second, two, four, ... of a minute after each refusal, whatever the server says."""

    def __init__(self, window: float) -> None:
        self._window, self._failures = window, 0

    def wait(self) -> None:
        if self._failures:
            time.sleep(min(self._window / 60 * 2 ** (self._failures - 1), self._window))

    def served(self) -> None:
        self._failures = 0

    def refused(self, seconds: float) -> None:
        self._failures += 1


class RetryAfter(AtOnce):
    """As long as a refusal said. The rest waits for it, too: they are decent."""

    def __init__(self) -> None:
        self._until = 0.0

    def wait(self) -> None:
        time.sleep(max(self._until - time.monotonic(), 0))

    def refused(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds


class FixedGap(RetryAfter):
    """A request every so often, in each process."""

    def __init__(self, gap: float) -> None:
        super().__init__()
        self._gap, self._next, self._lock = gap, 0.0, threading.Lock()

    def wait(self) -> None:
        super().wait()
        with self._lock:
            time.sleep(max(self._next - time.monotonic(), 0))
            self._next = time.monotonic() + self._gap


class Counter(RetryAfter):
    """So many in each window by the clock, counted in Django's cache, as throttles of views do it."""

    def __init__(self, cache: Any, limit: int, window: float) -> None:
        super().__init__()
        self._cache, self._limit, self._window = cache, limit, window

    def wait(self) -> None:
        super().wait()
        while not self._counted():
            time.sleep(self._window / 600)

    def _counted(self) -> bool:
        key = f"anilist-{int(time.time() / self._window)}"
        self._cache.add(key, 0, self._window * 2)
        return bool(self._cache.incr(key) <= self._limit)


class Bucket(RetryAfter):
    """A limiter of pyrate-limiter's."""

    def __init__(self, limiter: Any) -> None:
        super().__init__()
        self._limiter = limiter

    def wait(self) -> None:
        super().wait()
        self._limiter.try_acquire("anilist")


def at_once(limit: int, window: float, redis: str, name: str) -> Callable[[], Pace]:
    return AtOnce


def backoff(limit: int, window: float, redis: str, name: str) -> Callable[[], Pace]:
    return lambda: Backoff(window)


def decent(limit: int, window: float, redis: str, name: str) -> Callable[[], Pace]:
    return RetryAfter


def limiter_per_process(limit: int, window: float, redis: str, name: str) -> Callable[[], Pace]:
    from pyrate_limiter import InMemoryBucket  # noqa: PLC0415  may be missing

    limiter = _limiter(window, InMemoryBucket(_rates(limit, window)))
    return lambda: Bucket(limiter)


def fixed_gap(limit: int, window: float, redis: str, name: str) -> Callable[[], Pace]:
    gap = FixedGap(window / limit)
    return lambda: gap


def counter(limit: int, window: float, redis: str, name: str) -> Callable[[], Pace]:
    from django.core.cache.backends.redis import RedisCache  # noqa: PLC0415  may be missing

    return lambda: Counter(RedisCache(redis, {"KEY_PREFIX": name}), limit, window)


def shared_bucket(limit: int, window: float, redis: str, name: str) -> Callable[[], Pace]:
    from pyrate_limiter import RedisBucket  # noqa: PLC0415  may be missing
    from redis import Redis  # noqa: PLC0415

    bucket = RedisBucket.init(_rates(limit, window), Redis.from_url(redis), f"pyrate-{name}")
    limiter = _limiter(window, bucket)
    return lambda: Bucket(limiter)


def _rates(limit: int, window: float) -> list[Any]:
    from pyrate_limiter import Rate  # noqa: PLC0415  may be missing

    return [Rate(limit, round(window * 1000))]


def _limiter(window: float, bucket: Any) -> Any:
    """Its own margin is 50 ms of a minute."""
    from pyrate_limiter import Limiter  # noqa: PLC0415  may be missing

    return Limiter(bucket, buffer_ms=max(1, round(50 * window / 60)))


#: By name: for a process, what makes the pace of each of its threads.
POLICIES: dict[str, Callable[[int, float, str, str], Callable[[], Pace]]] = {
    "nothing at all": at_once,
    "blind exponential backoff": backoff,
    "Retry-After, per thread": decent,
    "a limiter per process": limiter_per_process,
    "a fixed gap per process": fixed_gap,
    "counters in Django's cache, Redis": counter,
    "pyrate-limiter, Redis": shared_bucket,
}


class Policed:
    """A transport under a policy of another's."""

    def __init__(self, transport: Transport, pace: Pace) -> None:
        self._transport, self._pace = transport, pace

    def send(self, call: Call) -> Reply:
        started = time.monotonic()
        self._pace.wait()
        call.trace.left_the_queue(time.monotonic() - started, 0)
        reply = self._transport.send(call)
        if reply.status == 429:
            self._pace.refused(retry_after(reply.headers))
        else:
            self._pace.served()
        return reply

    def close(self) -> None:
        self._transport.close()

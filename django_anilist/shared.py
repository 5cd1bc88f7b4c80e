"""What all clients of a process have in common: connections, the budget, what is remembered."""

from __future__ import annotations

import logging
import os
import threading
import time
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from django_anilist.answer_store import DjangoAnswerStore
from django_anilist.api.breaker import PERIOD
from django_anilist.api.budget import WINDOW
from django_anilist.api.caching import CachingTransport
from django_anilist.api.flights import Flights
from django_anilist.api.lockfile import SharedBudget
from django_anilist.api.memory import Memory
from django_anilist.api.pacing import PacedTransport
from django_anilist.api.patience import PatientTransport, Stalled
from django_anilist.api.redis_store import RedisBudget
from django_anilist.api.retrying import RetryingTransport
from django_anilist.api.transport import RequestsTransport, Transport
from django_anilist.api.turns import BudgetStore
from django_anilist.conf import settings
from django_anilist.models import AniListToken

logger = logging.getLogger("django_anilist")

#: Seconds within which AniList counts, and for which nobody asks an AniList that is down.
BUDGET_WINDOW, BREAKER_PERIOD = WINDOW, PERIOD

#: Set while an asynchronous caller waits for a thread, and true once it does no more.
given_up: ContextVar[threading.Event | None] = ContextVar("given_up", default=None)


class GivenUpError(Exception):
    """Nobody waits for this any more: the view was cancelled."""


def nap(seconds: float) -> None:
    """Sleep; raise :class:`GivenUpError` as soon as nobody waits any more."""
    event = given_up.get()
    if event is None:
        time.sleep(seconds)
    elif event.wait(seconds):
        raise GivenUpError


def transport(lane: str, max_wait: float, patience: float | None = None) -> Transport:
    """Return the way to AniList: remembered, tried again, in its turn.

    ``max_wait`` is how long a request may wait for its turn; ``patience``, for a page, the seconds it
    may lose to requests that fail.
    """
    way: Transport = RetryingTransport(paced_transport(lane, max_wait), sleep=nap)
    more: dict[str, Any] = {}
    if patience is not None:
        way = patient = PatientTransport(way, patience, _stalled(os.getpid(), BREAKER_PERIOD))
        more["in_vain"] = patient.lose
    if (remembered := memory()) is not None:
        way = CachingTransport(way, remembered, flights(), lane=lane, patience=max_wait, **more)
    return way


def paced_transport(lane: str, max_wait: float) -> PacedTransport:
    """Return this process's connections, kept to the budget that all processes share."""
    return PacedTransport(connections(), budget(), lane=lane, max_wait=max_wait, sleep=nap)


@lru_cache(maxsize=4)
def _stalled(process: int, period: float) -> Stalled:
    return Stalled(period)


# The budget


def budget() -> BudgetStore:
    """Return the one budget of this process: where it cannot be shared, it is all there is."""
    where = (settings.budget_url, settings.budget_path, settings.budget_name)
    return _budget(os.getpid(), where, BUDGET_WINDOW, BREAKER_PERIOD)


@lru_cache(maxsize=4)
def _budget(process: int, where: tuple[str, str, str], window: float, period: float) -> BudgetStore:
    url, path, name = where
    here = SharedBudget(path, window, period)
    if not url:
        return here
    try:
        return RedisBudget(url, name, here, window=window, period=period)
    except ImportError:
        logger.warning("AniList's budget is shared on this machine only: pip install redis")
    except (ValueError, TypeError):  # whose text may hold a piece of the password
        logger.warning("AniList's budget is shared on this machine only: see manage.py check")
    return here


# What is remembered


def memory() -> Memory | None:
    """Return where answers are remembered, ``None`` where the settings say nowhere."""
    return _memory(os.getpid(), settings.cache_alias) if settings.cache_alias else None


def put_off() -> Memory | None:
    """Return the memory where somebody is yet to be forgotten, once the view's transaction is over."""
    remembered = memory()
    return remembered if remembered is not None and remembered.put_off else None


def flights() -> Flights:
    """Return what this process is asking for just now."""
    return _flights(os.getpid(), settings.cache_alias)


@lru_cache(maxsize=4)
def _memory(process: int, alias: str) -> Memory:
    return Memory(DjangoAnswerStore(alias))


@lru_cache(maxsize=4)
def _flights(process: int, alias: str) -> Flights:
    return Flights(_memory(process, alias).store, sleep=nap)


def purge(anilist_id: int) -> None:
    """Delete what is remembered for a viewer."""
    remembered = memory()
    if remembered is not None:
        remembered.purge(anilist_id)


def purge_after_token(sender: object, instance: AniListToken, **kwargs: object) -> None:
    """Delete what is remembered for a user whose token row was deleted, however that came about."""
    purge(instance.anilist_id)


# One pool of connections for each process and settings.

_lock = threading.Lock()
_connections: dict[tuple[Any, ...], RequestsTransport] = {}


def connections() -> RequestsTransport:
    """Return this process's connections, made anew when the settings change or after a fork."""
    key = (os.getpid(), settings.site_origin, settings.proxy, settings.ca_bundle)
    with _lock:
        if key not in _connections:
            close_connections()
            _connections[key] = RequestsTransport(
                referer=f"{settings.site_origin}/",
                user_agent=settings.user_agent,
                proxy=settings.proxy,
                ca_bundle=settings.ca_bundle,
            )
        return _connections[key]


def close_connections() -> None:
    """Close the pool of connections; the next call opens a new one."""
    while _connections:
        _connections.popitem()[1].close()

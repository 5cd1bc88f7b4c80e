"""Settings and token in, client out. Nothing else builds a client."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from asgiref.sync import sync_to_async
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from django_anilist.access import GrantAccess, UserAccess, in_network_thread
from django_anilist.api.budget import TASK, WEB, WINDOW
from django_anilist.api.client import Client
from django_anilist.api.lists import MediaList
from django_anilist.api.lockfile import SharedBudget
from django_anilist.api.pacing import PacedTransport
from django_anilist.api.secrets import Secret
from django_anilist.api.transport import RequestsTransport
from django_anilist.conf import settings
from django_anilist.models import AniListToken, Status
from django_anilist.tokens import AnyUser

#: How long a request outside a web request waits for its turn, in seconds.
TASK_WAIT = 120.0
BUDGET_WINDOW = WINDOW

_R = TypeVar("_R")


class AniList(Client):
    """AniList for one user of the site, or for nobody.

    True when the user is connected and the token may be sent. Public queries always work; what needs
    a viewer raises :class:`ReconnectRequired` where there is none. Every method has an asynchronous
    twin, its name with an ``a`` before it.
    """

    _access: UserAccess

    def __init__(
        self, user: Callable[[], AnyUser], *, lane: int = TASK, max_wait: float = TASK_WAIT
    ) -> None:
        transport = paced_transport(lane, max_wait)
        super().__init__(transport, settings.endpoints, UserAccess(user))

    @classmethod
    def for_user(cls, user: AnyUser, *, max_wait: float = TASK_WAIT) -> AniList:
        """Return the client of ``user``, for a task, a command or a shell.

        Its requests let those of web pages go first, and wait for their turn up to ``max_wait``
        seconds each.
        """
        return cls(lambda: user, max_wait=max_wait)

    @classmethod
    def for_request(cls, request: HttpRequest) -> AniList:
        """Return the client of whoever is signed in; ``request.user`` is not touched yet.

        Its requests wait for their turn up to ``ANILIST_MAX_WAIT`` seconds each.
        """
        return cls(lambda: request.user, lane=WEB, max_wait=settings.max_wait)

    @classmethod
    def anonymous(cls, *, max_wait: float = TASK_WAIT) -> AniList:
        """Return a client for public queries, as patient as one of ``for_user``."""
        return cls(AnonymousUser, max_wait=max_wait)

    def __bool__(self) -> bool:
        return self.status.usable

    def __repr__(self) -> str:
        return "<AniList>"

    @property
    def status(self) -> Status:
        """How the user stands: ``connected``, ``expiring``, ``expired``, ``rejected``,
        ``unreadable`` or ``disconnected``. Asks the database once, AniList never."""
        return self._access.status

    @property
    def account(self) -> AniListToken | None:
        """The row that keeps the connection: the AniList id, name, avatar and dates."""
        return self._access.row

    async def astatus(self) -> Status:
        """The same as ``status``, for asynchronous code."""
        return await sync_to_async(lambda: self.status)()

    async def aaccount(self) -> AniListToken | None:
        """The same as ``account``, for asynchronous code."""
        return await sync_to_async(lambda: self.account)()

    def viewer(self) -> dict[str, Any]:
        """Return the viewer's ``User``; a changed name or avatar is kept."""
        viewer = super().viewer()
        self._access.met(viewer)
        return viewer

    async def aexecute(
        self,
        document: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
    ) -> dict[str, Any]:
        """The same as ``execute``, for asynchronous code."""
        return await self._aside(self.execute, document, variables, operation_name)

    async def aviewer(self) -> dict[str, Any]:
        """The same as ``viewer``, for asynchronous code."""
        return await self._aside(self.viewer)

    async def amedia(self, id: int) -> dict[str, Any]:
        """The same as ``media``, for asynchronous code."""
        return await self._aside(self.media, id)

    async def amedia_list(self, **arguments: Any) -> MediaList:
        """The same as ``media_list``, for asynchronous code."""
        return await self._aside(self.media_list, **arguments)

    async def asave_media_list_entry(self, **arguments: Any) -> dict[str, Any]:
        """The same as ``save_media_list_entry``, for asynchronous code."""
        return await self._aside(self.save_media_list_entry, **arguments)

    async def adelete_media_list_entry(self, id: int) -> bool:
        """The same as ``delete_media_list_entry``, for asynchronous code."""
        return await self._aside(self.delete_media_list_entry, id)

    async def apages(
        self, document: str, variables: Mapping[str, Any] | None = None, **options: Any
    ) -> AsyncIterator[dict[str, Any]]:
        """The same as ``pages``, for asynchronous code."""
        pages = self.pages(document, variables, **options)
        while (item := await self._aside(next, pages, None)) is not None:
            yield item

    async def _aside(self, work: Callable[..., _R], *args: Any, **kwargs: Any) -> _R:
        """Do ``work`` in a thread, with the database used before and after it, in Django's own."""
        await sync_to_async(lambda: self._access.row)()
        in_network_thread.set(True)
        try:
            return await asyncio.to_thread(work, *args, **kwargs)
        finally:
            in_network_thread.set(False)
            await sync_to_async(self._access.settle)()


def client_for_grant(token: Secret, deadline: float) -> Client:
    """Return a client that asks AniList whose ``token`` this is, within ``deadline`` seconds."""
    transport = paced_transport(WEB, settings.max_wait)
    return Client(transport, settings.endpoints, GrantAccess(token), deadline=deadline)


def paced_transport(lane: int, max_wait: float) -> PacedTransport:
    """Return this process's transport, kept to the budget that all processes share."""
    store = _budget(os.getpid(), settings.budget_path, BUDGET_WINDOW)
    return PacedTransport(shared_transport(), store, lane=lane, max_wait=max_wait)


@lru_cache(maxsize=4)
def _budget(process: int, path: str, window: float) -> SharedBudget:
    """Return the one store of this process: where its file cannot be used, it is all there is."""
    return SharedBudget(path, window)


# One transport, and so one pool of connections, for each process and settings.

_lock = threading.Lock()
_shared: dict[tuple[Any, ...], RequestsTransport] = {}


def shared_transport() -> RequestsTransport:
    """Return this process's transport, made anew when the settings change or after a fork."""
    key = (os.getpid(), settings.site_origin, settings.proxy, settings.ca_bundle)
    with _lock:
        if key not in _shared:
            close_transport()
            _shared[key] = RequestsTransport(
                referer=f"{settings.site_origin}/",
                user_agent=settings.user_agent,
                proxy=settings.proxy,
                ca_bundle=settings.ca_bundle,
            )
        return _shared[key]


def close_transport() -> None:
    """Close the pool of connections; the next call opens a new one."""
    while _shared:
        _shared.popitem()[1].close()

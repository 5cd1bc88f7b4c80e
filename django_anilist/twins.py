"""The asynchronous twins of a client's methods.

AniList answers 30 to 90 requests a minute: there is nothing to gain from a second way to send them, and
two ways would drift apart. So a twin runs its sibling in a thread.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.utils.asyncio import async_unsafe

from django_anilist.access import UserAccess, in_network_thread
from django_anilist.api.arguments import EntryFields, WhichList
from django_anilist.api.batching import Ask, Outcome
from django_anilist.api.client import Client
from django_anilist.api.documents import Operation
from django_anilist.api.lists import MediaList
from django_anilist.api.many_media import MediaById
from django_anilist.api.results import Answer
from django_anilist.api.transport import Call
from django_anilist.shared import given_up

if TYPE_CHECKING:
    from typing_extensions import Unpack

_R = TypeVar("_R")


def _afresh(work: Callable[..., _R], *args: Any, **kwargs: Any) -> _R:
    """Do ``work``, and leave no connection to a database open in this thread, nor find a dead one.

    A cache may be a table, and Django closes the connections of its own threads alone.
    """
    close_old_connections()
    try:
        return work(*args, **kwargs)
    finally:
        close_old_connections()


class AsyncTwins(Client):
    """A client whose every method has a twin to await, its name with an ``a`` before it."""

    _access: UserAccess

    @async_unsafe(
        "AniList cannot be asked from here: it would stop all that this event loop serves. "
        "Await the method's twin, its name with an a before it, or use sync_to_async."
    )
    def _send(self, call: Call, operation: Operation) -> Answer:
        return super()._send(call, operation)

    async def aexecute(
        self,
        document: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
        **options: Any,
    ) -> Answer:
        """The same as ``execute``, for asynchronous code."""
        return await self._aside(self.execute, document, variables, operation_name, **options)

    async def aexecute_many(self, asks: Iterable[Ask]) -> list[Outcome]:
        """The same as ``execute_many``, for asynchronous code."""
        return await self._aside(self.execute_many, asks)

    async def aviewer(self) -> Answer:
        """The same as ``viewer``, for asynchronous code."""
        return await self._aside(self.viewer)

    async def amedia(self, id: int) -> Answer:
        """The same as ``media``, for asynchronous code."""
        return await self._aside(self.media, id)

    async def amedia_many(self, ids: Iterable[int], **options: Any) -> MediaById:
        """The same as ``media_many``, for asynchronous code."""
        return await self._aside(self.media_many, ids, **options)

    async def amedia_list(self, **which: Unpack[WhichList]) -> MediaList:
        """The same as ``media_list``, for asynchronous code."""
        return await self._aside(self.media_list, **which)

    async def aiter_media_list(self, **which: Unpack[WhichList]) -> AsyncIterator[dict[str, Any]]:
        """The same as ``iter_media_list``, for asynchronous code."""
        async for entry in self._one_by_one(self._parts_of_list(**which)):
            yield entry

    async def asave_media_list_entry(self, **arguments: Unpack[EntryFields]) -> Answer:
        """The same as ``save_media_list_entry``, for asynchronous code."""
        return await self._aside(self.save_media_list_entry, **arguments)

    async def adelete_media_list_entry(self, id: int) -> bool:
        """The same as ``delete_media_list_entry``, for asynchronous code."""
        return await self._aside(self.delete_media_list_entry, id)

    async def apages(
        self, document: str, variables: Mapping[str, Any] | None = None, **options: Any
    ) -> AsyncIterator[dict[str, Any]]:
        """The same as ``pages``, for asynchronous code."""
        async for item in self._one_by_one(self._parts_of_pages(document, variables, **options)):
            yield item

    async def _one_by_one(
        self, parts: Iterator[list[dict[str, Any]]]
    ) -> AsyncIterator[dict[str, Any]]:
        """Yield what is in ``parts``, each of which is a request; only for that a thread is needed."""
        while (part := await self._aside(next, parts, None)) is not None:
            for item in part:
                yield item

    async def _aside(self, work: Callable[..., _R], *args: Any, **kwargs: Any) -> _R:
        """Do ``work`` in a thread, with the database used before and after it, in Django's own.

        Where the caller is cancelled, what waits for its turn gives its place away.
        """
        await sync_to_async(self._access.look)()
        event = threading.Event()
        in_network_thread.set(True)
        given_up.set(event)
        try:
            return await asyncio.to_thread(_afresh, work, *args, **kwargs)
        finally:
            event.set()
            in_network_thread.set(False)
            given_up.set(None)
            await sync_to_async(self._access.settle)()

"""Ask AniList: a document in, ``data`` or exactly one of our errors out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from django_anilist.api import queries
from django_anilist.api.documents import read_operation
from django_anilist.api.endpoints import Endpoints
from django_anilist.api.errors import AniListError, BadResponse, NotConnected, TokenRejected
from django_anilist.api.lists import MediaList, collect, objects
from django_anilist.api.replies import graphql_data
from django_anilist.api.secrets import Secret
from django_anilist.api.transport import MEBIBYTE, Call, Transport

QUERY_DEADLINE = 8.0
LIST_DEADLINE = 20.0
#: ``MediaListCollection`` gives at most this many entries at a time.
PER_CHUNK = 500
#: A list of 11,000 entries, AniList's cap, has 22 chunks.
MAX_CHUNKS = 50
MAX_PAGES = 100


class Access(Protocol):
    """On whose behalf a client speaks."""

    def bearer(self) -> Secret | None:
        """Return the token to send, or ``None`` where there is none that may be sent."""

    def account_id(self) -> int:
        """Return the AniList id of the viewer, or raise :class:`ReconnectRequired`."""

    def rejected(self, bearer: Secret) -> None:
        """Hear that AniList no longer accepts ``bearer``."""


class Anonymous:
    """Nobody: public queries only."""

    def bearer(self) -> None:
        return None

    def account_id(self) -> int:
        raise NotConnected

    def rejected(self, bearer: Secret) -> None:
        """Never called: nothing is sent."""


class Client:
    """AniList's API, as one viewer or as nobody. Cheap to make; safe to use from several threads.

    ``deadline`` bounds each request in seconds. Every method raises, besides what it names,
    :class:`RateLimited`, :class:`Unavailable`, :class:`QueryError`, and :class:`ReconnectRequired`
    where AniList no longer accepts the viewer.
    """

    def __init__(
        self,
        transport: Transport,
        endpoints: Endpoints,
        access: Access | None = None,
        *,
        deadline: float = QUERY_DEADLINE,
    ) -> None:
        self._transport = transport
        self._endpoints = endpoints
        self._access = access or Anonymous()
        self._deadline = deadline

    def execute(
        self,
        document: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
    ) -> dict[str, Any]:
        """Send a GraphQL ``document`` and return its ``data``.

        A document that needs a viewer raises :class:`ReconnectRequired` unsent where there is none;
        every other is sent as the viewer if there is a usable token, else as nobody. Text that is
        not GraphQL raises :class:`QueryError` unsent.
        """
        return self._ask(document, variables, operation_name)

    def viewer(self) -> dict[str, Any]:
        """Return the viewer's ``User``: id, name, avatar, options, score format."""
        return _object(self.execute(queries.VIEWER), "Viewer")

    def media(self, id: int) -> dict[str, Any]:
        """Return the ``Media`` with this AniList id, or raise :class:`NotFound`."""
        return _object(self.execute(queries.MEDIA, {"id": id}), "Media")

    def media_list(
        self,
        *,
        type: str = "ANIME",
        status: str | None = None,
        user_id: int | None = None,
        user_name: str | None = None,
        sort: str | list[str] | None = None,
    ) -> MediaList:
        """Return a user's list, every entry once: the viewer's own unless another is named.

        ``type`` is ``ANIME`` or ``MANGA``, ``status`` a ``MediaListStatus`` (all when ``None``),
        ``sort`` one or several ``MediaListSort``. Entries are AniList's ``MediaList`` objects with
        their ``media``, with ``scoreRaw`` (0 to 100) and ``customListNames`` besides.
        """
        variables: dict[str, Any] = {
            "type": type,
            "status": status,
            "sort": sort,
            "perChunk": PER_CHUNK,
        }
        if user_name is not None:
            variables["userName"] = user_name
        else:
            variables["userId"] = self._access.account_id() if user_id is None else user_id
        given = {name: value for name, value in variables.items() if value is not None}
        return collect(self._chunks(given), status)

    def save_media_list_entry(self, **arguments: Any) -> dict[str, Any]:
        """Make or change an entry of the viewer's list; return it as AniList has it now.

        Arguments are AniList's, in Python's spelling: ``media_id`` (or ``id``, the entry's),
        ``status``, ``progress``, ``score`` (in the viewer's format) or ``score_raw`` (0 to 100),
        ``notes``, ``started_at`` (a ``FuzzyDateInput``) and so on. Only what is given changes.
        Raises :class:`ValidationFailed` where AniList refuses a value. Sent once, never again.
        """
        variables = {_camel_case(name): value for name, value in arguments.items()}
        return _object(self.execute(queries.SAVE_MEDIA_LIST_ENTRY, variables), "SaveMediaListEntry")

    def delete_media_list_entry(self, id: int) -> bool:
        """Delete the entry with this id (the entry's, not the medium's); tell whether it went."""
        data = self.execute(queries.DELETE_MEDIA_LIST_ENTRY, {"id": id})
        return _object(data, "DeleteMediaListEntry").get("deleted") is True

    def pages(
        self,
        document: str,
        variables: Mapping[str, Any] | None = None,
        *,
        max_pages: int = MAX_PAGES,
    ) -> Iterator[dict[str, Any]]:
        """Yield the items of a paged query, one request for each page, asked for as they are read.

        ``document`` takes ``$page`` and selects one ``Page`` with ``pageInfo { hasNextPage }`` and
        one list beside it. Only ``hasNextPage`` is believed (``total`` is wrong on AniList); an item
        with an ``id`` seen before is left out, and no more than ``max_pages`` are asked for.
        """
        seen: set[Any] = set()
        for number in range(1, max_pages + 1):
            page = _object(self.execute(document, {**(variables or {}), "page": number}), "Page")
            for item in _items(page):
                if (key := item.get("id")) is None or key not in seen:
                    seen.add(key)
                    yield item
            if _object(page, "pageInfo").get("hasNextPage") is not True:
                return

    def _chunks(self, variables: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for number in range(1, MAX_CHUNKS + 1):
            data = self._ask(
                queries.MEDIA_LIST,
                {**variables, "chunk": number},
                deadline=LIST_DEADLINE,
                max_bytes=32 * MEBIBYTE,
            )
            chunk = _object(data, "MediaListCollection")
            yield chunk
            if chunk.get("hasNextChunk") is not True:
                return

    def _ask(
        self,
        document: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
        *,
        deadline: float | None = None,
        max_bytes: int = 2 * MEBIBYTE,
    ) -> dict[str, Any]:
        operation = read_operation(document, operation_name)
        bearer = self._access.bearer()
        if operation.needs_viewer and bearer is None:
            self._access.account_id()  # raises what the user has to hear
        payload: dict[str, Any] = {"query": document, "variables": dict(variables or {})}
        if operation_name is not None:
            payload["operationName"] = operation_name
        seconds = self._deadline if deadline is None else deadline
        call = Call(self._endpoints.graphql, payload, bearer, seconds, max_bytes)
        try:
            return graphql_data(self._transport.send(call), bearer)
        except AniListError as error:
            failure = error
        if isinstance(failure, TokenRejected) and bearer is not None:
            self._access.rejected(bearer)
        if isinstance(failure, NotConnected):
            self._access.account_id()  # says more than "not connected" where there is a dead token
        raise failure.with_traceback(None)  # the frames below hold the answer: somebody's data


def _object(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = data.get(name)
    if not isinstance(found, dict):
        raise BadResponse(f"AniList's answer holds no {name}")
    return found


def _items(page: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [item for name in page if name != "pageInfo" for item in objects(page[name])]


def _camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)

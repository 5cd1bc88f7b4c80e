"""Ask AniList: a document in, ``data`` or exactly one of our errors out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from django_anilist.api import queries
from django_anilist.api.arguments import EntryFields, WhichList
from django_anilist.api.conversation import Question
from django_anilist.api.errors import BadResponse, NotFound
from django_anilist.api.lists import MediaList, collect, objects, part_by_part
from django_anilist.api.many_media import ManyMedia
from django_anilist.api.results import Answer
from django_anilist.api.transport import MEBIBYTE
from django_anilist.api.values import as_input, is_media_id

if TYPE_CHECKING:
    from typing_extensions import Unpack

LIST_DEADLINE = 20.0
#: ``MediaListCollection`` gives at most this many entries at a time.
PER_CHUNK = 500
#: A list of 11,000 entries, AniList's cap, has 22 chunks.
MAX_CHUNKS = 50
MAX_PAGES = 100
_PAGED = frozenset({"Page", "pageInfo", "hasNextPage"})


class Client(ManyMedia):
    """AniList's API, as one viewer or as nobody. Cheap to make; safe to use from several threads.

    Every method raises, besides what it names, :class:`RateLimited`, :class:`Unavailable`,
    :class:`QueryError`, and :class:`ReconnectRequired` where AniList no longer accepts the viewer.
    What comes back is an :class:`Answer`: a dict that knows its ``age``, and whether it is ``stale``.
    """

    def execute(
        self,
        document: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
        *,
        cache: float | None = None,
        deadline: float | None = None,
    ) -> Answer:
        """Send a GraphQL ``document`` and return its ``data``.

        A document that needs a viewer raises :class:`ReconnectRequired` unsent where there is none;
        every other is sent as the viewer if there is a usable token, else as nobody. Text that is
        not GraphQL, or asks for more than AniList allows, raises :class:`QueryError` unsent.

        ``cache`` is for how many seconds the answer to a query may be remembered, by default what it
        holds decides; 0 asks AniList whatever is remembered. ``deadline`` bounds the request in
        seconds. A mutation is sent once, never again: where no answer comes, it raises
        :class:`OutcomeUnknown`.
        """
        question = Question.read(document, variables, operation_name)
        return self._send(self._call(question, cache=cache, deadline=deadline), question.operation)

    def viewer(self) -> Answer:
        """Return the viewer's ``User``: id, name, avatar, options, score format."""
        return _object(self.execute(queries.VIEWER), "Viewer")

    def media(self, id: int) -> Answer:
        """Return the ``Media`` with this AniList id, or raise :class:`NotFound`."""
        if isinstance(id, int) and not is_media_id(id):
            raise NotFound("Not Found.", status=404, errors=[], data=None)
        return _object(self.execute(queries.MEDIA, {"id": id}), "Media")

    def media_list(self, **which: Unpack[WhichList]) -> MediaList:
        """Return a user's list, every entry once: the viewer's own unless another is named.

        ``type`` is ``ANIME`` (the default) or ``MANGA``, ``status`` a ``MediaListStatus`` (all when
        not given), ``sort`` one or several ``MediaListSort``; ``user_id`` or ``user_name`` name
        somebody else. Entries are AniList's ``MediaList`` objects with their ``media``, with
        ``scoreRaw`` (0 to 100) and ``customListNames`` besides. ``truncated`` tells that AniList's
        cap of 11,000 was reached.
        """
        return collect(self._media_list_chunks(**which), which.get("status"))

    def iter_media_list(self, **which: Unpack[WhichList]) -> Iterator[dict[str, Any]]:
        """Yield the entries of ``media_list``, asking for 500 at a time as they are read.

        For tasks that take their time: only one part is held in memory. An entry's
        ``customListNames`` are those of the part it came in. Ends with :class:`ReconnectRequired`
        where the viewer disconnects meanwhile.
        """
        return chain.from_iterable(self._parts_of_list(**which))

    def _parts_of_list(self, **which: Unpack[WhichList]) -> Iterator[list[dict[str, Any]]]:
        return part_by_part(self._media_list_chunks(**which), which.get("status"))

    def _media_list_chunks(
        self,
        *,
        type: str = "ANIME",
        status: str | None = None,
        user_id: int | None = None,
        user_name: str | None = None,
        sort: str | Sequence[str] | None = None,
    ) -> Iterator[Answer]:
        viewer = self._viewer_now()
        given: dict[str, Any] = {"type": type, "status": status, "sort": sort}
        if user_name is not None:
            given["userName"] = user_name
        else:
            given["userId"] = self._access.account_id() if user_id is None else user_id
        variables = {name: value for name, value in given.items() if value is not None}
        for number in range(1, MAX_CHUNKS + 1):
            chunk = self._chunk(viewer, {**variables, "chunk": number, "perChunk": PER_CHUNK})
            yield chunk
            if chunk.get("hasNextChunk") is not True:
                return

    def _chunk(self, viewer: int | None, variables: Mapping[str, Any]) -> Answer:
        question = Question.read(queries.MEDIA_LIST, variables)
        call = self._call_as(viewer, question, deadline=LIST_DEADLINE, max_bytes=32 * MEBIBYTE)
        return _object(self._send(call, question.operation), "MediaListCollection")

    def save_media_list_entry(self, **arguments: Unpack[EntryFields]) -> Answer:
        """Make or change an entry of the viewer's list; return it, with its ``media``, as it is now.

        Arguments are AniList's, in Python's spelling: ``media_id`` (or ``id``, the entry's),
        ``status``, ``progress``, ``score`` (in the viewer's format) or ``score_raw`` (0 to 100),
        ``notes``, ``started_at`` (a date, a :class:`FuzzyDate`, or a ``FuzzyDateInput``) and so on.
        Only what is given changes. Raises ``TypeError`` unsent for an argument that AniList does not
        have, :class:`ValidationFailed` where it refuses a value. Sent once, never again.
        """
        if unknown := [name for name in arguments if _camel_case(name) not in queries.SAVED]:
            raise TypeError(f"AniList saves no {', '.join(unknown)} of an entry")
        variables = {_camel_case(name): as_input(value) for name, value in arguments.items()}
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
        one list beside it; another raises ``ValueError`` unsent. Only ``hasNextPage`` is believed
        (``total`` is wrong on AniList); an item with an ``id`` seen before is left out, and no more
        than ``max_pages`` are asked for.
        """
        return chain.from_iterable(self._parts_of_pages(document, variables, max_pages=max_pages))

    def _parts_of_pages(
        self,
        document: str,
        variables: Mapping[str, Any] | None = None,
        *,
        max_pages: int = MAX_PAGES,
    ) -> Iterator[list[dict[str, Any]]]:
        seen: set[Any] = set()
        viewer = self._viewer_now()
        for number in range(1, max_pages + 1):
            question = Question.read(document, {**(variables or {}), "page": number})
            if not question.operation.fields >= _PAGED:
                raise ValueError("pages needs a query of one Page with pageInfo { hasNextPage }")
            data = self._send(self._call_as(viewer, question), question.operation)
            page = _object(data, "Page")
            yield list(_news(_items(page), seen))
            if _object(page, "pageInfo").get("hasNextPage") is not True:
                return


def _object(data: Answer, name: str) -> Answer:
    found = data.get(name)
    if not isinstance(found, dict):
        raise BadResponse(f"AniList's answer holds no {name}")
    return data.about(found)


def _news(items: list[dict[str, Any]], seen: set[Any]) -> Iterator[dict[str, Any]]:
    """Yield the items that were not ``seen``, and note them; those without an id are all news."""
    for item in items:
        key = item.get("id")
        if not isinstance(key, int | str):
            yield item
        elif key not in seen:
            seen.add(key)
            yield item


def _items(page: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [item for name in page if name != "pageInfo" for item in objects(page[name])]


def _camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)

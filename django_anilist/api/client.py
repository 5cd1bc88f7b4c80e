"""Ask AniList: a document in, ``data`` or exactly one of our errors out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django_anilist.api import queries
from django_anilist.api.conversation import Question
from django_anilist.api.errors import BadResponse, NotConnected
from django_anilist.api.lists import MediaList, collect, objects, one_by_one
from django_anilist.api.many_media import ManyMedia
from django_anilist.api.results import Answer
from django_anilist.api.transport import MEBIBYTE

LIST_DEADLINE = 20.0
#: ``MediaListCollection`` gives at most this many entries at a time.
PER_CHUNK = 500
#: A list of 11,000 entries, AniList's cap, has 22 chunks.
MAX_CHUNKS = 50
MAX_PAGES = 100


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
        return _object(self.execute(queries.MEDIA, {"id": id}), "Media")

    def media_list(self, **which: Any) -> MediaList:
        """Return a user's list, every entry once: the viewer's own unless another is named.

        ``type`` is ``ANIME`` (the default) or ``MANGA``, ``status`` a ``MediaListStatus`` (all when
        not given), ``sort`` one or several ``MediaListSort``; ``user_id`` or ``user_name`` name
        somebody else. Entries are AniList's ``MediaList`` objects with their ``media``, with
        ``scoreRaw`` (0 to 100) and ``customListNames`` besides. ``truncated`` tells that AniList's
        cap of 11,000 was reached.
        """
        return collect(self._chunks(**which), which.get("status"))

    def iter_media_list(self, **which: Any) -> Iterator[dict[str, Any]]:
        """Yield the entries of ``media_list``, asking for 500 at a time as they are read.

        For tasks that take their time: only one part is held in memory. An entry's
        ``customListNames`` are those of the part it came in. Ends with :class:`ReconnectRequired`
        where the viewer disconnects meanwhile.
        """
        return one_by_one(self._chunks(**which), which.get("status"))

    def _chunks(
        self,
        *,
        type: str = "ANIME",
        status: str | None = None,
        user_id: int | None = None,
        user_name: str | None = None,
        sort: str | Sequence[str] | None = None,
    ) -> Iterator[Answer]:
        same_viewer = self._same_viewer()
        given: dict[str, Any] = {"type": type, "status": status, "sort": sort}
        if user_name is not None:
            given["userName"] = user_name
        else:
            given["userId"] = self._access.account_id() if user_id is None else user_id
        variables = {name: value for name, value in given.items() if value is not None}
        for number in range(1, MAX_CHUNKS + 1):
            same_viewer()
            chunk = self._chunk({**variables, "chunk": number, "perChunk": PER_CHUNK})
            yield chunk
            if chunk.get("hasNextChunk") is not True:
                return

    def _chunk(self, variables: Mapping[str, Any]) -> Answer:
        question = Question.read(queries.MEDIA_LIST, variables)
        call = self._call(question, deadline=LIST_DEADLINE, max_bytes=32 * MEBIBYTE)
        return _object(self._send(call, question.operation), "MediaListCollection")

    def _same_viewer(self) -> Callable[[], None]:
        """Return a check that who asks is still who asked first: they may disconnect meanwhile."""
        first = self._access.viewer_id()

        def check() -> None:
            self._access.bearer()
            if self._access.viewer_id() != first:
                self._access.account_id()  # says why
                raise NotConnected

        return check

    def save_media_list_entry(self, **arguments: Any) -> Answer:
        """Make or change an entry of the viewer's list; return it, with its ``media``, as it is now.

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
        same_viewer = self._same_viewer()
        for number in range(1, max_pages + 1):
            same_viewer()
            page = _object(self.execute(document, {**(variables or {}), "page": number}), "Page")
            for item in _items(page):
                key = item.get("id")
                if not isinstance(key, int | str):  # nothing to tell it from others by
                    yield item
                elif key not in seen:
                    seen.add(key)
                    yield item
            if _object(page, "pageInfo").get("hasNextPage") is not True:
                return


def _object(data: Answer, name: str) -> Answer:
    found = data.get(name)
    if not isinstance(found, dict):
        raise BadResponse(f"AniList's answer holds no {name}")
    return data.about(found)


def _items(page: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [item for name in page if name != "pageInfo" for item in objects(page[name])]


def _camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)

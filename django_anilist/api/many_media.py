"""Hundreds of media in one request, and media that are asked for together when one is looked at."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache, partial
from typing import Any

from django_anilist.api import queries
from django_anilist.api.batching import Batching
from django_anilist.api.complexity import MAX_COMPLEXITY
from django_anilist.api.conversation import Question
from django_anilist.api.errors import AniListError, BadResponse, RateLimited, Unavailable
from django_anilist.api.lifetimes import MISSING_LIFETIME, lifetime_of
from django_anilist.api.lists import objects
from django_anilist.api.memory import Found, Memory
from django_anilist.api.results import Answer, dated
from django_anilist.api.values import is_media_id, number_of, title_of


class MediaById(dict[int, Answer | None]):
    """Media by their ids; ``None`` where AniList has no such medium.

    ``unknown`` are the ids that could not be asked for, because of ``error``; they are ``None`` too.
    """

    unknown: frozenset[int] = frozenset()
    error: AniListError | None = None


class ManyMedia(Batching):
    """A conversation that gets media by the hundred."""

    def media_many(self, ids: Iterable[int], *, as_viewer: bool = False) -> MediaById:
        """Return the media with these AniList ids, each as a dict, ``None`` where there is none.

        Some 600 to 700 fit in one request; more are split. What is remembered is not asked for. They are
        asked for as nobody, so that all users of a site share what is remembered; ``as_viewer`` adds
        the viewer's ``mediaListEntry`` and their ``userPreferred`` titles.

        While AniList cannot be asked, what is remembered serves, and ``unknown`` names the rest;
        where nothing at all is known, :class:`RateLimited` or :class:`Unavailable` is raised.
        """
        viewer = self._viewer_now() if as_viewer else None
        result = MediaById(dict.fromkeys(ids))
        numbers = {wanted: number for wanted in result if (number := number_of(wanted))}
        shelf = self._shelf(viewer, list(dict.fromkeys(numbers.values())))
        missing = shelf.missing
        try:
            for some in _slices(missing, queries.PER_PAGE * _pages_at_once(viewer is not None)):
                shelf.put(self._ask_media(some, viewer), self._memory)
        except (RateLimited, Unavailable) as error:
            unknown = shelf.make_do(missing)
            result.unknown = frozenset(each for each in numbers if numbers[each] in unknown)
            if len(result.unknown) == len(result):
                raise
            result.error = error.with_traceback(None)
        result.update({each: shelf.media.get(number) for each, number in numbers.items()})
        return result

    def lazy_media(self, id: int, *, as_viewer: bool = False) -> LazyMedia:
        """Return a medium that is asked for when it is looked at, with all others made so by then.

        It reads like the dict of ``media``; it is false where AniList has no such medium.
        """
        return self._lazily[as_viewer].add(id)

    @cached_property
    def _lazily(self) -> dict[bool, LazyBatch]:
        return {
            False: LazyBatch(self.media_many),
            True: LazyBatch(partial(self.media_many, as_viewer=True), self._access.viewer_id),
        }

    def _shelf(self, viewer: int | None, ids: Sequence[int]) -> _Shelf:
        operation = Question.read(queries.many_media(1, viewer is not None)).operation
        lifetime = lifetime_of(operation, viewer, self._ways.lifetimes)
        shelf = _Shelf(self._endpoints.graphql, viewer, lifetime, self._ways.stale_for)
        shelf.fill(ids, self._memory)
        return shelf

    def _ask_media(self, ids: Sequence[int], viewer: int | None) -> dict[int, Answer | None]:
        """Ask for as many media as go into one request."""
        pages = list(_slices(ids, queries.PER_PAGE))
        question = Question.read(
            queries.many_media(len(pages), viewer is not None),
            {f"ids{number}": page for number, page in enumerate(pages)},
        )
        data = self._send_batch(question, viewer, as_nobody=viewer is None)
        found: dict[int, Answer | None] = dict.fromkeys(ids)
        for page in data.values():
            if not isinstance(page, dict):
                raise BadResponse
            for medium in objects(page.get("media")):
                if is_media_id(number := medium.get("id")) and number in found:
                    found[number] = data.about(medium)
        return found


class _Shelf:
    """What is known of some media, for one viewer."""

    def __init__(self, url: str, viewer: int | None, lifetime: float, stale_for: float) -> None:
        self._url = url
        self._viewer = viewer
        self._lifetime = lifetime
        self._stale_for = stale_for
        self._generation = b""
        self._remembered: dict[int, Found] = {}
        self.media: dict[int, Answer | None] = {}
        self.missing: list[int] = []

    def fill(self, ids: Sequence[int], memory: Memory | None) -> None:
        """Look up what is remembered of ``ids``; ``missing`` are those to ask for."""
        if memory is not None and self._lifetime > 0:
            digests = {self._digest(wanted): wanted for wanted in ids}
            found = memory.recall_many(self._viewer, digests)
            self._remembered = {digests[digest]: item for digest, item in found.items()}
            self._generation = memory.generation(self._viewer)
        self.media = {
            found: _medium(item)
            for found, item in self._remembered.items()
            if item.age < self._limit(item)
        }
        self.missing = [wanted for wanted in ids if wanted not in self.media]

    def put(self, media: Mapping[int, Answer | None], memory: Memory | None) -> None:
        """Add what AniList said, and have it remembered, for a lifetime of more than nothing."""
        self.media |= media
        if memory is not None and self._lifetime > 0:
            packed = {
                self._digest(asked): (404 if medium is None else 200, json.dumps(medium).encode())
                for asked, medium in media.items()
            }
            memory.keep(self._viewer, self._generation, packed, self._lifetime + self._stale_for)

    def make_do(self, ids: Sequence[int]) -> frozenset[int]:
        """Use what is too old for those of ``ids`` that are still missing; return the rest."""
        for wanted in set(ids) - self.media.keys():
            item = self._remembered.get(wanted)
            if item and item.age < self._limit(item) + self._stale_for:
                self.media[wanted] = _medium(item, stale=True)
        return frozenset(set(ids) - self.media.keys())

    def _limit(self, item: Found) -> float:
        return self._lifetime if item.status == 200 else min(self._lifetime, MISSING_LIFETIME)

    def _digest(self, id: int) -> bytes:
        text = f"{self._url}\nmedia {id} {self._viewer is not None}"
        return hashlib.blake2b(text.encode(), digest_size=16).digest()


class LazyBatch:
    """Media that are wanted, asked for together when the first of them is looked at.

    What is known is of one viewer, whom ``whose`` names: a view may sign somebody else in.
    """

    def __init__(
        self,
        ask: Callable[[Iterable[int]], MediaById],
        whose: Callable[[], int | None] = lambda: None,
    ) -> None:
        self._ask = ask
        self._whose = whose
        self._viewer: int | None = None
        self._wanted: dict[int, None] = {}
        self._known = MediaById()

    def add(self, id: int) -> LazyMedia:
        """Return the medium ``id``, unasked."""
        if id not in self._known:
            self._wanted[id] = None
        return LazyMedia(self, id)

    def get(self, id: int) -> Answer | None:
        """Return the medium ``id``; ask for all that are wanted where it is not known yet."""
        if (viewer := self._whose()) != self._viewer:
            self._wanted |= dict.fromkeys(self._known)
            self._known, self._viewer = MediaById(), viewer
        if id not in self._known:
            wanted = list({**self._wanted, id: None})  # another thread may want more meanwhile
            self._known.update(self._ask(wanted))
            for known in wanted:
                self._wanted.pop(known, None)
        return self._known[id]


class LazyMedia(Mapping[str, Any]):
    """A medium that is asked for when it is looked at. Empty, and so false, where there is none."""

    def __init__(self, batch: LazyBatch, id: int) -> None:
        self._batch = batch
        self.id = id

    @property
    def _data(self) -> Answer:
        return self._batch.get(self.id) or Answer()

    def __getitem__(self, key: str) -> Any:
        return self._data[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def __repr__(self) -> str:
        return f"<LazyMedia {self.id}>"

    def __str__(self) -> str:
        """Return the title, as a template prints it that has no filter for it."""
        return title_of(self) if self else ""

    @property
    def stale(self) -> bool:
        """Whether AniList could not be asked, and this is remembered from before."""
        return self._data.stale

    @property
    def age(self) -> float:
        """How many seconds ago AniList said so."""
        return self._data.age


def _medium(item: Found, *, stale: bool = False) -> Answer | None:
    medium = json.loads(item.body)
    return None if medium is None else dated(medium, item.age, stale=stale)


@lru_cache(maxsize=2)
def _pages_at_once(as_viewer: bool) -> int:
    """Return how many pages of media AniList's cap on complexity lets into one request."""
    return MAX_COMPLEXITY // Question.read(queries.many_media(1, as_viewer)).operation.cost.of({})


def _slices(items: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (items[start : start + size] for start in range(0, len(items), size))

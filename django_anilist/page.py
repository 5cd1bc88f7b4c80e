"""What one page of a site shows of AniList: asked for together, and never a reason to fall over."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial
from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from django_anilist.api.errors import AniListError, QueryError
from django_anilist.api.many_media import LazyBatch, LazyMedia, MediaById
from django_anilist.api.values import number_of
from django_anilist.calm import told
from django_anilist.gateway import AniList, in_a_hurry
from django_anilist.models import AniListToken, Status
from django_anilist.tokens import AnyUser

logger = logging.getLogger("django_anilist")

_Result = TypeVar("_Result")

#: Whoever looks at the page, where a tag is given no user. One that is given and empty is nobody.
READER = object()

_SHOWN_OF_AN_ENTRY = frozenset({"status", "progress", "scoreRaw", "notes"})


class Page:
    """One page being made for ``request``: AniList as its viewer, and what went wrong so far.

    ``trouble`` is the last error that a part of the page met, ``told`` whether the reader knows. Nothing
    is looked at before it is needed: a page that shows public media only is the same for everybody.
    """

    def __init__(self, request: HttpRequest | None, user: AnyUser | None = None) -> None:
        self.request = request
        self.trouble: Exception | None = None
        self.told = False
        self._user = user
        self._expected: dict[int, None] = {}
        self._public = LazyBatch(self.media_many)
        self._own = LazyBatch(partial(self.media_many, as_viewer=True), self._viewer_id)
        self._allow_adult: dict[int | None, bool] = {None: False}

    @classmethod
    def of(cls, context: Any) -> Page:
        """Return the page that a template's ``context`` is of; one for all tags of a request.

        Without a request, as in an e-mail, one for all that is rendered with that context for one user.
        """
        request, user = context.get("request"), context.get("user")
        kept = _kept_in(context) if request is None else request.__dict__
        page = kept.get("_anilist_page")
        if not isinstance(page, cls) or (request is None and page._user is not user):
            page = kept["_anilist_page"] = cls(request, user)
        return page

    @property
    def user(self) -> AnyUser:
        """Whoever looks at the page; another, once a view signs somebody in."""
        found = getattr(self.request, "user", None)
        found = self._user if found is None else found
        return AnonymousUser() if found is None else found

    @cached_property
    def client(self) -> AniList:
        """AniList as whoever looks at the page, for no longer than a page may take."""
        found: AniList | None = getattr(self.request, "anilist", None)
        return in_a_hurry(self._own_client() if found is None else found)

    @property
    def account(self) -> AniListToken | None:
        """The row of whoever looks at the page."""
        return self.client.account

    @property
    def status(self) -> Status:
        """How whoever looks at the page stands with AniList, after all that it said so far."""
        return self.client.status

    @property
    def allows_adult(self) -> bool:
        """Whether the viewer chose on AniList to see adult media. Asked for only where there are any."""
        viewer = self.calmly(self._viewer_id, instead=None)
        if viewer not in self._allow_adult:
            self._allow_adult[viewer] = self._asks_for_adult()
        return self._allow_adult[viewer]

    def shows(self, media: Mapping[str, Any]) -> bool:
        """Tell whether a medium may be shown to whoever looks at the page."""
        return media.get("isAdult") is not True or self.allows_adult

    def media(self, wanted: object) -> Mapping[str, Any]:
        """Return a medium: as it is, or by its id, asked for when it is looked at."""
        return self._from(self._public, wanted)

    def own_in(self, wanted: object) -> Mapping[str, Any] | None:
        """Return a medium with the viewer's own entry, where ``wanted`` holds all that matters of both.

        Entries of somebody else's list are none of theirs; what a query left out is not empty.
        """
        if not isinstance(wanted, dict):
            return None
        if "mediaId" in wanted:
            media = wanted.get("media")
            is_own = self.account is not None and wanted.get("userId") == self.account.anilist_id
            known = is_own and isinstance(media, Mapping) and _is_whole(wanted)
            return {**media, "mediaListEntry": wanted} if known else None  # type: ignore[dict-item]
        return (
            wanted if "mediaListEntry" in wanted and _is_whole(wanted["mediaListEntry"]) else None
        )

    def own(self, wanted: object) -> Mapping[str, Any]:
        """Return a medium with the viewer's own entry in ``mediaListEntry``.

        Where it is one of many that the page shows, the entries of all of them are asked for.
        """
        if media_id_of(wanted) in self._expected:
            self.expect(list(self._expected), own=True)
        return self._from(self._own, wanted)

    def own_now(self, media_id: int) -> Mapping[str, Any] | None:
        """Return a medium with the viewer's own entry, whatever this page knew of it before."""
        return self.media_many([media_id], as_viewer=True)[media_id]

    def expect(self, wanted: Iterable[object], *, own: bool = False) -> None:
        """Hear which media the page will show, so that the first look asks for all of them.

        What is there already, as an entry of a list or a medium is, needs no asking.
        """
        batch = self._own if own else self._public
        for one in wanted:
            there = self.own_in(one) is not None if own else isinstance(one, dict)
            number = None if there else media_id_of(one)
            if number:
                batch.add(number)
                self._expected[number] = None

    def many(self, ids: Iterable[int]) -> dict[int, Mapping[str, Any] | None]:
        """Return public media by their ids, with all others that are wanted in the same request."""
        numbers = list(ids)
        self.expect(numbers)
        return {number: self._public.get(number) for number in numbers}

    def media_many(self, ids: Iterable[int], *, as_viewer: bool = False) -> MediaById:
        """Return the media with these ids in one request; ``None`` for those that cannot be shown."""
        ids = list(ids)
        found = self.calmly(
            lambda: self.client.media_many(ids, as_viewer=as_viewer),
            instead=MediaById(dict.fromkeys(ids)),
        )
        self.trouble = found.error or self.trouble
        for number, medium in found.items():
            if medium and not self.shows(medium):
                found[number] = None
        return found

    def calmly(self, ask: Callable[[], _Result], instead: _Result) -> _Result:
        """Return what AniList says; ``instead``, and remember why, where it does not."""
        try:
            return ask()
        except Exception as error:  # noqa: BLE001  a page must not fall over a decoration
            self.trouble = error.with_traceback(None)  # its frames hold this page
            level = logging.INFO if _passes(error) else logging.WARNING
            logger.log(level, "A page goes without AniList: %s", told(error))
            return instead

    def first_to_tell(self) -> bool:
        """Tell, once a page, whether there is trouble that its reader should know of."""
        tells = _passes(self.trouble)
        first, self.told = tells and not self.told, self.told or tells
        return first

    def _own_client(self) -> AniList:
        """Return a client where there is no middleware of ours, or no request at all."""
        if self.request is not None and hasattr(self.request, "user"):
            return AniList.for_request(self.request)
        return AniList.for_page(self.user)

    def _viewer_id(self) -> int | None:
        account = self.account
        return account.anilist_id if account is not None and self.status.usable else None

    def _asks_for_adult(self) -> bool:
        options = self.calmly(lambda: self.client.viewer().get("options"), instead=None)
        return isinstance(options, Mapping) and options.get("displayAdultContent") is True

    def _from(self, batch: LazyBatch, wanted: object) -> Mapping[str, Any]:
        if isinstance(wanted, LazyMedia) or not isinstance(wanted, Mapping):
            number = media_id_of(wanted)
            return batch.add(number) if number else {}
        return wanted


def _passes(error: Exception | None) -> bool:
    """Tell whether an error is AniList's or the viewer's, and not a mistake of the site's own."""
    return isinstance(error, AniListError) and not isinstance(error, QueryError)


def _kept_in(context: Any) -> dict[str, Any]:
    """Return where a rendering without a request keeps things; nowhere that lasts outside Django's."""
    scratch = getattr(context, "render_context", None)
    kept: dict[str, Any] = {} if scratch is None else scratch.dicts[0]
    return kept


def account_of(user: Any) -> AniListToken | None:
    """Return the row of ``user``; the one loaded by ``select_related("anilist_token")`` is used."""
    if not user or not user.is_authenticated:
        return None
    row: AniListToken | None = getattr(user, "anilist_token", None)
    return row


def _is_whole(entry: object) -> bool:
    """Tell whether an entry has all that the list button shows and changes; none at all is whole."""
    return entry is None or (isinstance(entry, Mapping) and entry.keys() >= _SHOWN_OF_AN_ENTRY)


def media_id_of(value: object) -> int | None:
    """Return the id that ``value`` is, or of the medium or the entry that it is; ``None`` for others."""
    if isinstance(value, LazyMedia):
        return value.id
    if isinstance(value, Mapping):
        value = value.get("mediaId", value.get("id"))
    return number_of(value)

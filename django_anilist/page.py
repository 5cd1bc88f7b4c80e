"""What one page of a site shows of AniList: asked for together, and never a reason to fall over."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial
from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from django_anilist.api.errors import AniListError
from django_anilist.api.many_media import LazyBatch, LazyMedia, MediaById
from django_anilist.conf import AniListImproperlyConfigured
from django_anilist.gateway import AniList
from django_anilist.models import AniListToken
from django_anilist.tokens import AnyUser

logger = logging.getLogger("django_anilist")

_Result = TypeVar("_Result")


class Page:
    """One page being made for ``request``: AniList as its viewer, and what went wrong so far.

    ``trouble`` is the last of our errors that a part of the page met.
    """

    def __init__(self, request: HttpRequest | None, user: AnyUser) -> None:
        self.request = request
        self.user = user
        self.trouble: Exception | None = None
        self._told = False
        self._public = LazyBatch(self.media_many)
        self._own = LazyBatch(partial(self.media_many, as_viewer=True))

    @classmethod
    def of(cls, context: Any) -> Page:
        """Return the page that a template's ``context`` is of; one for all tags of a request."""
        request = context.get("request")
        user = getattr(request, "user", None) or context.get("user") or AnonymousUser()
        if request is None:
            return cls(None, user)
        if not isinstance(getattr(request, "_anilist_page", None), cls):
            request._anilist_page = cls(request, user)
        page: Page = request._anilist_page
        return page

    @cached_property
    def client(self) -> AniList:
        """AniList as whoever looks at the page."""
        found: AniList | None = getattr(self.request, "anilist", None)
        return AniList.for_page(self.user) if found is None else found

    @cached_property
    def account(self) -> AniListToken | None:
        """The row of whoever looks at the page."""
        return account_of(self.user)

    @cached_property
    def allows_adult(self) -> bool:
        """Whether the viewer chose on AniList to see adult media. Asked for only where there are any."""
        if not self.calmly(lambda: bool(self.client), instead=False):
            return False
        options = self.calmly(lambda: self.client.viewer().get("options"), instead=None)
        return isinstance(options, Mapping) and options.get("displayAdultContent") is True

    def shows(self, media: Mapping[str, Any]) -> bool:
        """Tell whether a medium may be shown to whoever looks at the page."""
        return media.get("isAdult") is not True or self.allows_adult

    def media(self, wanted: object) -> Mapping[str, Any]:
        """Return a medium: as it is, or by its id, asked for when it is looked at."""
        return self._from(self._public, wanted)

    def own(self, wanted: object) -> Mapping[str, Any]:
        """Return a medium with the viewer's own entry in ``mediaListEntry``."""
        return self._from(self._own, wanted)

    def expect(self, wanted: Iterable[object], *, own: bool = False) -> None:
        """Hear which media the page will show, so that the first look asks for all of them."""
        batch = self._own if own else self._public
        for one in wanted:
            if number := media_id_of(one):
                batch.add(number)

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
        except (AniListError, AniListImproperlyConfigured) as error:
            self.trouble = error
            logger.info("A page goes without AniList: %s", type(error).__name__)
            return instead

    def first_to_tell(self) -> bool:
        """Tell, once a page, whether there is trouble to speak of."""
        told, self._told = self._told, self._told or self.trouble is not None
        return self._told and not told

    def _from(self, batch: LazyBatch, wanted: object) -> Mapping[str, Any]:
        if isinstance(wanted, LazyMedia) or not isinstance(wanted, Mapping):
            number = media_id_of(wanted)
            return batch.add(number) if number else {}
        return wanted


def account_of(user: Any) -> AniListToken | None:
    """Return the row of ``user``; the one loaded by ``select_related("anilist_token")`` is used."""
    if user is None or not user.is_authenticated:
        return None
    row: AniListToken | None = getattr(user, "anilist_token", None)
    return row


def media_id_of(value: object) -> int | None:
    """Return the id that ``value`` is, or is the medium of; ``None`` where it is neither."""
    if isinstance(value, LazyMedia):
        return value.id
    if isinstance(value, Mapping):
        value = value.get("id")
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 11:
        value = int(value)
    return value if type(value) is int and 0 < value < 2**31 else None

"""A user's list on a page: what may be shown of it, as rows for a template or as cards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.safestring import SafeString

from django_anilist.api.lists import MediaList
from django_anilist.calm import calm
from django_anilist.models import AniListToken
from django_anilist.page import READER, Page, account_of
from django_anilist.showing import card_context, connect_button, fragment, trouble


class Listing(list[dict[str, Any]]):
    """Entries of a list, each with its ``media`` and the ``scoreFormat`` of its owner.

    Printed, it is a list of cards. ``failed`` tells that AniList did not answer, ``connected`` whether
    there is a list at all, ``own`` whether it is the viewer's; ``age`` and ``stale`` are those of the
    answer, ``total`` is the number of entries before ``limit`` cut it.
    """

    def __init__(
        self,
        page: Page,
        found: MediaList | None = None,
        *,
        connected: bool = True,
        own: bool = True,
        limit: int | None = None,
        score_format: str = "",
    ) -> None:
        visible = [entry for entry in found or () if _shows(page, entry)]
        super().__init__({**entry, "scoreFormat": score_format} for entry in visible[:limit])
        self.page = page
        self.total = len(visible)
        self.connected = connected
        self.own = own
        self.failed = connected and found is None
        self.age, self.stale = (found.age, found.stale) if found is not None else (0.0, False)

    @calm(str)
    def __str__(self) -> str:
        return shown(self)

    @calm(str)
    def __html__(self) -> str:
        return shown(self)


def _shows(page: Page, entry: Mapping[str, Any]) -> bool:
    media = entry.get("media")
    return isinstance(media, Mapping) and page.shows(media)


def listing(
    page: Page,
    *,
    status: str | None = None,
    type: str = "ANIME",
    sort: str | None = None,
    limit: int | None = None,
    user: Any = READER,
) -> Listing:
    """Return the list of the viewer, or of another ``user`` of the site; empty where there is none.

    ``type`` is ``ANIME`` or ``MANGA``, ``status`` a ``MediaListStatus``, ``sort`` a
    ``MediaListSort``; what AniList does not know is refused by it, and the list is then ``failed``.
    """
    own = user is READER
    row = page.account if own else account_of(user)
    if row is None or (own and not page.status.usable):
        return Listing(page, connected=False, own=own)
    found = page.calmly(lambda: _ask(page, row, type, status, sort), instead=None)
    return Listing(page, found, own=own, limit=limit, score_format=row.score_format)


def _ask(
    page: Page, row: AniListToken, type: str, status: str | None, sort: str | None
) -> MediaList:
    chosen = {"status": status and status.upper(), "sort": sort and sort.upper()}
    which = {name: value for name, value in chosen.items() if value}
    return page.client.media_list(type=type.upper(), user_id=row.anilist_id, **which)


def shown(found: Listing) -> SafeString:
    """Return a list as cards; where it is empty or old, why."""
    page = found.page
    context = {
        "cards": [card_context(entry["media"], entry) for entry in found],
        "minutes": max(1, round(found.age / 60)) if found.stale else 0,
        "trouble": trouble(page) if found.failed else "",
        "failed": found.failed,
        "connect": connect_button(page) if found.own and not found.connected else "",
    }
    return fragment(page, "list", context)

"""What the template tags show, as plain functions: a :class:`Page` in, HTML out."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.template.context_processors import csrf
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from django_anilist import display, logins, tokens
from django_anilist.api.errors import ReconnectRequired
from django_anilist.api.results import Answer
from django_anilist.api.values import colour, image_url, title_of
from django_anilist.conf import settings
from django_anilist.models import Status
from django_anilist.page import READER, Page, account_of, media_id_of
from django_anilist.redirects import address, current_page

logger = logging.getLogger("django_anilist")

#: Width and height of a cover in pixels, and which of AniList's images fills it.
COVERS = {
    "small": (64, 92, "medium"),
    "medium": (100, 143, "large"),
    "large": (230, 329, "large"),
}

_PROFILE = """
query Profile($id: Int) {
  User(id: $id) {
    id
    statistics {
      anime { count episodesWatched minutesWatched }
      manga { count chaptersRead }
    }
  }
}
"""


def fragment(page: Page, name: str, context: dict[str, Any]) -> SafeString:
    """Return the template ``tags/NAME.html``, which escapes what it is given."""
    if page.request is not None:
        context |= csrf(page.request)  # made where a form needs it only: it sets a cookie
    shown = render_to_string(f"django_anilist/tags/{name}.html", context)
    return mark_safe(shown)  # noqa: S308  a template of ours, which escapes  # nosec B308 B703


def here(page: Page, next_url: str = "") -> str:
    """Return where to come back to: ``next_url``, or the page the user is on."""
    return next_url or (current_page(page.request) if page.request else "")


# Who somebody is


def connect_button(page: Page, next_url: str = "") -> SafeString:
    """A link to connect, or to reconnect; nothing for the connected."""
    if page.status is Status.CONNECTED:
        return SafeString("")
    url = address("authorize", next=here(page, next_url))
    context = {"url": url, "status": page.status, "account": page.account}
    return fragment(page, "connect_button", context)


def disconnect_button(page: Page, next_url: str = "") -> SafeString:
    """A form that forgets the connection; nothing for who has none, or has no other way in."""
    user: Any = page.user
    if page.account is None or page.request is None or logins.is_last_way_in(user):
        return SafeString("")
    return fragment(page, "disconnect_button", {"next": here(page, next_url)})


def avatar(page: Page, user: Any, size: int) -> SafeString:
    return fragment(page, "avatar", {"account": account_of(user), "size": size})


def status(page: Page, user: Any = READER) -> SafeString:
    row = page.account if user is READER else account_of(user)
    found = page.status if user is READER else tokens.open_token(row)[0]
    return fragment(page, "status", {"account": row, "status": found})


def profile(page: Page, user: Any) -> SafeString:
    """Who a user is on AniList, with what they watched and read."""
    row = account_of(user)
    if row is None:
        return SafeString("")
    which = {"id": row.anilist_id}
    asked = page.calmly(lambda: page.client.execute(_PROFILE, which), instead=Answer())
    return fragment(page, "profile", {"account": row, "counts": _counts(asked.get("User"))})


def _counts(user: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    statistics = user.get("statistics") if isinstance(user, Mapping) else None
    for kind, names in (
        ("anime", ("count", "episodesWatched", "minutesWatched")),
        ("manga", ("count", "chaptersRead")),
    ):
        group = statistics.get(kind) if isinstance(statistics, Mapping) else None
        for name in names:
            value = group.get(name) if isinstance(group, Mapping) else None
            if type(value) is int:
                found[f"{kind}_{name}"] = value
    found["days"] = found.pop("anime_minutesWatched", 0) // (24 * 60)
    return found


# Media


def cover(page: Page, wanted: object, size: str = "medium") -> SafeString:
    """A cover that loads late, takes its room at once, and tells nobody where it is shown."""
    media = split_entry(page.media(wanted))[1]
    if not media or not page.shows(media):
        return trouble(page)
    return fragment(page, "cover", _cover(media, size))


def _cover(media: Mapping[str, Any], size: str) -> dict[str, Any]:
    width, height, name = COVERS.get(size, COVERS["medium"])
    images = media.get("coverImage")
    images = images if isinstance(images, Mapping) else {}
    source = images.get(name) or images.get("large") or images.get("medium")
    return {
        "source": image_url(source, settings.image_origins),
        "colour": colour(images.get("color")),
        "width": width,
        "height": height,
        "size": size if size in COVERS else "medium",
    }


def card(page: Page, wanted: object) -> SafeString:
    """A cover with title, kind, length and score, and the viewer's progress where it is an entry."""
    entry, media = split_entry(page.media(wanted))
    if not media or not page.shows(media):
        return trouble(page)
    return fragment(page, "card", card_context(media, entry))


def card_context(media: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": title_of(media),
        "url": display.url_of(media),
        "cover": _cover(media, "medium"),
        "media": media,
        "year": display.year_of(media),
        "length": display.length_of(media),
        "score": display.score_text(media.get("averageScore")),
        "entry": entry,
        "own_score": display.score_text(entry),
        "airing": display.airing_text(media),
    }


def split_entry(found: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the entry (empty if there is none) and the medium of an entry of a list, or a medium."""
    if "mediaId" in found:
        media = found.get("media")
        return found, media if isinstance(media, Mapping) else {}
    entry = found.get("mediaListEntry")
    return entry if isinstance(entry, Mapping) else {}, found


def progress(page: Page, entry: object) -> SafeString:
    """How far somebody is: ``7 of 12``, as words and as a bar."""
    own, media = split_entry(entry if isinstance(entry, Mapping) else {})
    done = own.get("progress")
    if type(done) is not int or done < 0:
        return SafeString("")
    length = display.length_of(media)
    return fragment(page, "progress", {"done": done, "length": length and max(length, done)})


def next_airing(page: Page, wanted: object) -> SafeString:
    """When the next episode comes, as a sentence."""
    media = split_entry(page.media(wanted))[1]
    airing = display.airing_text(media) if page.shows(media) else None
    return fragment(page, "airing", {"airing": airing}) if airing else SafeString("")


# Rows of the site


def attach(page: Page, rows: Iterable[Any], field: str) -> None:
    """Give each row its medium as ``anilist_media``, or ``None``: one request for all.

    Rows that can be gone through once only are left alone: the page wants to show them yet.
    """
    if isinstance(rows, Iterator):
        return
    rows = list(rows)
    if rows and not any(_has(row, field) for row in rows):
        logger.warning("No row has what anilist_attach looks for: %s", field)
    ids = [media_id_of(_field(row, field)) for row in rows]
    media = page.many(number for number in ids if number)
    for row, number in zip(rows, ids, strict=True):
        _set(row, media.get(number or 0))


def _field(row: Any, name: str) -> object:
    return row.get(name) if isinstance(row, Mapping) else getattr(row, name, None)


def _has(row: Any, name: str) -> bool:
    return name in row if isinstance(row, Mapping) else hasattr(row, name)


def _set(row: Any, media: Any) -> None:
    if isinstance(row, dict):
        row["anilist_media"] = media
    else:
        row.anilist_media = media


# When AniList does not answer


def trouble(page: Page) -> SafeString:
    """Say once a page that AniList does not answer, or wants its viewer to connect again."""
    if not page.first_to_tell():
        return SafeString("")
    again = isinstance(page.trouble, ReconnectRequired)
    return fragment(
        page, "trouble", {"connect": address("authorize", next=here(page)) if again else ""}
    )

"""The button on a page that changes the viewer's list entry of a medium."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from django.utils.safestring import SafeString

from django_anilist import display
from django_anilist.api.values import title_of
from django_anilist.entry_forms import EntryForm
from django_anilist.page import Page
from django_anilist.redirects import address
from django_anilist.showing import fragment, here, trouble


def list_button(page: Page, wanted: object, next_url: str = "") -> SafeString:
    """Return the button for a medium, its id, or an entry of the viewer's list.

    Who is not connected gets a link that connects; an adult medium shows as cards do.
    """
    if page.request is None:
        return SafeString("")
    back = here(page, next_url)
    if not page.calmly(lambda: bool(page.client), instead=False):
        return fragment(page, "list_button_connect", {"url": address("authorize", next=back)})
    media = _with_own_entry(page, wanted)
    if not media or not page.shows(media):
        return trouble(page)
    return button(page, media, back)


def button(
    page: Page,
    media: Mapping[str, Any],
    back: str,
    form: EntryForm | None = None,
    *,
    opened: bool = False,
) -> SafeString:
    """Return the button for ``media`` with the viewer's entry in it.

    ``form`` holds what was typed, where something was wrong with it; ``opened`` shows the form at once.
    """
    entry = media.get("mediaListEntry")
    entry = entry if isinstance(entry, Mapping) else {}
    context = {
        "title": title_of(media),
        "media": media,
        "entry": entry,
        "length": display.length_of(media),
        "plus": _next(media, entry),
        "status": display.statuses(media.get("type")).get(str(entry.get("status")), ""),
        "form": form or EntryForm.of(media, _format(page)),
        "opened": opened or form is not None,
        "submission": secrets.token_urlsafe(18),
        "next": back,
    }
    return fragment(page, "list_button", context)


def _with_own_entry(page: Page, wanted: object) -> Mapping[str, Any]:
    """Return the medium with the viewer's entry: as it came, or asked for."""
    if isinstance(wanted, Mapping) and "mediaId" in wanted:
        media = wanted.get("media")
        return {**media, "mediaListEntry": wanted} if isinstance(media, Mapping) else {}
    if isinstance(wanted, dict) and "mediaListEntry" in wanted:
        return wanted
    return page.own(wanted.get("id") if isinstance(wanted, dict) else wanted)


def _next(media: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what *+1* means: the next episode and its status; ``None`` at the end."""
    done = entry.get("progress")
    progress = (done if type(done) is int and done >= 0 else 0) + 1
    length = display.length_of(media)
    if length is not None and progress > length:
        return None
    status = "COMPLETED" if progress == length else "CURRENT"
    again = status == "CURRENT" and entry.get("status") == "REPEATING"
    return {"progress": progress, "status": "REPEATING" if again else status}


def _format(page: Page) -> str:
    return page.account.score_format if page.account is not None else ""

"""The button on a page that changes the viewer's list entry of a medium."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Mapping
from typing import Any

from django.utils.safestring import SafeString

from django_anilist import display, entry_words
from django_anilist.api.values import title_of
from django_anilist.entry_forms import EntryForm
from django_anilist.page import Page, media_id_of
from django_anilist.redirects import address
from django_anilist.showing import fragment, here, trouble

#: What the ids of buttons begin with.
ID = "anilist-entry-"
#: After so many seconds *+1* may be one less: its owner goes on elsewhere.
OLD = 600.0
_MOMENT = re.compile(r"[0-9]{1,12}")


def list_button(page: Page, wanted: object, next_url: str = "") -> SafeString:
    """Return the button for a medium, its id, or an entry of anybody's list.

    It holds the viewer's own entry of that medium, whoever's was given.
    Who is not connected gets a link that connects; an adult medium shows as cards do.
    """
    if page.request is None:
        return SafeString("")
    back = here(page, next_url)
    if not page.calmly(lambda: bool(page.client), instead=False):
        return fragment(page, "list_button_connect", {"url": address("authorize", next=back)})
    media = page.own_in(wanted) or page.own(media_id_of(wanted))
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
    said: str = "",
) -> SafeString:
    """Return the button for ``media`` with the viewer's entry in it.

    ``form`` holds what was typed, where something was wrong with it; ``opened`` shows the form at once.
    ``said`` is what just happened: then this takes the place of a button that was pressed, and who
    pressed it by keyboard stays where they were.
    """
    entry = media.get("mediaListEntry")
    entry = entry if isinstance(entry, Mapping) else {}
    context = {
        "id": f"{ID}{secrets.token_hex(4)}",
        "title": title_of(media),
        "media": media,
        "entry": entry,
        "length": display.length_beside(media, entry.get("progress")),
        "plus": _next(media, entry),
        "status": display.statuses(media.get("type")).get(str(entry.get("status")), ""),
        "form": form or EntryForm.of(media, score_format(page)),
        "opened": opened or form is not None,
        "submission": secrets.token_urlsafe(18),
        "shown": int(time.time()),
        "next": back,
        "said": said,
    }
    return fragment(page, "list_button", context)


def overtaken(page: Page, given: Mapping[str, str], wanted: Mapping[str, Any]) -> str:
    """Say how far the viewer is by now, where an old *+1* would take them back; else ``""``.

    ``given`` is what was sent, with the moment at which the button was ``shown``. AniList is asked only
    where that is long ago.
    """
    shown = given.get("shown", "")
    if not _MOMENT.fullmatch(shown) or time.time() - int(shown) < OLD or "progress" not in wanted:
        return ""
    return entry_words.overtaken(page.own(wanted["media_id"]), wanted)


def score_format(page: Page) -> str:
    """Return the viewer's ``ScoreFormat``; AniList is asked where it was silent when they connected."""
    account = page.account
    if account is None or account.score_format:
        return account.score_format if account is not None else ""
    options = page.calmly(lambda: page.client.viewer().get("mediaListOptions"), instead=None)
    return str(options.get("scoreFormat")) if isinstance(options, Mapping) else ""


def _next(media: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what *+1* means: the next episode and what that makes of the entry; ``None`` at the end.

    Whoever has finished something has no next episode of it, and nobody has of what is not out yet.
    The last episode of a second time makes one time more.
    """
    done, before = entry.get("progress"), entry.get("status")
    progress = (done if type(done) is int and done >= 0 else 0) + 1
    length = display.length_of(media)
    over = before == "COMPLETED" or (length is not None and progress > length)
    if over or media.get("status") == "NOT_YET_RELEASED":
        return None
    again = before == "REPEATING"
    status = "REPEATING" if again else "CURRENT"
    found = {"progress": progress, "status": "COMPLETED" if progress == length else status}
    times = entry.get("repeat")
    if again and progress == length and type(times) is int:
        found["repeat"] = times + 1
    return found

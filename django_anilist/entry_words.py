"""What a change of a list entry is called, before and after it is made."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from django_anilist import display
from django_anilist.api.values import title_of


def question(media: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    """Ask whether to make the change ``wanted`` of the viewer's entry of ``media``."""
    return _("Save %(what)s?") % {"what": _name(media, wanted, wanted)}


def told(media: Mapping[str, Any], entry: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    """Tell what was saved: ``entry`` is as AniList has it now."""
    return _("Saved: %(what)s.") % {"what": _name(media, entry, wanted)}


def overtaken(media: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    """Tell how far the viewer is with ``media``; ``""`` where ``wanted`` would bring them further."""
    entry = media.get("mediaListEntry")
    done = entry.get("progress") if isinstance(entry, Mapping) else None
    if type(done) is not int or done < wanted.get("progress", math.inf):
        return ""
    what = {"what": _name(media, {"progress": done}, wanted)}
    return _("You are at %(what)s by now. Nothing was changed.") % what


def details(
    media: Mapping[str, Any], wanted: Mapping[str, Any], score_format: str
) -> Iterator[tuple[str, str]]:
    """Yield all that a change would set: what it is called in the form, and to what."""
    if "status" in wanted:
        words = display.statuses(media.get("type"))
        yield pgettext("list entry", "Status"), words.get(str(wanted["status"]), "")
    if "progress" in wanted:
        yield pgettext("list entry", "Progress"), str(wanted["progress"])
    if "score_raw" in wanted:
        yield (
            pgettext("list entry", "Score"),
            display.score_text(wanted["score_raw"], score_format) or pgettext("score", "no score"),
        )
    if "notes" in wanted:
        yield pgettext("list entry", "Notes"), str(wanted["notes"]) or "-"


def _name(media: Mapping[str, Any], entry: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    """Name a change: ``episode 7 of Frieren``, or just the title."""
    facts = {"title": title_of(media), "progress": entry.get("progress")}
    if "progress" not in wanted:
        return str(facts["title"])
    if media.get("type") == "MANGA":
        return _("chapter %(progress)s of %(title)s") % facts
    return _("episode %(progress)s of %(title)s") % facts

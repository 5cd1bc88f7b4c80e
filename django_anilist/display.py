"""AniList's values as people read them: in their language, in their own score format, and harmless."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import nh3
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from django_anilist.api.values import SCORE_FORMATS, FuzzyDate, image_url, score_from_raw

#: What AniList's own texts are marked up with; everything else is dropped, and every attribute.
_TAGS = {"b", "i", "em", "strong", "br", "p"}
#: The marks around text that its author hid: ``~!like this!~``.
_HIDES, _SHOWS = "~!", "!~"
#: Far longer than any text on AniList, in characters.
MAX_TEXT = 100_000
#: What comes after so many spoilers is folded away as one.
MAX_SPOILERS = 100
#: Where alone links lead to.
_ORIGIN = "https://anilist.co"
_STATUSES = ("CURRENT", "PLANNING", "COMPLETED", "DROPPED", "PAUSED", "REPEATING")


def score_text(value: object, score_format: object = "") -> str:
    """Return a score as its owner sees it: ``8.5/10``, ``4/5``, ``good``; ``""`` where there is none.

    ``value`` is a raw score (0 to 100) or an entry of a list, of which ``scoreRaw`` counts.
    ``score_format`` is a ``ScoreFormat``, or what has one: a user of the site or an ``AniListToken``;
    an entry brings its own in ``scoreFormat``; ``POINT_100`` otherwise.
    """
    if isinstance(value, Mapping):
        entry: Mapping[str, object] = value
        value, score_format = entry.get("scoreRaw"), score_format or entry.get("scoreFormat")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.5 < value <= 100:
        return ""
    chosen = format_of(score_format)
    score = score_from_raw(round(value), chosen)
    if chosen == "POINT_3":
        return {
            1: pgettext("score", "bad"),
            2: pgettext("score", "okay"),
            3: pgettext("score", "good"),
        }[int(score)]
    if chosen == "POINT_10_DECIMAL":
        return f"{number_format(score, 1)}/{number_format(10)}"
    return (
        f"{number_format(score)}/{number_format({'POINT_100': 100, 'POINT_10': 10}.get(chosen, 5))}"
    )


def format_of(value: object) -> str:
    """Return the ``ScoreFormat`` that ``value`` is, or has; ``POINT_100`` where there is none."""
    row = getattr(value, "anilist_token", value)
    found = value if isinstance(value, str) else getattr(row, "score_format", "")
    return found if found in SCORE_FORMATS else "POINT_100"


def date_text(value: object) -> str:
    """Return a ``FuzzyDate`` in the reader's language, as much of it as is known.

    ``value`` is AniList's object, a ``FuzzyDate``, or a ``FuzzyDateInt`` like ``20240500``.
    """
    date = _fuzzy(value)
    whole = date.to_date()
    if whole is not None:
        return date_format(whole, "DATE_FORMAT")
    if date.year and date.month:
        return date_format(datetime.date(date.year, date.month, 1), "YEAR_MONTH_FORMAT")
    if date.month and date.day:
        return _month_and_day(date.month, date.day)
    return str(date.year or "")


def _fuzzy(value: object) -> FuzzyDate:
    if isinstance(value, FuzzyDate):
        return value
    if type(value) is int and 0 < value < 100_000_000:
        return FuzzyDate.from_int(value)
    return FuzzyDate.from_api(value)


def _month_and_day(month: int, day: int) -> str:
    try:  # a leap year, which has every day that any year has
        return date_format(datetime.date(2024, month, day), "MONTH_DAY_FORMAT")
    except ValueError:
        return ""


def html_of(text: object) -> SafeString:
    """Return remote text as HTML that is safe to show; spoilers are folded away.

    The parts are cleaned each on their own, so that none can leave a tag open for the next.
    """
    if not isinstance(text, str | Promise):
        return SafeString("")
    text, done = str(text)[:MAX_TEXT], 0
    parts: list[SafeString] = []
    while (start := text.find(_HIDES, done)) >= 0 and (end := text.find(_SHOWS, start + 2)) >= 0:
        if len(parts) >= 2 * MAX_SPOILERS:
            return SafeString("".join((*parts, _hidden(text[done:]))))  # cleaned parts  # nosec B703
        parts += [_clean(text[done:start]), _hidden(text[start + 2 : end])]
        done = end + 2
    return SafeString("".join((*parts, _clean(text[done:]))))  # cleaned parts  # nosec B703


def _hidden(text: str) -> SafeString:
    return format_html(
        '<details class="anilist-spoiler"><summary>{}</summary>{}</details>',
        _("Spoiler"),
        _clean(text),
    )


def _clean(text: str) -> SafeString:
    return mark_safe(nh3.clean(text, tags=_TAGS, attributes={}))  # noqa: S308  cleaned just here  # nosec B308 B703


def url_of(value: object) -> str:
    """Return the address on anilist.co of a ``Media``, a ``User`` and the like, or of a URL itself.

    ``""`` for every other host or scheme: what comes from outside must not lead a page's reader away.
    """
    url = value.get("siteUrl") if isinstance(value, Mapping) else value
    return image_url(url, [_ORIGIN])


def airing_text(media: Mapping[str, Any]) -> tuple[str, datetime.datetime] | None:
    """Return the sentence about a medium's next episode and when that is; ``None`` if unknown."""
    following = media.get("nextAiringEpisode")
    episode = following.get("episode") if isinstance(following, Mapping) else None
    at = following.get("airingAt") if isinstance(following, Mapping) else None
    if type(episode) is not int or type(at) is not int or not 0 < at < 2**33:
        return None
    when = timezone.localtime(datetime.datetime.fromtimestamp(at, datetime.timezone.utc))
    if when <= datetime.datetime.now(datetime.timezone.utc):
        return _("Episode %(episode)d is out") % {"episode": episode}, when
    wait = timeuntil(when, depth=1)
    return _("Episode %(episode)d in %(time)s") % {"episode": episode, "time": wait}, when


def statuses(media_type: object) -> dict[str, str]:
    """Return what each ``MediaListStatus`` is called, for an anime or a manga, in AniList's order."""
    reading = media_type == "MANGA"
    words = (
        pgettext("list status", "Reading") if reading else pgettext("list status", "Watching"),
        pgettext("list status", "Planning"),
        pgettext("list status", "Completed"),
        pgettext("list status", "Dropped"),
        pgettext("list status", "Paused"),
        pgettext("list status", "Rereading") if reading else pgettext("list status", "Rewatching"),
    )
    return dict(zip(_STATUSES, words, strict=True))


def year_of(media: Mapping[str, Any]) -> int | None:
    """Return the year of a medium; ``None`` where nobody knows."""
    season = media.get("seasonYear")
    return FuzzyDate.from_api({"year": season}).year or _fuzzy(media.get("startDate")).year


def length_of(media: Mapping[str, Any]) -> int | None:
    """Return how many episodes or chapters a medium has; ``None`` where nobody knows yet."""
    found = media.get("chapters" if media.get("type") == "MANGA" else "episodes")
    return found if type(found) is int and found > 0 else None


def length_beside(media: Mapping[str, Any], done: object) -> int | None:
    """Return the length to show beside a progress: nobody reads *13 of 12*."""
    length = length_of(media)
    return max(length, done) if length is not None and type(done) is int else length

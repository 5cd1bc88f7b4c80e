"""The filters of ``{% load anilist %}``. None raises: what cannot be shown is ``""``."""

from __future__ import annotations

from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString

from django_anilist import display
from django_anilist.api.values import title_of
from django_anilist.calm import calm

_html = calm(SafeString)
_text = calm(str)


@_html
def anilist_title(media: Any, prefer: str = "userPreferred") -> SafeString:
    """The best title of a medium, escaped: ``{{ media|anilist_title }}``.

    ``{{ media|anilist_title:"english" }}`` prefers a language; the others follow where it is missing.
    """
    return escape(title_of(media, prefer))


@_text
def anilist_score(value: Any, score_format: Any = "") -> str:
    """A score as its owner sees it: ``{{ entry|anilist_score }}``, ``{{ raw|anilist_score:user }}``.

    ``{{ media.averageScore|anilist_score }}`` is out of 100; ``""`` where there is no score.
    """
    return display.score_text(value, score_format)


@_text
def anilist_date(value: Any) -> str:
    """A date of which parts may be unknown: ``{{ media.startDate|anilist_date }}``."""
    return display.date_text(value)


@_html
def anilist_html(text: Any) -> SafeString:
    """AniList's own texts as harmless HTML: ``{{ media.description|anilist_html }}``.

    Bold, italic and line breaks stay, spoilers are folded away, all else goes.
    """
    return display.html_of(text)


@_text
def anilist_url(value: Any) -> str:
    """The page on AniList: ``<a href="{{ media|anilist_url }}">``; ``""`` for any other site."""
    return display.url_of(value)


ALL = (anilist_title, anilist_score, anilist_date, anilist_html, anilist_url)

"""AniList's own kinds of value: ids, fuzzy dates, scores in five formats, titles with gaps."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import total_ordering
from typing import Any, TypeGuard

#: How many characters of a name or title are kept. AniList's own names are at most 20 long.
MAX_NAME = 100

#: Unreserved and reserved characters of RFC 3986 that no page needs to escape, up to 500 of them.
_PLAIN_URL = re.compile(r"[A-Za-z0-9\-._~:/?#@!$*+,;=%]{1,500}")

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def clean_text(value: object, limit: int = MAX_NAME) -> str:
    """Return remote text fit for a database and a page: one line, no control characters, cut.

    What is not text becomes the empty string. Lone surrogates and NUL, which PostgreSQL refuses,
    go, and so do the characters that reverse the direction of what follows.
    """
    if not isinstance(value, str):
        return ""
    kept = "".join(" " if letter.isspace() else letter for letter in value[: limit * 4])
    kept = "".join(letter for letter in kept if letter.isprintable())
    return " ".join(kept.split())[:limit].rstrip()


def image_url(value: object, origins: Collection[str]) -> str:
    """Return ``value`` if it is an address of an image at one of ``origins``, else ``""``.

    ``origins`` are like ``https://s4.anilist.co``. What comes from outside must never lead a page to
    another host, or run as ``javascript:``.
    """
    if not isinstance(value, str) or not _PLAIN_URL.fullmatch(value):
        return ""
    return value if any(value.startswith(f"{origin}/") for origin in origins) else ""


def colour(value: object) -> str:
    """Return a colour as ``#rrggbb``, or ``""`` for all else, which could be any CSS."""
    return value if isinstance(value, str) and _COLOUR.fullmatch(value) else ""


# Ids

#: AniList's ids are ``Int`` of GraphQL.
_LARGEST_ID = 2**31


def number_of(wanted: object) -> int | None:
    """Return the id that ``wanted`` is, also as text, as a column or JSON may hold it; else ``None``."""
    if isinstance(wanted, str) and wanted.isascii() and wanted.isdecimal() and len(wanted) < 11:
        wanted = int(wanted)
    return wanted if is_media_id(wanted) else None


def is_media_id(value: object) -> TypeGuard[int]:
    """Tell whether AniList could have given ``value`` for an id."""
    return type(value) is int and 0 < value < _LARGEST_ID


# Dates


@total_ordering
@dataclass(frozen=True)
class FuzzyDate:
    """A date of which the year, the month or the day may be unknown (``None``): first, when sorted.

    https://docs.anilist.co/reference/object/fuzzydate
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None

    @classmethod
    def from_api(cls, value: object) -> FuzzyDate:
        """Read AniList's ``{"year": ..., "month": ..., "day": ...}``; odd parts become unknown."""
        parts = value if isinstance(value, Mapping) else {}
        return cls(
            _part(parts.get("year"), 1, 9999),
            _part(parts.get("month"), 1, 12),
            _part(parts.get("day"), 1, 31),
        )

    @classmethod
    def from_date(cls, date: datetime.date) -> FuzzyDate:
        return cls(date.year, date.month, date.day)

    @classmethod
    def from_int(cls, number: int) -> FuzzyDate:
        """Read a ``FuzzyDateInt``: ``YYYYMMDD``, zeros where unknown (``20200000``)."""
        year, rest = divmod(number, 10_000)
        month, day = divmod(rest, 100)
        return cls.from_api({"year": year, "month": month, "day": day})

    def to_input(self) -> dict[str, int | None]:
        """Return a ``FuzzyDateInput``; one whose parts are all ``None`` clears the date."""
        return {"year": self.year, "month": self.month, "day": self.day}

    def to_int(self) -> int:
        return (self.year or 0) * 10_000 + (self.month or 0) * 100 + (self.day or 0)

    def to_date(self) -> datetime.date | None:
        """Return the date if all three parts are known and there is such a day."""
        if self.year is None or self.month is None or self.day is None:
            return None
        try:
            return datetime.date(self.year, self.month, self.day)
        except ValueError:
            return None

    def __lt__(self, other: object) -> bool:
        return self.to_int() < other.to_int() if isinstance(other, FuzzyDate) else NotImplemented

    def __bool__(self) -> bool:
        return self != FuzzyDate()

    def __str__(self) -> str:
        """ISO 8601, question marks where unknown: ``2024-05-??``."""
        if not self:
            return ""
        year = f"{self.year:04}" if self.year else "????"
        month = f"{self.month:02}" if self.month else "??"
        return f"{year}-{month}-{self.day:02}" if self.day else f"{year}-{month}-??"


def as_input(value: Any) -> Any:
    """Return what AniList takes for a value as Python and forms have it: a decimal, a date."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime.date):
        value = FuzzyDate.from_date(value)
    return value.to_input() if isinstance(value, FuzzyDate) else value


def _part(value: object, low: int, high: int) -> int | None:
    return value if type(value) is int and low <= value <= high else None


# Scores
#
# AniList keeps every score as 0 to 100 (0: not scored) and shows it in the format its owner chose.
# https://docs.anilist.co/reference/enum/scoreformat

SCORE_FORMATS = ("POINT_100", "POINT_10_DECIMAL", "POINT_10", "POINT_5", "POINT_3")

_RAW_OF_SMILEY = {1: 35, 2: 60, 3: 85}


def score_from_raw(raw: int, score_format: str) -> float:
    """Return the raw score (0 to 100) as its owner sees it in ``score_format``."""
    if raw <= 0:
        return 0
    if score_format == "POINT_10_DECIMAL":
        return raw / 10
    if score_format == "POINT_10":
        return max(1, raw // 10)
    if score_format == "POINT_5":
        return min(5, max(1, (raw + 10) // 20))
    if score_format == "POINT_3":
        return 1 if raw <= 35 else 2 if raw <= 60 else 3
    return raw


def score_to_raw(score: float, score_format: str) -> int:
    """Return the raw score (0 to 100) of ``score`` in ``score_format``.

    Raises ``ValueError`` for a score that the format does not have.
    """
    if score == 0:
        return 0
    if score_format == "POINT_3":
        raw = float(_RAW_OF_SMILEY.get(int(score), -1)) if score % 1 == 0 else -1
    elif score_format == "POINT_5":
        raw = score * 20 - 10 if score % 1 == 0 else -1
    elif score_format == "POINT_10":
        raw = score * 10 if score % 1 == 0 else -1
    else:
        raw = score * 10 if score_format == "POINT_10_DECIMAL" else score
    if score_format not in SCORE_FORMATS or not 0 < raw <= 100:
        raise ValueError(f"{score!r} is no score in the format {score_format!r}")
    return round(raw)


# Titles

_TITLES = ("userPreferred", "english", "romaji", "native")


def title_of(media: object, prefer: str = "userPreferred") -> str:
    """Return the best title of a ``Media``: the one in ``prefer``, else the first there is.

    ``prefer`` is ``userPreferred``, ``english``, ``romaji`` or ``native``. A medium with no title at
    all gives ``#`` and its id.
    """
    titles: Any = media.get("title") if isinstance(media, Mapping) else None
    if isinstance(titles, Mapping):
        for language in (prefer, *_TITLES):
            if found := clean_text(titles.get(language), limit=300):
                return found
    number = media.get("id") if isinstance(media, Mapping) else None
    return f"#{number}" if isinstance(number, int) else ""

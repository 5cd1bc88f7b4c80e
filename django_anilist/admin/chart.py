"""The requests of an hour as bars."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import ngettext

from django_anilist.admin.dates import minute

#: The drawing, in its own units: a bar and the gap beside it, and the height of the tallest.
STEP, HEIGHT = 10, 100


@dataclass(frozen=True)
class Bar:
    """One minute: where it stands, how tall it is, and its words."""

    x: int
    y: int
    height: int
    words: str


@dataclass(frozen=True)
class Chart:
    """All of them, and how high the limit of a minute runs."""

    bars: list[Bar]
    width: int
    height: int
    limit_at: int
    most: int
    total: int


def chart_of(requests: Sequence[int], limit: int, now: datetime.datetime) -> Chart:
    """Return the chart of the requests in each minute, the last of them the present one."""
    top = max(limit, *requests, 1)
    first = now - datetime.timedelta(minutes=len(requests) - 1)
    bars = [
        _bar(place, number, top, first + datetime.timedelta(minutes=place))
        for place, number in enumerate(requests)
        if number
    ]
    limit_at = HEIGHT - _height(limit, top)
    return Chart(bars, len(requests) * STEP, HEIGHT, limit_at, max(requests), sum(requests))


def _bar(place: int, number: int, top: int, when: datetime.datetime) -> Bar:
    height = max(_height(number, top), 1)
    text = ngettext("%(time)s: %(number)d request", "%(time)s: %(number)d requests", number)
    words = text % {"time": minute(when), "number": number}
    return Bar(place * STEP, HEIGHT - height, height, words)


def _height(number: int, top: int) -> int:
    return round(number * HEIGHT / top)

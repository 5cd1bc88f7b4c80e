"""The requests of an hour as bars."""

import datetime

import pytest

from django_anilist.admin.chart import HEIGHT, STEP, chart_of

NOON = datetime.datetime(2026, 11, 25, 12, tzinfo=datetime.timezone.utc)


def test_a_quiet_hour_has_no_bars_and_a_limit():
    chart = chart_of([0] * 60, 30, NOON)
    assert (chart.bars, chart.total, chart.most) == ([], 0, 0)
    assert (chart.width, chart.limit_at) == (60 * STEP, 0)


def test_bars_stand_on_the_floor_and_tell_their_minute(settings):
    settings.TIME_ZONE = "UTC"
    chart = chart_of([0] * 58 + [1, 15], 30, NOON)
    first, last = chart.bars
    assert (first.x, last.x) == (58 * STEP, 59 * STEP)
    assert (last.y, last.height) == (HEIGHT // 2, HEIGHT // 2)
    assert first.y + first.height == HEIGHT
    assert first.words == "11:59 a.m.: 1 request"
    assert last.words == "noon: 15 requests"


@pytest.mark.parametrize(("requests", "limit"), [([500, 1], 30), ([1], 0), ([0], 0)])
def test_nothing_leaves_the_drawing(requests, limit):
    chart = chart_of(requests, limit, NOON)
    assert 0 <= chart.limit_at <= HEIGHT
    for bar in chart.bars:
        assert 0 <= bar.y < bar.y + bar.height <= HEIGHT

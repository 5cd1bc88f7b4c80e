"""AniList's own kinds of value."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_anilist.api.values import (
    MAX_NAME,
    SCORE_FORMATS,
    FuzzyDate,
    clean_text,
    colour,
    image_url,
    score_from_raw,
    score_to_raw,
    title_of,
)
from tests.properties import many

PARTS = st.builds(
    FuzzyDate,
    st.none() | st.integers(1, 9999),
    st.none() | st.integers(1, 12),
    st.none() | st.integers(1, 31),
)


# Text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Alice", "Alice"),
        ("  a \n\t b  ", "a b"),
        ("a\0b\ud800c\u202ed\x7fe", "abcde"),
        ("葬送のフリーレン", "葬送のフリーレン"),
        ("🙂", "🙂"),
        ("", ""),
        (None, ""),
        (7, ""),
        (["a"], ""),
    ],
)
def test_remote_text_becomes_one_clean_line(text, clean):
    assert clean_text(text) == clean


@given(st.text())
def test_clean_text_fits_a_column_and_a_page(text):
    clean = clean_text(text)
    assert len(clean) <= MAX_NAME
    assert clean.isprintable()
    clean.encode()  # no lone surrogate is left
    assert clean_text(clean) == clean


def test_a_megabyte_is_cut():
    assert clean_text("x" * 1_000_000, limit=10) == "x" * 10


# Images


@pytest.mark.parametrize(
    "url",
    [
        "https://s4.anilist.co/file/anilistcdn/media/anime/cover/large/bx1-CXtrrkMpJ8Zq.png",
        "https://s4.anilist.co/file/anilistcdn/user/avatar/large/default.png",
    ],
)
def test_an_image_of_anilist_is_kept(url):
    assert image_url(url, ["https://s4.anilist.co"]) == url


@pytest.mark.parametrize(
    "url",
    [
        None,
        7,
        "",
        "javascript:alert(1)",
        "data:image/png;base64,xx",
        "//s4.anilist.co/x.png",
        "http://s4.anilist.co/x.png",
        "https://s4.anilist.co",
        "https://s4.anilist.co@evil.test/x.png",
        "https://s4.anilist.co.evil.test/x.png",
        "https://evil.test/https://s4.anilist.co/x.png",
        'https://s4.anilist.co/x.png" onerror="alert(1)',
        "https://s4.anilist.co/<script>",
        "https://s4.anilist.co/x y.png",
        "https://s4.anilist.co/x\n.png",
        "https://s4.anilist.co/" + "x" * 500,
    ],
)
def test_any_other_address_is_dropped(url):
    assert image_url(url, ["https://s4.anilist.co"]) == ""


@pytest.mark.parametrize(("value", "kept"), [("#e4a15d", "#e4a15d"), ("#FFF000", "#FFF000")])
def test_a_colour_is_kept(value, kept):
    assert colour(value) == kept


@pytest.mark.parametrize(
    "value",
    [
        "red;background:url(//evil.test)",
        "red",
        "#fff",
        "#e4a15d;",
        "#e4a15d\n",
        "",
        None,
        7,
        ["#e4a15d"],
    ],
)
def test_what_could_be_any_css_is_dropped(value):
    assert colour(value) == ""


# Dates


@given(PARTS)
def test_a_fuzzy_date_survives_both_of_anilists_forms(date):
    assert FuzzyDate.from_api(date.to_input()) == date
    assert FuzzyDate.from_int(date.to_int()) == date


@given(st.dates())
def test_a_whole_date_survives(date):
    assert FuzzyDate.from_date(date).to_date() == date


@pytest.mark.parametrize(
    ("parts", "date"),
    [
        ({"year": 2024, "month": 2, "day": 30}, FuzzyDate(2024, 2, 30)),
        ({"year": 0, "month": 0, "day": 0}, FuzzyDate()),
        ({"year": 20000, "month": 13, "day": 32}, FuzzyDate()),
        ({"year": "2024", "month": True, "day": 1.0}, FuzzyDate()),
        ({"year": 2024}, FuzzyDate(2024)),
        (None, FuzzyDate()),
        ([2024, 1, 1], FuzzyDate()),
    ],
)
def test_odd_parts_of_a_date_are_unknown(parts, date):
    assert FuzzyDate.from_api(parts) == date


@pytest.mark.parametrize(
    "date", [FuzzyDate(2024, 2, 30), FuzzyDate(2024, 2), FuzzyDate(2024), FuzzyDate()]
)
def test_what_is_no_day_of_the_calendar_has_no_date(date):
    assert date.to_date() is None


@pytest.mark.parametrize(
    ("date", "text"),
    [
        (FuzzyDate(2024, 5, 3), "2024-05-03"),
        (FuzzyDate(2024, 5), "2024-05-??"),
        (FuzzyDate(2024), "2024-??-??"),
        (FuzzyDate(None, 5, 3), "????-05-03"),
        (FuzzyDate(), ""),
    ],
)
def test_a_date_reads_as_far_as_it_is_known(date, text):
    assert str(date) == text
    assert bool(date) is bool(text)


def test_a_date_of_anilists_int_may_have_zeros():
    assert FuzzyDate.from_int(20200000) == FuzzyDate(2020)
    assert FuzzyDate(2020).to_int() == 20200000
    assert FuzzyDate.from_date(datetime.date(2020, 1, 2)).to_int() == 20200102


# Scores

SCORES = {
    "POINT_100": range(1, 101),
    "POINT_10_DECIMAL": [number / 10 for number in range(1, 101)],
    "POINT_10": range(1, 11),
    "POINT_5": range(1, 6),
    "POINT_3": range(1, 4),
}


@pytest.mark.parametrize(
    ("form", "score"), [(form, score) for form, scores in SCORES.items() for score in scores]
)
def test_every_score_of_every_format_is_read_back_as_it_was(form, score):
    assert score_from_raw(score_to_raw(score, form), form) == score


@pytest.mark.parametrize("form", SCORE_FORMATS)
def test_no_score_is_no_score_in_every_format(form):
    assert score_to_raw(0, form) == score_from_raw(0, form) == 0


@pytest.mark.parametrize(
    ("form", "score", "raw"),
    [
        ("POINT_5", 1, 10),
        ("POINT_5", 5, 90),
        ("POINT_3", 1, 35),
        ("POINT_3", 2, 60),
        ("POINT_3", 3, 85),
    ],
)
def test_stars_and_smileys_have_anilists_own_raw_scores(form, score, raw):
    assert score_to_raw(score, form) == raw


@pytest.mark.parametrize(
    ("form", "raw", "score"),
    [
        ("POINT_3", 36, 2), ("POINT_3", 61, 3), ("POINT_3", 100, 3), ("POINT_5", 100, 5),
        ("POINT_5", 1, 1), ("POINT_10", 5, 1), ("POINT_10", 99, 9), ("POINT_10_DECIMAL", 77, 7.7),
    ],
)  # fmt: skip
def test_a_raw_score_between_the_steps_is_shown_as_anilist_shows_it(form, raw, score):
    assert score_from_raw(raw, form) == score


@pytest.mark.parametrize(
    ("form", "score"),
    [
        ("POINT_3", 4), ("POINT_3", 1.5), ("POINT_5", 6), ("POINT_5", 2.5), ("POINT_10", 11),
        ("POINT_10", 7.5), ("POINT_10_DECIMAL", 10.1), ("POINT_100", 101), ("POINT_100", -1),
        ("POINT_7", 3), ("POINT_3", -1),
    ],
)  # fmt: skip
def test_a_score_the_format_does_not_have_is_refused(form, score):
    with pytest.raises(ValueError, match="is no score"):
        score_to_raw(score, form)


# Titles


@pytest.mark.parametrize(
    ("media", "title"),
    [
        ({"title": {"userPreferred": "P", "english": "E", "romaji": "R"}}, "P"),
        ({"title": {"userPreferred": None, "english": "E", "romaji": "R"}}, "E"),
        ({"title": {"english": None, "romaji": "R", "native": "N"}}, "R"),
        ({"title": {"english": "", "romaji": " ", "native": "N"}}, "N"),
        ({"title": {}, "id": 7}, "#7"),
        ({"title": None, "id": 7}, "#7"),
        ({"id": "7"}, ""),
        (None, ""),
        ("text", ""),
    ],
)
def test_a_title_falls_back_to_the_next_there_is(media, title):
    assert title_of(media) == title


def test_a_title_in_a_chosen_language_comes_first():
    media = {"title": {"userPreferred": "P", "native": "N"}}
    assert title_of(media, "native") == "N"
    assert title_of(media, "english") == "P"


#: What JSON may hold where a number is due.
ANYTHING = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers())
)


@many(5)
@given(st.dictionaries(st.sampled_from(["year", "month", "day"]), ANYTHING) | ANYTHING)
def test_a_date_of_any_shape_is_a_date_with_less_in_it(value):
    date = FuzzyDate.from_api(value)
    assert FuzzyDate.from_api(date.to_input()) == date
    assert len(str(date)) in (0, 10)


@many(5)
@given(st.integers() | st.floats(), st.sampled_from(SCORE_FORMATS) | st.text(max_size=9))
def test_any_number_is_a_score_or_refused(number, form):
    try:
        raw = score_to_raw(number, form)
    except ValueError:
        return
    assert type(raw) is int
    assert 0 <= raw <= 100
    assert raw == 0 or score_to_raw(score_from_raw(raw, form), form) in range(101)


@many(5)
@given(st.integers(0, 100), st.sampled_from(SCORE_FORMATS))
def test_a_score_shown_and_sent_back_shows_the_same(raw, form):
    shown = score_from_raw(raw, form)
    assert score_from_raw(score_to_raw(shown, form), form) == shown


def test_dates_are_in_order_and_unknown_parts_come_first():
    dates = [FuzzyDate(2024, 5, 1), FuzzyDate(2024), FuzzyDate(), FuzzyDate(2024, 5)]
    assert sorted(dates) == [
        FuzzyDate(),
        FuzzyDate(2024),
        FuzzyDate(2024, 5),
        FuzzyDate(2024, 5, 1),
    ]
    assert max(dates) == FuzzyDate(2024, 5, 1)
    assert FuzzyDate(2023, 12, 31) <= FuzzyDate(2024) < FuzzyDate(2024, 1)
    with pytest.raises(TypeError):
        assert FuzzyDate(2024) < 2025

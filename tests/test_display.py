"""AniList's values as people read them: in their language, in their format, and harmless."""

from __future__ import annotations

import datetime
import re
import time

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone, translation
from django.utils.functional import lazystr

from django_anilist import display
from django_anilist.api.values import FuzzyDate
from django_anilist.display import MAX_SPOILERS, MAX_TEXT
from django_anilist.models import AniListToken
from tests.tagging import rendered

NOW = datetime.datetime(2026, 11, 25, 12, tzinfo=datetime.timezone.utc)


# Scores


@pytest.mark.parametrize(
    ("score_format", "shown"),
    [
        ("POINT_100", "85/100"),
        ("POINT_10_DECIMAL", "8.5/10"),
        ("POINT_10", "8/10"),
        ("POINT_5", "4/5"),
        ("POINT_3", "good"),
        ("", "85/100"),
        ("POINT_7", "85/100"),
        (None, "85/100"),
    ],
)
def test_a_score_is_shown_in_its_owners_format(score_format, shown):
    row = AniListToken(score_format=score_format or "")
    assert display.score_text(85, score_format) == shown
    assert display.score_text({"scoreRaw": 85, "scoreFormat": score_format}) == shown
    assert display.score_text({"scoreRaw": 85}, score_format) == shown
    assert display.score_text(85, row) == shown
    assert rendered("{{ raw|anilist_score:row }}", raw=85, row=row) == shown
    assert rendered("{{ raw|anilist_score:format }}", raw=85, format=score_format) == shown


def test_a_score_is_shown_in_the_format_of_a_user_of_the_site(anilist, alice, bob):
    anilist.connect(alice, scoreFormat="POINT_5")
    assert display.score_text(85, alice) == "4/5"
    assert display.score_text(85, bob) == "85/100"
    assert display.score_text(85, AnonymousUser()) == "85/100"


def test_the_format_that_is_given_goes_before_the_entrys_own():
    assert display.score_text({"scoreRaw": 35, "scoreFormat": "POINT_5"}, "POINT_3") == "bad"
    assert display.score_text(60, "POINT_3") == "okay"


@pytest.mark.parametrize(
    "value",
    [
        *(0, None, "85", -1, 101, 0.4, 0.5, True, [], {}, {"score": 85}, {"scoreRaw": "x"}),
        *(float("nan"), float("inf"), 10**400),
    ],
)
@pytest.mark.parametrize("score_format", ["POINT_100", "POINT_3"])
def test_what_is_no_score_is_not_shown(value, score_format):
    assert display.score_text(value, score_format) == ""


@pytest.mark.parametrize(
    ("language", "shown"), [("de", "8,5/10"), ("fr", "8,5/10"), ("ja", "8.5/10")]
)
def test_a_score_is_written_as_the_reader_writes_numbers(language, shown):
    with translation.override(language):
        assert display.score_text(85, "POINT_10_DECIMAL") == shown


# Dates


@pytest.mark.parametrize(
    ("language", "whole", "month", "day"),
    [
        ("en", "May 3, 2024", "May 2024", "May 3"),
        ("de", "3. Mai 2024", "Mai 2024", "3. Mai"),
        ("fr", "3 mai 2024", "mai 2024", "3 mai"),
        ("es", "3 de mayo de 2024", "mayo de 2024", "3 de mayo"),
        ("pt-br", "3 de Maio de 2024", "Maio de 2024", "3 de Maio"),
        ("ja", "2024年5月3日", "2024年5月", "5月3日"),
    ],
)
def test_a_date_is_told_in_the_readers_language(language, whole, month, day):
    with translation.override(language):
        found = [
            display.date_text(value)
            for value in (
                {"year": 2024, "month": 5, "day": 3},
                {"year": 2024, "month": 5, "day": None},
                {"year": None, "month": 5, "day": 3},
            )
        ]
    assert [text.lower() for text in found] == [whole.lower(), month.lower(), day.lower()]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"year": 2024}, "2024"),
        ({"year": 2024, "month": None, "day": 5}, "2024"),
        ({"year": 2024, "month": 2, "day": 31}, "February 2024"),
        ({"month": 2, "day": 29}, "February 29"),
        ({"month": 2, "day": 30}, ""),
        ({"month": 2}, ""),
        ({"year": "2024", "month": [], "day": True}, ""),
        (20240500, "May 2024"),
        (20240503, "May 3, 2024"),
        (20200000, "2020"),
        (FuzzyDate(1998, 4), "April 1998"),
        (FuzzyDate.from_date(datetime.date(1998, 4, 3)), "April 3, 1998"),
        *((odd, "") for odd in (0, -5, 10**9, True, None, "2024", [], {})),
    ],
)
def test_as_much_of_a_date_is_told_as_is_known(value, shown):
    assert display.date_text(value).replace("Feb.", "Feb.") in (
        shown,
        shown.replace("Feb.", "February"),
    )
    assert rendered("{{ value|anilist_date }}", value=value) == display.date_text(value)


@pytest.mark.parametrize(
    ("media", "year"),
    [
        ({"seasonYear": 2024}, 2024),
        ({"startDate": {"year": 1998, "month": 4, "day": 3}}, 1998),
        ({"seasonYear": None, "startDate": {"month": 4, "day": 3}}, None),
        ({"seasonYear": "<b>"}, None),
        ({}, None),
    ],
)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_medium_has_a_year_in_every_language(media, year, language):
    with translation.override(language):
        assert display.year_of(media) == year
        html = rendered("{% anilist_card media %}", media={**media, "title": {"romaji": "T"}})
    assert re.findall(r">(\d+)<", html) == [str(year)] * (year is not None)


# Texts


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<b>a</b><br>c<BR/>", "<b>a</b><br>c<br>"),
        ("<p>a<p>b", "<p>a</p><p>b</p>"),
        ('<i class="x" onclick="y">a', "<i>a</i>"),
        ("<a href=https://evil.test>a</a><script>b</script>", "a"),
        ("a & b < c", "a &amp; b &lt; c"),
        (
            "<b>a ~!they <i>win!~ b",
            '<b>a </b><details class="anilist-spoiler"><summary>Spoiler</summary>they <i>win</i></details> b',
        ),
        ("~!a", "~!a"),
        ("a!~", "a!~"),
        ("~!!~", '<details class="anilist-spoiler"><summary>Spoiler</summary></details>'),
        ("", ""),
        (lazystr("<b>a"), "<b>a</b>"),
        *((odd, "") for odd in (None, 5, ["<b>"], {"a": "<b>"})),
    ],
)
def test_a_text_keeps_its_harmless_markup_and_hides_its_spoilers(text, html):
    assert display.html_of(text) == html
    assert rendered("{{ text|anilist_html }}", text=text) == html.strip()


@pytest.mark.parametrize(
    "text",
    [
        "a " * 40_000,
        "~!" * 40_000,
        "!~" * 40_000,
        "~!a!~" * 16_000,
        "<b>" * 27_000,
        "<" * 80_000,
        "&" * 80_000,
        "<p><i>~!" * 10_000 + "!~",
        "<!--" * 20_000,
    ],
    ids=lambda text: text[:8],
)
def test_a_text_of_eighty_thousand_characters_takes_no_time_by_its_square(text):
    started = time.process_time()
    display.html_of(text)
    assert time.process_time() - started < 5  # by the square, half a minute


def test_many_spoilers_are_folded_away_all_the_same():
    html = display.html_of("~!a!~ b " * (MAX_SPOILERS + 50))
    assert html.count("<details") == MAX_SPOILERS + 1
    assert html.endswith("~!a!~ b </details>")


def test_a_text_ends_somewhere():
    assert len(display.html_of("a" * (MAX_TEXT + 5))) == MAX_TEXT


# The next episode, statuses, lengths


@pytest.mark.parametrize("use_tz", [True, False])
@pytest.mark.parametrize(
    ("ahead", "sentence"),
    [
        (3 * 86400 + 60, "Episode 5 in 3\xa0days"),
        (7200, "Episode 5 in 2\xa0hours"),
        (0, "Episode 5 is out"),
    ],
)
def test_the_next_episode_is_a_sentence(time_machine, settings, use_tz, ahead, sentence):
    settings.USE_TZ = use_tz
    time_machine.move_to(NOW, tick=False)
    media = {"nextAiringEpisode": {"episode": 5, "airingAt": int(NOW.timestamp()) + ahead}}
    text, when = display.airing_text(media)
    assert (text, when.timestamp()) == (sentence, NOW.timestamp() + ahead)
    assert sentence in rendered("{% anilist_next_airing media %}", media=media)
    assert sentence in rendered("{% anilist_next_airing e %}", e={"mediaId": 1, "media": media})


@pytest.mark.parametrize("use_tz", [True, False])
def test_the_moment_of_an_episode_is_told_in_the_readers_time(settings, use_tz):
    settings.USE_TZ, settings.TIME_ZONE = use_tz, "Asia/Tokyo"
    with timezone.override("Asia/Tokyo"):
        at = int(datetime.datetime(2036, 11, 26, 21, 0, tzinfo=datetime.timezone.utc).timestamp())
        media = {"nextAiringEpisode": {"episode": 5, "airingAt": at}}
        shown = rendered("{% anilist_next_airing media %}", media=media)
    assert 'title="Nov. 27, 2036, 6 a.m."' in shown
    assert 'datetime="2036-11-27T06:00:00+09:00"' in shown


@pytest.mark.parametrize(
    "following",
    [None, "x", {}, {"episode": 5}, {"episode": "5", "airingAt": 1}, {"episode": 5, "airingAt": "x"}]
    + [{"episode": 5, "airingAt": at} for at in (0, -1, 2**40, True, 1.5)],
)  # fmt: skip
def test_an_episode_that_nobody_knows_of_is_not_told(following):
    assert display.airing_text({"nextAiringEpisode": following}) is None
    assert rendered("{% anilist_next_airing m %}", m={"nextAiringEpisode": following}) == ""


def test_statuses_are_called_by_what_one_does():
    assert display.statuses("ANIME")["CURRENT"] == "Watching"
    assert display.statuses("MANGA")["CURRENT"] == "Reading"
    assert (display.statuses(None)["REPEATING"], display.statuses("MANGA")["REPEATING"]) == (
        "Rewatching",
        "Rereading",
    )


@pytest.mark.parametrize(
    ("media", "length"),
    [
        ({"type": "MANGA", "chapters": 7, "episodes": 5}, 7),
        ({"type": "ANIME", "chapters": 7, "episodes": 5}, 5),
        *(({"episodes": odd}, None) for odd in (0, -1, None, "5", True, 5.0)),
    ],
)
def test_a_medium_is_so_long(media, length):
    assert display.length_of(media) == length


@pytest.mark.parametrize(
    ("entry", "shown"),
    [
        ({"mediaId": 1, "progress": 7, "media": {"episodes": 12}}, "7 of 12"),
        ({"mediaId": 1, "progress": 13, "media": {"episodes": 12}}, "13 of 13"),
        ({"mediaId": 1, "progress": 7, "media": None}, "7 of ?"),
        ({"episodes": 12, "mediaListEntry": {"progress": 0}}, "0 of 12"),
        *(({"mediaId": 1, "progress": odd}, "") for odd in (None, -1, "7", True)),
        *((odd, "") for odd in (None, 5, "x", {}, [])),
    ],
)
def test_progress_is_told_in_words(entry, shown):
    html = rendered("{% anilist_progress entry %}", entry=entry)
    assert f" {shown}</span>" in html or f">{shown}</span>" in html or html == shown == ""


def test_numbers_in_markup_are_not_written_for_people(settings):
    settings.USE_THOUSAND_SEPARATOR = True
    entry = {"mediaId": 1, "progress": 1100, "media": {"episodes": 1200}}
    html = rendered("{% anilist_progress entry %}", entry=entry)
    assert '<progress max="1200" value="1100"' in html
    assert "1,100 of 1,200" in html

"""The same tags and filters in Jinja2 templates."""

from __future__ import annotations

import pytest
from django.template import engines
from jinja2 import Environment

from django_anilist import jinja, template_filters
from django_anilist.templatetags.anilist import register
from tests.tagging import ENTRY, MEDIA

#: A call of each tag, and what it shows.
CALLS = {
    "anilist_attach": (
        "{{ anilist_attach(rows) }}{{ rows[0].anilist_media|anilist_title }}",
        "Cowboy",
    ),
    "anilist_avatar": ("{{ anilist_avatar(member, size=32) }}", 'width="32"'),
    "anilist_card": ("{{ anilist_card(1) }}", "<bdi>Cowboy Bebop</bdi>"),
    "anilist_connect_button": ('{{ anilist_connect_button(next="/x/") }}', ""),
    "anilist_cover": ('{{ anilist_cover(1, size="large") }}', 'width="230"'),
    "anilist_disconnect_button": (
        "{{ anilist_disconnect_button() }}",
        'name="csrfmiddlewaretoken"',
    ),
    "anilist_list": ('{{ anilist_list(status="CURRENT") }}', "<bdi>Cowboy Bebop</bdi>"),
    "anilist_list_button": ("{{ anilist_list_button(1) }}", "Save episode 4 of Cowboy Bebop"),
    "anilist_media": ("{% set m = anilist_media(1) %}{{ m }}: {{ m.type }}", "Cowboy Bebop: ANIME"),
    "anilist_next_airing": ("{{ anilist_next_airing(21) }}", "Episode 1123 in"),
    "anilist_notice": ("{{ anilist_notice() }}", ""),
    "anilist_profile": ("{{ anilist_profile(member) }}", "<bdi>alice</bdi>"),
    "anilist_progress": ("{{ anilist_progress(entry) }}", "7 of 12"),
    "anilist_status": ("{{ anilist_status(member) }}", ">connected</span>"),
    "anilist_viewer": ("{{ anilist_viewer().name }}", "alice"),
    "a list gone through": (
        '{% for e in anilist_list("CURRENT") %}{{ e.media|anilist_title }} {{ e|anilist_score }}{% endfor %}',
        "Cowboy Bebop 4/5",
    ),
    "a list that is kept": ("{% set all = anilist_list() %}{{ all }}{{ all.total }}", "</ul>"),
}
FILTERS = {
    "anilist_title": ('{{ media|anilist_title("english") }}', "Bees &amp; Co"),
    "anilist_score": (
        "{{ media.averageScore|anilist_score }} {{ 85|anilist_score(member) }}",
        "82/100 4/5",
    ),
    "anilist_date": ("{{ media.startDate|anilist_date }}", "May 2024"),
    "anilist_html": ("{{ media.description|anilist_html }}", "<i>Buzz</i> <details"),
    "anilist_url": ("{{ media|anilist_url }}", "https://anilist.co/anime/5"),
}


@pytest.fixture
def show(settings, anilist, alice, rf):
    """Render a Jinja2 template as alice sees it, by Django's own backend."""
    options = {"extensions": ["django_anilist.jinja.AniListExtension"]}
    backend = {"BACKEND": "django.template.backends.jinja2.Jinja2", "OPTIONS": options}
    settings.TEMPLATES = [{**backend, "NAME": "jinja2"}, *settings.TEMPLATES]
    anilist.connect(alice, scoreFormat="POINT_5")
    anilist.set_list(alice, CURRENT=[{"mediaId": 1, "progress": 3, "score": 4}])
    request = rf.get("/page/")
    request.user = alice

    def shown(source, request=request, **context):
        context = {
            "member": alice,
            "rows": [{"anilist_id": 1}],
            "media": MEDIA,
            "entry": ENTRY,
            **context,
        }
        return engines["jinja2"].from_string(source).render(context, request).strip()

    return shown


@pytest.mark.parametrize("source", [*CALLS.items(), *FILTERS.items()], ids=lambda item: item[0])
def test_each_tag_is_a_function_and_each_filter_a_filter(show, source):
    call, found = source[1]
    html = show(call)
    assert found in html
    assert html == "" or found != ""
    assert "&lt;" not in html


def test_none_is_left_out():
    assert {tag.__name__ for tag in jinja.TAGS} == set(register.tags)
    assert {each.__name__ for each in template_filters.ALL} == set(register.filters)
    assert set(register.tags) <= set(CALLS)
    assert set(register.filters) == set(FILTERS)
    environment = Environment(extensions=["django_anilist.jinja.AniListExtension"])
    assert set(register.tags) <= set(environment.globals)
    assert set(register.filters) <= set(environment.filters)


@pytest.mark.parametrize("name", [*CALLS, *FILTERS])
def test_nothing_raises_where_nothing_is_known(show, anilist, name):
    source, _ = {**CALLS, **FILTERS}[name]
    with anilist.outage():
        html = show(source.replace("m.title.romaji", "m.title").replace(").name", ")"), request=None,
                    member=None, rows=[{}], media=None, entry=None)  # fmt: skip
    assert "Cowboy" not in html


def test_what_is_hostile_stays_text(show, anilist):
    anilist.add_media("<script>", id=7)
    assert "<script>" not in show("{{ anilist_card(7) }}{{ anilist_media(7)|anilist_title }}")

"""Every tag and filter is explained by an example, and the examples work."""

from __future__ import annotations

import re

import pytest

from django_anilist import template_filters
from django_anilist.jinja import TAGS
from tests.tagging import ENTRY, MEDIA, ask

#: What follows from an example, where it shows anything at all for alice.
SHOWN = {
    "anilist_attach": "",
    "anilist_avatar": 'width="64"',
    "anilist_card": "Bees &amp; Co",
    "anilist_connect_button": "",
    "anilist_cover": 'width="230"',
    "anilist_disconnect_button": "Disconnect AniList",
    "anilist_list": "Cowboy Bebop",
    "anilist_list_button": "Add to my list",
    "anilist_media": "Usagi",
    "anilist_next_airing": "Episode 5 in",
    "anilist_notice": "",
    "anilist_profile": "alice",
    "anilist_progress": "7 of 12",
    "anilist_status": "connected",
    "anilist_viewer": "alice",
    "anilist_title": "Bees &amp; Co",
    "anilist_score": "82/100",
    "anilist_date": "May 2024",
    "anilist_html": "<i>Buzz</i>",
    "anilist_url": "https://anilist.co/anime/5",
}


def examples(function):
    """Return the examples of a docstring; what stands in one sentence of it is one template."""
    text = re.sub(r"\s+", " ", function.__doc__)
    text = text.replace("`` and then ``", "")
    return [
        found
        for found in re.findall(r"``(.+?)``", text)
        if re.search(r"{%\s|{{", found) and "anilist_" in found
    ]


@pytest.fixture
def everything(anilist, alice, settings):
    settings.ROOT_URLCONF = "tests.tagging"
    anilist.connect(alice, name="alice")
    anilist.set_list(alice, CURRENT=[{"mediaId": 1, "score": 8}])
    anilist.add_media("Usagi Drop", id=15125)
    return {
        "media": {**MEDIA, "nextAiringEpisode": {"episode": 5, "airingAt": 2**32}},
        "entry": ENTRY,
        "member": alice,
        "reviews": [{"anilist_id": 1}],
        "raw": 85,
        "next": "/x/",
    }


@pytest.mark.parametrize(
    "function", [*TAGS, *template_filters.ALL], ids=lambda function: function.__name__
)
def test_each_example_works(function, everything, alice_client, caplog):
    found = examples(function)
    assert any(function.__name__ in example for example in found)
    shown = [
        ask(alice_client, _closed(example), **everything).content.decode() for example in found
    ]
    assert SHOWN[function.__name__] in " ".join(shown)
    assert not [record for record in caplog.records if record.levelname == "WARNING"]


def _closed(example):
    """Return an example with the ends of what it leaves open."""
    if example.count("{% for") > example.count("{% endfor"):
        example += "{% endfor %}"
    return example

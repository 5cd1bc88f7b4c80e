"""Every tag for everybody, on good days and bad ones: a page stays up and says what there is to say."""

from __future__ import annotations

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError

from django_anilist import tokens
from django_anilist.api import errors
from django_anilist.api.conversation import Conversation
from django_anilist.conf import AniListImproperlyConfigured
from tests.tagging import ENTRY, MEDIA, TAGS, ask, showing

#: What an outage, or a spent budget, is called on a page.
SILENT = "AniList is not answering just now. What is missing here comes back by itself."
CONNECT = "/anilist/authorize/?next=%2Fpage%2F%3Fof%3D2"

#: What nothing that happens to AniList or to the viewer changes; ``None`` is an empty place.
ALWAYS = {
    "status of another": "connected</span>",
    "profile": ">bob</bdi>",
    "progress": "7 of 12",
    "title": "Bees &amp; Co",
    "score": "82/100",
    "date": "May 2024",
    "html": "<i>Buzz</i> <details",
    "url": 'href="https://anilist.co/anime/5"',
}
#: What everybody sees while AniList answers.
PUBLIC = {
    **ALWAYS,
    "profile": "<li>1 anime</li>",
    "list of another": "Evangelion</bdi>",
    "media": "Cowboy Bebop",
    "media printed": "Cowboy Bebop",
    "attach": "Cowboy Bebop;;MONSTER;",
    "card": "<bdi>ONE PIECE</bdi>",
    "cover": '<img src="https://s4.anilist.co/images/cover/1.svg"',
    "next_airing": "Episode 1123 in ",
}
UNCONNECTED = {
    **PUBLIC,
    "disconnect_button": None,
    "avatar": None,
    "notice": None,
    "viewer": "nobody",
    "list": "Connect AniList to see your list here.",
    "list as": "nothing",
    "list_button": "Connect AniList to add this to your list",
}
#: What a user sees whose connection is as it was, while AniList does not answer.
CUT_OFF = {
    **ALWAYS,
    "connect_button": None,
    "disconnect_button": 'action="/anilist/disconnect/"',
    "avatar": 'width="64"',
    "status": "connected</span>",
    "notice": None,
    "viewer": "nobody",
    "list": SILENT,
    "list as": "nothing",
    "list of another": SILENT,
    "media": "none",
    "media printed": None,
    "attach": ";;;",
    "card": SILENT,
    "cover": SILENT,
    "list_button": SILENT,
    "next_airing": None,
}
DEAD = {
    **UNCONNECTED,
    "connect_button": "Reconnect AniList",
    "disconnect_button": 'action="/anilist/disconnect/"',
    "avatar": 'width="64"',
}
EXPECTED = {
    "connected": {
        **CUT_OFF,
        **PUBLIC,
        "viewer": "alice",
        "list": "You: 4/5",
        "list as": "Cowboy Bebop 4/5;ONE PIECE ;",
        "list_button": "Save episode 8 of Cowboy Bebop",
    },
    "a visitor": {
        **UNCONNECTED,
        "connect_button": f'<a class="anilist-button" href="{CONNECT}">Connect AniList</a>',
        "status": "not connected",
    },
    "expired": {**DEAD, "status": "expired</span>", "notice": "Your AniList connection has ended."},
    "rejected": {
        **DEAD,
        "status": "refused by AniList",
        "notice": "AniList needs you to connect again.",
    },
    "outage": CUT_OFF,
    "429": CUT_OFF,
}
WHERE = {"outage": {"switched_off": True}, "429": {"too_many": True}}


@pytest.fixture
def page(anilist, alice, bob, alice_client, settings):
    """Return what the parts of a page are, each on a page of its own, for who is behind a client."""
    settings.ROOT_URLCONF = "tests.tagging"
    anilist.connect(alice, scoreFormat="POINT_5")
    anilist.connect(bob)
    bebop = {"mediaId": 1, "progress": 7, "score": 4}
    anilist.set_list(alice, CURRENT=[bebop, {"mediaId": 21, "progress": 2}])
    anilist.set_list(bob, CURRENT=[{"mediaId": 30}])

    def parts(client=alice_client):
        found = {}
        for name, source in TAGS.items():
            rows = [{"anilist_id": number} for number in (1, None, 19)]
            answer = ask(client, source, member=bob, media=MEDIA, entry=ENTRY, rows=rows)
            assert answer.status_code == 200
            found[name] = answer.content.decode().strip()
        return found

    return parts


@pytest.mark.parametrize("condition", EXPECTED)
def test_every_tag_says_what_there_is_to_say(condition, page, anilist, alice, client, alice_client):
    if condition == "expired":
        anilist.expire(alice)
    if condition == "rejected":
        tokens.reject(tokens.for_user(alice))
    with anilist.dial(**WHERE.get(condition, {})):
        found = page(client if condition == "a visitor" else alice_client)
    expected = EXPECTED[condition]
    assert expected.keys() == TAGS.keys()
    told = {
        name: found[name] if text is None else text in found[name]
        for name, text in expected.items()
    }
    assert told == {name: "" if text is None else True for name, text in expected.items()}


@pytest.mark.parametrize("name", ["viewer", "list", "list_button", "profile", "list of another"])
def test_a_token_that_is_refused_just_now_is_told_as_that(
    name, page, anilist, alice, bob, alice_client
):
    anilist.revoke(alice)
    whole = f"{TAGS[name]}|{TAGS['status']}|{TAGS['connect_button']}|{TAGS['notice']}"
    part, status, button, notice = ask(alice_client, whole, member=bob).content.decode().split("|")
    assert "AniList is not answering" not in part
    assert "refused by AniList" in status
    assert "Reconnect AniList" in button
    assert "AniList needs you to connect again." in notice


def test_a_list_of_a_token_refused_just_now_leads_to_connect(page, anilist, alice, alice_client):
    anilist.revoke(alice)
    html = ask(alice_client, TAGS["list"]).content.decode()
    assert "AniList needs you to connect again." in html
    assert f'href="{CONNECT}"' in html


def _every_error():
    kinds = [errors.AniListError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    made = {
        errors.Unavailable: ("server",),
        errors.OutcomeUnknown: ("timeout",),
        **{kind: ("<b>x",) for kind in kinds if issubclass(kind, errors.QueryError)},
    }
    yield from (kind(*made.get(kind, ())) for kind in kinds)
    for kind in (AniListImproperlyConfigured, ImproperlyConfigured, OperationalError, ValueError):
        yield kind("<b>x")
    yield from (TypeError("<b>x"), RecursionError("<b>x"), TimeoutError("<b>x"))


@pytest.mark.parametrize("error", list(_every_error()), ids=lambda error: type(error).__name__)
def test_whatever_happens_inside_a_page_stays_up(error, page, monkeypatch):
    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(Conversation, "_send", fail)
    found = page()
    assert {name: ALWAYS[name] in found[name] for name in ALWAYS} == dict.fromkeys(ALWAYS, True)
    assert "<b>x" not in "".join(found.values())
    assert "&lt;b&gt;x" not in "".join(found.values())


def test_a_database_that_is_gone_does_not_take_the_page_with_it(page, monkeypatch):
    def fail(*args):
        raise OperationalError("<b>x")

    monkeypatch.setattr(tokens, "for_user", fail)
    found = page()
    assert (found["status"], found["list"], found["media"]) == ("", "", "Cowboy Bebop")
    assert "<b>x" not in "".join(found.values())


def test_what_anilist_says_of_an_error_is_not_shown(page, anilist, alice_client):
    with anilist.dial(blocked="<b>x"):
        found = page()
    assert "<b>x" not in "".join(found.values())
    assert SILENT in found["list"]


@pytest.mark.parametrize(
    "source", ['{% anilist_list status="BOGUS" %}', "{% anilist_list type=5 %}"]
)
def test_a_list_that_anilist_refuses_is_left_out_and_logged(source, page, alice_client, caplog):
    assert ask(alice_client, source).content.strip() == b""
    assert caplog.records[-1].levelname == "WARNING"


def test_an_outage_is_told_once_on_a_page(page, anilist, bob, alice_client):
    with anilist.outage():
        answer = ask(alice_client, "".join(TAGS.values()), member=bob, media=MEDIA, entry=ENTRY)
    assert answer.content.decode().count("AniList is not answering just now.") == 1


@pytest.mark.parametrize(
    ("kind", "word"), [("outage", "not answering"), ("limit", "as much as it may")]
)
def test_a_notice_at_the_end_knows_what_the_page_met(kind, word, page, anilist, alice_client):
    with getattr(anilist, kind)():
        html = ask(alice_client, "{% anilist_viewer as v %}{% anilist_notice %}").content.decode()
    assert html.count(word) == 1
    assert "anilist-trouble" not in html


@pytest.mark.parametrize(
    "source",
    [
        '{% anilist_avatar user size="wide" %}',
        "{% anilist_avatar nothing %}",
        "{% anilist_profile nothing %}",
        "{% anilist_profile 5 %}",
        '{% anilist_list limit="many" %}',
        "{% anilist_list user=5 %}",
        "{% anilist_attach 5 %}",
        "{% anilist_attach media field=5 %}",
        "{% anilist_media 5.5 %}",
        "{% anilist_card nothing %}",
        "{% anilist_cover 'x' %}",
        "{% anilist_list_button 'x' %}",
        "{% anilist_progress 7 %}",
        "{% anilist_next_airing 'x' %}",
        "{{ 5|anilist_title:5 }}",
        "{{ nothing|anilist_score:5 }}",
        "{{ 5.5|anilist_date }}",
        "{{ 5|anilist_html }}",
        "{{ 5|anilist_url }}",
    ],
)
@pytest.mark.parametrize("escaping", ["on", "off"])
def test_what_makes_no_sense_is_left_out(source, escaping, page, alice_client):
    whole = f"{{% autoescape {escaping} %}}{source}{{% endautoescape %}}"
    answer = ask(alice_client, whole, media=MEDIA)
    assert (answer.status_code, answer.content.strip()) == (200, b"")


def test_an_asynchronous_view_that_renders_on_the_spot_stays_up(page, anilist, alice, async_client):
    async_client.force_login(alice)
    showing.update(source="|".join(TAGS[name] for name in ("card", "status", "list", "title")))
    showing.update(context={"media": MEDIA})
    answer = async_to_sync(async_client.get)("/apage/")
    card, status, found, title = answer.content.decode().split("|")
    assert (answer.status_code, status, found.strip(), title) == (200, "", "", "Bees &amp; Co")
    assert card == ""  # to ask would stop whatever else the loop serves

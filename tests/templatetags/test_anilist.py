"""The tags: right for everybody, quiet when something is wrong, deaf to hostile text."""

from html.parser import HTMLParser

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template

from django_anilist import tokens
from django_anilist.api.oauth import Grant
from django_anilist.api.secrets import Secret
from django_anilist.api.values import image_url
from django_anilist.conf import IMAGE_ORIGIN
from django_anilist.models import AniListToken
from django_anilist.tokens import Account

pytestmark = pytest.mark.django_db

AVATAR = "https://s4.anilist.co/file/a.png"
TAGS = [
    "{% anilist_connect_button %}",
    '{% anilist_connect_button next="/ok/" %}',
    "{% anilist_avatar user %}",
    "{% anilist_avatar user size=64 %}",
    "{% anilist_status %}",
    "{% anilist_status user %}",
    "{{ media|anilist_title }}",
]
#: Twelve attacks, each as it is and after four ways to break out of where it stands.
ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<a href=javascript:alert(1)>x</a>",
    "<object data=x></object>",
    "<style>*{background:url(//evil.test)}</style>",
    "<form action=//evil.test><button>",
    " onmouseover=alert(1) ",
    "<!--<script>",
    "<math><mi xlink:href=javascript:alert(1)>",
    "{{ 7|add:7 }}{% load static %}",
]
PAYLOADS = [
    way + attack for way in ("", '">', "'>", "</a></span>", "]]>\u202e") for attack in ATTACKS
]


class Dangers(HTMLParser):
    """What a browser would run or fetch, among the markup that tags may make."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        names = {name for name, _ in attrs}
        allowed = {"a", "span", "img", "svg", "circle", "path"}
        if tag not in allowed or any(name.startswith("on") or name == "style" for name in names):
            self.found.append(tag)
        self.found += [
            value
            for name, value in attrs
            if name in ("href", "src")
            and not (value.startswith(("/anilist/", "https://s4.anilist.co/")))
        ]


def render(source, user=None, rf=None, **context):
    if rf is not None:
        context["request"] = rf.get("/list/?page=2")
    if user is not None:
        context["user"] = user
    return Template("{% load anilist %}" + source).render(Context(context)).strip()


@pytest.fixture
def connected(alice):
    account = Account(7, "Alice", AVATAR)
    tokens.save(alice, account, Grant(Secret("canary-token"), 31_536_000, 7))
    return alice


def test_the_button_leads_to_connect_and_back(rf, alice):
    html = render(TAGS[0], alice, rf)
    assert 'href="/anilist/authorize/?next=%2Flist%2F%3Fpage%3D2"' in html
    assert "Connect AniList" in html


def test_the_button_leads_where_it_is_told(rf, alice):
    assert "next=%2Fok%2F" in render(TAGS[1], alice, rf)


def test_the_button_works_without_a_request(alice):
    assert 'href="/anilist/authorize/"' in render(TAGS[0], alice)


def test_a_visitor_is_offered_to_connect(rf):
    assert "Connect AniList" in render(TAGS[0], AnonymousUser(), rf)
    assert "Connect AniList" in render(TAGS[0])


def test_the_connected_see_no_button(rf, connected):
    assert render(TAGS[0], connected, rf) == ""


def test_a_dead_token_is_offered_to_reconnect(rf, connected):
    tokens.reject(connected.anilist_token)
    assert "Reconnect AniList" in render(TAGS[0], connected, rf)


def test_an_avatar_has_its_size_and_tells_no_referrer(connected):
    html = render(TAGS[3], connected)
    assert f'src="{AVATAR}"' in html
    assert 'width="64" height="64"' in html
    assert 'referrerpolicy="no-referrer"' in html
    assert 'alt=""' in html


def test_an_account_without_avatar_has_a_drawing(connected):
    AniListToken.objects.update(avatar="")
    connected.anilist_token.refresh_from_db()
    assert render(TAGS[2], connected).startswith("<svg")


@pytest.mark.parametrize("user", [AnonymousUser(), None, "nobody"])
def test_nobody_has_no_avatar(user):
    assert render(TAGS[2], user) == ""


def test_avatars_of_many_users_cost_one_query(
    connected, bob, django_user_model, django_assert_num_queries
):
    with django_assert_num_queries(1):
        for user in django_user_model.objects.select_related("anilist_token"):
            render(TAGS[2], user)


def test_the_status_is_said_in_words(rf, connected, bob):
    assert "connected" in render(TAGS[4], connected, rf)
    assert "not connected" in render(TAGS[5], bob)
    assert "not connected" in render(TAGS[4])
    tokens.reject(connected.anilist_token)
    assert "refused by AniList" in render(TAGS[4], connected)


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("autoescape", ["on", "off"])
def test_hostile_text_never_becomes_markup(connected, rf, tag, payload, autoescape):
    AniListToken.objects.update(name=payload[:100], avatar=image_url(payload, [IMAGE_ORIGIN]))
    connected.anilist_token.refresh_from_db()
    tokens.reject(connected.anilist_token)
    source = f"{{% autoescape {autoescape} %}}{tag}{{% endautoescape %}}"
    dangers = Dangers()
    dangers.feed(render(source, connected, rf, media={"title": {"romaji": payload}}))
    assert dangers.found == []


@pytest.mark.parametrize("tag", TAGS)
def test_no_tag_ever_raises(connected, rf, tag, settings, monkeypatch):
    settings.ANILIST_TOKEN_KEYS = ["not a key"]
    assert render(tag, connected, rf, media=None) is not None


def test_what_could_not_be_shown_is_logged_by_its_kind_only(connected, settings, caplog):
    settings.ANILIST_TOKEN_KEYS = ["canary-key"]
    assert render(TAGS[4], connected) == ""
    assert "anilist_status" in caplog.text
    assert "canary-key" not in caplog.text


def test_a_title_is_chosen_and_escaped():
    media = {"title": {"english": "A & B", "romaji": "R"}}
    assert render("{{ media|anilist_title }}", media=media) == "A &amp; B"
    assert render('{{ media|anilist_title:"romaji" }}', media=media) == "R"
    assert render("{{ media|anilist_title }}", media=None) == ""

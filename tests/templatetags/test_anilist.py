"""The tags: right for everybody, quiet when something is wrong, deaf to hostile text."""

import re
from html.parser import HTMLParser

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from django_anilist import display, tokens
from django_anilist.accounts import Account
from django_anilist.api.oauth import Grant
from django_anilist.api.secrets import Secret
from django_anilist.models import AniListToken
from tests import tagging
from tests.properties import many

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


#: The markup that our tags, and the harmless part of AniList's texts, are made of.
MARKUP = re.compile(
    "a|article|b|bdi|br|button|circle|details|div|em|form|h3|i|img|input|label|li|option|p|path|progress|"
    "rect|section|select|span|strong|summary|svg|textarea|time|ul"
)
#: Attributes with addresses, and where these may lead.
ADDRESSES = {
    "href": ("/anilist/", "https://anilist.co/"),
    "action": ("/anilist/",),
    "hx-post": ("/anilist/",),
    "src": ("https://s4.anilist.co/",),
}
ATTRIBUTES = re.compile(
    "alt|aria-hidden|aria-label|class|cols|cx|cy|d|data-anilist-media|datetime|decoding|fill|for|height|"
    "hx-swap|hx-target|id|loading|max|maxlength|method|min|name|open|placeholder|r|referrerpolicy|rel|role|"
    "rows|selected|step|title|type|value|viewbox|width|x|y"
)


class Dangers(HTMLParser):
    """What a browser would run or fetch, among the markup that tags may make."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        if not MARKUP.fullmatch(tag):
            self.found.append(tag)
        for name, value in attrs:
            if name in ADDRESSES:
                if value and not value.startswith(ADDRESSES[name]):
                    self.found.append(value)
            elif not ATTRIBUTES.fullmatch(name) or (name == "fill" and len(value) != 7):
                self.found.append(name)


def dangers_of(html):
    parser = Dangers()
    parser.feed(html)
    parser.close()
    return parser.found


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


def hostile(payload, **facts):
    """Return a medium whose every text is ``payload``, at AniList's own addresses where that helps it."""
    return {
        "title": {
            "userPreferred": payload,
            "romaji": payload,
            "english": payload,
            "native": payload,
        },
        "coverImage": {
            "large": f"https://s4.anilist.co/{payload}",
            "medium": f"https://s4.anilist.co/a.png{payload}",
            "color": payload,
        },
        "siteUrl": f"https://anilist.co/{payload}",
        "description": payload,
        "genres": [payload],
        **facts,
    }


def lay_down(anilist, alice, payload):
    """Let AniList answer with ``payload`` wherever it may say what it likes."""
    anilist.connect(alice)
    AniListToken.objects.update(name=payload[:100].replace("\0", ""))  # no column holds one
    viewer = anilist.on_anilist(alice).id
    entry = {"id": 1, "userId": viewer, "mediaId": 1, "status": "CURRENT", "notes": payload}
    entry |= {"progress": 3, "score": 5.0}
    media = hostile(payload, id=1, type="ANIME", mediaListEntry=entry)
    group = {"name": payload, "entries": [{**entry, "customLists": [payload], "media": media}]}
    anilist.reply("MediaListCollection", {"lists": [group], "hasNextChunk": False})
    anilist.reply("Page", {"media": [media]})
    anilist.reply(
        "Viewer",
        {"id": viewer, "name": payload, "avatar": {"large": payload}},
    )
    anilist.reply("User", {"id": 7, "name": payload, "about": payload})


#: The filters in the attributes of a site's own markup, besides the tags.
FILTERED = """
<a href="{{ media|anilist_url }}" title="{{ media|anilist_title }}">{{ media|anilist_title:"native" }}</a>
<b title="{{ media.averageScore|anilist_score:payload }}">{{ entry|anilist_score }}</b>
<b title="{{ media.startDate|anilist_date }}">{{ payload|anilist_date }}{{ payload|anilist_score }}</b>
<a href="{{ payload|anilist_url }}">{{ payload|anilist_html }}{{ media.description|anilist_html }}</a>
{% anilist_card media %}{% anilist_card entry %}{% anilist_cover media size=payload %}
{% anilist_progress entry %}{% anilist_next_airing media %}{% anilist_list_button entry %}
{% anilist_status member %}{% anilist_avatar member %}{% anilist_connect_button next=payload %}
{% anilist_list status=payload %}{% anilist_list type=payload %}{% anilist_media payload %}
{% anilist_viewer %}{% anilist_list as all %}{{ all }}{% anilist_notice next=payload %}{% anilist_disconnect_button next=payload %}
"""
#: What a site prints itself, as ``{{ viewer.name }}``, is for the site to escape.
OURS = "".join(source for name, source in tagging.TAGS.items() if name != "viewer") + FILTERED
HOSTILE = {
    escaping: Template(
        f"{{% load anilist %}}{{% autoescape {escaping} %}}{OURS}{{% endautoescape %}}"
    )
    for escaping in ("on", "off")
}


def shown_everywhere(anilist, alice, rf, payload):
    """Return what tags and filters make of ``payload``, by whether the template escapes."""
    lay_down(anilist, alice, payload)
    odd = dict.fromkeys(
        ("type", "format", "status", "seasonYear", "episodes", "averageScore", "isAdult", "id"),
        payload,
    )
    media = hostile(payload, startDate={"year": payload}, nextAiringEpisode=payload, **odd)
    entry = {**odd, "mediaId": payload, "progress": payload, "scoreRaw": payload, "media": media}
    entry |= {"userId": anilist.on_anilist(alice).id, "notes": payload}
    context = {"media": media, "entry": entry, "rows": [{"anilist_id": 1}], "payload": payload}
    for escaping, template in HOSTILE.items():
        request = rf.get("/", {"page": payload})
        request.user = alice
        yield (
            escaping,
            template.render(
                Context({**context, "member": alice, "user": alice, "request": request})
            ),
        )


@pytest.mark.property
@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_text_never_becomes_markup(anilist, alice, rf, payload):
    for escaping, html in shown_everywhere(anilist, alice, rf, payload):
        assert dangers_of(html) == [], escaping
        assert "<!--" not in html
        assert html.count('class="anilist-entry"') == 2


#: What attacks are made of, to be put together in any order.
SHARDS = st.sampled_from(
    ["<", ">", '"', "'", "`", "=", "/", "&", ";", " ", "\n", "\0", "<!--", "-->", "]]>", "</", "<script", "</script>",
     "<img src=x", "<svg", " onerror=", " onload=", "javascript:", "alert(1)", "&lt;", "&#60;", "&#x3c", "\\", "{{", "}}",
     "{%", "~!", "!~", "__", "<br>", "</bdi>", "</textarea>", "</title>", "<style>", "\u202e", "style=x:expression(1)"]
)  # fmt: skip


@many(1)
@given(st.lists(SHARDS | st.text(max_size=3), max_size=14).map("".join))
def test_no_text_at_all_becomes_markup(anilist, alice, rf, payload):
    for escaping, html in shown_everywhere(anilist, alice, rf, payload):
        assert dangers_of(html) == [], escaping


def test_the_dangers_of_the_test_above_are_seen():
    for attack in ATTACKS:
        if re.match("<[a-z]", attack):
            assert dangers_of(f"<p>{attack}</p>"), attack


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.test/",
        "https://evil.test/",
        "http://anilist.co/anime/1",
        "https://anilist.co@evil.test/",
        "https://anilist.co.evil.test/",
        "https://anilist.co:8443/",
        "https://anilist.co\\@evil.test/",
        "https://ANILIST.CO/anime/1",
        "https://anilist.co/anime/1 onclick=x",
        'https://anilist.co/anime/1"onclick="x',
        "https://anilist.co/\u202e1",
        " https://anilist.co/anime/1",
        "https://anilist.co/" + "a" * 500,
        "",
        None,
        5,
    ],
)
def test_links_lead_to_anilist_or_nowhere(url):
    media = {"siteUrl": url, "title": {"romaji": "T"}}
    assert render("{{ media|anilist_url }}", media=media) == ""
    assert render("{{ url|anilist_url }}", url=url) == ""
    assert "href" not in render("{% anilist_card media %}", media=media)


def test_a_link_tells_anilist_nothing():
    media = {"siteUrl": "https://anilist.co/anime/1", "title": {"romaji": "T"}}
    html = render("{% anilist_card media %}", media=media)
    assert 'href="https://anilist.co/anime/1" rel="noopener noreferrer nofollow"' in html


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.test/a.png",
        "http://s4.anilist.co/a.png",
        "//s4.anilist.co/a.png",
        "https://s4.anilist.co@evil.test/a.png",
        "https://s4.anilist.co.evil.test/a.png",
        "https://s4.anilist.co:8443/a.png",
        "https://s4.anilist.co/a b.png",
        'https://s4.anilist.co/a.png"onerror="x',
        "javascript:alert(1)",
        "data:image/png;base64,AAAA",
        "https://s4.anilist.co/" + "a" * 500,
        ["https://s4.anilist.co/a.png"],
    ],
)
def test_a_cover_from_elsewhere_is_a_placeholder(url):
    images = {"large": url, "medium": url, "color": "#5d93a1"}
    for tag in ("{% anilist_cover media %}", "{% anilist_card media %}"):
        html = render(tag, media={"coverImage": images, "title": {"romaji": "T"}})
        assert "<img" not in html
        assert '<svg width="100" height="143" aria-hidden="true"' in html
        assert 'fill="#5d93a1"' in html


@pytest.mark.parametrize("size", ["small", "medium", "large", "huge", "", None, 5])
def test_a_cover_has_its_room_before_it_is_there_and_tells_no_referrer(size):
    media = {"coverImage": {"large": AVATAR, "medium": AVATAR}}
    html = render("{% anilist_cover media size=size %}", media=media, size=size)
    room = {"small": (64, 92), "large": (230, 329)}.get(size, (100, 143))
    assert html.count('width="{}" height="{}"'.format(*room)) == 2
    assert 'loading="lazy"' in html
    assert 'referrerpolicy="no-referrer"' in html
    assert 'alt=""' in html


@pytest.mark.parametrize(
    "colour", ["red;background:url(//e)", "#fff", "#5d93a1;", "url(#x)", "#5d93a1\n", None, 5]
)
def test_a_colour_that_is_none_is_left_out(colour):
    html = render("{% anilist_cover media %}", media={"coverImage": {"color": colour}})
    assert "fill" not in html


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("\u202eevil\u2066", "evil"),
        ("a\u0000b\x1b[0m\n\tc", "ab[0m c"),
        ("\u200f\u200e", "#1"),
        ("", "#1"),
        (None, "#1"),
        (["x"], "#1"),
        ("Z" + "\u0301" * 10_000, "Z" + "\u0301" * 299),
        ("N" * 10_000, "N" * 300),
        ("\ud800x", "x"),
        ("  much   room ", "much room"),
    ],
)
def test_a_title_is_one_line_of_visible_text_apart_from_what_follows(title, shown):
    media = {"id": 1, "title": {"romaji": title}}
    assert render("{{ media|anilist_title }}", media=media) == shown
    assert f"<bdi>{shown}</bdi>" in render("{% anilist_card media %}", media=media)


@given(
    texts=st.lists(
        st.text(st.sampled_from("<>/abipre m&;\"'=~!-sxct#\u202e"), max_size=40),
        min_size=50,
        max_size=50,
    )
)
@many(2)
def test_only_harmless_markup_is_left_of_ten_thousand_texts(texts):
    allowed = {"b", "i", "em", "strong", "br", "p", "details", "summary"}
    seen = Seen()
    for text in texts:
        seen.feed(display.html_of(text))
        seen.close()
        seen.reset()
    assert seen.tags <= allowed
    assert seen.attributes <= {("class", "anilist-spoiler")}


class Seen(HTMLParser):
    """The tags and the attributes of some markup."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes = set(), set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= set(attrs)


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


@pytest.mark.parametrize(
    "source", ["{{ viewer.name }}", "{% anilist_list as all %}{{ all.total }}"]
)
def test_a_context_that_is_used_again_for_another_user_shows_that_ones_own(
    anilist, alice, bob, source
):
    """As a site may write mails: one context, and each user put into it in turn."""
    template = Template(f"{{% load anilist %}}{{% anilist_viewer as viewer %}}{source}")
    anilist.connect(alice)
    anilist.connect(bob)
    anilist.set_list(alice, CURRENT=[1, 21])
    anilist.set_list(bob, CURRENT=[1])
    alone = [template.render(Context({"user": user})) for user in (alice, bob)]
    context = Context()
    again = []
    for user in (alice, bob):
        context["user"] = user
        again.append(template.render(context))
    assert again == alone
    assert alone[0] != alone[1]

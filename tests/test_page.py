"""What a page shows of AniList is asked for together, as whoever looks at it, and for a short time only."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.test import Client

from django_anilist.api.many_media import MediaById
from django_anilist.gateway import AniList
from django_anilist.page import Page, account_of, media_id_of
from tests.tagging import TAGS, ask, rendered

LIST = "{% anilist_list %}"
REVIEWS = (
    '{% anilist_attach reviews field="first_name" %}'
    "{% for review in reviews %}{{ review.anilist_media|anilist_title }};{% endfor %}"
)


@pytest.fixture(autouse=True)
def site(settings):
    settings.ROOT_URLCONF = "tests.tagging"


@pytest.fixture
def reviews(anilist, django_user_model):
    """Two hundred rows of the site, each about another medium; here they are users."""
    media = [anilist.add_media(f"Title {number}") for number in range(200)]
    django_user_model.objects.bulk_create(
        django_user_model(username=f"user {medium['id']}", first_name=str(medium["id"]))
        for medium in media
    )
    return django_user_model.objects.exclude(first_name="").order_by("pk")


# Together


def test_two_hundred_rows_get_their_media_by_one_query_and_one_request_and_then_none(
    anilist, settings, client, reviews, django_assert_num_queries
):
    settings.ANILIST_CACHE = "default"
    for _ in range(2):
        with django_assert_num_queries(1):
            html = ask(client, REVIEWS, reviews=reviews.all()).content.decode()
        assert html == "".join(f"Title {number};" for number in range(200))
        anilist.assert_requests(1)


def test_for_a_user_it_is_no_query_more(
    anilist, alice, alice_client, reviews, django_assert_num_queries
):
    anilist.connect(alice)
    with django_assert_num_queries(1):  # a page of public media asks for neither session nor user
        ask(alice_client, REVIEWS, reviews=reviews.all())


@pytest.mark.parametrize(
    ("made", "shown"),
    [
        (list, "Cowboy Bebop;TRIGUN;;"),
        (tuple, "Cowboy Bebop;TRIGUN;;"),
        (lambda rows: dict(enumerate(rows)).values(), "Cowboy Bebop;TRIGUN;;"),
        (iter, ";;;"),
    ],
)
def test_rows_of_every_kind_are_all_shown(anilist, rf, made, shown):
    rows = made([{"anilist_id": "1"}, {"anilist_id": 6}, {"anilist_id": None}])
    assert rendered(TAGS["attach"], rf.get("/"), rows=rows) == shown


def test_rows_that_are_none_are_no_trouble(anilist, rf):
    assert rendered(TAGS["attach"], rf.get("/"), rows=None) == ""
    assert rendered(TAGS["attach"], rf.get("/"), rows=[5]) == ";"
    anilist.assert_requests(0)


def test_a_field_that_no_row_has_is_named(rf, caplog):
    rendered('{% anilist_attach rows field="nope" %}', rf.get("/"), rows=[{"anilist_id": 1}])
    assert caplog.messages == ["No row has what anilist_attach looks for: nope"]


def test_what_was_attached_is_known_to_every_tag_of_the_page(anilist, rf):
    source = (
        "{% anilist_attach rows %}{% anilist_media 1 %}{% anilist_card 6 %}{% anilist_cover 1 %}"
    )
    rows = [{"anilist_id": 1}, {"anilist_id": 6}]
    assert "Cowboy Bebop" in rendered(source, rf.get("/"), rows=rows)
    anilist.assert_requests(1)


def test_a_page_without_our_tags_costs_nothing(
    anilist, alice, alice_client, django_assert_num_queries
):
    anilist.connect(alice)
    with django_assert_num_queries(0):
        answer = ask(alice_client, "plain")
    assert answer.content == b"plain"
    anilist.assert_requests(0)


def test_all_about_the_viewer_is_one_query(anilist, alice, alice_client, django_assert_num_queries):
    anilist.connect(alice)
    ask(alice_client, TAGS["viewer"])  # keeps the avatar, once
    names = (
        "connect_button",
        "disconnect_button",
        "status",
        "notice",
        "viewer",
        "list",
        "list_button",
    )
    with django_assert_num_queries(3):  # of which the session and the user are Django's
        ask(alice_client, "".join(TAGS[name] for name in names))


# Who looks


def test_a_request_without_a_user_is_a_visitors(anilist, rf):
    assert "Connect AniList" in rendered(TAGS["list"], rf.get("/"))
    assert rendered("{% anilist_media 1 %}", rf.get("/")) == "Cowboy Bebop"


def test_without_the_middleware_the_tags_ask_for_themselves(anilist, alice, rf):
    anilist.connect(alice)
    request = rf.get("/")
    request.user = alice
    assert rendered("{% anilist_viewer %}", request) == "alice"


def test_without_a_request_the_user_of_the_template_looks(anilist, alice):
    anilist.connect(alice)
    assert rendered("{% anilist_viewer %}", user=alice) == "alice"
    assert rendered(TAGS["list_button"], user=alice) == ""
    assert rendered("{% anilist_viewer %}") == ""
    assert "Connect AniList" in rendered(TAGS["list"])


@pytest.mark.parametrize("context", [{"request": "no request"}, {"user": "nobody"}, {"user": 5}])
def test_a_context_of_other_things_is_no_trouble(anilist, context):
    assert rendered(TAGS["status"] + TAGS["list"] + TAGS["notice"], **context) == ""


def test_a_page_is_made_once_for_a_request(rf):
    request = rf.get("/")
    page = Page.of({"request": request})
    assert Page.of({"request": request}) is page
    request._anilist_page = "something else"
    assert isinstance(Page.of({"request": request}), Page)
    assert Page.of({}) is not Page.of({})


def test_somebody_without_a_row_has_no_account(alice):
    assert account_of(None) is None
    assert account_of(AnonymousUser()) is None
    assert account_of(alice) is None


@pytest.mark.parametrize(
    ("value", "number"),
    [
        *((5, 5), ("5", 5), ({"id": 5}, 5)),
        *((odd, None) for odd in ("٥", "5" * 11, 0, -1, 2**31, True, None, 5.0, "", {}, [5])),
    ],
)
def test_a_medium_is_named_by_a_number(value, number):
    assert media_id_of(value) == number


def test_a_medium_that_nothing_names_is_empty(rf, anilist):
    assert Page(rf.get("/")).media("x") == {}
    assert rendered("{% anilist_media nothing %}{% anilist_card nothing %}", rf.get("/")) == ""
    anilist.assert_requests(0)


# Adult media


ADULT = (
    "{% anilist_attach rows %}{% for row in rows %}{{ row.anilist_media|anilist_title }}{% endfor %}"
    "{% anilist_list %}{% anilist_list as all %}{{ all.total }}{% anilist_media adult %}"
    "{% anilist_card adult %}{% anilist_cover adult %}{% anilist_list_button adult %}"
    "{% anilist_card medium %}{% anilist_cover medium %}{% anilist_next_airing medium %}"
)


@pytest.mark.parametrize("allowed", [True, False, None])
def test_adult_media_are_hidden_unless_the_viewer_allows_them(
    anilist, alice, client, alice_client, allowed
):
    secret = [anilist.add_media(f"Secret {number}", isAdult=True)["id"] for number in range(3)]
    anilist.connect(alice, displayAdultContent=bool(allowed))
    anilist.set_list(alice, CURRENT=[*secret, 1])
    medium = {"title": {"romaji": "Secret"}, "isAdult": True, "coverImage": {"color": "#aabbcc"}}
    context = {"rows": [{"anilist_id": secret[0]}], "adult": secret[1], "medium": medium}
    html = ask(client if allowed is None else alice_client, ADULT, **context).content.decode()
    assert ("Secret" in html) is (allowed is True)
    assert ("#aabbcc" in html) is (allowed is True)
    assert ("4Secret" in html, "1" in html) == (bool(allowed), allowed is not None)


def test_adult_media_are_hidden_where_anilist_does_not_say_what_the_viewer_allows(
    anilist, alice, alice_client
):
    anilist.connect(alice, displayAdultContent=True)
    medium = {"title": {"romaji": "Secret"}, "isAdult": True}
    with anilist.outage():
        assert (
            "Secret"
            not in ask(alice_client, "{% anilist_card medium %}", medium=medium).content.decode()
        )


# Pages that are cached


@pytest.fixture
def cached(settings):
    settings.MIDDLEWARE = [
        "django.middleware.cache.UpdateCacheMiddleware",
        *settings.MIDDLEWARE,
        "django.middleware.cache.FetchFromCacheMiddleware",
    ]
    cache.clear()
    yield
    cache.clear()


def test_two_users_of_a_cached_page_see_their_own(
    cached, anilist, alice, bob, alice_client, bob_client
):
    everybody = {"alice": alice_client, "bob": bob_client}
    for number, user in ((1, alice), (6, bob)):
        anilist.connect(user)
        anilist.set_list(user, CURRENT=[number])
    titles = {
        "alice": "Cowboy Bebop",
        "bob": "TRIGUN",
        "nobody": "Connect AniList to see your list",
    }
    for _ in range(2):
        for name, client in {**everybody, "nobody": Client()}.items():
            answer = ask(client, LIST)
            assert [title for title in titles.values() if title in answer.content.decode()] == [
                titles[name]
            ]
            assert "Cookie" in answer.headers["Vary"]
    anilist.assert_requests(2)


def test_adult_media_do_not_come_to_others_by_a_cached_page(
    cached, anilist, alice, alice_client, client
):
    anilist.connect(alice, displayAdultContent=True)
    number = anilist.add_media("Secret", isAdult=True)["id"]
    for who, sees in ((alice_client, True), (client, False)):
        html = ask(who, "{% anilist_card number %}", number=number).content.decode()
        assert ("Secret" in html) is sees


def test_a_page_of_public_media_is_the_same_for_everybody(anilist, alice, alice_client):
    anilist.connect(alice)
    answer = ask(
        alice_client, "".join(TAGS[name] for name in ("media", "card", "cover", "next_airing"))
    )
    assert "Vary" not in answer.headers
    assert not answer.cookies


# Not for long


LOOP = "{% for row in rows %}{% anilist_card row.anilist_id %}{% endfor %}"
MIXED = "".join(TAGS[name] for name in TAGS if name not in ("notice", "status of another"))


@pytest.mark.parametrize(
    ("source", "deadlines"), [(MIXED, [2.0, 1.0]), (LOOP, [2.0]), (LIST * 20, [2.0])]
)
def test_a_page_loses_three_seconds_to_an_anilist_that_hangs_and_the_next_one_none(
    settings, alice, alice_client, connect, request, source, deadlines
):
    connect(alice_client)
    settings.ANILIST_DEADLINE = 2.0
    hangs = request.getfixturevalue("hangs")  # not sooner: whoever connects is answered
    context = {"member": alice, "rows": [{"anilist_id": number} for number in range(1, 21)]}
    first = ask(alice_client, source, **context)
    second = ask(alice_client, source, **context)
    assert hangs == pytest.approx(
        deadlines, abs=0.1
    )  # less the turns, which are waited for in earnest
    for answer in (first, second):
        assert answer.status_code == 200
        assert answer.content.decode().count("AniList is not answering just now.") == 1


def test_what_only_decorates_a_page_has_no_more_time_than_one_query(
    anilist, alice, monkeypatch, settings
):
    settings.ANILIST_DEADLINE = 1.5
    anilist.connect(alice)
    given = []
    send = anilist.box.send
    monkeypatch.setattr(
        anilist.box,
        "send",
        lambda call, headers: given.append(call.deadline) or send(call, headers),
    )
    client = AniList.for_page(alice)
    page = Page(None, alice)
    page.client.media_list()
    page.media_many([1])
    page.client.save_media_list_entry(media_id=1, progress=1)
    assert given == [1.5, 1.5, 8.0]
    client.media_list()
    client.media_many([1])
    assert given[3:] == [20.0, 10.0]


def test_part_of_the_media_may_be_missing(anilist, rf, monkeypatch):
    half = MediaById({1: {"title": {"romaji": "Old"}}, 6: None})
    half.error = RuntimeError("half")
    monkeypatch.setattr(AniList, "media_many", lambda *args, **kwargs: half)
    page = Page(rf.get("/"))
    assert page.media_many([1, 6])[1]
    assert page.trouble is half.error

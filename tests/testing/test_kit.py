"""The kit stands in for AniList: whoever is connected, whatever goes wrong, without a socket."""

from __future__ import annotations

import socket
import time

import pytest
import requests
import responses
from django.test import override_settings
from django.urls import set_script_prefix

from django_anilist.api.errors import (
    NotFound,
    QueryError,
    RateLimited,
    TokenExpired,
    TokenRejected,
    Unavailable,
)
from django_anilist.gateway import AniList
from django_anilist.models import AniListToken, Status
from django_anilist.testing import AniListKit

VIEWER = "query Me { Viewer { id name options { titleLanguage } } }"


@pytest.fixture(autouse=True)
def no_sockets_and_no_naps(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("The kit needs no socket and no sleep")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(time, "sleep", refuse)


def test_a_connected_user_is_asked_for(anilist, alice):
    anilist.connect(alice)
    client = AniList.for_user(alice)
    assert client.status == Status.CONNECTED
    assert client.viewer()["name"] == "alice"
    assert [request.operation for request in anilist.requests] == [
        "AnilistViewer"
    ] or anilist.requests
    anilist.assert_requests(1)


def test_nobody_else_is_connected(anilist, alice, bob):
    anilist.connect(alice)
    assert AniList.for_user(bob).status == Status.DISCONNECTED


def test_a_profile_is_in_anilists_words(anilist, alice):
    person = anilist.connect(
        alice, name="mio", id=77, titleLanguage="NATIVE", scoreFormat="POINT_3", about="x"
    )
    found = AniList.for_user(alice).execute(
        "{ Viewer { id name about options { titleLanguage } mediaListOptions { scoreFormat } } }"
    )
    assert found["Viewer"] == {
        "id": 77, "name": "mio", "about": "x", "options": {"titleLanguage": "NATIVE"},
        "mediaListOptions": {"scoreFormat": "POINT_3"},
    }  # fmt: skip
    assert AniListToken.objects.get().score_format == person.score_format == "POINT_3"
    with pytest.raises(TypeError, match="AniList knows no title_language"):
        anilist.connect(alice, title_language="NATIVE")


def test_somebody_known_may_have_another_id(anilist, alice):
    anilist.connect(alice, id=77)
    anilist.set_list(alice, CURRENT=[1])
    client = AniList.for_user(alice)
    assert [entry["media"]["id"] for entry in client.media_list(type="ANIME")] == [1]
    query = "{ Viewer { id } Activity(id: 500001) { ... on TextActivity { user { id } replies { likes { id } } } } }"
    assert client.execute(query) == {
        "Viewer": {"id": 77},
        "Activity": {"user": {"id": 77}, "replies": [{"likes": [{"id": 77}]}]},
    }
    assert 77 in anilist.box.user("bob").following
    with pytest.raises(ValueError, match="5002 is somebody else"):
        anilist.connect(alice, id=5002)


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        ({"scoreFormat": "POINT_7"}, "scoreFormat is ScoreFormat, not 'POINT_7'"),
        ({"titleLanguage": "KLINGON"}, "UserTitleLanguage"),
        ({"animeList": {"customList": ["Bees"]}}, "animeList.customList: AniList's"),
        ({"about": ["x"]}, "about is String"),
    ],
)
def test_a_profile_that_anilist_could_not_have_is_refused(anilist, alice, profile, words):
    with pytest.raises(ValueError, match=words):
        anilist.connect(alice, **profile)


def test_more_of_a_profile(anilist, alice):
    lists = {"customLists": ["Bees"]}
    anilist.connect(alice, animeList=lists, favourites={"anime": [5]}, private=True)
    anilist.set_list(alice, CURRENT=[{"media": 1, "customLists": ["Bees"]}])
    found = AniList.for_user(alice).execute(
        "{ Viewer { favourites { anime { nodes { id } } manga { nodes { id } } } } MediaList(userId: 5001) { customLists } }"
    )
    assert found == {
        "Viewer": {"favourites": {"anime": {"nodes": [{"id": 5}]}, "manga": {"nodes": [{"id": 30002}]}}},
        "MediaList": {"customLists": {"Bees": True}},
    }  # fmt: skip
    with pytest.raises(NotFound):
        AniList.anonymous().execute('{ User(name: "alice") { id } }')


def test_a_medium_has_what_was_said_of_it(anilist):
    titles = {"english": None, "native": "蜂"}
    trailer = {"id": "x", "site": "youtube"}
    made = anilist.add_media(
        titles, status="RELEASING", trailer=trailer, color="#123456", averageScore=None
    )
    query = "query ($id: Int) { Media(id: $id) { title { romaji english native } status averageScore trailer { id } coverImage { color } } }"
    assert AniList.anonymous().execute(query, {"id": made["id"]})["Media"] == {
        "title": {"romaji": None, "english": None, "native": "蜂"}, "status": "RELEASING",
        "averageScore": None, "trailer": {"id": "x"}, "coverImage": {"color": "#123456"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"episodes": "many"}, "episodes is Int, not 'many'"),
        ({"status": "OVER"}, "status is MediaStatus"),
        ({"type": "NOVEL"}, "type is MediaType"),
        ({"nonsense": 1}, "AniList's Media has no field nonsense"),
        ({"isFavourite": True}, "add_media cannot set isFavourite"),
        ({"title": {"klingon": "x"}}, "title.klingon"),
        ({"genres": "Drama"}, "genres is a list"),
    ],
)
def test_a_medium_that_anilist_could_not_have_is_refused(anilist, facts, words):
    with pytest.raises(ValueError, match=words):
        anilist.add_media(**facts)


def test_a_list_is_what_was_laid_down(anilist, alice):
    anilist.connect(alice, scoreFormat="POINT_100")
    bees = anilist.add_media("The Bee Keepers", episodes=3)
    book = anilist.add_media("A Book", type="MANGA")
    anilist.set_list(
        alice,
        CURRENT=[{"media": bees, "progress": 2, "score": 80}, 1],
        PLANNING=[{"mediaId": book["id"]}],
    )
    client = AniList.for_user(alice)
    watching = client.media_list(type="ANIME", status="CURRENT")
    assert [entry["media"]["title"]["userPreferred"] for entry in watching] == [
        "The Bee Keepers",
        "Cowboy Bebop",
    ]
    assert (watching[0]["progress"], watching[0]["score"]) == (2, 80)
    assert [entry["media"]["id"] for entry in client.media_list(type="MANGA")] == [book["id"]]
    anilist.set_list(alice)
    assert list(client.media_list(type="ANIME")) == []


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ({"CURRENT": [999]}, "The selected media id is invalid."),
        ({"CURRENT": [{"mediaId": 1, "score": 11}]}, "may not be greater than 10"),
        ({"CURRENT": [{"mediaId": 1, "points": 11}]}, "SaveMediaListEntry takes no points"),
        ({"WATCHING": [1]}, "WATCHING"),
        ({"CURRENT": ["Cowboy Bebop"]}, "a medium, its id or a mapping, and not 'Cowboy Bebop'"),
        ({"CURRENT": [1], "DROPPED": [{"media": 1}]}, "each medium once, and this one has 1 again"),
    ],
)
def test_a_list_that_anilist_would_refuse_is_refused(anilist, alice, groups, words):
    anilist.connect(alice)
    with pytest.raises(ValueError, match=words):
        anilist.set_list(alice, **groups)


def test_who_is_not_saved_cannot_be_connected(anilist, django_user_model):
    with pytest.raises(ValueError, match="save the user first"):
        anilist.connect(django_user_model(username="mio"))


def test_a_list_needs_somebody(anilist, alice, django_user_model):
    with pytest.raises(LookupError, match=r"anilist.connect\(user\) comes first"):
        anilist.set_list(django_user_model(username="nobody", pk=99))


def test_what_a_view_saves_is_there(anilist, alice):
    anilist.connect(alice)
    AniList.for_user(alice).save_media_list_entry(media_id=1, progress=5)
    assert anilist.box.store.entry_for(anilist.on_anilist(alice), 1).progress == 5


# Answers laid down


def test_a_reply_is_what_was_laid_down(anilist, alice):
    anilist.connect(alice)
    with anilist.reply("Viewer", {"id": 5, "name": "x", "options": {"titleLanguage": "ENGLISH"}}):
        assert AniList.for_user(alice).execute(VIEWER)["Viewer"] == {
            "id": 5,
            "name": "x",
            "options": {"titleLanguage": "ENGLISH"},
        }
    assert AniList.for_user(alice).execute(VIEWER)["Viewer"]["name"] == "alice"


def test_a_reply_within_a_reply_gives_way_to_it_afterwards(anilist):
    anilist.reply("GenreCollection", ["before"])
    with anilist.reply("GenreCollection", ["inner"]):
        assert genres() == ["inner"]
    assert genres() == ["before"]


@pytest.mark.parametrize(("first", "then"), [("outer", ["inner"]), ("inner", ["outer"])])
def test_replies_may_end_in_any_order(anilist, first, then):
    own = genres()
    laid = {name: anilist.reply("GenreCollection", [name]) for name in ("outer", "inner")}
    laid.pop(first)()
    assert genres() == then
    laid.popitem()[1]()
    assert genres() == own


def genres():
    return AniList.anonymous().execute("{ GenreCollection }")["GenreCollection"]


def test_what_a_reply_leaves_out_is_null_or_made_up_where_it_never_is(anilist, alice):
    anilist.connect(alice)
    anilist.reply("Viewer", {"about": "x", "mediaListOptions": {}})
    query = "{ Viewer { about id name bannerImage mediaListOptions { scoreFormat } } }"
    assert AniList.for_user(alice).execute(query)["Viewer"] == {
        "about": "x",
        "id": 1,
        "name": "",
        "bannerImage": None,
        "mediaListOptions": {"scoreFormat": None},
    }
    anilist.reply("Media", {"rankings": [{"rank": 3}]})
    query = "{ Media { isFavourite rankings { rank allTime context type } } }"
    assert AniList.anonymous().execute(query)["Media"] == {
        "isFavourite": False,
        "rankings": [{"rank": 3, "allTime": None, "context": "", "type": "POPULAR"}],
    }


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("Viewers", {}, "AniList has no query or mutation Viewers"),
        ("Viewer", {"nme": "x"}, "Viewer.nme: AniList's User has no such field"),
        ("Viewer", {"id": None}, "Viewer.id is never null"),
        ("Viewer", {"id": "five"}, "Viewer.id is Int, not 'five'"),
        ("Viewer", {"options": {"titleLanguage": "KLINGON"}}, "UserTitleLanguage, not 'KLINGON'"),
        ("Viewer", [], "Viewer is an object"),
        ("GenreCollection", "Drama", "GenreCollection is a list"),
        ("Page", {"media": [{"title": {"english": 5, "x": 1}}]}, r"Page.media\[0\].title.x"),
        ("Activity", {"id": 1}, "needs a __typename, one of TextActivity, ListActivity"),
    ],
)
def test_a_reply_that_anilist_would_never_give_is_refused(anilist, field, value, words):
    with pytest.raises(ValueError, match=words):
        anilist.reply(field, value)


def test_a_reply_may_be_nothing_a_list_or_a_union(anilist):
    client = AniList.anonymous()
    anilist.reply("Media", None)
    anilist.reply("GenreCollection", ["One"])
    anilist.reply("Activity", {"__typename": "TextActivity", "text": "hi", "likes": []})
    found = client.execute(
        "{ Media { id } GenreCollection Activity { __typename ... on TextActivity { text likes { id } } } }"
    )
    assert found == {
        "Media": None,
        "GenreCollection": ["One"],
        "Activity": {"__typename": "TextActivity", "text": "hi", "likes": []},
    }


# What goes wrong


def test_a_revoked_token_is_found_out(anilist, alice):
    anilist.connect(alice)
    anilist.revoke(alice)
    client = AniList.for_user(alice)
    assert client.status == Status.CONNECTED
    with pytest.raises(TokenRejected):
        client.viewer()
    assert AniList.for_user(alice).status == Status.REJECTED


def test_an_expired_token_is_not_sent(anilist, alice):
    anilist.connect(alice)
    anilist.expire(alice)
    with pytest.raises(TokenExpired):
        AniList.for_user(alice).viewer()
    anilist.assert_requests(0)


def test_a_spent_budget_is_said_at_once(anilist):
    with anilist.limit(), pytest.raises(RateLimited) as caught:
        AniList.anonymous().media(1)
    assert caught.value.retry_after == 60
    assert AniList.anonymous().media(1)["id"] == 1


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("switched-off", "switched-off"), ("server", "server"), ("html", "html"), ("timeout", "timeout"), ("connection", "connection")],
)  # fmt: skip
def test_an_outage_of_each_kind(anilist, kind, reason):
    with anilist.outage(kind), pytest.raises(Unavailable) as caught:
        AniList.anonymous().media(1)
    assert caught.value.reason == reason
    assert AniList.anonymous().media(1)["id"] == 1


def test_a_page_recovers_from_an_outage_as_soon_as_it_is_over(anilist, alice):
    """A site would not ask again for half a minute what AniList could not answer in time."""
    anilist.connect(alice)
    for kind in ("timeout", "timeout", "connection", "server"):
        with anilist.outage(kind), pytest.raises(Unavailable):
            AniList.for_page(alice).media_list()
        assert AniList.for_page(alice).media_list() != []


def test_an_outage_holds_until_the_test_ends_or_it_is_undone(anilist):
    undo = anilist.outage()
    with pytest.raises(Unavailable):
        AniList.anonymous().media(1)
    undo()
    assert AniList.anonymous().media(1)["id"] == 1
    with pytest.raises(ValueError, match="not 'flood'"):
        anilist.outage("flood")


def test_any_dial_may_be_turned(anilist):
    with anilist.dial(private="bob"), pytest.raises(NotFound):
        AniList.anonymous().execute('{ User(name: "bob") { id } }')
    with anilist.dial(huge=3), pytest.raises(Unavailable) as caught:
        AniList.anonymous().media(1)
    assert caught.value.reason == "too-large"
    with pytest.raises(ValueError, match="There is no dial nonsense"):
        anilist.dial(nonsense=1)


def test_time_moves_by_hand(anilist):
    query = "{ Media(id: 21) { nextAiringEpisode { episode } } }"
    assert AniList.anonymous().execute(query)["Media"]["nextAiringEpisode"] == {"episode": 1123}
    anilist.forward(2 * 24 * 60 * 60 + 1)
    assert AniList.anonymous().execute(query)["Media"]["nextAiringEpisode"] == {"episode": 1124}


def test_many_requests_wait_for_no_turn(anilist):
    client = AniList.anonymous()
    for _ in range(100):
        client.media(1)
    anilist.assert_requests(100)


def test_what_was_asked_is_told(anilist):
    with pytest.raises(QueryError):
        AniList.anonymous().execute("query Wrong { Media(id: 1) { nonsense } }")
    with pytest.raises(AssertionError, match="AniList got 1 requests, not 2: Wrong"):
        anilist.assert_requests(2)
    (request,) = anilist.requests
    assert request.headers["User-Agent"].startswith("django-anilist/")
    assert request.headers["Referer"] == "https://testserver/"
    assert request.status == 400


# Connecting as a person does


def test_the_whole_way_by_the_test_client(anilist, alice, alice_client):
    answer = anilist.connect_through(alice_client, next="/somewhere/")
    assert answer.status_code in (200, 302, 303)
    assert AniListToken.objects.get(user=alice).name == "alice"
    assert anilist.on_anilist(alice).name == "alice"


def test_the_whole_way_below_a_path(anilist, alice_client, alice, settings):
    settings.FORCE_SCRIPT_NAME = "/app"
    set_script_prefix("/app/")
    try:
        answer = anilist.connect_through(alice_client)
    finally:
        set_script_prefix("/")
    assert answer.status_code == 303
    assert AniListToken.objects.get().user == alice


def test_the_whole_way_as_somebody_new_or_not_at_all(anilist, bob, bob_client, client):
    anilist.connect_through(bob_client, deny=True)
    assert not AniListToken.objects.exists()
    anilist.connect_through(bob_client, name="newcomer")
    assert AniListToken.objects.get(user=bob).name == "newcomer"
    anilist.revoke(bob)
    with pytest.raises(TokenRejected):
        AniList.for_user(bob).viewer()
    with pytest.raises(ValueError, match="force_login"):
        anilist.connect_through(client)


def test_the_settings_of_the_site_are_used_and_put_back(db, settings):
    before = settings.ANILIST_CLIENT_ID
    with override_settings(ANILIST_CLIENT_ID="", ANILIST_CLIENT_SECRET="", ANILIST_REDIRECT_URI=""):
        with AniListKit() as kit:
            assert settings.ANILIST_CLIENT_ID == "1001"
            assert settings.ANILIST_REDIRECT_URI == "https://testserver/anilist/callback/"
            assert list(kit.box.store.clients) == ["1001"]
        assert settings.ANILIST_CLIENT_ID == ""
    assert before == settings.ANILIST_CLIENT_ID


@responses.activate
def test_responses_keeps_working_beside_it(anilist):
    responses.get("https://other.example/data", json={"answer": 42})
    assert requests.get("https://other.example/data", timeout=1).json() == {"answer": 42}
    assert AniList.anonymous().media(1)["id"] == 1
    assert len(responses.calls) == 1


def test_no_test_sees_what_another_had_remembered(db):
    """The same ids are given out anew, and a site's own memory outlives a test."""
    for title in ("The one", "The other"):
        with AniListKit() as anilist, override_settings(ANILIST_CACHE="default"):
            medium = anilist.add_media(title)
            for _ in range(2):
                assert AniList.anonymous().media(medium["id"])["title"]["romaji"] == title
            anilist.assert_requests(1)

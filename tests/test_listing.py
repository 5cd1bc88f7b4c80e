"""A user's list on a page: as cards, as rows, and what became of it."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import AnonymousUser

from django_anilist.listing import Listing
from django_anilist.page import Page
from tests.tagging import ask


@pytest.fixture(autouse=True)
def site(settings):
    settings.ROOT_URLCONF = "tests.tagging"


@pytest.fixture
def watching(anilist, alice):
    """Alice's list: two anime that she watches, one dropped, a manga."""
    anilist.connect(alice, scoreFormat="POINT_10")
    anilist.set_list(
        alice,
        CURRENT=[{"mediaId": 1, "progress": 3, "score": 8}, {"mediaId": 21}, {"mediaId": 30002}],
        DROPPED=[19],
    )


def html_of(client, source, **context):
    return ask(client, source, **context).content.decode()


@pytest.mark.parametrize(
    ("arguments", "titles"),
    [
        ("", {"Cowboy Bebop", "ONE PIECE", "Monster"}),
        ('status="CURRENT"', {"Cowboy Bebop", "ONE PIECE"}),
        ('"dropped"', {"Monster"}),
        ('status="CURRENT" type="manga"', {"Berserk"}),
        ('status="PLANNING"', set()),
        ('sort="media_title_romaji" limit=1', {"Cowboy Bebop"}),
        ("status=nothing sort=nothing", {"Cowboy Bebop", "ONE PIECE", "Monster"}),
    ],
)
def test_a_list_is_what_was_asked_for(watching, alice_client, arguments, titles):
    each = "{% for e in all %}{{ e.media|anilist_title }};{% endfor %}"
    source = f"{{% anilist_list {arguments} as all %}}{each}"
    assert set(filter(None, html_of(alice_client, source).split(";"))) == titles
    shown = html_of(alice_client, f"{{% anilist_list {arguments} %}}")
    assert all(title in shown for title in titles)
    assert ("This list is empty." in shown) is not bool(titles)


@pytest.mark.parametrize("user", ["nothing", "none", "visitor"])
def test_the_list_of_nobody_is_not_the_readers(watching, alice_client, user, anilist):
    """A slip in a member's page must not show each reader their own list there."""
    source = f"{{% anilist_list user={user} as all %}}{{{{ all|length }}}} {{{{ all.own }}}}"
    shown = html_of(alice_client, source, none=None, visitor=AnonymousUser())
    assert shown == "0 False"
    assert "alice" not in html_of(alice_client, f"{{% anilist_status {user} %}}", none=None)
    anilist.assert_requests(0)


def test_a_list_tells_how_it_went(watching, alice_client, client):
    source = (
        "{% anilist_list limit=2 as all %}{{ all.total }} {{ all|length }} {{ all.connected }} "
        "{{ all.failed }} {{ all.stale }} {{ all.own }} {{ all.age }}"
    )
    assert html_of(alice_client, source) == "3 2 True False False True 0.0"
    assert html_of(client, source) == "0 0 False False False True 0.0"


def test_an_entry_brings_its_owners_score_format(watching, alice, bob_client):
    source = '{% anilist_list "CURRENT" user=member as all %}{% for e in all %}{{ e|anilist_score }};{% endfor %}'
    assert html_of(bob_client, source, member=alice) == "8/10;;"


@pytest.mark.parametrize("source", ["{% anilist_list as all %}{{ all }}", "{% anilist_list %}"])
def test_a_list_that_is_kept_is_printed_as_cards_too(watching, alice_client, source):
    html = html_of(alice_client, source)
    assert html.count("<article") == 3
    assert "&lt;" not in html
    assert html_of(alice_client, f"{{% autoescape off %}}{source}{{% endautoescape %}}") == html


def test_an_empty_list_says_so(anilist, alice, alice_client):
    anilist.connect(alice)
    anilist.set_list(alice)
    assert "This list is empty." in html_of(alice_client, "{% anilist_list %}")


def test_the_list_of_somebody_who_never_connected_is_empty_and_asks_nobody_to_connect(
    anilist, bob, client
):
    html = html_of(client, "{% anilist_list user=member %}", member=bob)
    assert "This list is empty." in html
    assert "Connect AniList" not in html
    anilist.assert_requests(0)


def test_an_entry_without_a_medium_is_left_out(anilist, alice, alice_client):
    anilist.connect(alice)
    entries = [{"id": 1, "mediaId": 1, "media": None}, {"id": 2, "mediaId": 6, "media": {"id": 6}}]
    anilist.reply("MediaListCollection", {"lists": [{"name": "x", "entries": entries}]})
    assert html_of(alice_client, "{% anilist_list %}").count("<article") == 1


def test_an_old_list_says_how_old_it_is(watching, anilist, alice_client, settings, clock):
    settings.ANILIST_CACHE = "default"
    for minutes, told in (
        (0, None),
        (59, "This is from 59 minutes ago."),
        (1, "This is from 60 minutes ago."),
    ):
        clock.shift(minutes * 60)
        with anilist.dial(switched_off=minutes > 0):
            html = html_of(alice_client, "{% anilist_list %}")
        assert html.count("<article") == 3
        assert ("AniList is not answering just now." in html) is (told is not None)
        assert told is None or told in html
    with anilist.outage():
        source = "{% anilist_list as all %}{{ all.stale }} {{ all.failed }}"
        assert html_of(alice_client, source) == "True False"


def test_fifty_cards_are_less_than_sixty_kilobytes(anilist, alice, alice_client):
    anilist.connect(alice, scoreFormat="POINT_10_DECIMAL")
    media = [
        anilist.add_media(f"{number} {'A long title, as titles are ' * 3}") for number in range(50)
    ]
    anilist.set_list(
        alice, CURRENT=[{"media": medium, "progress": 3, "score": 8.5} for medium in media]
    )
    html = html_of(alice_client, "{% anilist_list %}")
    assert html.count("<article") == 50
    assert len(html.encode()) < 60_000


def test_a_list_that_cannot_be_shown_is_nothing(rf):
    found = Listing(Page(rf.get("/")))
    assert (found.failed, str(found).strip(), found.__html__().strip()) == (True, "", "")


def test_a_list_goes_into_a_script_as_data_only(anilist, alice, alice_client):
    anilist.connect(alice)
    anilist.set_list(alice, CURRENT=[anilist.add_media("</script><script>alert(1)")])
    html = html_of(alice_client, '{% anilist_list as all %}{{ all|json_script:"list" }}')
    assert html.count("<script") == html.count("</script>") == 1
    assert json.loads(html.partition(">")[2].rpartition("<")[0])[0]["scoreFormat"]


def test_private_entries_are_their_owners_alone(
    anilist, alice, bob, alice_client, bob_client, client
):
    """Also where the owner's page was shown, and remembered, just before."""
    anilist.connect(alice)
    anilist.connect(bob)
    anilist.set_list(alice, CURRENT=[{"mediaId": 1, "private": True}, {"mediaId": 21}])
    source = "{% anilist_list user=owner %}"
    assert "Cowboy Bebop" in html_of(alice_client, source, owner=alice)
    for other in (bob_client, client):
        shown = html_of(other, source, owner=alice)
        assert "ONE PIECE" in shown
        assert "Cowboy Bebop" not in shown

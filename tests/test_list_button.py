"""The button on a page: what *+1* means, what the form shows, and for whom there is one."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template

from django_anilist import tokens
from django_anilist.models import AniListToken
from tests.list_entries import (
    ADULT,
    BERSERK,
    FRIEREN,
    MUSHISHI,
    ONE_PIECE,
    entry_of,
    form_in,
    plus_in,
    read,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(rf, anilist, alice):
    """Render the button for ``media`` on a page that alice looks at."""
    anilist.connect(alice)

    def render(media, user=alice, source="{% anilist_list_button media %}", **context):
        request = rf.get("/title/")
        request.user = user
        template = Template("{% load anilist %}" + source)
        return template.render(Context({"request": request, "media": media, **context}))

    return render


@pytest.fixture
def alices(anilist):
    """Change alice's entry on AniList, behind the site's back."""

    def change(media_id=FRIEREN, **facts):
        entry = entry_of(anilist.box, "alice", media_id)
        for name, value in facts.items():
            if hasattr(entry, name):
                setattr(entry, name, value)
            else:
                entry.details[name] = value

    return change


def test_the_button_shows_the_entry_and_offers_one_more(page):
    html = page(FRIEREN)
    assert "Watching" in html
    assert "11 of 28" in html
    assert 'aria-label="+1: Save episode 12 of Frieren: Beyond Journey’s End"' in html
    fields = plus_in(html)
    assert {fields[name] for name in ("progress", "media_id", "next")} == {
        "12", str(FRIEREN), "/title/",
    }  # fmt: skip
    assert "status" not in fields
    assert "<details>" in html


def test_the_form_shows_all_of_the_entry_in_its_owners_format(page, alices):
    alices(details={"notes": "one\ntwo"})
    fields = form_in(page(FRIEREN))
    shown = {name: fields[name] for name in ("status", "progress", "score", "notes")}
    assert shown == {"status": "CURRENT", "progress": "11", "score": "9.5", "notes": "one\ntwo"}
    assert {name: fields[f"initial-{name}"] for name in shown} == shown


@pytest.mark.parametrize(
    ("media_id", "facts", "sent"),
    [
        (FRIEREN, {}, {"progress": "12"}),
        (FRIEREN, {"status": "PLANNING", "progress": 0}, {"progress": "1", "status": "CURRENT"}),
        (FRIEREN, {"status": "PAUSED"}, {"progress": "12", "status": "CURRENT"}),
        (FRIEREN, {"status": "DROPPED"}, {"progress": "12", "status": "CURRENT"}),
        (FRIEREN, {"progress": 27}, {"progress": "28", "status": "COMPLETED"}),
        (
            FRIEREN,
            {"status": "PLANNING", "progress": 27},
            {"progress": "28", "status": "COMPLETED"},
        ),
        (FRIEREN, {"progress": 28}, None),
        (FRIEREN, {"progress": 40}, None),
        (FRIEREN, {"status": "COMPLETED", "progress": 3}, None),
        (MUSHISHI, {}, {"progress": "5"}),
        (
            MUSHISHI,
            {"progress": 25, "repeat": 2},
            {"progress": "26", "status": "COMPLETED", "repeat": "3"},
        ),
        (ONE_PIECE, {}, {"progress": "1072"}),
        (BERSERK, {}, None),
        (BERSERK, {"status": "CURRENT"}, {"progress": "381"}),
    ],
)
def test_one_more_means_the_next_one_and_what_follows_from_it(page, alices, media_id, facts, sent):
    alices(media_id, **facts)
    fields = plus_in(page(media_id))
    names = ("progress", "status", "repeat")
    assert (fields and {name: fields[name] for name in names if name in fields}) == sent


def test_one_more_of_what_is_on_no_list_starts_it(page):
    html = page(1535)
    fields = plus_in(html)
    assert (fields["progress"], fields["status"]) == ("1", "CURRENT")
    assert "Add to my list" in html
    assert form_in(html)["status"] == ""


def test_the_only_episode_of_a_film_completes_it(page):
    assert plus_in(page(21519))["status"] == "COMPLETED"


def test_there_is_no_one_more_of_what_is_not_out_yet(page, anilist):
    media = anilist.add_media("Tomorrow", status="NOT_YET_RELEASED", episodes=12)
    html = page(media["id"])
    assert plus_in(html) is None
    assert form_in(html)["status"] == ""


def test_chapters_are_read(page, alices):
    alices(BERSERK, status="CURRENT")
    html = page(BERSERK)
    assert "Save chapter 381 of Berserk" in html
    assert "Reading" in html


def test_a_progress_beyond_the_end_is_shown_as_it_is(page, alices):
    alices(progress=40)
    assert "40 of 40" in page(FRIEREN)


def test_each_button_of_a_page_is_one_of_its_own(page):
    html = page(FRIEREN) + page(ONE_PIECE) + page(FRIEREN)
    forms = read(html).forms
    assert len({form["submission"] for form in forms}) == len(forms) == 6


def test_a_page_with_many_buttons_asks_once(page, anilist):
    source = "{% for number in media %}{% anilist_list_button number %}{% endfor %}"
    html = page([FRIEREN, ONE_PIECE, MUSHISHI, BERSERK], source=source)
    assert html.count('class="anilist-form"') == 4
    anilist.assert_requests(1)


def test_an_entry_of_a_list_needs_no_further_request(page, anilist, alice):
    source = """{% anilist_list status="CURRENT" as watching %}
    {% for entry in watching %}{% anilist_list_button entry %}{% endfor %}"""
    html = page(None, source=source)
    assert html.count("anilist-plus") == 4
    anilist.assert_requests(1)


def test_a_medium_that_holds_its_entry_needs_no_request(page, anilist):
    media = {"id": 5, "type": "ANIME", "title": {"romaji": "Film"}, "mediaListEntry": None}
    assert "Save episode 1 of Film" in page(media)
    anilist.assert_requests(0)


def test_an_entry_of_somebody_elses_list_shows_the_viewers_own(page, anilist, alice, bob):
    """Else *+1* would set the viewer back to where the other one is."""
    medium = anilist.add_media("Long", episodes=50)
    anilist.connect(bob)
    anilist.set_list(alice, CURRENT=[{"media": medium["id"], "progress": 20, "notes": "mine"}])
    anilist.set_list(bob, CURRENT=[{"media": medium["id"], "progress": 3, "notes": "for bob"}])
    source = """{% anilist_list user=member as theirs %}
    {% for entry in theirs %}{% anilist_list_button entry %}{% endfor %}"""
    html = page(None, source=source, member=bob)
    assert "Save episode 21 of Long" in html
    assert "mine" in html
    assert "for bob" not in html
    anilist.assert_requests(2)


@pytest.mark.parametrize(
    "entry", [{"id": 1}, {"status": "CURRENT"}, {"status": "CURRENT", "progress": 7}, {"notes": ""}]
)
def test_what_a_query_left_out_of_an_entry_is_asked_for(page, anilist, alice, entry):
    medium = anilist.add_media("Long", episodes=50)
    anilist.set_list(alice, CURRENT=[{"media": medium["id"], "progress": 20, "notes": "mine"}])
    html = page({**medium, "mediaListEntry": entry})
    assert "Save episode 21 of Long" in html
    assert "mine" in html


@pytest.mark.parametrize(
    "wanted", [None, "", "x", {}, {"id": "x"}, {"mediaId": 10**20}, 10**20, -1, [1], 424242]
)
def test_what_is_no_medium_has_no_button(page, wanted):
    assert "anilist-entry" not in page(wanted)


def test_a_button_leads_back_where_it_is_told(page):
    html = page(FRIEREN, source='{% anilist_list_button media next="/ok/" %}')
    assert plus_in(html)["next"] == form_in(html)["next"] == "/ok/"


def test_without_a_request_there_is_no_button(page):
    template = Template("{% load anilist %}{% anilist_list_button 1 %}")
    assert template.render(Context({})) == ""


@pytest.mark.parametrize("who", ["visitor", "bob"])
def test_who_is_not_connected_is_offered_to_connect(page, bob, who):
    html = page(FRIEREN, bob if who == "bob" else AnonymousUser())
    assert 'href="/anilist/authorize/?next=%2Ftitle%2F"' in html
    assert "<form" not in html


def test_who_is_connected_no_more_is_offered_to_connect(page, alice):
    tokens.reject(AniListToken.objects.get())
    assert "/anilist/authorize/" in page(FRIEREN)


@pytest.mark.parametrize("allowed", [False, True])
def test_adult_media_have_a_button_for_whoever_allows_them(page, anilist, alice, allowed):
    anilist.on_anilist(alice).options["displayAdultContent"] = allowed
    assert ("anilist-entry" in page(ADULT)) == allowed


def test_while_anilist_is_down_the_page_says_so_instead(page, anilist):
    with anilist.outage():
        html = page(FRIEREN)
    assert "anilist-trouble" in html
    assert "<form" not in html


def test_a_format_that_was_not_told_when_connecting_is_asked_for(page, alice):
    AniListToken.objects.update(score_format="")
    assert form_in(page(FRIEREN))["score_format"] == "POINT_10_DECIMAL"
    assert AniListToken.objects.get().score_format == "POINT_10_DECIMAL"


@pytest.mark.parametrize("options", [None, {"scoreFormat": None}])
def test_a_format_that_is_told_by_nobody_is_a_hundred_points(page, anilist, options):
    AniListToken.objects.update(score_format="")
    viewer = {"id": 5001, "name": "alice", "mediaListOptions": options}
    anilist.reply("Viewer", viewer)
    assert form_in(page(FRIEREN))["score_format"] == "POINT_100"


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
def test_hostile_text_stays_text(page, anilist, alices, text):
    anilist.box.store.media[FRIEREN]["title"]["english"] = text
    alices(details={"notes": f"{text}</textarea>{text}"})
    html = page(FRIEREN)
    assert "<script" not in html
    assert "<img" not in html
    assert form_in(html)["notes"] == f"{text}</textarea>{text}"


def test_text_that_no_page_can_hold_breaks_none(page, alices):
    alices(details={"notes": "a\ud800b"})
    page(FRIEREN).encode()

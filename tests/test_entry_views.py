"""Where the list button leads: saved once, told calmly, and nothing lost on the way."""

import logging
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from asgiref.sync import async_to_sync
from django.contrib.messages import get_messages
from django.db import OperationalError
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from django_anilist import entries, entry_views, notices
from django_anilist.api.errors import OutcomeUnknown, QueryError, RateLimited
from django_anilist.gateway import AniList
from django_anilist.models import AniListToken, EntryChange
from tests.list_entries import (
    ADULT,
    BERSERK,
    FRIEREN,
    MUSHISHI,
    SAVE,
    SUBMISSION,
    attempts,
    entry_of,
    form_in,
    plus_in,
    read,
    saves,
)
from tests.properties import many
from tests.test_entry_forms import NAMES, VALUES
from tests.test_redirects import ELSEWHERE

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}
HTMX = {"hx-request": "true", "hx-target": "anilist-entry-0123abcd"}
HTMX_4 = {"hx-request": "true", "hx-target": "div#anilist-entry-0123abcd"}


@pytest.fixture
def box(anilist, alice):
    anilist.connect(alice)
    return anilist.box


@pytest.fixture
def send(box, alice_client):
    """Press *+1* of episode 12, or send other fields."""

    def post(headers=None, client=alice_client, path=SAVE, **fields):
        data = {"media_id": FRIEREN, "submission": SUBMISSION, "next": "/list/"}
        data.update(fields or {"progress": 12})
        return client.post(path, data, headers=headers, secure=True)

    return post


@pytest.fixture
def form(alice_client):
    """The form with everything in it, as a browser has it."""

    def get(media_id=FRIEREN):
        return form_in(alice_client.get(f"{SAVE}?media={media_id}", secure=True).content.decode())

    return get


def said(response):
    """The newest message that the next page will show."""
    return [str(message) for message in get_messages(response.wsgi_request)][-1]


def leads_to(response, path="/list/"):
    assert response.status_code == 303
    assert response.url == path


def html_of(response, status=200):
    assert response.status_code == status
    return response.content.decode()


def offer_in(address):
    """The address of the offer that a link, or the way through connecting, leads to."""
    found = parse_qs(urlsplit(address).query)
    return address if "change" in found else found["next"][0]


def parked_by(send, anilist, **fields):
    """Have a change parked; return the address of its offer."""
    with anilist.limit():
        response = send(headers=JSON, **fields)
    assert response.status_code == 503
    return response.json()["url"]


# Saving


def test_one_more_episode_is_saved_and_told(send, box):
    response = send()
    leads_to(response)
    assert said(response) == "Saved: episode 12 of Frieren: Beyond Journey’s End."
    assert saves(box) == [{"mediaId": FRIEREN, "progress": 12}]
    assert entry_of(box, "alice").progress == 12


def test_saving_is_one_request(send, anilist):
    send()
    anilist.assert_requests(1)


def test_a_chapter_is_called_a_chapter(send):
    assert said(send(media_id=BERSERK, progress=381)) == "Saved: chapter 381 of Berserk."


def test_a_change_of_something_else_is_called_by_the_title(send):
    assert said(send(status="PAUSED")) == "Saved: Frieren: Beyond Journey’s End."


def test_anilist_is_believed_and_not_the_form(send, anilist):
    anilist.reply("SaveMediaListEntry", {"id": 1, "mediaId": FRIEREN, "progress": 10})
    assert said(send(progress=12)) == "Saved: episode 10 of Frieren: Beyond Journey’s End."


def test_only_what_was_changed_is_sent(form, send, box):
    send(**{**form(), "notes": "mine"})
    send(**{**form(), "score": "8.7", "status": "PAUSED"})
    assert saves(box) == [
        {"mediaId": FRIEREN, "notes": "mine"},
        {"mediaId": FRIEREN, "status": "PAUSED", "scoreRaw": 87},
    ]


def test_a_page_left_open_does_not_undo_what_happened_since(form, send, box):
    old = form()
    entry_of(box, "alice").progress = 20
    send(**{**old, "notes": "mine"})
    assert (entry_of(box, "alice").progress, entry_of(box, "alice").details["notes"]) == (
        20,
        "mine",
    )


@pytest.fixture
def hour_old(send, clock):
    """Press *+1* on a page that was opened an hour ago, when alice had seen 11 episodes."""

    def press(headers=None, progress=12, **fields):
        shown = int(time.time()) - 3600
        return send(headers=headers, progress=progress, shown=shown, **fields)

    return press


AHEAD = "You are at episode 20 of Frieren: Beyond Journey’s End by now. Nothing was changed."


def test_plus_one_on_a_page_left_open_takes_nobody_back(hour_old, box):
    entry_of(box, "alice").progress = 20
    response = hour_old(status="CURRENT")
    leads_to(response)
    assert said(response) == AHEAD
    assert saves(box) == []


def test_plus_one_on_a_page_left_open_shows_where_they_are(hour_old, box):
    entry_of(box, "alice").progress = 20
    html = html_of(hour_old(headers=HTMX))
    assert AHEAD in html
    assert plus_in(html)["progress"] == "21"
    found = hour_old(headers=JSON).json()
    assert (found["saved"], found["entry"]["progress"]) == (False, 20)


def test_plus_one_on_a_page_left_open_counts_where_nothing_happened_since(hour_old, box):
    leads_to(hour_old())
    assert entry_of(box, "alice").progress == 12


def test_plus_one_is_believed_without_asking_for_ten_minutes(send, box, anilist, clock):
    entry_of(box, "alice").progress = 20
    send(progress=12, shown=int(time.time()) - 599)
    anilist.assert_requests(1)
    assert entry_of(box, "alice").progress == 12


def test_plus_one_on_a_page_left_open_waits_for_an_anilist_that_is_down(hour_old, anilist, box):
    with anilist.outage():
        assert hour_old(headers=JSON).status_code == 503
    assert EntryChange.objects.get().wanted == {"media_id": FRIEREN, "progress": 12}


@pytest.mark.parametrize("shown", ["", "x", "-1", "1e9", "9" * 5000, "٣"])
def test_a_moment_that_makes_no_sense_is_none(send, box, shown):
    leads_to(send(progress=12, shown=shown))
    assert entry_of(box, "alice").progress == 12


def test_a_score_that_nobody_touched_is_not_rounded(form, send, box, anilist, alice):
    anilist.connect(alice, scoreFormat="POINT_10")
    entry_of(box, "alice").score_raw = 87
    shown = form()
    assert shown["score"] == "8"
    send(**{**shown, "progress": "12"})
    assert entry_of(box, "alice").score_raw == 87


def test_nothing_changed_is_nothing_sent(form, send, box):
    response = send(**form())
    leads_to(response, "/anilist/save-entry/?media=154587")
    assert said(response) == "Nothing was changed."
    assert saves(box) == []


def test_the_end_of_a_second_time_counts(send, box):
    send(media_id=MUSHISHI, progress=26, status="COMPLETED", repeat=1)
    entry = entry_of(box, "alice", MUSHISHI)
    assert (entry.status, entry.progress, entry.details["repeat"]) == ("COMPLETED", 26, 1)


@pytest.mark.parametrize("url", ELSEWHERE)
def test_nobody_is_led_off_the_site(send, url):
    response = send(progress=12, next=url or "")
    leads_to(response, "/anilist/")


def test_the_pages_are_private(alice_client, send):
    for response in (alice_client.get(f"{SAVE}?media={FRIEREN}", secure=True), send()):
        assert "no-store" in response.headers["Cache-Control"]
        assert response.headers["X-Frame-Options"] == "DENY"


# Twice


@pytest.mark.parametrize("headers", [None, JSON, HTMX], ids=["page", "json", "htmx"])
def test_sent_twice_it_is_saved_once_and_told_the_same(send, box, headers):
    responses = [send(headers=headers, progress=12) for _ in range(2)]
    assert len(saves(box)) == 1
    if headers is JSON:
        found = [response.json() for response in responses]
        assert [answer["saved"] for answer in found] == [True, True]
        assert [answer["entry"]["progress"] for answer in found] == [12, 12]
    elif headers is HTMX:
        assert [plus_in(html_of(response))["progress"] for response in responses] == ["13", "13"]
    else:
        assert said(responses[0]) == said(responses[1])


def test_sent_twice_from_an_old_page_it_is_told_as_it_is_now(send, box, monkeypatch):
    """Both look first how far the viewer is, and one of them saves after the other has looked."""
    claimed, shown = entries._claimed, int(time.time()) - 3600

    def late(change, sleep):
        monkeypatch.setattr(entries, "_claimed", claimed)
        send(progress=12, shown=shown)
        return claimed(change, sleep)

    monkeypatch.setattr(entries, "_claimed", late)
    found = send(headers=JSON, progress=12, shown=shown).json()
    assert (found["saved"], found["entry"]["progress"]) == (True, 12)
    assert len(saves(box)) == 1


def test_sent_again_differently_it_is_saved_again(send, box):
    """The back button brings a form up with the same submission, to be filled in anew."""
    send(progress=12)
    send(progress=12, notes="mine")
    assert len(saves(box)) == 2
    assert entry_of(box, "alice").details["notes"] == "mine"


# Who may


@pytest.mark.parametrize(
    ("fields", "back"),
    [
        ({"next": "/list/"}, "/list/"),
        ({"next": "//evil.test"}, f"/anilist/save-entry/?media={FRIEREN}"),
        ({"next": "", "media_id": "x"}, "/anilist/"),
    ],
)
def test_whoever_is_signed_out_meanwhile_signs_in_and_is_back(send, box, client, fields, back):
    response = send(client=client, progress=12, **fields)
    assert response.status_code == 302
    assert urlsplit(response.url).path == "/accounts/login/"
    assert parse_qs(urlsplit(response.url).query)["next"] == [back]
    assert saves(box) == []


def test_a_site_that_asks_everybody_to_sign_in_leads_them_back_just_the_same(
    send, client, settings
):
    settings.MIDDLEWARE = [
        *settings.MIDDLEWARE,
        "django.contrib.auth.middleware.LoginRequiredMiddleware",
    ]
    response = send(client=client, progress=12, next="/list/")
    assert parse_qs(urlsplit(response.url).query)["next"] == ["/list/"]
    assert send(client=client, headers=JSON).status_code == 403


def test_a_visitor_comes_back_to_the_form(client, db):
    response = client.get(f"{SAVE}?media=1", secure=True)
    assert parse_qs(urlsplit(response.url).query)["next"] == [f"{SAVE}?media=1"]


def test_scripts_hear_that_nobody_is_signed_in(send, client):
    response = send(headers=JSON, client=client)
    assert response.status_code == 403
    assert response.json()["error"] == "sign-in"
    htmx = send(headers=HTMX, client=client)
    assert htmx.headers["HX-Redirect"] == response.json()["url"]


def test_a_forged_form_is_refused(box, alice):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    data = {"media_id": FRIEREN, "progress": 12}
    assert strict.post(SAVE, data, secure=True).status_code == 403
    page = strict.get(f"{SAVE}?media={FRIEREN}", secure=True).content.decode()
    data["csrfmiddlewaretoken"] = form_in(page)["csrfmiddlewaretoken"]
    headers = {"referer": "https://testserver/list/"}
    assert strict.post(SAVE, data, secure=True, headers=headers).status_code == 303
    assert len(saves(box)) == 1


@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete", "options"])
def test_only_a_post_writes(send, anilist, box, alice_client, method):
    offer = parked_by(send, anilist, progress=12)
    for address in (offer, f"{SAVE}?media_id={FRIEREN}&progress=13&submission={SUBMISSION}"):
        getattr(alice_client, method)(address, secure=True)
    assert saves(box) == []


# Somebody who has to connect


@pytest.mark.parametrize("why", ["never", "revoked", "rejected", "expired"])
def test_whoever_must_connect_first_is_offered_the_change_afterwards(
    send, anilist, alice, alice_client, box, why
):
    if why == "never":
        AniListToken.objects.all().delete()
    elif why == "revoked":
        anilist.revoke(alice)
    elif why == "rejected":
        AniListToken.objects.update(rejected_at="2026-01-01T00:00Z")
    else:
        anilist.expire(alice)
    box.requests.clear()
    response = send()
    assert response.status_code == 302
    assert response.url.startswith("/anilist/authorize/?next=")
    anilist.connect(alice)
    box.requests.clear()
    offer = offer_in(response.url)
    page = html_of(alice_client.get(offer, secure=True))
    assert "<h1><bdi>Save episode 12 of Frieren: Beyond Journey’s End?</bdi></h1>" in page
    assert saves(box) == []
    (fields,) = read(page).forms
    for _ in range(2):
        response = alice_client.post(SAVE, fields, secure=True)
        leads_to(response)
        assert said(response) == "Saved: episode 12 of Frieren: Beyond Journey’s End."
    assert saves(box) == [{"mediaId": FRIEREN, "progress": 12}]
    assert entry_of(box, "alice").progress == 12


def test_the_offer_lists_all_that_would_be_saved(send, anilist, alice_client):
    wanted = {"progress": 12, "status": "PAUSED", "score": "8.7", "notes": "a\n<b>"}
    wanted["score_format"] = "POINT_10_DECIMAL"
    page = html_of(alice_client.get(parked_by(send, anilist, **wanted), secure=True))
    for text in ("Paused", ">12<", "8.7/10", "a<br>&lt;b&gt;"):
        assert text in page


def test_the_offer_says_what_is_taken_away(send, anilist, alice_client):
    fields = {"score": "", "initial-score": "9.5", "notes": "", "initial-notes": "x"}
    page = html_of(alice_client.get(parked_by(send, anilist, **fields), secure=True))
    assert "no score" in page
    assert "Save Frieren: Beyond Journey’s End?" in page


def test_a_long_way_back_does_not_lose_the_offer(send, anilist, alice):
    anilist.revoke(alice)
    response = send(progress=12, next="/list/?" + "ü" * 900)
    assert "change=" in offer_in(response.url)
    assert len(offer_in(response.url)) <= 2000


def test_scripts_hear_that_the_user_must_connect(send, anilist, alice):
    anilist.revoke(alice)
    response = send(headers=JSON)
    assert response.status_code == 403
    assert response.json()["error"] == "reconnect"
    assert "change=" in offer_in(response.json()["url"])
    htmx = send(headers=HTMX)
    assert htmx.status_code == 403
    assert htmx.headers["HX-Redirect"].startswith("/anilist/authorize/?next=")


def test_the_form_asks_whoever_is_not_connected_to_connect(bob_client, anilist):
    response = bob_client.get(f"{SAVE}?media={FRIEREN}", secure=True)
    assert response.url.startswith("/anilist/authorize/?next=")


# Offers


def test_an_offer_is_its_users_only(send, anilist, bob, bob_client, box):
    anilist.connect(bob)
    offer = parked_by(send, anilist, progress=12)
    for response in (
        bob_client.get(offer, secure=True),
        bob_client.post(SAVE, parse_qs(urlsplit(offer).query), secure=True),
    ):
        leads_to(response)
        assert said(response) == "That change was made already, or is too old to be made now."
    assert saves(box) == []


@pytest.mark.parametrize("age", [599, 601])
def test_an_offer_holds_for_ten_minutes(send, anilist, alice_client, clock, age):
    offer = parked_by(send, anilist, progress=12)
    clock.shift(age)
    assert alice_client.get(offer, secure=True).status_code == (200 if age < 600 else 303)


@pytest.mark.parametrize("by", ["alice", "staff"])
def test_whoever_is_disconnected_takes_their_offers_back(
    send, anilist, alice, alice_client, admin_client, by
):
    """Else they would be made in the list of whichever account comes next."""
    offer = parked_by(send, anilist, progress=12)
    if by == "alice":
        alice_client.post("/anilist/disconnect/", secure=True)
    else:
        place = f"/admin/django_anilist/anilisttoken/{alice.anilist_token.pk}/delete/"
        admin_client.post(place, {"post": "yes"}, secure=True)
    anilist.connect(alice, name="alice-the-second")
    assert alice_client.get(offer, secure=True).status_code == 303
    assert not EntryChange.objects.exists()


def test_an_offer_that_was_taken_is_made_already(send, anilist, alice_client, box):
    offer = parked_by(send, anilist, progress=12)
    alice_client.post(offer, secure=True)
    response = alice_client.get(offer, secure=True)
    leads_to(response)
    assert "made already" in said(response)
    assert len(saves(box)) == 1


def test_an_offer_that_is_gone_is_told_to_scripts(alice_client, box):
    response = alice_client.post(SAVE, {"change": "nonsense"}, headers=JSON, secure=True)
    assert (response.status_code, response.json()) == (410, {"error": "gone"})


def test_an_offer_that_is_refused_becomes_a_form(send, anilist, alice_client, box):
    fields = {"media_id": 424242, "progress": 12, "score": "8", "score_format": "POINT_10"}
    offer = parked_by(send, anilist, **fields)
    page = html_of(alice_client.post(offer, secure=True), 400)
    assert "AniList did not take this. Nothing was changed." in page
    shown = form_in(page)
    assert (shown["progress"], shown["score"], shown["score_format"]) == (
        "12", "8", "POINT_10_DECIMAL",
    )  # fmt: skip


def test_an_offer_without_messages_in_the_site_is_calm(alice_client, box, settings):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "message" not in name.lower()]
    assert alice_client.get(f"{SAVE}?change=x", secure=True).status_code == 303


# When AniList does not take it


@pytest.mark.parametrize(
    ("kind", "status", "text"),
    [
        ("limit", 503, "AniList needs a moment"),
        ("switched-off", 503, "AniList is not reachable"),
        ("timeout", 503, "AniList did not say whether it worked"),
        ("server", 503, "AniList did not say whether it worked"),
        ("html", 503, "AniList did not say whether it worked"),
    ],
)
def test_an_outage_is_told_calmly(send, anilist, alice_client, box, kind, status, text):
    with anilist.limit() if kind == "limit" else anilist.outage(kind):
        response = send()
        page = html_of(response, status)
        assert text in page
        in_place = html_of(send(headers=HTMX))
        script = send(headers=JSON)
    assert text in in_place
    assert script.status_code == status
    waits = kind in ("limit", "switched-off")
    assert ("Try again" in page) == ("Try again" in in_place) == waits
    assert ("url" in script.json()) == waits
    assert ("Retry-After" in response.headers) == waits


def test_trying_again_leads_to_the_offer(send, anilist, alice_client, box):
    with anilist.outage():
        page = html_of(send(), 503)
    link = page.split('class="anilist-button" href="')[1].split('"')[0].replace("&amp;", "&")
    box.requests.clear()
    assert "Save episode 12 of" in html_of(alice_client.get(link, secure=True))
    (fields,) = read(alice_client.get(link, secure=True).content.decode()).forms
    leads_to(alice_client.post(SAVE, fields, secure=True))
    assert len(saves(box)) == 1


def test_the_offer_is_there_while_anilist_is_not(send, anilist, alice_client):
    with anilist.outage():
        link = send(headers=JSON).json()["url"]
        page = html_of(alice_client.get(link, secure=True))
        assert "Save episode 12 of #154587?" in page
        (fields,) = read(page).forms
        assert alice_client.post(SAVE, fields, secure=True).status_code == 503


def test_what_may_have_been_saved_is_not_sent_again(send, anilist, box):
    with anilist.outage("timeout"):
        send()
    assert "did not say whether" in html_of(send(), 503)
    assert attempts(box) == 1


@pytest.mark.parametrize("headers", [HTMX, HTMX_4], ids=["htmx 2", "htmx 4"])
def test_htmx_keeps_the_form_and_says_in_it_what_is_wrong(send, anilist, headers):
    with anilist.limit():
        response = send(headers=headers)
    assert response.headers["HX-Retarget"] == "#anilist-entry-0123abcd > .anilist-entry-said"
    assert response.headers["HX-Reswap"] == "innerHTML"
    assert "<form" not in html_of(response)


@pytest.mark.parametrize("target", ["", "other", "anilist-entry-x,body"])
def test_htmx_of_the_sites_own_gets_the_page(send, anilist, target):
    with anilist.limit():
        response = send(headers={"hx-request": "true", "hx-target": target})
    assert response.status_code == 503
    assert "HX-Retarget" not in response.headers


# What AniList refuses


@pytest.fixture
def refusing(monkeypatch):
    """An AniList that refuses what it is asked to save, in its own words."""

    def refuse(error):
        def save(client, **arguments):
            raise error

        monkeypatch.setattr(AniList, "save_media_list_entry", save)

    return refuse


def validation(**fields):
    found = {name: [f"canary <b>{name}"] for name in fields}
    kind = entry_views.ValidationFailed
    return kind("canary <b>x", errors=[{"message": "canary <b>x", "validation": found}])


@pytest.mark.parametrize("headers", [None, JSON, HTMX], ids=["page", "json", "htmx"])
@pytest.mark.parametrize(
    ("error", "fields"),
    [
        (validation(scoreRaw=1), {"score"}),
        (validation(progress=1, notes=1), {"progress", "notes"}),
        (validation(mediaId=1), {"__all__"}),
        (validation(), {"__all__"}),
        (QueryError("canary <b>x", errors=[{"message": "canary <b>x"}]), {"__all__"}),
        (entry_views.ValidationFailed("x", errors=[{"validation": "canary <b>x"}]), {"__all__"}),
    ],
)
def test_a_refusal_is_told_in_our_words_at_its_field(send, refusing, headers, error, fields):
    refusing(error)
    sent = {"progress": "12", "score": "8.5", "score_format": "POINT_10_DECIMAL", "notes": "mine"}
    response = send(headers=headers, **sent)
    text = response.content.decode()
    assert "canary" not in text
    if headers is JSON:
        assert response.status_code == 400
        assert set(response.json()["fields"]) == fields
        return
    assert response.status_code == (200 if headers else 400)
    ours = [
        "Nothing was changed." if "__all__" in fields else "AniList does not accept this value."
    ]
    assert text.count(ours[0]) == len(fields)
    shown = form_in(text)
    assert {name: shown[name] for name in sent} == sent


def test_what_was_refused_can_be_put_right(send, refusing, monkeypatch, box):
    refusing(validation(progress=1))
    page = html_of(send(progress="12"), 400)
    monkeypatch.undo()
    send(**{**form_in(page), "progress": "13", "next": "/list/"})
    assert saves(box) == [{"mediaId": FRIEREN, "progress": 13}]


def test_what_was_refused_at_the_button_is_sent_again_as_it_is(send, refusing, monkeypatch, box):
    refusing(QueryError("no"))
    page = html_of(send(progress="12"), 400)
    monkeypatch.undo()
    send(**form_in(page))
    assert saves(box) == [{"mediaId": FRIEREN, "progress": 12}]


# What cannot be right


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "htmx"])
def test_a_mistake_is_shown_with_all_that_was_typed(form, send, box, headers):
    typed = {"progress": "twelve", "score": "99", "notes": "a\n<b>", "status": "PAUSED"}
    page = html_of(send(headers=headers, **{**form(), **typed}), 200 if headers else 400)
    assert "Enter a whole number." in page
    assert "Your scores go up to 10, in steps of 0.1." in page
    shown = form_in(page)
    assert {name: shown[name] for name in typed} == typed
    assert shown["initial-progress"] == "11"
    assert "<details open>" in page
    assert read(page).focused == ["progress"]
    assert saves(box) == []


def test_a_mistake_with_a_manga_speaks_of_reading(send):
    assert "Reading" in html_of(send(media_id=BERSERK, progress="x"), 400)


def test_a_mistake_is_named_to_scripts(send):
    response = send(headers=JSON, progress="x")
    assert response.status_code == 400
    assert response.json() == {
        "error": "invalid",
        "fields": {"progress": ["Enter a whole number."]},
    }


def test_a_mistake_while_anilist_is_down_loses_nothing(send, anilist):
    with anilist.outage():
        page = html_of(send(progress="x", notes="mine"), 400)
    assert form_in(page)["notes"] == "mine"
    assert "#154587" in page


@pytest.mark.parametrize("media_id", ["", "x", "0", "-1", str(2**31), "9" * 5000, "\0"])
def test_a_change_of_no_medium_is_not_found(send, media_id):
    assert send(media_id=media_id, progress=1).status_code == 404
    assert send(headers=JSON, media_id=media_id, progress=1).status_code == 400


@many(0.6)
@given(
    data=st.dictionaries(st.sampled_from([*NAMES, "next", "change"]), VALUES),
    headers=st.sampled_from([{}, JSON, HTMX]),
)
def test_whatever_is_posted_is_answered_calmly(box, alice_client, data, headers):
    data.setdefault("media_id", str(FRIEREN))
    response = alice_client.post(SAVE, data, headers=headers, secure=True)
    assert response.status_code in (200, 303, 400, 404, 410)


# The page with the form


def test_the_form_has_a_page_of_its_own(alice_client, box):
    page = html_of(alice_client.get(f"{SAVE}?media={FRIEREN}&next=/list/", secure=True))
    assert "<details open>" in page
    assert form_in(page)["next"] == "/list/"


@pytest.mark.parametrize("media", ["", "x", "424242", str(ADULT)])
def test_there_is_no_form_for_what_is_not_there(alice_client, box, media):
    assert alice_client.get(f"{SAVE}?media={media}", secure=True).status_code == 404


def test_there_is_no_form_while_anilist_is_silent(alice_client, anilist, box):
    with anilist.outage():
        page = html_of(alice_client.get(f"{SAVE}?media={FRIEREN}", secure=True), 503)
    assert "AniList is not reachable" in page
    with anilist.limit():
        page = html_of(alice_client.get(f"{SAVE}?media={FRIEREN}", secure=True), 503)
    assert "AniList needs a moment" in page


def test_there_is_no_form_while_anilist_says_no(alice_client, anilist, box, monkeypatch):
    def refuse(client, ids, *, as_viewer=False):
        raise QueryError("canary")

    monkeypatch.setattr(AniList, "media_many", refuse)
    page = html_of(alice_client.get(f"{SAVE}?media={FRIEREN}", secure=True), 503)
    assert "canary" not in page


# HTMX and JSON where all is well


def test_htmx_gets_the_button_as_it_is_now_and_stays_where_it_was(send):
    response = send(headers=HTMX)
    html = html_of(response)
    assert html.startswith('<div class="anilist-entry" id="anilist-entry-')
    assert "12 of 28" in html
    assert plus_in(html)["progress"] == "13"
    assert '<div class="anilist-entry-said" role="status">Saved: episode 12' in html
    assert read(html).focused == ["button"]


def test_htmx_at_the_end_stays_at_the_form(send):
    html = html_of(send(headers=HTMX, progress=28, status="COMPLETED"))
    assert plus_in(html) is None
    assert read(html).focused == ["summary"]


def test_htmx_hears_that_nothing_was_changed(form, send):
    assert "Nothing was changed." in html_of(send(headers=HTMX, **form()))


def test_htmx_gets_a_button_even_where_anilist_tells_little(send, anilist):
    anilist.reply("SaveMediaListEntry", {"id": 1, "mediaId": 424242, "progress": 3})
    html = html_of(send(headers=HTMX, media_id=424242, progress=3))
    assert form_in(html)["media_id"] == "424242"


def test_a_script_gets_the_entry(send, form):
    found = send(headers=JSON).json()
    assert found["saved"] is True
    assert found["entry"]["progress"] == 12
    assert send(headers=JSON, **form()).json()["saved"] is False


def test_an_asynchronous_server_saves_too(alice, box, async_client):
    async_to_sync(async_client.aforce_login)(alice)
    fields = {"media_id": FRIEREN, "progress": 12}
    response = async_to_sync(async_client.post)(SAVE, fields, secure=True)
    leads_to(response, "/anilist/")
    assert len(saves(box)) == 1


# What else breaks


@pytest.mark.parametrize("at", ["_begin", "forget_old"])
@pytest.mark.parametrize("headers", [None, JSON], ids=["page", "json"])
def test_a_database_without_time_is_a_calm_503(send, box, monkeypatch, caplog, at, headers):
    def busy(*args):
        raise OperationalError("canary")

    monkeypatch.setattr(entries, at, busy)
    monkeypatch.setattr("django_anilist.tokens.WAITS", ())
    response = send(headers=headers)
    assert response.status_code == 503
    assert "canary" not in response.content.decode() + caplog.text
    assert saves(box) == []


def test_a_second_click_that_waits_in_vain_is_told(send, box, monkeypatch):
    def late(client, change):
        raise OutcomeUnknown("pending")

    monkeypatch.setattr(entries, "make", late)
    assert "did not say whether" in html_of(send(), 503)


def test_a_wait_that_anilist_names_is_passed_on(send, monkeypatch):
    def wait(client, change):
        raise RateLimited(17.2)

    monkeypatch.setattr(entries, "make", wait)
    assert send().headers["Retry-After"] == "18"


def test_no_token_is_logged_on_the_way(send, anilist, alice, box, caplog):
    caplog.set_level(logging.DEBUG)
    anilist.revoke(alice)
    send()
    assert "eyJ" not in caplog.text
    assert EntryChange.objects.get().wanted == {"media_id": FRIEREN, "progress": 12}


# Notices


@pytest.mark.parametrize("kind", notices.KINDS)
def test_a_notice_is_put_away(client, kind):
    response = client.post(f"/anilist/dismiss/{kind}/", {"next": "/list/"}, secure=True)
    leads_to(response)
    assert response.cookies[f"anilist_notice_{kind}"]["max-age"] == notices.KINDS[kind]


def test_a_notice_that_there_is_not_is_not_found(client):
    assert client.post("/anilist/dismiss/weather/", secure=True).status_code == 404


@pytest.mark.parametrize("url", ELSEWHERE)
def test_putting_a_notice_away_leads_nowhere_else(client, url):
    leads_to(client.post("/anilist/dismiss/busy/", {"next": url or ""}, secure=True), "/")


def test_no_transaction_of_the_site_undoes_what_is_noted_of_a_change():
    """``ATOMIC_REQUESTS`` would keep a waiting second click from seeing the first."""
    assert entry_views.save_entry._non_atomic_requests == {"default"}

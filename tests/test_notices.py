"""One banner, with what its reader should know just now, until they put it away."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from django_anilist import notices, shared, tokens
from django_anilist.api.budget import Standing
from django_anilist.models import AniListToken
from tests.tagging import ask, rendered

NOTICE = "{% anilist_notice %}"
OUTAGE = "AniList is not answering just now. Some of what you see may be old or missing."
BUSY = "This site has asked AniList as much as it may for now."
WORDS = {
    "expired": "Your AniList connection has ended.",
    "rejected": "AniList needs you to connect again.",
    "unreadable": "AniList needs you to connect again.",
    "expiring": "Your AniList connection ends on ",
    "outage": OUTAGE,
    "busy": BUSY,
}


@pytest.fixture(autouse=True)
def site(settings):
    settings.ROOT_URLCONF = "tests.tagging"


@pytest.fixture
def standing(monkeypatch):
    """Let all processes know of an outage, or of a lock-out."""

    def know(**facts):
        usual = {
            "limit": 30,
            "left": 30,
            "next_in": 0.0,
            "locked_for": 0.0,
            "outage": "",
            "waiting": 0,
        }
        monkeypatch.setattr(shared.budget(), "look", lambda: Standing(**{**usual, **facts}))

    return know


@pytest.fixture
def happens(anilist, alice, standing):
    """Let something happen that there is a notice for."""
    anilist.connect(alice)
    row = AniListToken.objects

    def happen(kind):
        if kind == "expired":
            anilist.expire(alice)
        elif kind == "rejected":
            tokens.reject(tokens.for_user(alice))
        elif kind == "unreadable":
            row.update(sealed="x")
        elif kind == "expiring":
            row.update(expires_at=timezone.now() + datetime.timedelta(days=9))
        else:
            standing(**{"outage": {"outage": "server"}, "busy": {"locked_for": 40.0}}[kind])

    return happen


def html_of(client, source=NOTICE):
    return ask(client, source).content.decode()


def test_all_is_well(happens, alice_client, client):
    assert html_of(alice_client) == html_of(client) == ""


@pytest.mark.parametrize("kind", notices.KINDS)
def test_each_thing_that_happens_is_told_and_can_be_put_away(happens, alice_client, kind):
    happens(kind)
    html = html_of(alice_client)
    assert WORDS[kind] in html
    assert html.count('role="status"') == 1
    assert ("Connect again" in html) is (kind not in ("outage", "busy"))
    assert f'action="/anilist/dismiss/{kind}/"' in html
    answer = alice_client.post(f"/anilist/dismiss/{kind}/", {"next": "/page/?of=2"})
    assert (answer.status_code, answer["Location"]) == (303, "/page/?of=2")
    cookie = answer.cookies[f"anilist_notice_{kind}"]
    assert cookie["max-age"] == notices.KINDS[kind]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert html_of(alice_client) == ""


def test_the_end_of_a_connection_is_told_as_a_date(happens, alice_client, time_machine):
    time_machine.move_to(datetime.datetime(2026, 11, 25, 12, tzinfo=datetime.timezone.utc))
    happens("expiring")
    assert "ends on Dec. 4, 2026." in html_of(alice_client)


@pytest.mark.parametrize(
    ("happening", "told"),
    [
        (["rejected", "outage"], ["rejected", "outage"]),
        (["expiring", "outage"], ["outage", "expiring"]),
        (["expired", "busy"], ["expired", "busy"]),
    ],
)
def test_the_most_urgent_is_told_first_and_what_is_left_after_it(
    happens, alice_client, happening, told
):
    for kind in happening:
        happens(kind)
    for kind in told:
        html = html_of(alice_client)
        assert WORDS[kind] in html
        assert html.count('role="status"') == 1
        alice_client.post(f"/anilist/dismiss/{kind}/")
    assert html_of(alice_client) == ""


def test_visitors_hear_of_an_outage_too(happens, client):
    happens("outage")
    html = html_of(client)
    assert OUTAGE in html
    assert "Connect again" not in html


@pytest.mark.parametrize(
    "order", ["{% anilist_notice %}{% anilist_list %}", "{% anilist_list %}{% anilist_notice %}"]
)
def test_an_outage_is_told_once_wherever_the_notice_stands(happens, anilist, alice_client, order):
    happens("outage")
    with anilist.outage():
        assert html_of(alice_client, order).count("AniList is not answering just now.") == 1


def test_a_dead_token_is_told_beside_what_the_page_said(happens, anilist, alice_client):
    happens("expiring")
    with anilist.outage():
        html = html_of(alice_client, "{% anilist_list %}{% anilist_notice %}")
    assert WORDS["expiring"] in html
    assert OUTAGE not in html


def test_a_budget_that_cannot_be_looked_at_is_no_trouble(happens, alice_client, monkeypatch):
    def fail():
        raise OSError

    monkeypatch.setattr(shared.budget(), "look", fail)
    assert html_of(alice_client) == ""


def test_without_a_request_there_is_nothing_to_press(happens, alice):
    happens("rejected")
    html = rendered(NOTICE, user=alice)
    assert WORDS["rejected"] in html
    assert "<form" not in html


@pytest.mark.parametrize("url", ["https://evil.test/", "//evil.test/", "javascript:alert(1)", ""])
def test_putting_away_leads_to_this_site_only(client, db, url):
    assert client.post("/anilist/dismiss/outage/", {"next": url})["Location"] == "/"
    came_from = {"referer": "http://testserver/page/"}
    answer = client.post("/anilist/dismiss/outage/", {"next": url}, headers=came_from)
    assert answer["Location"] == "http://testserver/page/"


def test_nothing_else_is_put_away(client, db):
    assert client.post("/anilist/dismiss/everything/").status_code == 404
    assert client.get("/anilist/dismiss/outage/").status_code == 405
    assert not client.cookies


def test_another_site_puts_nothing_away(db):
    assert Client(enforce_csrf_checks=True).post("/anilist/dismiss/outage/").status_code == 403


def test_over_tls_the_cookie_stays_there(client, db):
    answer = client.post("/anilist/dismiss/outage/", secure=True)
    assert answer.cookies["anilist_notice_outage"]["secure"] is True


def dismissed(client, kind):
    assert client.post(f"/anilist/dismiss/{kind}/").status_code == 303
    return client


@pytest.mark.parametrize("kind", ["expired", "rejected", "unreadable", "expiring"])
def test_what_one_user_put_away_is_told_to_the_next_in_that_browser(
    anilist, alice_client, bob, happens, kind
):
    happens(kind)
    dismissed(alice_client, kind)
    anilist.connect(bob)
    hers = AniListToken.objects.exclude(user=bob).get()
    AniListToken.objects.filter(user=bob).update(
        expires_at=hers.expires_at,
        rejected_at=hers.rejected_at,
        **({"sealed": "x"} if kind == "unreadable" else {}),
    )
    alice_client.force_login(bob)
    assert WORDS[kind] in html_of(alice_client)


def test_what_was_put_away_is_told_when_it_happens_again(anilist, alice, alice_client, happens):
    happens("expired")
    assert html_of(dismissed(alice_client, "expired")) == ""
    anilist.connect(alice)
    happens("expired")
    assert WORDS["expired"] in html_of(alice_client)

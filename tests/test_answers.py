"""What a view could not get from AniList, told to a page, a script and HTMX, by every kind of view."""

import json

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient, Client

from django_anilist import tokens
from django_anilist.accounts import Account
from django_anilist.answers import wants_json
from django_anilist.api.oauth import Grant
from django_anilist.api.secrets import Secret
from tests.callers import APIS, PAGES, Key

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.callers")]

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
SCRIPT = {"accept": "application/json", "referer": "http://testserver/list/"}
HTMX = {
    "accept": "text/html, */*",
    "hx-request": "true",
    "hx-current-url": "http://testserver/list/",
}
BACK = "next=http%3A%2F%2Ftestserver%2Flist%2F"
RECONNECT = ["connect", "expired", "rejected", "unreadable"]
#: The word in the address of a failing view: outcome, seconds to wait, heading.
OUTAGES = {
    "limited": ("busy", 13, "AniList needs a moment"),
    "down": ("unavailable", 60, "AniList is not reachable"),
    "html": ("unavailable", 60, "AniList is not reachable"),
    "unknown": ("unknown", None, "AniList did not say whether it worked"),
}


@pytest.fixture(params=["wsgi", "asgi"])
def ask(request):
    """A function that opens an address of the site, in either kind of stack."""
    if request.param == "wsgi":
        return Client().generic

    async def ask(*args, **kwargs):
        return await AsyncClient().generic(*args, **kwargs)

    return async_to_sync(ask)


def news(response):
    return json.loads(response.content)


# Connecting again


@pytest.mark.parametrize("view", PAGES)
@pytest.mark.parametrize("name", RECONNECT)
def test_a_reader_is_sent_to_connect_and_back(ask, view, name):
    response = ask("GET", f"/{view}/{name}/", headers=BROWSER)
    assert response.status_code == 302
    assert response.headers["Location"] == f"/anilist/authorize/?next=%2F{view}%2F{name}%2F"


@pytest.mark.parametrize("view", [*PAGES, *APIS])
def test_a_script_hears_why_and_where_its_reader_can_reconnect(ask, view):
    response = ask("GET", f"/{view}/rejected/", headers=SCRIPT)
    assert response.status_code == 403
    assert news(response) == {
        "error": "reconnect",
        "status": "rejected",
        "url": f"/anilist/authorize/?{BACK}",
    }


def test_nobody_is_led_back_to_what_only_a_script_can_read(ask):
    response = ask("GET", "/api/rejected/", headers={"accept": "application/json"})
    assert news(response)["url"] == "/anilist/authorize/"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("view", PAGES)
def test_htmx_leads_the_whole_page_to_connect(ask, view, method):
    response = ask(method, f"/{view}/rejected/", headers=HTMX)
    assert (response.status_code, response.content) == (403, b"")
    assert response.headers["HX-Redirect"] == f"/anilist/authorize/?{BACK}"


# Outages


@pytest.mark.parametrize("view", PAGES)
@pytest.mark.parametrize("name", OUTAGES)
def test_a_reader_gets_a_calm_page(ask, view, name):
    _, wait, heading = OUTAGES[name]
    response = ask("GET", f"/{view}/{name}/", headers=BROWSER)
    assert response.status_code == 503
    assert response.headers.get("Retry-After") == (wait and str(wait))
    page = response.content.decode()
    assert f"<h1>{heading}</h1>" in page
    assert (f'href="/{view}/{name}/">Try again' in page) == (name != "unknown")


@pytest.mark.parametrize("view", [*PAGES, *APIS])
@pytest.mark.parametrize("name", OUTAGES)
def test_a_script_hears_what_and_for_how_long(ask, view, name):
    outcome, wait, _ = OUTAGES[name]
    response = ask("POST", f"/{view}/{name}/", headers=SCRIPT)
    assert response.status_code == 503
    assert response.headers.get("Retry-After") == (wait and str(wait))
    assert news(response) == {"error": outcome, "retry_after": wait}


@pytest.mark.parametrize("name", OUTAGES)
def test_a_part_of_a_page_becomes_a_note_and_the_page_around_it_stays(ask, name):
    outcome, wait, heading = OUTAGES[name]
    response = ask("GET", f"/function/{name}/", headers=HTMX)
    assert response.status_code == 200  # htmx shows nothing of a 503
    assert "HX-Redirect" not in response.headers
    assert json.loads(response.headers["HX-Trigger"]) == {
        "anilist:problem": {"error": outcome, "retry_after": wait}
    }
    note = response.content.decode()
    assert heading in note
    assert "<html" not in note
    assert ('href="http://testserver/list/">Try again' in note) == (name != "unknown")


@pytest.mark.parametrize("name", OUTAGES)
@pytest.mark.parametrize(("method", "extra"), [("POST", {}), ("GET", {"hx-boosted": "true"})])
def test_a_form_of_htmx_leads_to_the_page_and_from_there_back(ask, client, name, method, extra):
    _, wait, heading = OUTAGES[name]
    response = ask(method, f"/function/{name}/", headers=HTMX | extra)
    assert response.status_code == 503
    assert response.headers.get("Retry-After") == (wait and str(wait))
    page = client.get(response.headers["HX-Redirect"])
    assert page.status_code == 503
    assert page.headers.get("Retry-After") == (wait and str(wait))
    text = page.content.decode()
    assert f"<h1>{heading}</h1>" in text
    assert ('href="http://testserver/list/">Try again' in text) == (name != "unknown")


def test_the_page_leads_back_on_this_site_only(client):
    page = client.get("/anilist/problem/busy/?back=//evil.test/").content.decode()
    assert "evil.test" not in page
    assert 'href="/anilist/authorize/">Try again' in page


def test_a_script_hears_where_else_to_try_again(client):
    response = client.get("/anilist/problem/busy/?wait=5&back=/list/", headers=SCRIPT)
    assert response.json() == {"error": "busy", "retry_after": 5, "url": "/list/"}


@pytest.mark.parametrize("headers", [BROWSER, SCRIPT, HTMX])
@pytest.mark.parametrize("name", ["rejected", "limited"])
def test_no_answer_is_kept_or_given_to_another_kind_of_caller(client, name, headers):
    response = client.get(f"/function/{name}/", headers=headers)
    assert {"Accept", "HX-Request"} <= set(response.headers["Vary"].split(", "))
    assert "no-store" in response.headers["Cache-Control"]


# Who is a script


@pytest.mark.parametrize(
    ("facts", "script"),
    [
        ({}, False),
        ({"headers": {"accept": "*/*"}}, False),
        ({"headers": BROWSER}, False),
        ({"headers": SCRIPT}, True),
        ({"headers": {"accept": "application/json, text/plain, */*"}}, True),
        ({"headers": {"accept": "text/html;q=0.5, application/json"}}, True),
        ({"headers": {"accept": "image/png"}}, False),
        ({"content_type": "application/json"}, True),
        ({"content_type": "application/json", "headers": BROWSER}, False),
        ({"content_type": "application/json", "headers": HTMX}, False),
        ({"headers": SCRIPT | {"hx-request": "true"}}, False),
    ],
)
def test_a_script_is_known_by_what_it_takes_and_what_it_speaks(rf, facts, script):
    assert wants_json(rf.post("/", **facts)) is script


# Django REST framework


@pytest.mark.parametrize("view", APIS)
@pytest.mark.parametrize("accept", [{}, {"accept": "*/*"}])
def test_an_api_speaks_json_to_whoever_takes_anything(ask, view, accept):
    assert news(ask("GET", f"/{view}/limited/", headers=accept))["error"] == "busy"
    assert news(ask("GET", f"/{view}/rejected/", headers=accept))["error"] == "reconnect"


@pytest.mark.parametrize("view", APIS)
def test_a_reader_of_an_api_gets_a_page(ask, view):
    response = ask("GET", f"/{view}/limited/", headers=BROWSER)
    assert response.status_code == 503
    assert b"<h1>AniList needs a moment</h1>" in response.content


@pytest.mark.parametrize("view", APIS)
def test_an_api_answers_the_same_under_debug(ask, view, settings):
    settings.DEBUG = True
    assert news(ask("GET", f"/{view}/limited/"))["error"] == "busy"


def test_an_api_speaks_for_whoever_its_own_authentication_names(client, alice, monkeypatch):
    tokens.save(alice, Account(7, "Alice"), Grant(Secret("canary-token"), 31_536_000, 7))
    monkeypatch.setattr(Key, "user", alice)
    response = client.get("/api-list/", headers={"x-key": "given"})
    assert response.json() == {"status": "connected", "caller": "alice"}


def test_an_api_tells_who_must_connect_or_sign_in(client, bob, monkeypatch):
    monkeypatch.setattr(Key, "user", bob)
    unconnected = client.get("/api-list/", headers={"x-key": "given"})
    assert (unconnected.status_code, unconnected.json()["status"]) == (403, "disconnected")
    unknown = client.get("/api-list/")
    assert (unknown.status_code, unknown.json()["error"]) == (403, "sign-in")


# Visitors


def test_a_visitor_signs_in_and_comes_back(client):
    assert client.get("/required/").url == "/accounts/login/?next=/required/"


def test_a_script_hears_where_its_reader_can_sign_in(client):
    response = client.get("/required/", headers=SCRIPT)
    assert response.status_code == 403
    url = "/accounts/login/?next=http%3A//testserver/list/"
    assert response.json() == {"error": "sign-in", "url": url}


def test_htmx_puts_no_sign_in_page_into_a_part_of_a_page(client):
    response = client.get("/required/", headers=HTMX)
    assert (response.status_code, response.content) == (403, b"")
    assert response.headers["HX-Redirect"] == "/accounts/login/?next=http%3A//testserver/list/"

"""Where a browser may be sent next: to this site, and nowhere else."""

import pytest
from django.test import RequestFactory
from django.utils.http import url_has_allowed_host_and_scheme
from hypothesis import given
from hypothesis import strategies as st

from django_anilist import redirects
from django_anilist.redirects import MAX_LENGTH, address, current_page, once_more, safe_next
from tests.properties import many

ELSEWHERE = [
    "//evil.test",
    "///evil.test",
    "////evil.test",
    "http:///evil.test",
    "https://evil.test",
    "\\\\evil.test",
    "/\\evil.test",
    "\\/evil.test",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "\0//evil.test",
    "\b//evil.test",
    " //evil.test",
    "\t//evil.test",
    "/\t/evil.test",
    "https:evil.test",
    "http:evil.test",
    "http:/evil.test",
    "//site.test@evil.test",
    "https://site.test.evil.test",
    "https://site.test:443@evil.test",
    "http://[::1",
    "//evil.test%2f@site.test",
    "https://site.test\\@evil.test",
    "ftp://site.test/",
    "http://site.test/",
    "x" * 3000,
    "//EVIL.test",
    "https://\u0435vil.test",
    "mailto:a@b",
    "https://site.test:8443/x",
    "\u2028//evil.test",
    "\u202e//evil.test",
    "",
    None,
]


@pytest.fixture
def request_to_site(rf):
    return rf.get("/", secure=True, headers={"host": "site.test"})


@pytest.fixture(autouse=True)
def _any_host(settings):
    settings.ALLOWED_HOSTS = ["*"]


@pytest.mark.property
@pytest.mark.parametrize("url", ELSEWHERE)
def test_an_address_off_this_site_is_dropped(request_to_site, url):
    assert safe_next(request_to_site, url) == ""


@pytest.mark.parametrize(
    "url", ["/ok", "?a=b", "/path?next=//evil.test", "/%09/evil.test", "https://site.test/x", "/ü"]
)
def test_an_address_on_this_site_is_kept(request_to_site, url):
    assert safe_next(request_to_site, url) == url


def test_the_longest_address_kept_fits_the_column(request_to_site):
    assert safe_next(request_to_site, "/" + "x" * (MAX_LENGTH - 1))
    assert not safe_next(request_to_site, "/" + "x" * MAX_LENGTH)


AT_SITE = RequestFactory().get("/", secure=True, headers={"host": "site.test"})


@many(50)
@given(st.text() | st.text("/\\:@.%?#etvilspjacrhoud \t\n\r\0", max_size=20))
def test_no_text_leads_off_this_site(text):
    kept = safe_next(AT_SITE, text)
    assert kept == "" or url_has_allowed_host_and_scheme(kept, {"site.test"}, require_https=True)


def test_the_current_page_of_a_visit_is_its_own_address(rf):
    assert current_page(rf.get("/list/?page=2")) == "/list/?page=2"


def test_the_current_page_of_a_look_at_the_headers_alone_is_its_own_address(rf):
    request = rf.head("/list/", headers={"referer": "http://testserver/before/"})
    assert current_page(request) == "/list/"


def test_the_current_page_of_a_form_is_where_it_was_sent_from(rf):
    request = rf.post("/save/", headers={"referer": "http://testserver/list/"})
    assert current_page(request) == "http://testserver/list/"


def test_the_current_page_of_a_form_from_elsewhere_is_unknown(rf):
    assert current_page(rf.post("/save/", headers={"referer": "https://evil.test/"})) == ""


def test_the_current_page_of_htmx_is_the_one_it_is_on(rf):
    headers = {"hx-request": "true", "hx-current-url": "http://testserver/list/"}
    assert current_page(rf.get("/part/", headers=headers)) == "http://testserver/list/"


def test_an_address_leaves_empty_parameters_out():
    assert address("authorize", next="") == "/anilist/authorize/"
    assert address("problem", "busy", next="/a?b=c", wait=5) == (
        "/anilist/problem/busy/?next=%2Fa%3Fb%3Dc&wait=5"
    )


def test_the_way_round_for_a_strict_cookie_leads_to_the_callback_with_all_that_came(rf, settings):
    settings.SESSION_COOKIE_SAMESITE = "Strict"
    request = rf.get("//evil.test/anilist/callback/", {"state": ["x", "y"], "code": "&="})
    found = "/anilist/callback/?state=x&state=y&code=%26%3D&again=1"
    assert once_more(request) == found
    assert once_more(rf.get(found)) == ""


def test_a_way_round_is_for_a_strict_cookie_that_was_held_back_and_nothing_else(rf, settings):
    settings.SESSION_COOKIE_SAMESITE = "Lax"
    request = rf.get("/anilist/callback/", {"state": "x"})
    assert once_more(request) == ""
    settings.SESSION_COOKIE_SAMESITE = "Strict"
    assert once_more(request) != ""
    request.COOKIES[settings.SESSION_COOKIE_NAME] = "here"
    assert once_more(request) == ""


def test_a_flood_of_parameters_is_not_worth_a_way_round(rf, settings):
    settings.SESSION_COOKIE_SAMESITE = "Strict"
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 2
    assert once_more(rf.get("/anilist/callback/?state=x&a=1&b=2")) == ""


@pytest.mark.parametrize(
    ("debug", "host", "told"),
    [
        (
            True,
            "localhost:8000",
            [
                "You are at localhost:8000, and AniList leads back to http://127.0.0.1:8000/anilist/callback/"
            ],
        ),
        (True, "127.0.0.1:8000", []),
        (False, "localhost:8000", []),
    ],
)
def test_a_developer_is_told_of_another_host(rf, settings, caplog, debug, host, told):
    settings.DEBUG, settings.ALLOWED_HOSTS = debug, ["*"]
    request = rf.get("/", headers={"host": host})
    redirects.tell_of_another_host(request, "http://127.0.0.1:8000/anilist/callback/")
    assert [record.getMessage() for record in caplog.records] == told


def test_a_redirect_uri_that_is_none_is_the_checks_to_name(rf, settings):
    settings.DEBUG = True
    redirects.tell_of_another_host(rf.get("/"), "https://[bad")

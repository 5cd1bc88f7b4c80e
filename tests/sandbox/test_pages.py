"""The pages for people: the explorer, the types, the apps."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser

import pytest
import requests

from django_anilist.sandbox import Plan, Sandbox
from tests.sandbox.conftest import CLIENT, ask, authorize_url


def test_the_explorer_asks_as_anybody_and_costs_no_budget(box, http):
    box.dials.limit = 1
    form = {"query": "{ Viewer { name } }", "variables": "", "user": "eve"}
    page = http.post(f"{box.url}/explore", data=form)
    assert "&#34;name&#34;: &#34;eve&#34;" in page.text
    assert "complexity 2 of 500" in page.text
    assert box.requests == []
    form["user"] = ""
    assert "Unauthorized." in http.post(f"{box.url}/explore", data=form).text


def test_a_dial_that_cannot_be_is_said_on_the_page_and_none_is_turned(box, http):
    page = http.post(f"{box.url}/dials", data={"html": "on", "status": "7000"})
    assert page.status_code == 400
    assert "No dial was turned: status is from 0 to 599, not 7000." in page.text
    assert box.out_of_order() == {}


@pytest.mark.parametrize("text", ["{", "nonsense"])
def test_variables_that_are_no_json_are_said(box, http, text):
    page = http.post(f"{box.url}/explore", data={"query": "{ a }", "variables": text})
    assert "The variables are no JSON" in page.text


def test_no_other_site_explores(box):
    answer = requests.post(
        f"{box.url}/explore",
        data={"query": "mutation { UpdateUser { id } }", "user": "alice"},
        headers={"Origin": "http://evil.test"},
        timeout=5,
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Query", "MediaListCollection"),
        ("Media", "/explore/MediaTitle"),
        ("MediaStatus", "HIATUS"),
        ("ActivityUnion", "TextActivity"),
        ("FuzzyDateInput", "year"),
        ("Json", "Whatever JSON can say."),
    ],
)
def test_every_kind_of_type_has_a_page(box, http, name, words):
    assert words in http.get(f"{box.url}/explore/{name}").text


def test_a_type_that_is_none_is_not_found(box, http):
    assert http.get(f"{box.url}/explore/Nonsense").status_code == 404


class Outline(HTMLParser):
    """What somebody who does not see a page, or has no mouse, depends on."""

    def __init__(self, text):
        super().__init__()
        self.inside, self.seen, self.faults = [], Counter(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.seen[tag] += 1
        if tag in ("input", "select", "textarea") and given.get("type") != "hidden":
            self.faults += [] if "label" in self.inside else [f"{tag} {given} has no label"]
        if tag == "img" and "alt" not in given:
            self.faults.append("a picture without words")
        if tag == "html" and not given.get("lang"):
            self.faults.append("no language")
        if tag in ("script", "style") or any(name == "style" or name[:2] == "on" for name in given):
            self.faults.append(f"{tag} {given} is inline")
        if tag not in ("meta", "link", "img", "input", "br"):
            self.inside.append(tag)

    def handle_endtag(self, tag):
        self.inside.pop()


PAGES = (
    "/", "/explore", "/explore/Media", "/settings/apps", "/api/v2/oauth/pin?code=def50200", "/nowhere",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("signed_in", [True, False])
def test_every_page_can_be_read_aloud_and_holds_nothing_inline(box, http, path, signed_in):
    if signed_in:
        box.issue_token("alice")
        http.post(authorize_url(box), data={"answer": "alice"})
    for address in (box.url + path, authorize_url(box)):
        answer = http.get(address)
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'self'; object-src 'none'")
        assert "unsafe" not in policy
        outline = Outline(answer.text)
        assert outline.faults == []
        assert [outline.seen[tag] for tag in ("h1", "main", "header", "title")] == [1, 1, 1, 1]


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For"])
def test_behind_a_proxy_nobody_is_served(box, http, header):
    answer = http.get(box.url, headers={header: "203.0.113.7"})
    assert answer.status_code == 403
    assert "not behind a proxy" in answer.text


def test_of_many_people_the_first_are_shown(clock, http):
    with Sandbox([CLIENT], now=clock, plan=Plan(users=20)) as box:
        page = http.get(box.url).text
        assert "And 11 more." in page
        assert http.get(f"{box.url}/images/avatar/quiet_otter_1.svg").status_code == 200


@pytest.mark.parametrize("path", ["character/920001", "staff/930001", "icon/box", "banner/1"])
def test_pictures_are_drawn_here(box, http, path):
    answer = http.get(f"{box.url}/images/{path}.svg")
    assert answer.text.startswith("<svg")


def test_what_is_remembered_of_requests_is_bounded(box, http):
    for _ in range(3):
        ask(box, http, "{ GenreCollection }")
    box.requests[:] = box.requests * 400
    ask(box, http, "{ GenreCollection }")
    assert len(box.requests) == 1000


def test_a_title_in_a_page_is_text(box, http):
    box.store.people["alice"].name = "alice"
    page = http.get(authorize_url(box, state="<script>alert(1)</script>"))
    assert "<script>" not in page.text


def test_a_body_that_is_too_large_or_in_chunks_is_refused(box):
    def chunks():
        yield b"{}"

    url = f"{box.url}/graphql"
    assert requests.post(url, data=chunks(), timeout=5).status_code == 411
    with requests.Session() as session:
        for length, status in (("1000000000", 413), ("9" * 30, 413), ("many", 411), ("-2", 411)):
            request = requests.Request("POST", url, data=b"{}").prepare()
            request.headers["Content-Length"] = length
            assert session.send(request, timeout=5).status_code == status

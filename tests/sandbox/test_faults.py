"""The gate, the limit, the dials, and the pages for people."""

from __future__ import annotations

import re

import pytest
import requests

from django_anilist.sandbox import Sandbox
from tests.sandbox.conftest import CLIENT, ask, authorize_url, code_of, exchange


@pytest.mark.fact("2a.11")
def test_a_stranger_without_referer_is_told_the_api_is_off(box):
    answer = requests.post(
        f"{box.url}/graphql", json={"query": "{ Media(id: 1) { id } }"}, timeout=5
    )
    assert answer.status_code == 403
    assert "temporarily disabled" in answer.json()["errors"][0]["message"]
    headers = {"Authorization": f"Bearer {box.issue_token('alice')}"}
    answer = requests.post(
        f"{box.url}/graphql", json={"query": "{ Viewer { id } }"}, headers=headers, timeout=5
    )
    assert answer.status_code == 200


@pytest.mark.fact("2a.9", "2b.4", "2b.6")
def test_the_first_request_too_many_locks_out_for_a_minute(box, http, clock):
    box.dials.limit = 3
    query = "{ Media(id: 1) { id } }"
    left = [ask(box, http, query).headers["X-RateLimit-Remaining"] for _ in range(3)]
    assert left == ["2", "1", "0"]
    refused = ask(box, http, query)
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "60"
    assert "X-RateLimit-Limit" not in refused.headers
    assert (
        refused.content
        == b'{"data": null,"errors": [{"message": "Too Many Requests.","status": 429}]}'
    )
    clock.seconds += 59
    assert ask(box, http, query).status_code == 429
    clock.seconds += 1
    assert ask(box, http, query).status_code == 200


@pytest.mark.parametrize(
    ("dial", "status", "words"),
    [
        ("switched_off=on", 403, "temporarily disabled"),
        ("too_many=on", 429, "Too Many"),
        ("html=on", 200, "<!DOCTYPE"),
        ("status=503", 503, "Internal Server Error"),
    ],
)
@pytest.mark.parametrize("where", ["graphql", "token"])
def test_every_dial_breaks_what_it_says(box, http, dial, status, words, where):
    for name, value in [dial.split("="), ("where", where)]:
        assert http.post(f"{box.url}/dials", data={name: value}).status_code == 200
    broken = [ask(box, http, "{ Media(id: 1) { id } }"), exchange(box, http, code_of(box))]
    hit, spared = broken if where == "graphql" else broken[::-1]
    assert (hit.status_code, words in hit.text) == (status, True)
    assert spared.status_code == 200
    assert words not in spared.text
    http.post(f"{box.url}/dials/reset")
    assert ask(box, http, "{ Media(id: 1) { id } }").status_code == 200


def test_a_slow_answer_ends_with_the_sandbox():
    box = Sandbox([CLIENT]).start()
    box.dials.slow = 60
    with pytest.raises(requests.Timeout):
        requests.post(f"{box.url}/graphql", json={}, timeout=0.2)
    box.stop()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/settings/apps",
        "/static/sandbox.css",
        "/images/avatar/alice.svg",
        "/images/cover/154587.svg",
    ],
)
def test_pages_for_people_have_nothing_inline(box, http, path):
    answer = http.get(box.url + path)
    assert answer.ok
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert "<script" not in answer.text
    assert "style=" not in answer.text


def test_the_first_page_tells_the_budget(clock, http):
    with Sandbox([CLIENT], now=clock, limit=2) as box:
        seen = []
        for _ in range(4):
            seen.append(
                "".join(re.findall(r"<dt>Budget</dt><dd>(.*?)</dd>", http.get(box.url).text))
            )
            ask(box, http, "{ Media(id: 1) { id } }")
        clock.seconds += 60
        seen += re.findall(r"<dt>Budget</dt><dd>(.*?)</dd>", http.get(box.url).text)
        box.dials.limit = 0
        seen += re.findall(r"<dt>Budget</dt><dd>(.*?)</dd>", http.get(box.url).text)
    assert seen == [
        "2 of 2 left", "1 of 2 left", "0 of 2 left", "locked out for 60 s", "2 of 2 left", "unlimited",
    ]  # fmt: skip


def test_what_became_of_an_authorization_is_shown(box, http):
    http.get(authorize_url(box))
    http.get(authorize_url(box, client_id="9"))
    http.post(authorize_url(box), data={"answer": "approve"})
    http.post(authorize_url(box), data={"answer": "alice"}, allow_redirects=False)
    http.post(authorize_url(box), data={"answer": "deny"}, allow_redirects=False)
    assert [request.status for request in box.requests] == [200, 401, 403, 303, 302]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("GET", "/graphql", 405), ("PUT", "/", 405)],
)
def test_what_goes_wrong_has_a_page_with_the_banner(box, http, method, path, status):
    answer = http.request(method, box.url + path)
    assert answer.status_code == status
    assert "This is not AniList" in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert ("Allow" in answer.headers) is (status == 405)


def test_two_slashes_lead_to_one(box, http):
    answer = http.get(f"{box.url}/explore//Media", allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (308, f"{box.url}/explore/Media")


@pytest.mark.parametrize("path", ["/images/cover/1.png.svg", "/images/avatar/nobody.svg", "/other"])
def test_what_is_not_there_is_not_found(box, http, path):
    assert http.get(box.url + path).status_code == 404


def test_the_first_page_says_it_is_not_anilist_and_shows_requests(box, http):
    ask(box, http, "query Titles { Media(id: 1) { id } }")
    page = http.get(box.url).text
    assert "This is not AniList" in page
    assert "<td>Titles</td>" in page


@pytest.mark.fact("1.23")
def test_the_apps_page_revokes(box, http):
    assert "Nobody is signed in" in http.get(f"{box.url}/settings/apps").text
    http.post(authorize_url(box), data={"answer": "alice"})
    assert "no app may use" in http.get(f"{box.url}/settings/apps").text
    token = box.issue_token("alice")
    assert "Client 1001" in http.get(f"{box.url}/settings/apps").text
    http.post(f"{box.url}/settings/apps")
    assert ask(box, http, "{ Viewer { id } }", token=token).status_code == 400


def test_revoking_and_expiring_by_the_page(box, http):
    for action in ("revoke", "expire"):
        token = box.issue_token("alice")
        http.post(f"{box.url}/dials/{action}", data={"user": "alice"})
        assert ask(box, http, "{ Viewer { id } }", token=token).status_code == 400


def test_a_made_up_cookie_signs_nobody_in(box, http):
    answer = http.get(authorize_url(box), cookies={"sandbox_user": "alice.guess"})
    assert "Who are you today?" in answer.text


def test_other_hosts_are_refused(box, http):
    assert http.get(box.url, headers={"Host": "evil.test"}).status_code == 403


def test_a_body_that_is_no_json_is_no_crash(box, http):
    for body in (b"", b"[]", b"{", b"\xff"):
        answer = http.post(
            f"{box.url}/graphql", data=body, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 400

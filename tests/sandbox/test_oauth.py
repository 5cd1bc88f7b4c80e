"""The OAuth endpoints and the consent page answer as AniList does."""

from __future__ import annotations

import base64
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from django_anilist.api.oauth import may_be_sent
from django_anilist.api.secrets import Secret
from django_anilist.sandbox import OAuthClient, Sandbox
from tests.sandbox.conftest import CLIENT, ask, authorize_url, code_of, exchange, token_request


@pytest.mark.fact("1.1", "1.5", "1.11")
def test_a_browser_walks_from_the_address_to_the_callback(box, http):
    page = http.get(authorize_url(box))
    assert "Who are you today?" in page.text
    page = http.post(page.url, data={"answer": "bob"})
    assert "You are signed in as <strong>bob</strong>" in page.text
    answer = http.post(page.url, data={"answer": "approve"}, allow_redirects=False)
    assert answer.status_code == 302
    target = urlsplit(answer.headers["Location"])
    assert f"{target.scheme}://{target.netloc}{target.path}" == CLIENT.redirect_uri
    query = parse_qs(target.query)
    assert query["state"] == ["s"]
    assert query["code"][0].startswith("def50200")
    assert len(query["code"][0]) > 700


def test_the_consent_page_comes_each_time_and_lets_one_switch(box, http):
    page = http.post(authorize_url(box), data={"answer": "bob"})
    http.post(page.url, data={"answer": "approve"}, allow_redirects=False)
    page = http.get(authorize_url(box))
    assert "signed in as" in page.text
    assert "Who are you today?" in http.post(page.url, data={"answer": "switch"}).text


@pytest.mark.fact("1.5", "1.18")
def test_denying_says_so_and_echoes_the_state(box, http):
    page = http.post(authorize_url(box), data={"answer": "eve"})
    answer = http.post(page.url, data={"answer": "deny"}, allow_redirects=False)
    assert parse_qs(urlsplit(answer.headers["Location"]).query) == {
        "error": ["access_denied"],
        "state": ["s"],
    }


@pytest.mark.fact("1.5")
def test_without_a_state_none_is_echoed(box):
    assert "state" not in box.approve(authorize_url(box, state=None))


def test_nobody_signed_in_approves_nothing(box, http):
    assert http.post(authorize_url(box), data={"answer": "approve"}).status_code == 403


def test_a_form_of_another_site_is_refused(box, http):
    for headers in ({"Origin": "http://evil.test"}, {"Sec-Fetch-Site": "cross-site"}):
        assert (
            http.post(authorize_url(box), data={"answer": "bob"}, headers=headers).status_code
            == 403
        )
        assert http.post(f"{box.url}/dials/reset", headers=headers).status_code == 403


@pytest.mark.fact("1.13")
@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "9"},
        {"client_id": " 1001"},
        {"redirect_uri": "http://site.test/other/"},
        {"redirect_uri": None},
    ],
)
def test_an_unknown_client_or_redirect_is_a_json_page(box, http, changes):
    answer = http.get(authorize_url(box, **changes), allow_redirects=False)
    assert answer.status_code == 401
    assert answer.json() == {"error": "invalid_client", "message": "Client authentication failed"}


@pytest.mark.fact("1.14")
@pytest.mark.parametrize("kind", [None, "x"])
def test_another_response_type_is_not_supported(box, http, kind):
    answer = http.get(authorize_url(box, response_type=kind))
    assert answer.status_code == 400
    assert answer.json()["error"] == "unsupported_grant_type"
    assert answer.json()["hint"] == "Check that all required parameters have been provided"


@pytest.mark.fact("1.2", "1.3", "1.10")
@pytest.mark.parametrize("how", ["json", "data"])
def test_a_code_is_exchanged_by_json_and_by_form(box, http, how):
    body = token_request(box, code_of(box))
    answer = http.post(f"{box.url}/api/v2/oauth/token", **{how: body})
    assert answer.status_code == 200
    assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("no-store", "no-cache")
    grant = answer.json()
    assert (grant["token_type"], grant["expires_in"]) == ("Bearer", 31_536_000)
    assert grant["refresh_token"].startswith("def50200")


@pytest.mark.fact("1.4")
def test_a_client_may_authenticate_by_basic(box, http):
    body = token_request(box, code_of(box), client_id=None, client_secret=None)
    answer = http.post(f"{box.url}/api/v2/oauth/token", json=body, auth=("1001", CLIENT.secret))
    assert answer.status_code == 200
    answer = http.post(
        f"{box.url}/api/v2/oauth/token", json=body, headers={"Authorization": "Basic %%%"}
    )
    assert answer.status_code == 401


@pytest.mark.fact("1.9", "1.12")
def test_a_token_looks_like_anilists(box, http, clock):
    token = exchange(box, http, code_of(box)).json()["access_token"]
    assert 900 < len(token) < 1500
    header, claims = (
        json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2]
    )
    assert (header["typ"], header["alg"]) == ("JWT", "RS256")
    assert list(claims) == ["aud", "jti", "iat", "nbf", "exp", "sub", "scopes"]
    assert (claims["aud"], claims["sub"], claims["scopes"]) == ("1001", "5001", [])
    assert claims["exp"] - claims["iat"] == 31_536_000
    # And is told from AniList's, so that no site takes it there.
    assert may_be_sent(Secret(token), sandbox=True)
    assert not may_be_sent(Secret(token), sandbox=False)


@pytest.mark.fact("1.11", "1.16")
def test_nothing_is_printed_of_codes_and_tokens(box, http, capfd, caplog):
    caplog.set_level(logging.DEBUG, "werkzeug")
    code = code_of(box)
    token = exchange(box, http, code).json()["access_token"]
    ask(box, http, "{ Viewer { id } }", token=token)
    out, err = capfd.readouterr()
    own = "".join(record.getMessage() for record in caplog.records if record.name != "urllib3")
    assert [secret for secret in (code, token) if secret in out + err + own] == []


def test_a_code_works_once(box, http):
    code = code_of(box)
    assert exchange(box, http, code).status_code == 200
    answer = exchange(box, http, code)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert answer.json()["hint"] == "Authorization code has been revoked"


@pytest.mark.fact("1.16")
def test_a_code_lives_ten_minutes(box, http, clock):
    code = code_of(box)
    clock.seconds += 601
    assert exchange(box, http, code).json()["hint"] == "Authorization code has expired"


@pytest.mark.fact("1.16")
@pytest.mark.parametrize(
    ("code", "hint"),
    [("garbage", "Cannot decrypt the authorization code"), (None, "Check the `code` parameter")],
)
def test_a_code_that_is_none_is_refused(box, http, code, hint):
    assert exchange(box, http, code).json()["hint"] == hint


@pytest.mark.fact("1.16")
def test_a_code_of_another_client_is_refused(http):
    other = OAuthClient("1002", "only-for-the-sandbox", CLIENT.redirect_uri)
    with Sandbox([CLIENT, other]) as box:
        answer = exchange(box, http, code_of(box), client_id="1002")
    assert answer.json()["hint"] == "Authorization code was not issued to this client"


@pytest.mark.fact("1.15")
@pytest.mark.parametrize(
    "changes",
    [
        {"client_secret": "wrong"},
        {"client_id": "9"},
        {"redirect_uri": "http://site.test/"},
        {"redirect_uri": None},
    ],
)
def test_a_wrong_client_is_refused_with_a_challenge(box, http, changes):
    answer = exchange(box, http, code_of(box), **changes)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="OAuth"'


def connect(box, name, state):
    """Walk it as ``name`` in a browser of their own; return the ``state`` and who the token is of."""
    with requests.Session() as browser:
        page = browser.post(authorize_url(box, state=state), data={"answer": name})
        answer = browser.post(page.url, data={"answer": "approve"}, allow_redirects=False)
        query = parse_qs(urlsplit(answer.headers["Location"]).query)
        token = exchange(box, browser, query["code"][0]).json()["access_token"]
        viewer = ask(box, browser, "{ Viewer { name } }", token=token).json()["data"]["Viewer"]
    return query["state"][0], viewer["name"]


def test_three_people_at_once_are_not_mixed_up(box):
    people = [(name, f"{name}-{turn}") for turn in range(10) for name in ("alice", "bob", "eve")]
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda each: connect(box, *each), people))
    assert found == [(state, name) for name, state in people]


@pytest.mark.parametrize("kind", ["refresh_token", "password", None])
def test_there_is_no_other_grant(box, http, kind):
    assert (
        exchange(box, http, code_of(box), grant_type=kind).json()["error"]
        == "unsupported_grant_type"
    )

"""Every dial breaks what it says, however it is turned: on the page, over HTTP, on the command line."""

from __future__ import annotations

import base64
import json
import re
import time
from dataclasses import fields
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from django_anilist.sandbox.__main__ import _sandbox, parser
from django_anilist.sandbox.dials import CHOICES, RANGES, Dials
from django_anilist.sandbox.labels import GROUPS
from tests.sandbox.conftest import ask, authorize_url, code_of, exchange

MEDIA, VIEWER = "{ Media(id: 1) { id } }", "{ Viewer { id name } }"

#: For each dial, something else than it is on a good day.
TURNED = {
    "where": "both", "switched_off": "on", "blocked": "You poll too often.", "referer_gate": "off",
    "limit": "3", "window": "10", "too_many": "on", "slow": "0.01", "drip": "0.001", "cut": "on",
    "html": "on", "status": "502", "broken_json": "on", "huge": "2", "revoked": "alice, bob",
    "expired": "alice", "deleted": "bob", "private": "bob", "clock": "-3600", "null_id": "on",
    "grant": "list", "state": "missing", "pkce": "on", "share": "5",
}  # fmt: skip


def turn(box, http, **dials):
    answer = http.post(f"{box.url}/dials", json=dials)
    assert answer.status_code == 200, answer.text


def test_every_dial_is_tried_and_on_the_page():
    names = {field.name for field in fields(Dials)}
    assert set(TURNED) == names == {name for group in GROUPS.values() for name in group}
    tests = " ".join(name for name in globals() if name.startswith("test_"))
    assert [name for name in names if not re.search(rf"(test|and)_{name}_", tests)] == []


@pytest.mark.parametrize("name", TURNED)
def test_a_dial_is_turned_in_three_ways(box, http, name):
    usual = getattr(Dials(), name)
    page = http.get(box.url).text
    assert f'name="{name}"' in page
    http.post(f"{box.url}/dials", data={name: TURNED[name]})
    by_page = getattr(box.dials, name)
    assert by_page != usual
    box.dials.reset()
    turn(box, http, **{name: TURNED[name]})
    assert http.get(f"{box.url}/dials").json()[name] == by_page
    box.dials.reset()
    started = _sandbox(parser().parse_args(["--dial", f"{name}={TURNED[name]}"]))
    assert getattr(started.dials, name) == by_page


@pytest.mark.parametrize(
    "text",
    [
        "nonsense=1", "html=maybe", "limit=many", "where=everywhere", "grant=odd", "slow=inf", "slow=nan",
        "slow=-1", "status=1000", "huge=1e9", "window=0", "clock=1e300", "limit=-1",
    ],
)  # fmt: skip
def test_a_dial_that_is_none_is_refused(box, http, text):
    name, value = text.split("=")
    assert http.post(f"{box.url}/dials", json={name: value}).status_code == 400


def test_the_page_shows_what_is_out_of_order(box, http):
    assert "every dial is where AniList is on a good day" in http.get(box.url).text
    box.dials.status = 503
    assert "<li>status: 503</li>" in http.get(box.url).text


def test_where_says_which_endpoint_is_hit(box, http):
    code = code_of(box)
    for where, hit, spared in (("token", exchange, ask), ("graphql", ask, exchange)):
        turn(box, http, status="503", where=where)
        assert hit(box, http, MEDIA).status_code == 503
        assert spared(box, http, code if spared is exchange else MEDIA).status_code == 200
    turn(box, http, where="both")
    assert ask(box, http, MEDIA).status_code == exchange(box, http, code).status_code == 503


def test_share_says_how_many_in_a_hundred_are_hit(box, http):
    turn(box, http, status="503", share="20")
    statuses = [ask(box, http, MEDIA).status_code for _ in range(200)]
    assert 20 <= statuses.count(503) <= 60
    assert statuses.count(200) == 200 - statuses.count(503)
    turn(box, http, share="0")
    assert {ask(box, http, MEDIA).status_code for _ in range(50)} == {200}


@pytest.mark.fact("2a.10", "2c.16")
def test_switched_off_is_403_with_the_known_sentence(box, http):
    turn(box, http, switched_off="on")
    answer = ask(box, http, MEDIA)
    assert answer.status_code == 403
    assert answer.json()["errors"][0]["message"].startswith(
        "The AniList API has been temporarily disabled due to severe stability issues."
    )


@pytest.mark.fact("2a.12")
def test_blocked_is_403_with_the_reason(box, http):
    turn(box, http, blocked="You poll too often.")
    answer = ask(box, http, MEDIA)
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (
        403,
        "You poll too often.",
    )


@pytest.mark.fact("2a.11")
def test_referer_gate_may_be_opened(box):
    def status():
        return requests.post(f"{box.url}/graphql", json={"query": MEDIA}, timeout=5).status_code

    assert status() == 403
    box.dials.set("referer_gate", "off")
    assert status() == 200


@pytest.mark.fact("2b.8")
def test_limit_and_window_count_requests(box, http, clock):
    turn(box, http, limit="2", window="10")
    assert [ask(box, http, MEDIA).status_code for _ in range(3)] == [200, 200, 429]
    assert ask(box, http, MEDIA).headers["Retry-After"] == "10"
    clock.seconds += 10
    assert ask(box, http, MEDIA).status_code == 200


def test_too_many_is_429_for_everything(box, http):
    turn(box, http, too_many="on")
    assert ask(box, http, MEDIA).status_code == 429


@pytest.mark.fact("3.17")
def test_slow_waits_before_it_answers(box, http):
    turn(box, http, slow="0.2")
    begun = time.monotonic()
    assert ask(box, http, MEDIA).status_code == 200
    assert time.monotonic() - begun >= 0.2


def test_drip_sends_byte_by_byte(box, http):
    turn(box, http, drip="0.005")
    begun = time.monotonic()
    answer = ask(box, http, MEDIA)
    assert answer.json() == {"data": {"Media": {"id": 1}}}
    assert time.monotonic() - begun >= 0.005 * (len(answer.content) - 1)


def test_cut_resets_the_connection(box, http):
    turn(box, http, cut="on")
    with pytest.raises(requests.ConnectionError):
        ask(box, http, MEDIA)
    http.post(f"{box.url}/dials/reset")
    assert ask(box, http, MEDIA).status_code == 200


@pytest.mark.fact("2a.14")
@pytest.mark.parametrize(("status", "seen"), [("0", 200), ("403", 403), ("522", 522)])
def test_html_is_a_page_of_a_firewall(box, http, status, seen):
    turn(box, http, html="on", status=status)
    answer = ask(box, http, MEDIA)
    assert answer.status_code == seen
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Just a moment" in answer.text


@pytest.mark.fact("2a.14", "3.17")
def test_status_is_any_status(box, http):
    turn(box, http, status="521")
    assert ask(box, http, MEDIA).status_code == 521


def test_broken_json_ends_in_the_middle(box, http):
    turn(box, http, broken_json="on")
    with pytest.raises(ValueError, match="Expecting"):
        ask(box, http, MEDIA).json()


def test_huge_is_so_many_mebibytes(box, http):
    turn(box, http, huge="3")
    answer = ask(box, http, MEDIA)
    assert len(answer.content) > 3 * 1024 * 1024
    assert list(answer.json()["data"]) == ["padding"]


@pytest.mark.parametrize("dial", ["revoked", "expired", "deleted"])
def test_revoked_and_expired_and_deleted_kill_tokens(box, http, dial):
    token, other = box.issue_token("alice"), box.issue_token("bob")
    turn(box, http, **{dial: "alice"})
    answer = ask(box, http, VIEWER, token=token)
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (400, "Invalid token")
    assert ask(box, http, VIEWER, token=other).status_code == 200
    turn(box, http, **{dial: ""})
    assert ask(box, http, VIEWER, token=token).status_code == 200


def test_deleted_users_are_found_by_nobody(box, http):
    turn(box, http, deleted="bob")
    token = box.issue_token("alice")
    assert ask(box, http, '{ User(name: "bob") { id } }', token=token).status_code == 404
    query = '{ User(name: "alice") { id } Page { following(userId: 5001) { name } } Activity(id: 500002) { ... on ListActivity { user { name } } } }'
    assert ask(box, http, query, token=token).json()["data"] == {
        "User": {"id": 5001},
        "Page": {"following": []},
        "Activity": {"user": None},
    }


@pytest.mark.fact("2a.8", "3.4")
def test_private_users_are_seen_by_themselves_only(box, http):
    turn(box, http, private="bob")
    query = '{ MediaListCollection(userName: "bob", type: ANIME) { lists { name } } }'
    assert ask(box, http, query).json()["errors"][0]["message"] == "Private User"
    assert ask(box, http, query, token=box.issue_token("bob")).status_code == 200


def test_dials_about_people_count_in_the_explorer_and_on_the_pages(box, http):
    turn(box, http, private="bob", deleted="eve, nobody")
    form = {"query": '{ User(name: "bob") { id } }', "variables": "", "user": ""}
    assert "Private User" in http.post(f"{box.url}/explore", data=form).text
    assert "entries</span> · private</small>" in http.get(box.url).text
    login = http.get(authorize_url(box)).text
    assert ('value="bob"' in login, 'value="eve"' in login) == (True, False)
    turn(box, http, private="", deleted="")
    assert "Private User" not in http.post(f"{box.url}/explore", data=form).text


def test_private_and_deleted_change_nobody_else(box, http):
    box.user("alice").private = True
    turn(box, http, deleted="bob")
    assert box.user("alice").private
    assert ask(box, http, '{ User(name: "alice") { id } }').status_code == 404
    http.post(authorize_url(box), data={"answer": "eve"})
    turn(box, http, deleted="eve")
    assert "Who are you today?" in http.get(authorize_url(box)).text


def test_clock_moves_the_time_here(box, http, clock):
    turn(box, http, clock="3600")
    grant = exchange(box, http, code_of(box)).json()
    claims = json.loads(base64.urlsafe_b64decode(grant["access_token"].split(".")[1] + "=="))
    assert claims["iat"] == clock() + 3600


def test_clock_moves_the_date_of_every_answer(box, http, clock):
    turn(box, http, clock="-3600")
    for answer in (ask(box, http, MEDIA), http.get(f"{box.url}/")):
        assert parsedate_to_datetime(answer.headers["Date"]).timestamp() == int(clock()) - 3600


def test_null_id_takes_the_viewers_id_away(box, http):
    turn(box, http, null_id="on")
    answer = ask(box, http, VIEWER, token=box.issue_token("alice"))
    assert answer.json()["data"]["Viewer"] == {"id": None, "name": "alice"}
    assert ask(box, http, MEDIA).json()["data"]["Media"] == {"id": 1}


@pytest.mark.parametrize("word", CHOICES["grant"])
def test_grant_spoils_the_token_reply(box, http, word):
    turn(box, http, grant=word)
    grant = exchange(box, http, code_of(box)).json()
    usual = {"token_type", "expires_in", "access_token", "refresh_token"}
    seen = {
        "": lambda: set(grant) == usual and isinstance(grant["access_token"], str),
        "empty": lambda: grant == {},
        "list": lambda: isinstance(grant, list),
        "null": lambda: grant is None,
        "text": lambda: grant == "not a grant",
        "no-token": lambda: set(grant) == usual - {"access_token"},
        "number": lambda: grant["access_token"] == 12345,
        "no-expiry": lambda: set(grant) == usual - {"expires_in"},
    }
    assert seen[word]()


@pytest.mark.parametrize(
    ("word", "back"),
    [("", ["second"]), ("missing", None), ("other", ["not-your-state"]), ("previous", ["first"])],
)
def test_state_is_mixed_up(box, http, word, back):
    turn(box, http, state=word)
    for name in ("first", "second"):
        page = http.get(authorize_url(box, state=name))
    http.post(page.url, data={"answer": "alice"})
    answer = http.post(page.url, data={"answer": "approve"}, allow_redirects=False)
    assert parse_qs(urlsplit(answer.headers["Location"]).query).get("state") == back
    assert "state" not in box.approve(authorize_url(box, state=None))


def test_pkce_may_be_verified(box, http):
    turn(box, http, pkce="on")
    code = parse_qs(urlsplit(box.approve(authorize_url(box, code_challenge="c" * 43))).query)[
        "code"
    ]
    answer = exchange(box, http, code[0], code_verifier="wrong")
    assert answer.json()["hint"] == "Failed to verify `code_verifier`."


def test_every_dial_that_is_a_number_has_a_range():
    numbers = {
        name
        for name, value in vars(Dials()).items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    assert set(RANGES) == numbers


def test_a_dial_may_be_turned_back_by_its_usual_word(box):
    for name, text in TURNED.items():
        box.dials.set(name, text)
    box.dials.reset(limit=7)
    assert vars(box.dials) == {**vars(Dials()), "limit": 7}

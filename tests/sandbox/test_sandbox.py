"""The sandbox answers as AniList does, request by request, on real sockets."""

from __future__ import annotations

import base64
import json
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

import django_anilist.sandbox
from django_anilist.sandbox import OAuthClient, Sandbox

CLIENT = OAuthClient("1001", "only-for-the-sandbox", "http://site.test/anilist/callback/")
FRIEREN = 154587
PACKAGE = Path(django_anilist.sandbox.__file__).parent


class Clock:
    """Seconds since 1970, moved by hand."""

    def __init__(self):
        self.seconds = 1_800_000_000.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def box(clock):
    with Sandbox([CLIENT], now=clock) as box:
        yield box


@pytest.fixture
def http():
    with requests.Session() as session:
        session.headers["Referer"] = "http://site.test/"
        yield session


def authorize_url(box, **changes):
    query = {
        "client_id": "1001",
        "redirect_uri": CLIENT.redirect_uri,
        "response_type": "code",
        "state": "s",
    }
    given = {name: value for name, value in {**query, **changes}.items() if value is not None}
    return f"{box.url}/api/v2/oauth/authorize?{requests.compat.urlencode(given)}"


def token_request(box, code, **changes):
    body = {
        "grant_type": "authorization_code",
        "client_id": "1001",
        "client_secret": CLIENT.secret,
        "redirect_uri": CLIENT.redirect_uri,
        "code": code,
        **changes,
    }
    return {name: value for name, value in body.items() if value is not None}


def exchange(box, http, code, **changes):
    return http.post(f"{box.url}/api/v2/oauth/token", json=token_request(box, code, **changes))


def code_of(box):
    return parse_qs(urlsplit(box.approve(authorize_url(box))).query)["code"][0]


def ask(box, http, query, variables=None, token=None, **more):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body = {"query": query, "variables": variables or {}, **more}
    return http.post(f"{box.url}/graphql", json=body, headers=headers)


# OAuth, by hand


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


def test_denying_says_so_and_echoes_the_state(box, http):
    page = http.post(authorize_url(box), data={"answer": "eve"})
    answer = http.post(page.url, data={"answer": "deny"}, allow_redirects=False)
    assert parse_qs(urlsplit(answer.headers["Location"]).query) == {
        "error": ["access_denied"],
        "state": ["s"],
    }


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


@pytest.mark.parametrize("kind", [None, "token", "x"])
def test_another_response_type_is_not_supported(box, http, kind):
    answer = http.get(authorize_url(box, response_type=kind))
    assert answer.status_code == 400
    assert answer.json()["error"] == "unsupported_grant_type"
    assert answer.json()["hint"] == "Check that all required parameters have been provided"


@pytest.mark.parametrize("how", ["json", "data"])
def test_a_code_is_exchanged_by_json_and_by_form(box, http, how):
    body = token_request(box, code_of(box))
    answer = http.post(f"{box.url}/api/v2/oauth/token", **{how: body})
    assert answer.status_code == 200
    assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("no-store", "no-cache")
    grant = answer.json()
    assert (grant["token_type"], grant["expires_in"]) == ("Bearer", 31_536_000)
    assert grant["refresh_token"].startswith("def50200")


def test_a_client_may_authenticate_by_basic(box, http):
    body = token_request(box, code_of(box), client_id=None, client_secret=None)
    answer = http.post(f"{box.url}/api/v2/oauth/token", json=body, auth=("1001", CLIENT.secret))
    assert answer.status_code == 200
    answer = http.post(
        f"{box.url}/api/v2/oauth/token", json=body, headers={"Authorization": "Basic %%%"}
    )
    assert answer.status_code == 401


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


def test_a_code_works_once(box, http):
    code = code_of(box)
    assert exchange(box, http, code).status_code == 200
    answer = exchange(box, http, code)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert answer.json()["hint"] == "Authorization code has been revoked"


def test_a_code_lives_ten_minutes(box, http, clock):
    code = code_of(box)
    clock.seconds += 601
    assert exchange(box, http, code).json()["hint"] == "Authorization code has expired"


@pytest.mark.parametrize(
    ("code", "hint"),
    [("garbage", "Cannot decrypt the authorization code"), (None, "Check the `code` parameter")],
)
def test_a_code_that_is_none_is_refused(box, http, code, hint):
    assert exchange(box, http, code).json()["hint"] == hint


def test_a_code_of_another_client_is_refused(http):
    other = OAuthClient("1002", "only-for-the-sandbox", CLIENT.redirect_uri)
    with Sandbox([CLIENT, other]) as box:
        answer = exchange(box, http, code_of(box), client_id="1002")
    assert answer.json()["hint"] == "Authorization code was not issued to this client"


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


@pytest.mark.parametrize("kind", ["refresh_token", "password", None])
def test_there_is_no_other_grant(box, http, kind):
    assert (
        exchange(box, http, code_of(box), grant_type=kind).json()["error"]
        == "unsupported_grant_type"
    )


# GraphQL


def test_the_bearer_is_who_the_token_says(box, http):
    token = exchange(box, http, code_of(box)).json()["access_token"]
    answer = ask(box, http, "{ Viewer { id name options { timezone } } }", token=token)
    assert answer.json() == {
        "data": {"Viewer": {"id": 5001, "name": "alice", "options": {"timezone": "+00:00"}}}
    }
    assert "laravel_session" in answer.cookies


@pytest.mark.parametrize("kill", ["revoke", "expire", "unknown", "year"])
def test_a_dead_token_is_400_even_for_public_queries(box, http, clock, kill):
    token = box.issue_token("alice")
    if kill in ("revoke", "expire"):
        getattr(box, kill)("alice")
    clock.seconds += 31_536_001 if kill == "year" else 0
    answer = ask(box, http, "{ Media(id: 1) { id } }", token="x" if kill == "unknown" else token)
    assert answer.status_code == 400
    assert answer.json()["errors"][0] == {
        "message": "Invalid token",
        "status": 400,
        "locations": [],
    }


@pytest.mark.parametrize(
    "query",
    [
        "{ Viewer { id } }",
        "mutation { SaveMediaListEntry(mediaId: 1) { id } }",
        "mutation { DeleteMediaListEntry(id: 1) { deleted } }",
    ],
)
def test_a_stranger_is_unauthorized(box, http, query):
    answer = ask(box, http, query)
    error = answer.json()["errors"][0]
    assert (answer.status_code, error["message"], error["status"]) == (401, "Unauthorized.", 401)
    assert set(error) == {"message", "status", "locations"}
    assert list(answer.json()["data"].values()) == [None]


@pytest.mark.parametrize(
    "query",
    [
        "{ Media(id: 999999999) { id } }",
        "{ Media(id: 1, type: MANGA) { id } }",
        '{ User(name: "nobody") { id } }',
        "{ MediaList(id: 1) { id } }",
        "{ MediaList(userId: 5002, mediaId: 5) { id } }",
    ],
)
def test_what_is_not_there_is_404(box, http, query):
    answer = ask(box, http, query)
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (404, "Not Found.")


def test_a_missing_alias_sets_the_status_and_leaves_the_others(box, http):
    answer = ask(box, http, "{ a: Media(id: 1) { id } b: Media(id: 999999999) { id } }")
    assert answer.status_code == 404
    assert answer.json()["data"] == {"a": {"id": 1}, "b": None}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("{ Media(id: 1) { nonsense } }", "Cannot query field 'nonsense' on type 'Media'."),
        ("{ Media(", "Syntax Error"),
        ("query A { Media(id: 1) { id } } query B { Media(id: 1) { id } }", "Unknown operation"),
        ("{ Page { media { id } users { id } } }", "one field"),
    ],
)
def test_a_document_that_is_wrong_is_400(box, http, query, words):
    answer = ask(box, http, query)
    assert answer.status_code == 400
    assert words in answer.json()["errors"][0]["message"]


def test_complexity_counts_fields_with_aliases_and_fragments_not_lists(box, http):
    media = "...m " * 1
    query = "{ %s } fragment m on Media { id title { romaji } }" % " ".join(
        f"a{n}: Media(id: 1) {{ {media} }}" for n in range(125)
    )
    assert ask(box, http, query).status_code == 200
    assert box.requests[-1].complexity == 500
    answer = ask(box, http, query.replace("{ a0", "{ more: Media(id: 1) { id } a0", 1))
    assert (
        answer.json()["errors"][0]["message"] == "Max query complexity should be 500 but got 502."
    )


def test_fields_left_out_by_a_directive_are_free(box, http):
    query = "query ($no: Boolean!) { Media(id: 1) { id a: id @include(if: $no) b: id @skip(if: true) c: id @include(if: true) d: id @skip(if: $no) } }"
    ask(box, http, query, {"no": False})
    assert box.requests[-1].complexity == 4


def test_a_number_may_come_as_a_text(box, http):
    query = (
        "query ($id: Int, $ids: [Int]) { Media(id: $id) { id } Page { media(id_in: $ids) { id } } }"
    )
    answer = ask(box, http, query, {"id": "1", "ids": ["5", 6]})
    assert answer.json()["data"] == {"Media": {"id": 1}, "Page": {"media": [{"id": 5}, {"id": 6}]}}


def test_a_page_is_cut_to_fifty_and_its_total_lies(box, http):
    query = "query ($page: Int, $perPage: Int) { Page(page: $page, perPage: $perPage) { pageInfo { total perPage hasNextPage lastPage currentPage } media { id } } }"
    first = ask(box, http, query, {"perPage": 40}).json()["data"]["Page"]
    assert first["pageInfo"] == {
        "total": 5000,
        "perPage": 40,
        "hasNextPage": True,
        "lastPage": 125,
        "currentPage": 1,
    }
    last = ask(box, http, query, {"perPage": 40, "page": 2}).json()["data"]["Page"]
    assert last["pageInfo"]["hasNextPage"] is False
    assert last["pageInfo"]["total"] == 40 + len(last["media"])
    assert (
        ask(box, http, query, {"perPage": 500}).json()["data"]["Page"]["pageInfo"]["perPage"] == 50
    )


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        ("id_in: [1, 5], sort: [ID_DESC]", [5, 1]), ('search: "frieren"', [FRIEREN]), ("idMal: 52991", [FRIEREN]),
        ("season: SUMMER, seasonYear: 2016", [21519]), ("type: MANGA, sort: [SCORE_DESC, ID]", [30002, 30013, 30656]),
        ('genre: "Thriller", format: TV, id_not_in: [19], sort: [TITLE_ROMAJI]', [1535, 9253]), ("isAdult: true", [900023, 900024]),
    ],
)  # fmt: skip
def test_media_are_found(box, http, arguments, ids):
    answer = ask(box, http, "{ Page { media(%s) { id } } }" % arguments)
    assert [row["id"] for row in answer.json()["data"]["Page"]["media"]] == ids


def test_users_are_found(box, http):
    answer = ask(box, http, '{ Page { users(search: "a") { name } } }')
    assert answer.json()["data"]["Page"]["users"] == [{"name": "alice"}]


def test_a_title_is_in_the_viewers_language(box, http):
    query = "{ Media(id: 154587) { title { userPreferred } mediaListEntry { progress } } }"
    assert ask(box, http, query).json()["data"]["Media"] == {
        "title": {"userPreferred": "Sousou no Frieren"},
        "mediaListEntry": None,
    }
    for name, title in (("alice", "Frieren: Beyond Journey’s End"), ("eve", "葬送のフリーレン")):
        media = ask(box, http, query, token=box.issue_token(name)).json()["data"]["Media"]
        assert media["title"]["userPreferred"] == title


def test_an_episode_airs_at_a_moment_and_is_gone_after_it(box, http, clock):
    query = "{ Media(id: 21) { nextAiringEpisode { episode timeUntilAiring } } }"
    assert ask(box, http, query).json()["data"]["Media"]["nextAiringEpisode"] == {
        "episode": 1123,
        "timeUntilAiring": 172_800,
    }
    clock.seconds += 172_801
    assert ask(box, http, query).json()["data"]["Media"]["nextAiringEpisode"] is None


def test_introspection_is_open(box, http):
    assert (
        ask(box, http, "{ __schema { queryType { name } } }").json()["data"]["__schema"][
            "queryType"
        ]["name"]
        == "Query"
    )


# Lists

LIST = """query ($userId: Int, $chunk: Int, $perChunk: Int, $status: MediaListStatus, $sort: [MediaListSort]) {
  MediaListCollection(userId: $userId, type: ANIME, chunk: $chunk, perChunk: $perChunk, status: $status, sort: $sort) {
    hasNextChunk
    lists { name status isCustomList entries { id mediaId private hiddenFromStatusLists status progress } } } }"""


def lists_of(box, http, token=None, **variables):
    answer = ask(box, http, LIST, {"userId": 5001, **variables}, token)
    return answer.json()["data"]["MediaListCollection"]


def test_entries_repeat_across_custom_lists_and_the_hidden_are_only_there(box, http):
    lists = lists_of(box, http, box.issue_token("alice"))["lists"]
    names = [group["name"] for group in lists]
    assert "Watching" in names
    assert "With friends" in names
    places = {}
    for group in lists:
        for entry in group["entries"]:
            places.setdefault(entry["mediaId"], []).append(group["isCustomList"])
    assert places[FRIEREN] == [False, True, True]
    assert places[30] == [True]


def test_private_entries_are_the_owners_alone(box, http):
    def private(token):
        groups = lists_of(box, http, token)["lists"]
        return [entry for group in groups for entry in group["entries"] if entry["private"]]

    assert private(box.issue_token("alice"))
    assert private(box.issue_token("bob")) == private(None) == []


def test_a_list_comes_in_chunks(box, http):
    token, seen, chunk, more = box.issue_token("alice"), set(), 1, True
    while more:
        found = lists_of(box, http, token, chunk=chunk, perChunk=4)
        ids = {entry["id"] for group in found["lists"] for entry in group["entries"]}
        assert not ids & seen
        seen |= ids
        chunk, more = chunk + 1, found["hasNextChunk"]
    assert chunk == 5
    assert len(seen) == 14


def test_a_list_may_be_sorted_and_of_one_status(box, http):
    found = lists_of(box, http, status="CURRENT", sort=["PROGRESS_DESC"])["lists"][0]["entries"]
    assert [entry["progress"] for entry in found] == [1071, 11, 6, 3]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("{ MediaListCollection(type: ANIME) { hasNextChunk } }", "userId"),
        ("{ MediaListCollection(userId: 5001) { hasNextChunk } }", "type"),
    ],
)
def test_a_list_needs_a_user_and_a_type(box, http, query, field):
    error = ask(box, http, query).json()["errors"][0]
    assert (error["message"], error["status"], list(error["validation"])) == (
        "validation",
        400,
        [field],
    )


SAVE = """mutation ($id: Int, $mediaId: Int, $progress: Int, $score: Float, $scoreRaw: Int, $notes: String, $status: MediaListStatus, $repeat: Int, $priority: Int, $customLists: [String], $startedAt: FuzzyDateInput) {
  SaveMediaListEntry(id: $id, mediaId: $mediaId, progress: $progress, score: $score, scoreRaw: $scoreRaw, notes: $notes, status: $status, repeat: $repeat, priority: $priority, customLists: $customLists, startedAt: $startedAt) {
    id mediaId status progress score raw: score(format: POINT_100) notes customLists startedAt { year month } } }"""


def save(box, http, name="alice", **variables):
    return ask(box, http, SAVE, variables, box.issue_token(name))


def test_saving_makes_and_then_changes_an_entry(box, http):
    made = save(box, http, mediaId=1, progress=3).json()["data"]["SaveMediaListEntry"]
    assert (made["status"], made["progress"], made["score"]) == ("CURRENT", 3, 0)
    changed = save(
        box, http, id=made["id"], score=7.5, notes="fine", startedAt={"year": 2020}
    ).json()["data"]["SaveMediaListEntry"]
    assert (changed["id"], changed["progress"], changed["score"], changed["raw"]) == (
        made["id"],
        3,
        7.5,
        75,
    )
    assert (changed["notes"], changed["startedAt"]) == ("fine", {"year": 2020, "month": None})
    read = ask(
        box, http, "{ MediaList(userId: 5001, mediaId: 1) { notes user { name } media { id } } }"
    )
    assert read.json()["data"]["MediaList"] == {
        "notes": "fine",
        "user": {"name": "alice"},
        "media": {"id": 1},
    }


@pytest.mark.parametrize(
    ("name", "score", "raw", "shown"),
    [("alice", 8.5, 85, 8.5), ("bob", 85, 85, 85), ("eve", 4, 70, 4), ("eve", 0, 0, 0)],
)
def test_a_score_is_in_the_viewers_format(box, http, name, score, raw, shown):
    entry = save(box, http, name, mediaId=1, score=score).json()["data"]["SaveMediaListEntry"]
    assert (entry["raw"], entry["score"]) == (raw, shown)
    assert (
        save(box, http, name, mediaId=1, scoreRaw=raw).json()["data"]["SaveMediaListEntry"]["score"]
        == shown
    )


@pytest.mark.parametrize(
    ("variables", "field", "words"),
    [
        ({"mediaId": 999}, "mediaId", "The selected media id is invalid."),
        ({}, "mediaId", "The selected media id is invalid."),
        ({"id": 999}, "id", "The selected id is invalid."),
        ({"mediaId": 1, "scoreRaw": 101}, "scoreRaw", "The score raw may not be greater than 100."),
        ({"mediaId": 1, "score": 11}, "score", "The score may not be greater than 10."),
        ({"mediaId": 1, "progress": -1}, "progress", "The progress must be at least 0."),
        ({"mediaId": 1, "repeat": 1001}, "repeat", "The repeat may not be greater than 1000."),
        ({"mediaId": 1, "priority": 256}, "priority", "The priority may not be greater than 255."),
        (
            {"mediaId": 1, "notes": "x" * 6001},
            "notes",
            "The notes may not be greater than 6000 characters.",
        ),
    ],
)
def test_arguments_are_validated_in_anilists_words(box, http, variables, field, words):
    answer = save(box, http, **variables)
    error = answer.json()["errors"][0]
    assert (answer.status_code, error["message"], error["validation"]) == (
        400,
        "validation",
        {field: [words]},
    )


def test_an_entry_of_somebody_else_is_not_yours_to_change(box, http):
    entry = box.entries("alice")[0]
    answer = save(box, http, "bob", id=entry.id, progress=1)
    assert (
        answer.json()["errors"][0]["message"] == "You are not authorized to modify this MediaList"
    )
    delete = "mutation ($id: Int) { DeleteMediaListEntry(id: $id) { deleted } }"
    assert ask(box, http, delete, {"id": entry.id}, box.issue_token("bob")).json()["data"] == {
        "DeleteMediaListEntry": None
    }


def test_deleting_takes_the_entrys_id(box, http):
    entry, token = box.entries("alice")[0], box.issue_token("alice")
    delete = "mutation ($id: Int) { DeleteMediaListEntry(id: $id) { deleted } }"
    assert ask(box, http, delete, {"id": entry.id}, token).json()["data"][
        "DeleteMediaListEntry"
    ] == {"deleted": True}
    assert ask(box, http, delete, {"id": entry.id}, token).status_code == 400
    assert entry not in box.entries("alice")


def test_custom_lists_come_as_a_map_or_a_list(box, http):
    query = "{ MediaList(userId: 5001, mediaId: 199) { map: customLists list: customLists(asArray: true) } }"
    assert ask(box, http, query).json()["data"]["MediaList"] == {
        "map": {"Favourites of all time": False, "With friends": True},
        "list": ["With friends"],
    }


# Limits, faults, pages


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


@pytest.mark.parametrize("text", ["nonsense=1", "html=maybe", "limit=many"])
def test_a_dial_that_is_none_is_refused(box, http, text):
    name, value = text.split("=")
    assert http.post(f"{box.url}/dials", json={name: value}).status_code == 400


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
    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert "<script" not in answer.text
    assert "style=" not in answer.text


@pytest.mark.parametrize("path", ["/images/cover/1.png.svg", "/images/avatar/nobody.svg", "/other"])
def test_what_is_not_there_is_not_found(box, http, path):
    assert http.get(box.url + path).status_code == 404


def test_the_first_page_says_it_is_not_anilist_and_shows_requests(box, http):
    ask(box, http, "query Titles { Media(id: 1) { id } }")
    page = http.get(box.url).text
    assert "This is not AniList" in page
    assert "<td>Titles</td>" in page


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


# The process


def test_the_schema_is_a_true_part_of_anilists():
    checker = Path(__file__).resolve().parents[3] / "shared/bin/check-schema"
    if not checker.exists():
        pytest.skip("AniList's whole schema is not beside this repository")
    found = subprocess.run(
        [sys.executable, checker, PACKAGE / "schema.graphql"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout.startswith("0 differences")


def run(*arguments):
    command = [sys.executable, "-m", "django_anilist.sandbox", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_until_it_is_told_to_stop(number):
    process = run(
        "--port", "0", "--client", "7,word,http://site.test/", "--dial", "html=on", "--limit", "0"
    )
    address = process.stdout.readline().split()[-1]
    answer = requests.post(f"{address}/graphql", json={}, timeout=5)
    assert answer.text.startswith("<!DOCTYPE")
    process.send_signal(number)
    assert process.communicate(timeout=10) == ("", "")
    assert process.returncode == 0


def test_a_taken_port_is_said_in_a_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = run("--port", str(taken.getsockname()[1]))
        output, errors = process.communicate(timeout=10)
    assert process.returncode == 1
    assert errors.strip().endswith("is taken; choose another with --port.")
    assert output == ""


@pytest.mark.parametrize(
    "arguments", [["--dial", "nonsense=1"], ["--dial", "html"], ["--client", "7"]]
)
def test_wrong_arguments_are_said_in_a_sentence(arguments):
    process = run(*arguments)
    _, errors = process.communicate(timeout=10)
    assert process.returncode in (1, 2)
    assert "Traceback" not in errors

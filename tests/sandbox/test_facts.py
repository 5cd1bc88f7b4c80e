"""What is known of AniList where it hurts, each fact with its number or row, held to one by one.

The facts come from AniList's documentation, recorded traffic and the threads of other clients.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from django_anilist.sandbox import OAuthClient, Plan, Sandbox
from django_anilist.sandbox.__main__ import parser
from django_anilist.sandbox.graph import schema
from tests.sandbox.conftest import CLIENT, FRIEREN, World, ask, authorize_url, code_of, exchange

VIEWER = "{ Viewer { id } }"
MEDIA = "{ Media(id: 1) { id } }"


# 1. OAuth; what is not here is in test_oauth.py, in the same order


@pytest.mark.fact("1.6")
@pytest.mark.parametrize("more", [{}, {"code_verifier": "x" * 60}, {"code_verifier": "no"}])
def test_1_6_pkce_is_ignored(box, http, more):
    address = authorize_url(box, code_challenge="c" * 43, code_challenge_method="S256")
    code = parse_qs(urlsplit(box.approve(address)).query)["code"][0]
    assert exchange(box, http, code, **more).status_code == 200


@pytest.mark.fact("1.7")
def test_1_7_there_are_no_scopes(box, http):
    assert http.get(authorize_url(box, scope="")).status_code == 200
    answer = http.get(authorize_url(box, scope="profile"))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


@pytest.mark.fact("1.8")
def test_1_8_a_refresh_token_comes_and_is_never_honoured(box, http):
    grant = exchange(box, http, code_of(box)).json()
    again = exchange(box, http, grant["refresh_token"])
    assert again.json()["hint"] == "Cannot decrypt the authorization code"
    answer = exchange(
        box, http, None, grant_type="refresh_token", refresh_token=grant["refresh_token"]
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


@pytest.mark.fact("1.10")
def test_1_10_a_grant_has_four_fields_in_this_order(box, http):
    grant = exchange(box, http, code_of(box)).json()
    assert list(grant) == ["token_type", "expires_in", "access_token", "refresh_token"]


@pytest.mark.fact("1.13")
def test_1_13_spaces_count_and_there_is_no_redirect(box, http):
    answer = http.get(
        authorize_url(box, redirect_uri=f"{CLIENT.redirect_uri} "), allow_redirects=False
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.fact("1.20")
def test_1_20_one_redirect_url_matched_to_the_letter(box, http):
    for other in (CLIENT.redirect_uri.rstrip("/"), CLIENT.redirect_uri.upper()):
        assert http.get(authorize_url(box, redirect_uri=other)).status_code == 401


@pytest.mark.fact("1.21")
def test_1_21_the_pin_page_shows_the_code(box, http):
    assert (
        "<code>def50200abc</code>" in http.get(f"{box.url}/api/v2/oauth/pin?code=def50200abc").text
    )
    assert "#access_token" in http.get(f"{box.url}/api/v2/oauth/pin").text


@pytest.mark.fact("1.21")
@pytest.mark.parametrize("kind", ["code", "token"])
def test_1_21_a_client_may_be_sent_to_the_pin_page_by_both_grants(clock, kind):
    pin = "https://anilist.co/api/v2/oauth/pin"
    with Sandbox([OAuthClient("7", "word", pin)], now=clock) as box:
        target = box.approve(
            authorize_url(box, client_id="7", redirect_uri=pin, response_type=kind)
        )
    assert target.startswith(f"{pin}?code=" if kind == "code" else f"{pin}#access_token=")


@pytest.mark.fact("1.5", "1.22")
def test_1_22_the_implicit_grant_puts_the_token_behind_a_hash(box, http):
    address = authorize_url(box, response_type="token", redirect_uri=None)
    target = urlsplit(box.approve(address))
    fragment = parse_qs(target.fragment)
    assert target.query == ""
    assert (fragment["token_type"], fragment["expires_in"]) == (["Bearer"], ["31536000"])
    assert fragment["state"] == ["s"]
    assert ask(box, http, VIEWER, token=fragment["access_token"][0]).status_code == 200
    assert urlsplit(box.deny(address)).fragment == "error=access_denied&state=s"


@pytest.mark.fact("1.24")
def test_1_24_signing_in_asks_for_no_password(box, http):
    assert 'type="password"' not in http.get(authorize_url(box)).text


@pytest.mark.fact("1.25")
def test_1_25_a_user_has_no_email():
    assert not [name for name in schema().type_map["User"].fields if "mail" in name.lower()]


# 2a. Replies


@pytest.mark.fact("2a.7")
def test_2a_an_error_has_no_path_and_sets_the_status(box, http):
    answer = ask(box, http, "{ Media(id: 999999999) { id } }")
    assert answer.status_code == 404
    assert answer.json() == {
        "errors": [
            {"message": "Not Found.", "status": 404, "locations": [{"line": 1, "column": 3}]}
        ],
        "data": {"Media": None},
    }


@pytest.mark.fact("2a.1")
def test_2a_a_dead_token_spoils_queries_that_need_none(box, http):
    answer = ask(box, http, "{\n  GenreCollection\n}", token="dead")
    assert answer.status_code == 400
    assert answer.json() == {
        "errors": [
            {"message": "Invalid token", "status": 400, "locations": [{"line": 2, "column": 3}]}
        ],
        "data": {"GenreCollection": None},
    }


@pytest.mark.fact("2a.5")
def test_2a_an_unknown_argument_in_anilists_words(world):
    status, error = world.refusal(
        "mutation { UpdateMediaListEntries(ids: [1], repeated: 1) { id } }"
    )
    assert status == 400
    assert error == {
        "message": 'Unknown argument "repeated" on field "UpdateMediaListEntries" of type "Mutation".',
        "status": 400,
        "locations": [{"line": 1, "column": 45}],
    }


@pytest.mark.fact("2a.6")
@pytest.mark.parametrize(
    ("mutation", "validation"),
    [
        ('SaveReview(mediaId: 1, body: "short", summary: "x", score: 1)', {"body": ["The body must be at least 2200 characters."]}),
        ("SaveReview(mediaId: 0)", {"mediaId": ["The selected media id is invalid."]}),
        ("SaveMediaListEntry(mediaId: 1, score: 101)", {"score": ["The score may not be greater than 10."]}),
        ('SaveTextActivity(text: "Hi")', {"text": ["The text must be at least 5 characters."]}),
        ("SaveTextActivity", {"text": ["The text field is required."]}),
        ("ToggleFollow(userId: 0)", {"userId": ["The selected user id is invalid."]}),
    ],
)  # fmt: skip
def test_2a_validation_in_laravels_words(world, mutation, validation):
    status, error = world.refusal(f"mutation {{ {mutation} {{ id }} }}")
    assert (status, error["message"], error["validation"]) == (400, "validation", validation)


@pytest.mark.fact("2a.8", "3.4")
def test_2a_unknown_and_private_users_are_404_with_different_words(world):
    lists = '{ MediaListCollection(userName: "%s", type: ANIME) { hasNextChunk } }'
    assert world.refusal(lists % "nobody")[1]["message"] == "User not found"
    world.store.people["bob"].private = True
    for query in (lists % "bob", '{ User(name: "bob") { id } }'):
        status, error = world.refusal(query)
        assert (status, error["message"]) == (404, "Private User")
        assert world.answer(query, by="bob").status == 200
    assert world.ask("{ Page { users { name } } }")["Page"]["users"] == [
        {"name": "alice"},
        {"name": "eve"},
    ]


@pytest.mark.fact("2a.11")
def test_2a_the_gate_opens_for_any_referer_and_for_any_token(box):
    def status(**headers):
        body = {"query": MEDIA}
        return requests.post(
            f"{box.url}/graphql", json=body, headers=headers, timeout=5
        ).status_code

    assert status() == status(Origin="http://site.test") == 403
    assert status(**{"User-Agent": "Mozilla/5.0"}) == 403
    assert status(Referer="abc") == 200
    assert status(Authorization=f"Bearer {box.issue_token('alice')}") == 200


# 2b. Rate limit


@pytest.mark.fact("2b.7")
def test_2b_the_budget_is_per_address_not_per_token(box, http):
    box.dials.limit = 2
    left = [
        ask(box, http, VIEWER, token=box.issue_token(name)).headers["X-RateLimit-Remaining"]
        for name in ("alice", "bob")
    ]
    assert left == ["1", "0"]
    assert ask(box, http, MEDIA).status_code == 429


@pytest.mark.fact("2b.1", "2b.3")
def test_2b_the_headers_count_from_thirty(clock, http):
    usual = parser().parse_args([])
    with Sandbox([CLIENT], now=clock, limit=usual.limit) as box:
        answers = [ask(box, http, MEDIA) for _ in range(31)]
    left = [int(answer.headers["X-RateLimit-Remaining"]) for answer in answers[:30]]
    assert left == list(range(29, -1, -1))
    assert {answer.headers["X-RateLimit-Limit"] for answer in answers[:30]} == {"30"}
    assert answers[30].status_code == 429


@pytest.mark.fact("2b.10")
def test_2b_headers_are_spelled_one_way_or_the_other(box, http):
    box.dials.limit = 30
    seen = {
        name
        for _ in range(2)
        for name in ask(box, http, MEDIA).headers
        if name.lower().startswith("x-ratelimit")
    }
    assert seen == {
        "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-Ratelimit-Limit", "X-Ratelimit-Remaining",
    }  # fmt: skip


@pytest.mark.fact("2b.5")
def test_2b_what_browsers_can_read(box, http):
    assert "Retry-After" not in ask(box, http, MEDIA).headers["Access-Control-Expose-Headers"]
    box.dials.too_many = True
    refused = ask(box, http, MEDIA)
    assert "Access-Control-Allow-Origin" not in refused.headers
    assert refused.headers["Content-Type"] == "application/json"
    assert not [name for name in refused.headers if "ratelimit" in name.lower()]


# 2c. Shape and limits


@pytest.mark.fact("2c.1")
def test_2c_everything_may_stand_in_the_address_of_a_post(box, http):
    answer = http.post(f"{box.url}/graphql", params={"query": MEDIA})
    assert answer.json() == {"data": {"Media": {"id": 1}}}
    query = {"query": "query ($id: Int) { Media(id: $id) { id } }", "variables": '{"id": 5}'}
    assert http.post(f"{box.url}/graphql", params=query).json()["data"] == {"Media": {"id": 5}}
    answer = http.post(f"{box.url}/graphql", params={**query, "variables": "{"})
    assert answer.status_code == 404


@pytest.mark.fact("2c.1")
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_2c_nothing_but_post(box, http, method):
    assert http.request(method, f"{box.url}/graphql", params={"query": MEDIA}).status_code == 405


@pytest.mark.fact("2c.2")
def test_2c_an_array_of_operations_is_not_supported(box, http):
    answer = http.post(f"{box.url}/graphql", json=[{"query": MEDIA}, {"query": MEDIA}])
    assert answer.status_code == 400


@pytest.mark.fact("2c.4")
def test_2c_arguments_and_list_sizes_do_not_count(world):
    query = "{ Page(perPage: 50) { media(sort: [ID, SCORE]) { id title { romaji } } } }"
    assert world.answer(query).complexity == 5


@pytest.mark.fact("2c.6")
def test_2c_a_page_holds_one_field_also_by_way_of_fragments(world):
    query = "{ Page { ...a ...b } } fragment a on Page { media { id } } fragment b on Page { users { id } }"
    assert world.refusal(query)[0] == 400
    several = "{ a: Page { media { id } } b: Page { users { id } pageInfo { total } } }"
    assert world.answer(several).status == 200


@pytest.mark.fact("2c.6")
@pytest.mark.parametrize(
    ("asked", "users"), [({"all": True}, True), ({"all": False}, False), ({}, True)]
)
def test_2c_a_page_holds_one_field_whatever_directives_say(world, asked, users):
    query = "query ($all: Boolean = true) { Page { media { id } users @include(if: $all) { id } } }"
    assert (world.answer(query, asked).status == 400) is users
    assert world.answer(query, asked).complexity == (5 if users else 3)


@pytest.mark.parametrize(
    "query",
    [
        "{ Page { pageInfo { total } } Page { media(id_in: [5]) { id } } }",
        "{ Page { pageInfo { total } ...a ...b } } fragment a on Page { media(id_in: [5]) { id } } fragment b on Page { media(id_in: [5]) { id } }",
    ],
)
def test_2c_a_field_named_twice_is_one_field(world, query):
    assert world.ask(query) == {"Page": {"pageInfo": {"total": 1}, "media": [{"id": 5}]}}


def test_2c_what_page_info_says_does_not_hang_on_the_order(world):
    query = "{ Page(perPage: 40) { pageInfo { hasNextPage } media { id } } }"
    assert list(world.ask(query)["Page"]) == ["pageInfo", "media"]
    assert world.ask(query)["Page"]["pageInfo"] == {"hasNextPage": True}


@pytest.mark.fact("2c.8")
def test_2c_connections_are_cut_to_25():
    world = World(lambda: 1_800_000_000.0, Plan(entries=1000))
    query = "{ Studio(id: 940001) { media(perPage: 50) { pageInfo { perPage hasNextPage } nodes { id } } } }"
    found = world.ask(query)["Studio"]["media"]
    assert found["pageInfo"] == {"perPage": 25, "hasNextPage": True}
    assert len(found["nodes"]) == 25


@pytest.mark.fact("2c.8")
def test_2c_relations_take_no_pages():
    assert schema().type_map["Media"].fields["relations"].args == {}


@pytest.mark.fact("2c.11")
def test_2c_a_list_of_over_ten_thousand_is_refused(world):
    query = "query ($ids: [Int]) { Page { media(id_in: $ids) { id } } }"
    assert world.answer(query, {"ids": [1] * 10_000}).status == 200
    assert "idIn" not in world.refusal(query, {"ids": [1] * 10_001})[1]["validation"]
    assert world.refusal(query, {"ids": [1] * 10_001})[1]["message"] == "validation"


@pytest.mark.fact("2c.3", "2c.11")
def test_2c_several_pages_fetch_many_media_by_id(world):
    query = "query ($a: [Int], $b: [Int]) { a: Page(perPage: 50) { ...found } b: Page { ...found } c: Page(page: 2) { ...all } } fragment found on Page { media(id_in: $b) { id } } fragment all on Page { media(id_in: $a, sort: [ID]) { id } }"
    found = World(world.clock, Plan(entries=60)).ask(
        query, {"a": [*range(900_001, 900_041), *range(1, 2000)], "b": [21, 5]}
    )
    assert found["a"] == found["b"] == {"media": [{"id": 5}, {"id": 21}]}
    assert found["c"] == {"media": [{"id": 900_040}]}


@pytest.mark.fact("2c.12")
def test_2c_null_counts_as_not_given(world):
    query = "query ($sort: [MediaSort], $type: MediaType) { Page { media(sort: $sort, type: $type) { id } } }"
    assert world.ask(query, {"sort": None, "type": None}) == world.ask(query)


@pytest.mark.fact("2c.13")
def test_2c_numbers_may_come_as_texts(world):
    query = "query ($id: Int, $chunk: Int) { MediaListCollection(userId: $id, chunk: $chunk, type: ANIME) { user { name } } }"
    found = world.ask(query, {"id": "5001", "chunk": "1"})
    assert found["MediaListCollection"]["user"] == {"name": "alice"}
    save = "mutation ($d: FuzzyDateInput) { SaveMediaListEntry(mediaId: 1, startedAt: $d) { startedAt { year } } }"
    assert world.ask(save, {"d": {"year": "2020"}})["SaveMediaListEntry"]["startedAt"] == {
        "year": 2020
    }


@pytest.mark.fact("2c.14")
def test_2c_the_whole_schema_can_be_asked_for(world):
    kinds = world.ask("{ __schema { types { name } } }")["__schema"]["types"]
    assert len(kinds) > 150


@pytest.mark.fact("2c.15")
def test_2c_a_cookie_nobody_should_keep(box, http):
    answer = ask(box, http, MEDIA)
    assert "laravel_session=" in answer.headers["Set-Cookie"]
    assert "Max-Age=43200" in answer.headers["Set-Cookie"]
    assert answer.headers["Cache-Control"] == "no-cache, private"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.fact("2c.15")
def test_2c_a_browser_may_ask_from_anywhere(box):
    answer = requests.options(f"{box.url}/graphql", timeout=5)
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, POST, OPTIONS"


# 3. Data


@pytest.mark.fact("3.1")
def test_3_viewer_tells_the_time_zone_to_nobody_else(world):
    query = '{ User(name: "alice") { options { timezone } unreadNotificationCount createdAt } }'
    assert world.ask(query)["User"]["options"] == {"timezone": "+00:00"}
    other = world.ask(query, by="bob")["User"]
    assert (other["options"]["timezone"], other["unreadNotificationCount"]) == (None, None)
    assert world.ask('{ User(name: "eve") { createdAt } }')["User"] == {"createdAt": None}


@pytest.mark.fact("3.1")
def test_3_viewer_has_what_pages_show_of_a_user(world):
    query = """{ Viewer { id name avatar { large medium } bannerImage siteUrl previousNames { name } createdAt
        options { titleLanguage displayAdultContent profileColor timezone }
        mediaListOptions { scoreFormat rowOrder animeList { customLists advancedScoring } }
        statistics { anime { count episodesWatched } manga { count chaptersRead } } unreadNotificationCount } }"""
    found = world.ask(query)["Viewer"]
    assert found["previousNames"] == [{"name": "alys"}]
    assert found["avatar"]["large"].startswith("http://127.0.0.1/images/avatar/alice")
    assert found["statistics"] == {
        "anime": {"count": 14, "episodesWatched": 1281},
        "manga": {"count": 2, "chaptersRead": 1470},
    }
    empty = {key for key, value in found.items() if value is None}
    assert empty == {"bannerImage"}


@pytest.mark.fact("3.2")
def test_3_the_user_of_a_list_is_not_inferred(world):
    assert world.refusal("{ MediaListCollection(type: ANIME) { hasNextChunk } }")[0] == 400


@pytest.mark.fact("3.2")
def test_3_chunk_nought_is_the_first(world):
    query = "query ($chunk: Int) { MediaListCollection(userId: 5001, type: ANIME, chunk: $chunk, perChunk: 4) { hasNextChunk lists { entries { id } } } }"
    assert world.ask(query, {"chunk": 0}) == world.ask(query, {"chunk": 1})


@pytest.mark.fact("3.2")
@pytest.mark.parametrize(
    ("size", "sizes"), [(500, [500, 110]), (1000, [500, 110]), (400, [400, 210])]
)
def test_3_a_chunk_holds_five_hundred_at_most(world, size, sizes):
    world = World(world.clock, Plan(entries=610))
    query = "query ($chunk: Int, $size: Int) { MediaListCollection(userId: 5003, type: ANIME, chunk: $chunk, perChunk: $size) { hasNextChunk lists { entries { id } } } }"
    chunks = [world.ask(query, {"chunk": n, "size": size})["MediaListCollection"] for n in (1, 2)]
    assert [chunk["hasNextChunk"] for chunk in chunks] == [True, False]
    assert [sum(len(group["entries"]) for group in chunk["lists"]) for chunk in chunks] == sizes


@pytest.mark.fact("3.2")
def test_3_a_collection_holds_the_newest_eleven_thousand():
    world = World(lambda: 1_800_000_000.0, Plan(entries=11_010))
    query = '{ MediaListCollection(userName: "bob", type: ANIME) { hasNextChunk lists { entries { mediaId } } } }'
    found = world.ask(query)["MediaListCollection"]
    ids = [entry["mediaId"] for group in found["lists"] for entry in group["entries"]]
    # Three of his are in a custom list too, or older than the ten thousand invented ones.
    assert len(set(ids)) == 11_000
    assert max(world.store.media) in ids


@pytest.mark.fact("3.3")
def test_3_completed_may_be_split_by_format(world):
    lists = "{ MediaListCollection(userId: 5001, type: ANIME%s) { lists { name isSplitCompletedList } } }"
    world.ask(
        "mutation { UpdateUser(animeListOptions: {splitCompletedSectionByFormat: true}) { id } }"
    )
    split = world.ask(lists % "")["MediaListCollection"]["lists"]
    assert {"name": "Completed TV", "isSplitCompletedList": True} in split
    assert {"name": "Completed Movie", "isSplitCompletedList": True} in split
    single = world.ask(lists % ", forceSingleCompletedList: true")["MediaListCollection"]["lists"]
    assert {"name": "Completed", "isSplitCompletedList": False} in single


@pytest.mark.fact("3.5")
def test_3_the_old_groups_of_a_list_are_deprecated(world):
    fields = schema().type_map["MediaListCollection"].fields
    assert fields["statusLists"].deprecation_reason
    assert fields["customLists"].deprecation_reason
    query = "{ MediaListCollection(userId: 5002, type: ANIME) { statusLists { mediaId } customLists { mediaId } } }"
    found = world.ask(query)["MediaListCollection"]
    assert sorted(entry["mediaId"] for group in found["statusLists"] for entry in group) == [
        1, 19, FRIEREN,
    ]  # fmt: skip
    assert found["customLists"] == [[{"mediaId": 1}]]


@pytest.mark.fact("3.6")
def test_3_who_has_no_custom_lists_has_none_of_an_entry(world):
    query = "{ MediaList(userId: 5003, mediaId: 1535) { map: customLists list: customLists(asArray: true) } }"
    assert world.ask(query)["MediaList"] == {"map": None, "list": []}


#: Every argument of ``SaveMediaListEntry`` but those that say which, and what is read then.
SAVED = {
    "status": "PAUSED", "progress": 3, "progressVolumes": 2, "repeat": 4, "priority": 5, "private": True,
    "notes": "so it is", "hiddenFromStatusLists": True, "score": 7.5,
    "startedAt": {"year": 2020, "month": 2, "day": None},
    "completedAt": {"year": 2021, "month": None, "day": None},
    "customLists": ["With friends"], "advancedScores": [8.0, 9.5],
}  # fmt: skip
READ = {
    **SAVED,
    "customLists": {"Favourites of all time": False, "With friends": True},
    "advancedScores": {"Story": 8.0, "Art": 9.5},
}
DATES = ("startedAt", "completedAt")


@pytest.mark.fact("3.7")
@pytest.mark.parametrize("mutation", ["SaveMediaListEntry", "UpdateMediaListEntries"])
def test_3_every_argument_of_an_entry_is_kept(world, mutation):
    kinds = schema().mutation_type.fields[mutation].args
    which = {"id", "ids", "mediaId"} & set(kinds)
    assert set(kinds) - which - {"scoreRaw"} == set(SAVED) & set(kinds)
    entry = world.ask("mutation { SaveMediaListEntry(mediaId: 1) { id } }")["SaveMediaListEntry"]
    given = {name: value for name, value in SAVED.items() if name in kinds}
    named = f"ids: [{entry['id']}]" if "ids" in which else "mediaId: 1"
    definitions = ", ".join(f"${name}: {kinds[name].type}" for name in given)
    passed = ", ".join(f"{name}: ${name}" for name in given)
    world.ask(f"mutation ({definitions}) {{ {mutation}({named}, {passed}) {{ id }} }}", given)
    fields = " ".join(f"{name} {{ year month day }}" if name in DATES else name for name in given)
    found = world.ask(f"{{ MediaList(userId: 5001, mediaId: 1) {{ {fields} }} }}")["MediaList"]
    assert found == {name: READ[name] for name in given}


@pytest.mark.fact("3.9")
@pytest.mark.parametrize(
    ("form", "raw", "shown"),
    [
        ("POINT_100", 74, 74), ("POINT_10_DECIMAL", 74, 7.4), ("POINT_10", 74, 7), ("POINT_5", 70, 4),
        ("POINT_5", 74, 4), ("POINT_5", 90, 5), ("POINT_3", 35, 1), ("POINT_3", 60, 2), ("POINT_3", 61, 3),
        ("POINT_3", 0, 0), ("POINT_5", 0, 0),
    ],
)  # fmt: skip
def test_3_scores_in_five_formats(world, form, raw, shown):
    world.ask(f"mutation {{ UpdateUser(scoreFormat: {form}) {{ id }} }}")
    saved = world.ask(
        f"mutation {{ SaveMediaListEntry(mediaId: 1, scoreRaw: {raw}) {{ score raw: score(format: POINT_100) }} }}"
    )
    assert saved["SaveMediaListEntry"] == {"score": shown, "raw": raw}


@pytest.mark.fact("3.9")
@pytest.mark.parametrize(
    ("form", "given", "raw"),
    [("POINT_5", 1, 10), ("POINT_5", 5, 90), ("POINT_3", 1, 35), ("POINT_3", 2, 60), ("POINT_3", 3, 85), ("POINT_10_DECIMAL", 8.5, 85), ("POINT_10", 8, 80)],
)  # fmt: skip
def test_3_scores_are_kept_from_0_to_100(world, form, given, raw):
    world.ask(f"mutation {{ UpdateUser(scoreFormat: {form}) {{ id }} }}")
    world.ask(f"mutation {{ SaveMediaListEntry(mediaId: 1, score: {given}) {{ id }} }}")
    world.ask("mutation { UpdateUser(scoreFormat: POINT_100) { id } }")
    entry = world.ask("{ MediaList(userId: 5001, mediaId: 1) { score } }")["MediaList"]
    assert entry == {"score": raw}


@pytest.mark.fact("3.10")
def test_3_dates_are_fuzzy_and_cleared_by_nulls(world):
    save = "mutation ($d: FuzzyDateInput) { SaveMediaListEntry(mediaId: 1, completedAt: $d) { completedAt { year month day } } }"
    for date in (
        {"year": 2019, "month": 5, "day": None},
        {"year": None, "month": None, "day": None},
    ):
        assert world.ask(save, {"d": date})["SaveMediaListEntry"]["completedAt"] == date
    query = (
        "{ Page { media(startDate_greater: 20200000, type: ANIME, id_in: [113415, 1]) { id } } }"
    )
    assert world.ask(query)["Page"]["media"] == []  # 2020 without a month is 20200000, not after it
    query = query.replace("20200000", "20190000")
    assert world.ask(query)["Page"]["media"] == [{"id": 113415}]


@pytest.mark.fact("3.11")
def test_3_titles_may_be_missing_and_are_not_unique(world):
    query = "{ Media(id: %s) { title { romaji english native userPreferred } } }"
    title = world.ask(query % 900_003, by="eve")["Media"]["title"]
    assert (title["english"], title["native"]) == (None, None)
    assert title["userPreferred"] == title["romaji"]
    twins = world.ask("{ Page { media(id_in: [21, 30013]) { type title { romaji } } } }")["Page"]
    assert [row["type"] for row in twins["media"]] == ["ANIME", "MANGA"]
    assert {row["title"]["romaji"] for row in twins["media"]} == {"ONE PIECE"}


@pytest.mark.fact("3.12")
def test_3_media_may_be_unknown_elsewhere_or_for_adults(world):
    query = "{ Page { media(id_in: [1, 900023]) { idMal isAdult } adult: pageInfo { total } } }"
    assert world.ask(query)["Page"]["media"] == [
        {"idMal": 1, "isAdult": False},
        {"idMal": None, "isAdult": True},
    ]
    assert world.ask("{ Page { media(isAdult: false, id_in: [900023]) { id } } }")["Page"] == {
        "media": []
    }


@pytest.mark.fact("3.12")
def test_3_what_is_related_to_a_lists_media_has_no_entry_there(world):
    related = "relations { nodes { id mediaListEntry { progress } } }"
    query = f"{{ MediaListCollection(userId: 5001, type: MANGA, status: CURRENT) {{ lists {{ entries {{ media {{ mediaListEntry {{ progress }} {related} }} }} }} }} }}"
    (group,) = world.ask(query)["MediaListCollection"]["lists"]
    assert group["entries"][0]["media"] == {
        "mediaListEntry": {"progress": 1090},
        "relations": {"nodes": [{"id": 21, "mediaListEntry": None}]},
    }
    found = world.ask(f"{{ Media(id: 30013) {{ {related} }} }}")["Media"]["relations"]["nodes"]
    assert found == [{"id": 21, "mediaListEntry": {"progress": 1071}}]


@pytest.mark.fact("3.12")
def test_3_media_that_are_gone_are_told_of(world):
    query = "{ Page { notifications(type_in: [MEDIA_DELETION, MEDIA_MERGE]) { ... on MediaDeletionNotification { deletedMediaTitle } ... on MediaMergeNotification { deletedMediaTitles media { id } } } } }"
    assert world.ask(query)["Page"]["notifications"] == [
        {"deletedMediaTitle": "Gone"},
        {"deletedMediaTitles": ["A Twin"], "media": {"id": FRIEREN}},
    ]
    assert world.refusal("{ Media(id: 2) { id } }")[0] == 404


@pytest.mark.fact("3.12")
def test_3_a_stranger_has_no_entry_and_no_favourite(world):
    query = f"{{ Media(id: {FRIEREN}) {{ isFavourite mediaListEntry {{ id }} }} }}"
    assert world.ask(query, by=None)["Media"] == {"isFavourite": False, "mediaListEntry": None}
    assert world.ask(query)["Media"]["isFavourite"] is True


@pytest.mark.fact("3.12")
def test_3_a_recommended_medium_may_be_gone(world):
    query = f"{{ Media(id: {FRIEREN}) {{ recommendations {{ nodes {{ mediaRecommendation {{ id }} }} }} }} }}"
    nodes = world.ask(query)["Media"]["recommendations"]["nodes"]
    assert {"mediaRecommendation": None} in nodes


@pytest.mark.fact("3.13")
def test_3_later_values_come_by_version(world):
    query = "{ Media(id: %s) { old: %s new: %s(version: 3) } }"
    assert world.ask(query % (30656, "status", "status"))["Media"] == {
        "old": "RELEASING",
        "new": "HIATUS",
    }
    assert world.ask(query % (900003, "source", "source"))["Media"] == {
        "old": "OTHER",
        "new": "WEB_NOVEL",
    }
    edges = (
        "{ Media(id: 21) { relations { edges { relationType new: relationType(version: 2) } } } }"
    )
    assert world.ask(edges)["Media"]["relations"]["edges"] == [
        {"relationType": "ADAPTATION", "new": "SOURCE"}
    ]


@pytest.mark.fact("3.14")
def test_3_notifications_of_twenty_types_and_reading_them_as_read(world):
    query = "{ Page { notifications%s { __typename } } Viewer { unreadNotificationCount } }"
    found = world.ask(query % "")
    kinds = {row["__typename"] for row in found["Page"]["notifications"]}
    assert len(kinds) == 20
    assert found["Viewer"] == {"unreadNotificationCount": 2}
    assert world.ask(query % "(resetNotificationCount: true)")["Viewer"] == {
        "unreadNotificationCount": 0
    }
    only = world.ask(query % "(type_in: [AIRING])")["Page"]["notifications"]
    assert only == [{"__typename": "AiringNotification"}]


@pytest.mark.fact("3.15")
def test_3_airing_is_found_between_two_moments(world):
    now = int(world.clock())
    query = "query ($a: Int, $b: Int) { Page { airingSchedules(airingAt_greater: $a, airingAt_lesser: $b) { episode timeUntilAiring } } }"
    found = world.ask(query, {"a": now, "b": now + 86_400})["Page"]["airingSchedules"]
    assert found == [{"episode": 7, "timeUntilAiring": 21_600}]


@pytest.mark.fact("3.16")
def test_3_times_are_seconds(world):
    made = world.ask('mutation { SaveTextActivity(text: "at this moment") { createdAt } }')
    assert made["SaveTextActivity"] == {"createdAt": int(world.clock())}


@pytest.mark.fact("3.18")
def test_3_the_schema_is_that_of_2026():
    kinds = schema().type_map
    assert "SAME_UNIVERSE" in kinds["MediaRelation"].values
    assert "isPinned" in kinds["MessageActivity"].fields
    assert "countryOfOrigin_in" in kinds["Page"].fields["media"].args
    members = {member.name for member in kinds["NotificationUnion"].types}
    assert len([name for name in members if name.endswith("SubmissionUpdateNotification")]) == 3


@pytest.mark.fact("3.16")
def test_3_text_is_markdown_or_html(world):
    query = "{ Viewer { about html: about(asHtml: true) } }"
    assert world.ask(query)["Viewer"] == {
        "about": "I watch __slowly__, and *twice*.",
        "html": "<p>I watch <strong>slowly</strong>, and <em>twice</em>.</p>",
    }


def test_3_links_lead_both_ways(world):
    query = "{ Media(id: 1) { characters { edges { role node { id media { nodes { id } } } voiceActors { id characters { nodes { id } } } } } staff { nodes { staffMedia { nodes { id } } } } studios { nodes { media { nodes { id } } } } } }"
    found = world.ask(query)["Media"]
    for edge in found["characters"]["edges"]:
        assert {"id": 1} in edge["node"]["media"]["nodes"]
        for voice in edge["voiceActors"]:
            assert {"id": edge["node"]["id"]} in voice["characters"]["nodes"]
    for node in (*found["staff"]["nodes"], *found["studios"]["nodes"]):
        assert {"id": 1} in next(iter(node.values()))["nodes"]


def test_3_the_same_seed_invents_the_same(world):
    query = "{ Page { characters { id name { full native } favourites } } }"
    assert World(world.clock).ask(query) == world.ask(query)
    assert World(world.clock, Plan(seed=2)).ask(query) != world.ask(query)


def test_a_second_client_has_tokens_of_its_own(clock):
    other = OAuthClient("1002", "another-word", "http://other.test/")
    with Sandbox([CLIENT, other], now=clock) as box:
        address = authorize_url(box, client_id="1002", redirect_uri="http://other.test/")
        assert box.approve(address).startswith("http://other.test/?code=def50200")

"""GraphQL answers with AniList's statuses, error objects and limits."""

from __future__ import annotations

import pytest

from tests.sandbox.conftest import FRIEREN, ask, code_of, exchange


def test_the_bearer_is_who_the_token_says(box, http):
    token = exchange(box, http, code_of(box)).json()["access_token"]
    answer = ask(box, http, "{ Viewer { id name options { timezone } } }", token=token)
    assert answer.json() == {
        "data": {"Viewer": {"id": 5001, "name": "alice", "options": {"timezone": "+00:00"}}}
    }
    assert "laravel_session" in answer.cookies


@pytest.mark.fact("2a.1")
@pytest.mark.parametrize("kill", ["revoke", "expire", "unknown", "year"])
def test_a_dead_token_is_400_even_for_public_queries(box, http, clock, kill):
    token = box.issue_token("alice")
    if kill in ("revoke", "expire"):
        getattr(box, kill)("alice")
    clock.seconds += 31_536_001 if kill == "year" else 0
    answer = ask(box, http, "{ Media(id: 1) { id } }", token="x" if kill == "unknown" else token)
    assert answer.status_code == 400
    assert answer.json() == {
        "errors": [
            {"message": "Invalid token", "status": 400, "locations": [{"line": 1, "column": 3}]}
        ],
        "data": {"Media": None},
    }


@pytest.mark.fact("2a.2")
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


@pytest.mark.fact("2a.7")
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


@pytest.mark.fact("2c.3")
def test_a_missing_alias_sets_the_status_and_leaves_the_others(box, http):
    answer = ask(box, http, "{ a: Media(id: 1) { id } b: Media(id: 999999999) { id } }")
    assert answer.status_code == 404
    assert answer.json()["data"] == {"a": {"id": 1}, "b": None}


@pytest.mark.fact("2a.5", "2c.6")
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("{ Media(id: 1) { nonsense } }", 'Cannot query field "nonsense" on type "Media".'),
        ("{ Media(", "Syntax Error"),
        ("query A { Media(id: 1) { id } } query B { Media(id: 1) { id } }", "Unknown operation"),
        ("{ Page { media { id } users { id } } }", "one field"),
    ],
)
def test_a_document_that_is_wrong_is_400(box, http, query, words):
    answer = ask(box, http, query)
    assert answer.status_code == 400
    assert words in answer.json()["errors"][0]["message"]


@pytest.mark.fact("2a.13", "2c.3", "2c.4")
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


@pytest.mark.fact("2c.4")
def test_fields_left_out_by_a_directive_are_free(box, http):
    query = "query ($no: Boolean!) { Media(id: 1) { id a: id @include(if: $no) b: id @skip(if: true) c: id @include(if: true) d: id @skip(if: $no) } }"
    ask(box, http, query, {"no": False})
    assert box.requests[-1].complexity == 4


@pytest.mark.fact("2c.13")
def test_a_number_may_come_as_a_text(box, http):
    query = (
        "query ($id: Int, $ids: [Int]) { Media(id: $id) { id } Page { media(id_in: $ids) { id } } }"
    )
    answer = ask(box, http, query, {"id": "1", "ids": ["5", 6]})
    assert answer.json()["data"] == {"Media": {"id": 1}, "Page": {"media": [{"id": 5}, {"id": 6}]}}


@pytest.mark.fact("2c.7", "2c.9")
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


@pytest.mark.fact("3.11")
def test_a_title_is_in_the_viewers_language(box, http):
    query = "{ Media(id: 154587) { title { userPreferred } mediaListEntry { progress } } }"
    assert ask(box, http, query).json()["data"]["Media"] == {
        "title": {"userPreferred": "Sousou no Frieren"},
        "mediaListEntry": None,
    }
    for name, title in (("alice", "Frieren: Beyond Journey’s End"), ("eve", "葬送のフリーレン")):
        media = ask(box, http, query, token=box.issue_token(name)).json()["data"]["Media"]
        assert media["title"]["userPreferred"] == title


@pytest.mark.fact("3.15")
def test_an_episode_airs_at_a_moment_and_the_next_a_week_later(box, http, clock):
    query = "{ Media(id: 21) { nextAiringEpisode { episode timeUntilAiring } } }"
    assert ask(box, http, query).json()["data"]["Media"]["nextAiringEpisode"] == {
        "episode": 1123,
        "timeUntilAiring": 172_800,
    }
    clock.seconds += 172_801
    assert ask(box, http, query).json()["data"]["Media"]["nextAiringEpisode"] == {
        "episode": 1124,
        "timeUntilAiring": 604_799,
    }


@pytest.mark.fact("2c.14")
def test_introspection_is_open(box, http):
    assert (
        ask(box, http, "{ __schema { queryType { name } } }").json()["data"]["__schema"][
            "queryType"
        ]["name"]
        == "Query"
    )

"""Lists come the way AniList groups them, and entries are saved in its words."""

from __future__ import annotations

import pytest

from tests.sandbox.conftest import FRIEREN, ask

LIST = """query ($userId: Int, $chunk: Int, $perChunk: Int, $status: MediaListStatus, $sort: [MediaListSort]) {
  MediaListCollection(userId: $userId, type: ANIME, chunk: $chunk, perChunk: $perChunk, status: $status, sort: $sort) {
    hasNextChunk
    lists { name status isCustomList entries { id mediaId private hiddenFromStatusLists status progress } } } }"""


def lists_of(box, http, token=None, **variables):
    answer = ask(box, http, LIST, {"userId": 5001, **variables}, token)
    return answer.json()["data"]["MediaListCollection"]


@pytest.mark.fact("3.3")
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


@pytest.mark.fact("3.4")
def test_private_entries_are_the_owners_alone(box, http):
    def private(token):
        groups = lists_of(box, http, token)["lists"]
        return [entry for group in groups for entry in group["entries"] if entry["private"]]

    assert private(box.issue_token("alice"))
    assert private(box.issue_token("bob")) == private(None) == []


@pytest.mark.fact("3.2")
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


@pytest.mark.fact("3.2")
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


@pytest.mark.fact("3.7")
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


@pytest.mark.fact("3.9")
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


@pytest.mark.fact("2a.6", "3.7")
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


@pytest.mark.fact("2a.4")
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


@pytest.mark.fact("3.8")
def test_deleting_takes_the_entrys_id(box, http):
    entry, token = box.entries("alice")[0], box.issue_token("alice")
    delete = "mutation ($id: Int) { DeleteMediaListEntry(id: $id) { deleted } }"
    assert ask(box, http, delete, {"id": entry.id}, token).json()["data"][
        "DeleteMediaListEntry"
    ] == {"deleted": True}
    assert ask(box, http, delete, {"id": entry.id}, token).status_code == 400
    assert entry not in box.entries("alice")


@pytest.mark.fact("3.6")
def test_custom_lists_come_as_a_map_or_a_list(box, http):
    query = "{ MediaList(userId: 5001, mediaId: 199) { map: customLists list: customLists(asArray: true) } }"
    assert ask(box, http, query).json()["data"]["MediaList"] == {
        "map": {"Favourites of all time": False, "With friends": True},
        "list": ["With friends"],
    }

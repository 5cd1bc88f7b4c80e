"""A file keeps the data from one run to the next, and holds no token."""

from __future__ import annotations

import json

import pytest

from django_anilist.sandbox import Plan, Sandbox, graph
from django_anilist.sandbox.asked import Asked
from tests.sandbox.conftest import CLIENT, Clock, World, ask
from tests.sandbox.operations import Operation


def test_what_was_done_is_there_after_a_restart(tmp_path, clock, http):
    path = tmp_path / "anilist.json"
    with Sandbox([CLIENT], now=clock, keep=path) as box:
        token = box.issue_token("alice")
        made = ask(
            box,
            http,
            "mutation { SaveMediaListEntry(mediaId: 1, progress: 4) { id } }",
            token=token,
        ).json()["data"]["SaveMediaListEntry"]
        ask(box, http, 'mutation { SaveTextActivity(text: "Kept for later") { id } }', token=token)
        ask(box, http, "mutation { ToggleFollow(userId: 5003) { id } }", token=token)
    assert token not in path.read_text()
    with Sandbox([CLIENT], now=clock, keep=path) as box:
        query = """{ Viewer { name } MediaList(userId: 5001, mediaId: 1) { id progress }
            Activity(userId: 5001, type: TEXT) { ... on TextActivity { text } }
            Page { following(userId: 5001) { name } } }"""
        assert ask(box, http, query, token=token).json()["data"] == {
            "Viewer": {"name": "alice"},
            "MediaList": {"id": made["id"], "progress": 4},
            "Activity": {"text": "Kept for later"},
            "Page": {"following": [{"name": "bob"}, {"name": "eve"}]},
        }
        box.revoke("alice")
        assert ask(box, http, query, token=token).status_code == 400
        new = ask(
            box, http, "mutation { SaveMediaListEntry(mediaId: 5) { id } }",
            token=box.issue_token("alice"),
        )  # fmt: skip
        assert new.json()["data"]["SaveMediaListEntry"]["id"] > made["id"]


def test_all_that_can_change_is_kept(tmp_path):
    path, clock = tmp_path / "anilist.json", Clock()
    box = Sandbox([CLIENT], now=clock, keep=path)
    for seed in range(1500):
        operation = Operation(graph.schema(), seed)
        if operation.text.startswith("mutation"):
            asked = Asked(box.store, box.user("alice"), "")
            graph.answer(asked, {"query": operation.text, "variables": operation.variables})
    box.stop()
    again = Sandbox([CLIENT], now=clock, keep=path)
    assert again.store.people == box.store.people
    assert again.store.tables == box.store.tables
    assert again.store.entries == box.store.entries
    assert box.store.tables != Sandbox([CLIENT], now=clock).store.tables


@pytest.mark.parametrize("text", ["[]", "{}", '{"version": 9}', '{"version": 1}', "no json"])
def test_another_file_is_refused(tmp_path, text):
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"holds no data of this sandbox|Expecting value"):
        Sandbox(keep=path)


def test_a_file_of_another_plan_is_refused(tmp_path):
    path = tmp_path / "anilist.json"
    Sandbox(keep=path).stop()
    assert json.loads(path.read_text())["plan"] == {"seed": 1, "users": 0, "entries": 0}
    with pytest.raises(ValueError, match="--seed, --users or --entries"):
        Sandbox(keep=path, plan=Plan(users=2))


def test_more_than_fits_is_refused():
    with pytest.raises(ValueError, match="These would be 5,015,000 list entries; 1,000,000 is the"):
        Plan(users=1000, entries=5000)


def test_as_many_users_and_entries_as_were_asked_for(clock):
    world = World(clock, Plan(users=70, entries=60))
    people = world.store.people
    assert len(people) == 73
    assert len({person.id for person in people.values()}) == 73
    for name in ("alice", "quiet_otter_1", list(people)[-1]):
        query = "query ($name: String) { MediaListCollection(userName: $name, type: ANIME) { lists { isCustomList entries { id } } } }"
        lists = world.ask(query, {"name": name})["MediaListCollection"]["lists"]
        ids = {entry["id"] for group in lists for entry in group["entries"]}
        assert len(ids) == 60 if name != "alice" else len(ids) >= 60

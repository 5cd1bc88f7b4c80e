"""Lists as people think of them: every entry once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_anilist.api import lists
from django_anilist.api.errors import BadResponse
from django_anilist.api.lists import MAX_ENTRIES, objects
from django_anilist.api.results import Answer


def collect(chunks, status=None):
    return lists.collect([Answer(chunk) for chunk in chunks], status)


def group(name, *entries, custom=False):
    return {"name": name, "isCustomList": custom, "entries": list(entries)}


def entry(id, status="CURRENT", **more):
    return {"id": id, "status": status, **more}


def test_groups_are_merged_in_order():
    chunk = {"lists": [group("Watching", entry(2), entry(1)), group("Planning", entry(3))]}
    assert [found["id"] for found in collect([chunk])] == [2, 1, 3]


def test_an_entry_in_three_lists_comes_once_and_names_its_custom_lists():
    chunk = {
        "lists": [
            group("Watching", entry(1)),
            group("Best", entry(1), custom=True),
            group("With friends", entry(1), custom=True),
        ]
    }
    (found,) = collect([chunk])
    assert found["customListNames"] == ["Best", "With friends"]


def test_an_entry_hidden_from_status_lists_is_kept():
    chunk = {"lists": [group("Best", entry(1, hiddenFromStatusLists=True), custom=True)]}
    assert [found["id"] for found in collect([chunk])] == [1]


def test_a_custom_list_brings_no_entry_of_another_status():
    chunk = {"lists": [group("Best", entry(1), entry(2, "COMPLETED"), custom=True)]}
    assert [found["id"] for found in collect([chunk], "CURRENT")] == [1]


def test_an_entry_in_two_chunks_comes_once():
    chunks = [
        {"lists": [group("Watching", entry(1))]},
        {"lists": [group("Watching", entry(1), entry(2))]},
    ]
    assert [found["id"] for found in collect(chunks)] == [1, 2]


def test_what_anilist_sent_is_not_changed():
    sent = entry(1)
    collect([{"lists": [group("Best", sent, custom=True)]}])
    assert "customListNames" not in sent


@pytest.mark.parametrize(
    "chunk",
    [
        {},
        {"lists": None},
        {"lists": []},
        {"lists": [None]},
        {"lists": [{"entries": None}]},
        {"lists": [{"entries": [None]}]},
    ],
)
def test_nothing_is_an_empty_list(chunk):
    assert collect([chunk]) == []


@pytest.mark.parametrize(
    "chunk",
    [
        {"lists": 7},
        {"lists": ["a"]},
        {"lists": [{"entries": {}}]},
        {"lists": [{"entries": [{}]}]},
        {"lists": [{"entries": [{"id": "1"}]}]},
    ],
)
def test_another_shape_is_a_bad_response(chunk):
    with pytest.raises(BadResponse):
        collect([chunk])


def test_the_cap_of_anilist_is_told():
    full = [entry(number) for number in range(MAX_ENTRIES)]
    assert collect([{"lists": [group("All", *full)]}]).truncated
    assert not collect([{"lists": [group("All", *full[1:])]}]).truncated


@given(st.lists(st.lists(st.integers(1, 30))))
def test_each_entry_comes_exactly_once_whatever_the_groups(groups):
    chunk = {
        "lists": [group(str(n), *map(entry, ids), custom=n % 2 > 0) for n, ids in enumerate(groups)]
    }
    ids = [found["id"] for found in collect([chunk])]
    assert len(ids) == len(set(ids))
    assert set(ids) == {id for ids in groups for id in ids}


def test_null_items_are_left_out():
    assert objects([None, {"id": 1}]) == [{"id": 1}]

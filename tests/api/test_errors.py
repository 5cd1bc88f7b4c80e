"""The error tree is the one drawn in its module."""

import copy
import inspect
import pickle
import re

import pytest

from django_anilist.api import errors

CLASSES = {
    name: value
    for name, value in vars(errors).items()
    if inspect.isclass(value) and issubclass(value, Exception)
}


def test_the_tree_drawn_is_the_tree_there_is():
    drawing = errors.__doc__.split("::")[1].split("Facts stand")[0]
    path, drawn = [], {}
    for line in drawing.splitlines():
        if found := re.match(r"( +)(\w+)", line):
            depth = len(found[1]) // 2 - 2
            path[depth:] = [found[2]]
            drawn[found[2]] = path[-2] if len(path) > 1 else "Exception"
    assert drawn == {name: value.__base__.__name__ for name, value in CLASSES.items()}


@pytest.mark.parametrize("name", CLASSES)
def test_every_error_says_what_it_means(name):
    assert CLASSES[name].__doc__


def test_the_facts_stand_in_attributes():
    assert errors.RateLimited(12.5).retry_after == 12.5
    assert errors.RateLimited().retry_after == 60
    assert errors.Unavailable("tls").reason == "tls"
    assert errors.BadResponse().reason == "response"
    assert [kind().status for kind in (errors.NotConnected, errors.TokenExpired, errors.TokenRejected, errors.TokenUnreadable)] == [
        "disconnected", "expired", "rejected", "unreadable",
    ]  # fmt: skip


def test_what_anilist_said_of_each_argument_is_kept():
    said = [
        {"validation": {"score": ["Too large."], "id": "Odd."}},
        {"validation": {"score": ["Too odd."]}},
        {"validation": 7},
        {},
    ]
    error = errors.ValidationFailed("validation", errors=said)
    assert error.fields == {"score": ["Too large.", "Too odd."], "id": ["Odd."]}


#: One of each kind, as it is raised somewhere.
RAISED = [
    errors.AniListError("no"),
    errors.Unavailable("timeout", "slow", in_doubt=False, retry_after=3.0, said="x"),
    errors.BadResponse(reason="html"),
    errors.OutcomeUnknown("timeout"),
    errors.RateLimited(5),
    *(
        kind("no", status=404, errors=[{"message": "no"}], data={"Media": None})
        for kind in (
            errors.QueryError,
            errors.NotFound,
            errors.ValidationFailed,
            errors.TooComplex,
        )
    ),
    errors.ReconnectRequired("no"),
    errors.NotConnected(),
    errors.TokenExpired(),
    errors.TokenRejected(),
    errors.TokenUnreadable(),
    *(kind("no") for kind in CLASSES.values() if issubclass(kind, errors.ConnectError)),
]


def test_each_error_is_among_those_tried():
    assert {type(error) for error in RAISED} == set(CLASSES.values())


@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))]
)
def test_an_error_can_be_copied_and_sent_to_another_process(error, again):
    """As a cache, a pool of processes and a queue of tasks do."""
    error.user_id = 7
    found = again(error)
    assert found is not error
    assert (type(found), str(found)) == (type(error), str(error))
    assert vars(found) == vars(error)

"""The error tree is the one drawn in its module."""

import inspect
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

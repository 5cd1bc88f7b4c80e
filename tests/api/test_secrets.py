"""A secret does not show itself."""

import copy
import json
import pickle

import pytest

from django_anilist.api.secrets import Secret

SECRET = Secret("canary-token")


def test_only_reveal_gives_it_away():
    assert SECRET.reveal() == "canary-token"
    shown = f"{SECRET}{SECRET!r}{SECRET!s}{[SECRET]}{ {'a': SECRET} }" + "%s %r" % (SECRET, SECRET)
    assert "canary" not in shown


@pytest.mark.parametrize("take", [pickle.dumps, copy.copy, copy.deepcopy, json.dumps, hash, vars])
def test_it_cannot_be_copied_away(take):
    with pytest.raises(TypeError):
        take(SECRET)


def test_equal_secrets_are_equal():
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"


def test_an_empty_secret_is_false():
    assert SECRET
    assert not Secret("")


def test_a_text_is_masked():
    assert SECRET.masked_in("is canary-token here") == "is *** here"
    assert Secret("").masked_in("text") == "text"

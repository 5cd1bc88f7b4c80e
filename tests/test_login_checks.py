"""The check of ``ANILIST_CREATE_USER``: where it fires, where it is silent, and its hint."""

from __future__ import annotations

import pytest
from django.core import checks


def e007():
    return [found for found in checks.run_checks(tags=["anilist"]) if found.id == "anilist.E007"]


@pytest.mark.parametrize(
    "path", ["create_user", "nowhere.create_user", "django_anilist.backends.nothing", 7,
             "django_anilist.backends.__doc__"],
)  # fmt: skip
def test_e007_a_hook_that_names_no_function(settings, path):
    settings.ANILIST_CREATE_USER = path
    (found,) = e007()
    line = {}
    exec(found.hint, line)  # the hint is the line to paste
    settings.ANILIST_CREATE_USER = line["ANILIST_CREATE_USER"]
    assert e007() == []


@pytest.mark.parametrize("path", ["", None])
def test_e007_is_silent_without_a_hook(settings, path):
    settings.ANILIST_CREATE_USER = path
    assert e007() == []

"""The checks of logging in: where they fire, where they are silent, and their hints."""

from __future__ import annotations

import pytest
from django.core import checks

BACKENDS = ["django.contrib.auth.backends.ModelBackend", "django_anilist.backends.AniListBackend"]


def found():
    messages = checks.run_checks(tags=["anilist"])
    return [message for message in messages if message.id in ("anilist.E008", "anilist.W008")]


def paste(settings, hint):
    """Do what a reader of the hint does: paste the line."""
    lines = {}
    exec(hint, {}, lines)
    for name, value in lines.items():
        setattr(settings, name, value)


@pytest.mark.parametrize(
    "path", ["create_user", "nowhere.create_user", "django_anilist.backends.nothing", 7,
             "django_anilist.backends.__doc__"],
)  # fmt: skip
def test_e008_a_hook_that_names_no_function(settings, path):
    settings.AUTHENTICATION_BACKENDS = BACKENDS
    settings.ANILIST_CREATE_USER = path
    (message,) = found()
    assert message.id == "anilist.E008"
    paste(settings, message.hint)
    assert found() == []


def test_w008_a_hook_without_the_backend(settings):
    settings.ANILIST_CREATE_USER = "django_anilist.backends.create_user"
    settings.AUTHENTICATION_BACKENDS = BACKENDS[:1]
    (message,) = found()
    assert message.id == "anilist.W008"
    paste(settings, message.hint)
    assert found() == []


def test_w008_a_misspelt_backend_is_none(settings):
    settings.ANILIST_CREATE_USER = "django_anilist.backends.create_user"
    settings.AUTHENTICATION_BACKENDS = [*BACKENDS[:1], "django_anilist.backend.AniListBackend"]
    assert [message.id for message in found()] == ["anilist.W008"]


@pytest.mark.parametrize("path", ["", None])
@pytest.mark.parametrize("installed", [BACKENDS, BACKENDS[:1]])
def test_both_are_silent_without_a_hook(settings, path, installed):
    settings.AUTHENTICATION_BACKENDS = installed
    settings.ANILIST_CREATE_USER = path
    assert found() == []

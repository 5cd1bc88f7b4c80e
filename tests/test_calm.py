"""What decorates a page never breaks it, and the log says why it shows nothing."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import NoReverseMatch

from django_anilist.api.errors import NotFound, QueryError, Unavailable
from django_anilist.calm import calm
from django_anilist.conf import AniListImproperlyConfigured


def says(error, caplog):
    """Return what the log says where a tag raises ``error``."""

    @calm(str)
    def anilist_card():
        raise error

    assert anilist_card() == ""
    return caplog.messages[-1]


@pytest.mark.parametrize(
    "error",
    [
        AniListImproperlyConfigured("Set ANILIST_CLIENT_ID"),
        ImproperlyConfigured("no such setting"),
        NoReverseMatch("'anilist' is not a registered namespace"),
        QueryError('Value "WATCHING" does not exist in "MediaListStatus" enum.'),
        NotFound("Not Found."),
    ],
)
def test_what_a_developer_can_mend_is_told_in_words(caplog, error):
    assert says(error, caplog) == f"anilist_card shows nothing: {type(error).__name__}: {error}"


@pytest.mark.parametrize("error", [ValueError("canary-name"), Unavailable("server", "canary-name")])
def test_what_may_hold_somebodys_data_is_told_by_its_kind(caplog, error):
    assert says(error, caplog) == f"anilist_card shows nothing: {type(error).__name__}"


def test_what_anilist_says_makes_no_second_line(caplog):
    said = says(QueryError("no\nERROR forged" + "x" * 1000), caplog)
    assert said.startswith("anilist_card shows nothing: QueryError: no ERROR forged")
    assert "\n" not in said
    assert len(said) < 400

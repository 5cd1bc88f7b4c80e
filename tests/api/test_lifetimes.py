"""For how long an answer may be remembered."""

import pytest

from django_anilist.api import queries
from django_anilist.api.documents import read_operation
from django_anilist.api.lifetimes import DEFAULT_LIFETIME, lifetime_of

MINUTE, HOUR = 60.0, 3600.0


def lifetime(document, viewer=None, chosen=None):
    return lifetime_of(read_operation(document), viewer, chosen)


@pytest.mark.parametrize(
    ("document", "seconds"),
    [
        (queries.MEDIA, 15 * MINUTE),
        (queries.MEDIA_LIST, MINUTE),
        (queries.VIEWER, 3 * MINUTE),
        ("{ GenreCollection }", HOUR),
        ("{ Page { media { id } } }", 15 * MINUTE),
        ("{ Page { airingSchedules { id } } }", 5 * MINUTE),
        ("{ Media(id: 1) { id } GenreCollection }", 15 * MINUTE),
        ("{ Markdown(markdown: $m) { html } }", DEFAULT_LIFETIME),
    ],
)
def test_an_answer_lives_as_long_as_its_most_short_lived_part(document, seconds):
    assert lifetime(document) == seconds


def test_what_is_a_viewers_own_is_short_lived_for_them_only():
    assert lifetime(queries.MEDIA, viewer=5001) == MINUTE
    assert lifetime(queries.MEDIA) == 15 * MINUTE


def test_a_site_may_choose():
    assert lifetime(queries.MEDIA, chosen={"Media": 7}) == 7
    assert lifetime("{ Thread(id: 1) { id } }", chosen={"Thread": 900}) == 900


@pytest.mark.parametrize("viewer", [None, 5001])
def test_a_mutation_is_never_remembered(viewer):
    document = "mutation { ToggleFavourite(animeId: 1) { anime { nodes { id } } } }"
    assert lifetime(document, viewer, {"nodes": 900}) == 0

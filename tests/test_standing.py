"""How rows stand, counted by the database."""

import pytest

from django_anilist import tokens
from django_anilist.models import AniListToken, Status
from django_anilist.standing import OF_ROWS, counts
from tests.admin.conftest import connected

pytestmark = pytest.mark.django_db


def test_every_status_is_counted_in_one_query(alice, bob, django_assert_num_queries):
    connected(alice, 7)
    tokens.reject(connected(bob, 8))
    with django_assert_num_queries(1):
        found = counts(AniListToken.objects.all(), tokens.key_ids())
    assert found == {**dict.fromkeys(OF_ROWS, 0), Status.CONNECTED: 1, Status.REJECTED: 1}


def test_without_a_key_in_force_nothing_is_readable(alice):
    connected(alice, 7)
    assert counts(AniListToken.objects.all(), ())[Status.UNREADABLE] == 1

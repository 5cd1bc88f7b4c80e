"""The filters of the list: as the badges say, without opening a token."""

import datetime

import pytest
from cryptography.fernet import Fernet
from django.utils import timezone

from django_anilist import tokens
from django_anilist.admin.filters import EndFilter
from django_anilist.models import AniListToken, Status
from django_anilist.standing import OF_ROWS
from tests.admin.conftest import LIST, YEAR, connected

pytestmark = pytest.mark.django_db

DAY = 24 * 60 * 60


@pytest.fixture
def one_of_each(django_user_model, settings):
    """A row for each status, by the status's word."""
    settings.ANILIST_TOKEN_KEYS = [Fernet.generate_key()]
    lives = {
        Status.CONNECTED: 31 * DAY,
        Status.EXPIRING: 29 * DAY,
        Status.EXPIRED: 60,
        Status.REJECTED: YEAR,
    }
    found = {}
    for number, status in enumerate([Status.UNREADABLE, *lives]):
        if status is Status.UNREADABLE:
            settings.ANILIST_TOKEN_KEYS = [Fernet.generate_key()]
        user = django_user_model.objects.create_user(str(status))
        found[status] = connected(user, 100 + number, f"the {status} one", lives.get(status, YEAR))
        if status is Status.UNREADABLE:
            settings.ANILIST_TOKEN_KEYS = [Fernet.generate_key()]
    tokens.reject(found[Status.REJECTED])
    hour_ago = timezone.now() - datetime.timedelta(hours=1)
    AniListToken.objects.filter(pk=found[Status.EXPIRED].pk).update(expires_at=hour_ago)
    return {status: AniListToken.objects.get(pk=row.pk) for status, row in found.items()}


def listed(client, query):
    text = client.get(f"{LIST}?{query}").content.decode()
    return {status for status in OF_ROWS if f"the {status} one" in text}


@pytest.mark.parametrize("status", OF_ROWS)
def test_the_filter_finds_what_the_badge_says(admin_client, one_of_each, status):
    assert tokens.open_token(one_of_each[status])[0] is status
    assert listed(admin_client, f"status={status}") == {status}


@pytest.mark.parametrize("query", ["", "status=nonsense", "dies_within=nonsense"])
def test_without_a_choice_all_are_there(admin_client, one_of_each, query):
    assert listed(admin_client, query) == set(OF_ROWS)


@pytest.mark.parametrize(
    ("days", "found"),
    [
        ("7", set()),
        ("30", {Status.EXPIRING}),
        ("90", {Status.EXPIRING, Status.CONNECTED}),
    ],
)
def test_what_dies_soon_is_found_and_what_is_dead_is_not(admin_client, one_of_each, days, found):
    assert days in EndFilter.days
    assert listed(admin_client, f"dies_within={days}") == found


def test_rows_are_found_by_their_key(admin_client, one_of_each):
    rest = set(OF_ROWS) - {Status.UNREADABLE}
    key_id = one_of_each[Status.CONNECTED].key_id
    assert listed(admin_client, f"key_id={key_id}") == rest
    assert listed(admin_client, "key_id=none") == {Status.UNREADABLE}
    text = admin_client.get(LIST).content.decode()
    assert f"?key_id={key_id}" in text
    assert "not in force" in text

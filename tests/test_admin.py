"""The admin: who is connected and how they stand, and no secret for anybody."""

from urllib.parse import quote

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from django_anilist import tokens
from django_anilist.api.oauth import Grant
from django_anilist.api.secrets import Secret
from django_anilist.models import AniListToken
from django_anilist.signals import anilist_disconnected
from django_anilist.tokens import Account

pytestmark = pytest.mark.django_db

LIST = "/admin/django_anilist/anilisttoken/"


@pytest.fixture
def row(alice):
    account = Account(7, "Alice", "https://s4.anilist.co/file/a.png", "POINT_5")
    return tokens.save(alice, account, Grant(Secret("canary-token"), 31_536_000, 7))


@pytest.fixture
def viewer_client(django_user_model):
    """Staff who may look, and no more."""
    user = django_user_model.objects.create_user("viewer", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_anilisttoken"))
    client = Client()
    client.force_login(user)
    return client


def pages(row):
    return [
        LIST,
        f"{LIST}?q=Alice",
        f"{LIST}?connected_at__gte={quote(row.connected_at.isoformat())}",
        f"{LIST}{row.pk}/change/",
        f"{LIST}{row.pk}/history/",
        f"{LIST}{row.pk}/delete/",
    ]


def test_no_page_shows_the_token_or_its_sealed_form(admin_client, row):
    for page in pages(row):
        response = admin_client.get(page)
        assert response.status_code == 200, page
        assert b"canary" not in response.content
        assert b"gAAAA" not in response.content


def test_the_list_says_who_and_how(admin_client, row):
    text = admin_client.get(LIST).content.decode()
    for word in ("Alice", "alice", "connected", "https://s4.anilist.co/file/a.png"):
        assert word in text


def test_a_row_without_avatar_or_name_is_shown_too(admin_client, row):
    AniListToken.objects.update(avatar="", name="", sealed="broken")
    text = admin_client.get(LIST).content.decode()
    assert "#7" in text
    assert "unreadable" in text


def test_a_missing_row_is_no_error(admin_client, row):
    assert admin_client.get(f"{LIST}999/change/", follow=True).status_code == 200


def test_nobody_adds_a_token(admin_client, row):
    assert admin_client.get(f"{LIST}add/").status_code == 403
    assert admin_client.post(f"{LIST}add/", {"sealed": "x"}).status_code == 403


def test_nobody_changes_one(admin_client, row):
    before = AniListToken.objects.values().get()
    response = admin_client.post(f"{LIST}{row.pk}/change/", {"name": "Eve", "sealed": "x"})
    assert response.status_code == 403
    assert AniListToken.objects.values().get() == before


@pytest.mark.parametrize(
    ("words", "found"),
    [("alice", True), ("Alice", True), ("7", True), ("canary", False), ("gAAAA", False)],
)
def test_the_search_knows_users_names_and_ids_only(admin_client, row, words, found):
    text = admin_client.get(f"{LIST}?q={words}").content.decode()
    assert (f"{LIST}{row.pk}/change/" in text) is found


def test_no_part_of_the_sealed_token_can_be_searched_for(admin_client, row):
    text = admin_client.get(f"{LIST}?q={row.sealed[10:30]}").content.decode()
    assert f"{LIST}{row.pk}/change/" not in text


@pytest.fixture
def heard():
    found = []

    def listen(sender, **arguments):
        found.append(arguments["name"])

    anilist_disconnected.connect(listen)
    yield found
    anilist_disconnected.disconnect(listen)


def test_deleting_disconnects_the_user(admin_client, row, heard):
    admin_client.post(f"{LIST}{row.pk}/delete/", {"post": "yes"})
    assert not AniListToken.objects.exists()
    assert heard == ["Alice"]


def test_deleting_several_disconnects_them_all(admin_client, row, bob, heard):
    other = tokens.save(bob, Account(8, "Bob"), Grant(Secret("canary-token"), 3600, 8))
    data = {"action": "delete_selected", "_selected_action": [row.pk, other.pk], "post": "yes"}
    admin_client.post(LIST, data)
    assert not AniListToken.objects.exists()
    assert sorted(heard) == ["Alice", "Bob"]


def test_who_may_only_look_starts_nothing(viewer_client, row):
    text = viewer_client.get(LIST).content.decode()
    assert "delete_selected" not in text
    assert viewer_client.get(f"{LIST}{row.pk}/change/").status_code == 200
    assert viewer_client.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert AniListToken.objects.exists()


def test_a_long_list_costs_few_queries(
    admin_client, django_user_model, django_assert_max_num_queries
):
    for number in range(60):
        user = django_user_model.objects.create(username=f"user{number}")
        tokens.save(user, Account(100 + number, f"A{number}"), Grant(Secret("x"), 3600, None))
    with django_assert_max_num_queries(8):
        admin_client.get(LIST)

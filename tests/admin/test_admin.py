"""The admin: who is connected and how they stand, and no secret for anybody."""

from urllib.parse import parse_qs, quote, urlsplit

import pytest
from cryptography.fernet import Fernet
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client

from django_anilist import tokens
from django_anilist.models import AniListToken
from django_anilist.signals import anilist_disconnected
from tests.admin.conftest import HEALTH, LIST, act, connected

pytestmark = pytest.mark.django_db


def pages(row):
    """Every page there is, of this row and of one that is missing."""
    return [
        LIST,
        f"{LIST}?q=Alice",
        f"{LIST}?q={row.sealed[10:30]}",
        f"{LIST}?status=connected&dies_within=30&key_id={row.key_id}",
        f"{LIST}?status=nonsense&dies_within=nonsense&key_id=nonsense",
        f"{LIST}?_facets=True",
        f"{LIST}?connected_at__gte={quote(row.connected_at.isoformat())}",
        f"{LIST}?connected_at__year={row.connected_at.year}",
        f"{LIST}?connected_at__year={row.connected_at.year}&connected_at__month=1",
        f"{LIST}?p=999&o=-4.5.6",
        f"{LIST}{row.pk}/change/",
        f"{LIST}{row.pk}/history/",
        f"{LIST}{row.pk}/delete/",
        HEALTH,
        f"{LIST}999999/change/",
        f"{LIST}999999/history/",
        f"{LIST}999999/delete/",
        f"{LIST}nonsense/change/",
        f"{LIST}add/",
    ]


@pytest.fixture
def sentinels(alice_client, sandbox, connect, settings):
    """What must never be shown, each as it was really used: alice connects."""
    settings.ANILIST_TOKEN_KEYS = [Fernet.generate_key().decode()]
    alice_client.get("/anilist/authorize/", secure=True)
    address = alice_client.post("/anilist/authorize/", {"next": ""}, secure=True).url
    callback = sandbox.approve(address, user="alice")
    alice_client.get(callback, secure=True)
    asked = parse_qs(urlsplit(callback).query)
    return {
        "token": tokens.open_token(AniListToken.objects.get())[1].reveal(),
        "code": asked["code"][0],
        "state": asked["state"][0],
        "client secret": settings.ANILIST_CLIENT_SECRET,
        "sealing key": settings.ANILIST_TOKEN_KEYS[0],
    }


ACTIONS = ["verify_now", "send_reconnect_mail", "mark_for_reconnect", "disconnect"]
EVERYTHING = ("view", "change", "delete")


@pytest.mark.parametrize("permissions", [EVERYTHING, ("view",), ()], ids=str)
def test_no_page_shows_any_of_five_secrets_to_anybody(sentinels, sandbox, staff, permissions):
    row = AniListToken.objects.get()
    client = staff(*permissions)
    answers = [client.get(page, follow=True) for page in pages(row)]
    for action in ("", *ACTIONS, "delete_selected"):
        for post in ("", "yes"):
            answers.append(act(client, action, row, post=post))
    answers += [client.get(LIST, follow=True), client.get(HEALTH, follow=True)]
    assert len(sentinels) == 5
    assert all(sentinels.values())
    for answer in answers:
        text = answer.content.decode()
        assert answer.status_code in (200, 403, 404)
        assert [name for name, secret in sentinels.items() if secret in text] == []
        assert "gAAAA" not in text


def test_a_superuser_sees_every_page_and_no_secret(sentinels, admin_client):
    row = AniListToken.objects.get()
    for page in pages(row)[:-1]:
        answer = admin_client.get(page, follow=True)
        text = answer.content.decode()
        assert answer.status_code == 200, page
        assert [name for name, secret in sentinels.items() if secret in text] == []
        assert "gAAAA" not in text


def test_staff_without_permission_see_nothing(staff, row):
    client = staff()
    for page in pages(row):
        answer = client.get(page)
        missing = "999999" in page or "nonsense/" in page
        assert answer.status_code == 403 or (missing and answer.url == "/admin/"), page
    assert act(client, "disconnect", row).status_code == 403
    assert AniListToken.objects.exists()


def test_who_does_not_work_here_is_asked_to_sign_in(alice_client, row):
    for client in (alice_client, Client()):
        for page in pages(row):
            assert client.get(page).url.startswith("/admin/login/")


def test_the_list_says_who_and_how(admin_client, row):
    text = admin_client.get(LIST).content.decode()
    for word in ("Alice", "alice", "connected", "https://s4.anilist.co/file/a.png"):
        assert word in text


def test_a_row_without_avatar_or_name_is_shown_too(admin_client, row):
    AniListToken.objects.update(avatar="", name="", sealed="broken")
    text = admin_client.get(LIST).content.decode()
    assert "#7" in text
    assert "unreadable" in text


@pytest.mark.parametrize("page", ["change", "history", "delete"])
@pytest.mark.parametrize("key", ["999999", "nonsense", "9" * 40])
def test_a_missing_row_leads_back_to_the_start(admin_client, row, key, page):
    answer = admin_client.get(f"{LIST}{key}/{page}/")
    assert (answer.status_code, answer.url) == (302, "/admin/")


@pytest.mark.parametrize(
    "avatar", ["javascript:alert(1)", "https://evil.example/a.png", "//s4.anilist.co/a.png"]
)
def test_an_avatar_from_elsewhere_is_neither_shown_nor_linked(admin_client, row, avatar):
    AniListToken.objects.update(avatar=avatar)
    for page in (LIST, f"{LIST}{row.pk}/change/"):
        assert avatar not in admin_client.get(page).content.decode()


def test_a_name_is_text_and_nothing_else(admin_client, row):
    AniListToken.objects.update(name="<b onclick=x>")
    for page in (LIST, f"{LIST}{row.pk}/change/", f"{LIST}{row.pk}/delete/"):
        assert "<b onclick" not in admin_client.get(page).content.decode()
    assert "<b onclick" not in act(admin_client, "disconnect", row, post="").content.decode()


def test_a_site_without_time_zones_is_shown_its_dates_too(admin_client, row, settings):
    settings.USE_TZ = False
    AniListToken.objects.update(used_at="2026-11-25 09:00", rejected_at="2026-11-25 09:30")
    act(admin_client, "send_reconnect_mail", row)
    for page in (LIST, f"{LIST}{row.pk}/change/", HEALTH):
        assert admin_client.get(page).status_code == 200


@pytest.mark.parametrize("keys", [["no key"], lambda: 1 / 0], ids=["wrong", "failing"])
def test_where_the_keys_are_wrong_the_pages_say_unreadable(admin_client, row, settings, keys):
    settings.ANILIST_TOKEN_KEYS = keys
    for page in (*pages(row)[:-6], HEALTH, f"{LIST}?status=unreadable"):
        answer = admin_client.get(page)
        assert answer.status_code == 200, page
    assert "unreadable" in admin_client.get(f"{LIST}{row.pk}/change/").content.decode()


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
    other = connected(bob, 8, "Bob")
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


def many_rows(django_user_model, number):
    users = django_user_model.objects.bulk_create(
        django_user_model(username=f"user{n}") for n in range(number)
    )
    first = connected(users[0], 100, "A0")
    AniListToken.objects.bulk_create(
        AniListToken(
            user=user,
            anilist_id=101 + n,
            name=f"A{n}",
            sealed=first.sealed,
            key_id=first.key_id,
            connected_at=first.connected_at,
            expires_at=first.expires_at,
        )
        for n, user in enumerate(users[1:])
    )


@pytest.mark.parametrize("permissions", [None, EVERYTHING, ("view",)], ids=str)
def test_a_long_list_costs_few_queries(
    admin_client, staff, django_user_model, django_assert_max_num_queries, permissions
):
    many_rows(django_user_model, 10_000)
    client = admin_client if permissions is None else staff(*permissions)
    for page in (LIST, f"{LIST}?status=unreadable", f"{LIST}?q=A99&dies_within=90&p=2"):
        with django_assert_max_num_queries(8):
            assert client.get(page).status_code == 200


def test_the_page_of_a_token_says_what_it_is_and_what_happened_to_it(admin_client, row):
    act(admin_client, "mark_for_reconnect", row)
    text = admin_client.get(f"{LIST}{row.pk}/change/").content.decode()
    for words in (
        "It is kept sealed",
        "The user must connect again.",
        "admin: Mark for reconnect: marked",
        "https://anilist.co/user/7",
        row.key_id,
    ):
        assert words in text
    assert "Mark for reconnect: marked" in (
        admin_client.get(f"{LIST}{row.pk}/history/").content.decode()
    )


def test_the_page_of_a_token_offers_nothing_to_save(admin_client, row):
    text = admin_client.get(f"{LIST}{row.pk}/change/").content.decode()
    assert 'name="_save"' not in text
    assert 'name="sealed"' not in text
    assert LogEntry.objects.count() == 0


def test_the_list_leads_to_the_health_page(admin_client, row):
    assert f'href="{HEALTH}"' in admin_client.get(LIST).content.decode()


@pytest.mark.parametrize(("zones", "shown"), [(True, True), (False, False)])
def test_dates_are_left_out_where_the_database_cannot_cut_them(
    admin_client, row, bob, monkeypatch, zones, shown
):
    """As on MariaDB and MySQL before their time zone tables are loaded."""
    connected(bob, 8, "Bob")
    AniListToken.objects.filter(pk=row.pk).update(connected_at="2020-05-05T12:00:00Z")
    monkeypatch.setattr(connection.features, "has_zoneinfo_database", zones)
    if zones and connection.vendor == "mysql":
        monkeypatch.undo()
        shown = connection.features.has_zoneinfo_database
    answer = admin_client.get(LIST)
    assert answer.status_code == 200
    assert ("?connected_at__year=2020" in answer.content.decode()) is shown


def test_its_pages_hold_nothing_inline(admin_client, row):
    """No script, style or handler that a strict content security policy would stop."""
    ours = [HEALTH, f"{LIST}{row.pk}/change/", LIST]
    texts = [admin_client.get(page).content.decode() for page in ours]
    texts.append(act(admin_client, "verify_now", row, post="").content.decode())
    for text in texts:
        assert "<style" not in text
        assert " style=" not in text
        assert "javascript:" not in text


def test_the_admin_passes_djangos_own_checks():
    assert admin.site._registry[AniListToken].check() == []

"""The views that the documentation shows, asked as a browser and a script would."""

from __future__ import annotations

import types

import pytest
from asgiref.sync import async_to_sync
from django.http import HttpResponse
from django.test import override_settings
from django.urls import include, path

from tests.documents import DOCS, blocks

pytestmark = pytest.mark.django_db


def drawn(request, template, context):
    """In place of ``render``: there are no templates of theirs here."""
    return HttpResponse(f"{template}: {context}")


def written(page, words, **names):
    """Return what the block of a page that holds ``words`` defines."""
    (text,) = [text for kind, text in blocks(DOCS / page) if kind == "python" and words in text]
    made = types.ModuleType("shown")
    exec(compile(text, page, "exec"), vars(made))
    vars(made).update({"render": drawn, **names})
    return made


def at(**views):
    """Serve these views below their names, and ours beside them."""
    urls = types.ModuleType("urls")
    urls.urlpatterns = [
        path("anilist/", include("django_anilist.urls")),
        *(path(f"{name}/", view, name=name) for name, view in views.items()),
        *(path(f"{name}/<int:pk>/", view) for name, view in views.items()),
    ]
    return override_settings(ROOT_URLCONF=urls)


@pytest.fixture
def watcher(client, anilist, alice):
    """alice, connected, with one title on her list."""
    anilist.connect(alice)
    anilist.set_list(alice, CURRENT=[anilist.add_media("The Bee Keepers", id=7, episodes=12)])
    client.force_login(alice)
    return client


def test_the_first_views_show_a_list_and_a_title_and_change_an_entry(watcher, anilist, alice):
    shown = written("views.rst", "def watched")
    with at(dashboard=shown.dashboard, title=shown.title, watched=shown.watched):
        assert "The Bee Keepers" in watcher.get("/dashboard/").text
        assert "The Bee Keepers" in watcher.get("/title/7/").text
        assert watcher.post("/watched/7/", {"episode": 3}).url == "/dashboard/"
        assert watcher.get("/watched/7/").status_code == 405
    (entry,) = anilist.box.entries("alice")
    assert entry.progress == 3


def test_a_title_that_is_not_there_is_a_404_and_an_outage_leaves_the_page(watcher, anilist):
    shown = written("views.rst", "errors.NotFound")
    with at(title=shown.title):
        assert "The Bee Keepers" in watcher.get("/title/7/").text
        assert watcher.get("/title/99999999999/").status_code == 404
        assert watcher.get("/title/99999999/").status_code == 404
        with anilist.outage():
            assert "None" in watcher.get("/title/7/").text
        with anilist.limit():
            assert "None" in watcher.get("/title/7/").text


@pytest.mark.django_db(transaction=True)
def test_the_asynchronous_views_do_the_same(async_client, watcher, anilist, alice):
    shown = written("howto.rst", "amedia_list")
    async_client.force_login(alice)

    async def ask():
        return [await async_client.get(f"/{name}/") for name in ("dashboard", "trending")]

    with at(dashboard=shown.dashboard, trending=shown.trending):
        dashboard, trending = async_to_sync(ask)()
    assert "The Bee Keepers" in dashboard.text
    assert len(trending.json()["found"]) > 20


def test_a_view_of_rest_framework_answers_in_json(watcher, anilist, alice):
    shown = written("howto.rst", "APIView")
    with at(watching=shown.Watching.as_view()):
        (entry,) = watcher.get("/watching/").json()
        assert entry["media"]["title"]["userPreferred"] == "The Bee Keepers"
        with anilist.outage():
            assert watcher.get("/watching/").json()["error"] == "unavailable"
        anilist.revoke(alice)
        assert watcher.get("/watching/").json()["error"] == "reconnect"


@pytest.mark.parametrize("invited", [True, False])
def test_a_function_that_makes_users_may_refuse(django_user_model, invited):
    shown = written("howto.rst", "only_members")
    account = types.SimpleNamespace(id=99, name="eve")
    request = types.SimpleNamespace(session={"invited": invited})
    user = shown.only_members(request=request, account=account)
    assert (
        (user is not None) == invited == django_user_model.objects.filter(username="eve").exists()
    )

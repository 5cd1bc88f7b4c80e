"""``request.anilist``: free until used, and an answer to what a view could not get."""

import contextlib
import json

import pytest
from asgiref.sync import async_to_sync, iscoroutinefunction
from django.contrib.auth import get_user_model, login, logout
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.http import HttpResponse, JsonResponse
from django.urls import include, path

from django_anilist import shared
from django_anilist.api.errors import (
    BadResponse,
    NotConnected,
    OutcomeUnknown,
    QueryError,
    RateLimited,
    TokenExpired,
    TokenRejected,
    TokenUnreadable,
    Unavailable,
)
from django_anilist.conf import AniListImproperlyConfigured
from django_anilist.gateway import AniList
from django_anilist.middleware import AniListMiddleware
from django_anilist.models import AniListToken
from django_anilist.signals import token_rejected

SCRIPT = {"accept": "application/json"}
HTMX = {"hx-request": "true", "hx-current-url": "http://testserver/list/"}


class Untouchable:
    """A session or a user that nobody may look at."""

    def __getattr__(self, name):
        raise AssertionError(f"{name} was used")


def answer(request, error):
    request.user = AnonymousUser()
    middleware = AniListMiddleware(lambda request: HttpResponse())
    middleware(request)
    return middleware.process_exception(request, error)


def test_unused_it_costs_no_query_and_touches_neither_session_nor_user(
    rf, db, django_assert_num_queries
):
    request = rf.get("/")
    request.session = request.user = Untouchable()
    with django_assert_num_queries(0):
        response = AniListMiddleware(lambda request: HttpResponse("plain"))(request)
    assert response.content == b"plain"


async def _plain(request):
    return HttpResponse("plain")


def test_unused_it_costs_nothing_in_an_asynchronous_stack_either(rf):
    request = rf.get("/")
    request.session = request.user = Untouchable()
    middleware = AniListMiddleware(_plain)
    assert iscoroutinefunction(middleware)
    assert async_to_sync(middleware)(request).content == b"plain"


def test_it_is_the_client_of_whoever_is_signed_in(rf, alice, django_assert_num_queries):
    request = rf.get("/")
    request.user = alice
    AniListMiddleware(lambda request: HttpResponse())(request)
    with django_assert_num_queries(1):
        assert not request.anilist
        assert request.anilist.status == "disconnected"
    assert isinstance(request.anilist, AniList)


@pytest.mark.parametrize("error", [NotConnected, TokenExpired, TokenRejected, TokenUnreadable])
def test_who_must_reconnect_is_sent_to_connect_and_back(rf, error):
    response = answer(rf.get("/list/?page=2"), error())
    assert response.status_code == 302
    assert response.url == "/anilist/authorize/?next=%2Flist%2F%3Fpage%3D2"


def test_a_script_hears_why_and_where_to_reconnect(rf):
    response = answer(rf.get("/list/", headers=SCRIPT), TokenRejected())
    assert response.status_code == 403
    assert json.loads(response.content) == {
        "error": "reconnect",
        "status": "rejected",
        "url": "/anilist/authorize/",  # the list of a script is no page to come back to
    }


def test_htmx_is_led_to_the_whole_page(rf):
    response = answer(rf.get("/part/", headers=HTMX), TokenRejected())
    assert response.headers["HX-Redirect"] == (
        "/anilist/authorize/?next=http%3A%2F%2Ftestserver%2Flist%2F"
    )


def test_a_form_comes_back_to_the_page_it_was_on(rf):
    request = rf.post("/save/", headers={"referer": "http://testserver/list/"})
    assert answer(request, TokenRejected()).url.endswith("next=http%3A%2F%2Ftestserver%2Flist%2F")


def test_a_spent_budget_is_a_calm_503_with_the_wait(rf, db):
    response = answer(rf.get("/list/"), RateLimited(12.3))
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "13"
    assert b"AniList needs a moment" in response.content


@pytest.mark.parametrize("error", [Unavailable("connection"), BadResponse()])
def test_an_outage_is_a_calm_503(rf, db, error):
    response = answer(rf.get("/list/"), error)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "60")
    assert b"AniList is not reachable" in response.content


def test_a_script_hears_of_an_outage_in_json(rf):
    response = answer(rf.get("/list/", headers=SCRIPT), Unavailable("connection"))
    assert response.status_code == 503
    assert json.loads(response.content) == {"error": "unavailable", "retry_after": 60}


def test_answers_differ_by_caller_and_are_not_kept(rf):
    response = answer(rf.get("/list/"), TokenRejected())
    assert set(response.headers["Vary"].split(", ")) >= {"Accept", "HX-Request"}
    assert response.headers["Cache-Control"] == "no-store"


def test_wrong_settings_are_a_calm_503_and_a_line_in_the_log(rf, db, caplog):
    response = answer(rf.get("/"), AniListImproperlyConfigured("Set ANILIST_CLIENT_ID"))
    assert response.status_code == 503
    assert b"ANILIST_CLIENT_ID" not in response.content
    assert "Set ANILIST_CLIENT_ID" in caplog.text


def test_under_debug_wrong_settings_are_the_developers_to_see(rf, settings):
    settings.DEBUG = True
    assert answer(rf.get("/"), AniListImproperlyConfigured("Set ANILIST_CLIENT_ID")) is None


@pytest.mark.parametrize("error", [QueryError("no"), ValueError("no")])
def test_other_errors_are_the_views_own(rf, error):
    assert answer(rf.get("/"), error) is None


def test_a_page_says_when_an_outage_may_be_over(rf):
    response = answer(rf.get("/"), Unavailable("server", retry_after=12.3))
    assert (response.status_code, response.headers["Retry-After"]) == (503, "13")


def test_a_change_without_an_answer_is_told_as_that(rf):
    response = answer(rf.post("/"), OutcomeUnknown("timeout"))
    assert response.status_code == 503
    assert b"It may have been made or not" in response.content
    assert b"Try again" not in response.content
    told = answer(rf.post("/", headers=SCRIPT), OutcomeUnknown("timeout"))
    assert json.loads(told.content)["error"] == "unknown"


# Who is signed in, or out, by a view


def names(request):
    try:
        return request.anilist.viewer()["name"]
    except NotConnected:
        return "nobody"


def swaps(request):
    """Signs bob in, or nobody, as a view may; and changes a list before and after."""
    before = names(request)
    request.anilist.lazy_media(1, as_viewer=True).get("id")
    other = get_user_model().objects.filter(username="bob").first()
    if request.GET:
        login(request, other, backend="django.contrib.auth.backends.ModelBackend")
        request.anilist.save_media_list_entry(media_id=1, status="DROPPED")
    else:
        logout(request)
    media = request.anilist.lazy_media(1, as_viewer=True)
    entry = (media.get("mediaListEntry") or {}).get("status")
    return JsonResponse({"names": [before, names(request)], "entry": entry})


def test_who_signs_in_is_who_asks_from_then_on(anilist, alice, bob, alice_client, settings):
    settings.ROOT_URLCONF = __name__
    anilist.connect(alice)
    anilist.connect(bob)
    anilist.set_list(alice, CURRENT=[1])
    anilist.set_list(bob)
    assert alice_client.get("/swaps/?in=bob", secure=True).json() == {
        "names": ["alice", "bob"],
        "entry": "DROPPED",
    }
    assert anilist.box.store.entry_for(anilist.on_anilist(alice), 1).status == "CURRENT"


def test_who_signs_out_asks_nothing_more(anilist, alice, alice_client, settings):
    settings.ROOT_URLCONF = __name__
    anilist.connect(alice)
    anilist.set_list(alice, CURRENT=[1])
    found = alice_client.get("/swaps/", secure=True).json()
    assert found == {"names": ["alice", "nobody"], "entry": None}


def test_a_visitor_who_signs_in_asks_as_themselves(anilist, bob, client, settings):
    settings.ROOT_URLCONF = __name__
    anilist.connect(bob)
    found = client.get("/swaps/?in=bob", secure=True).json()
    assert found["names"] == ["nobody", "bob"]


def test_a_visitor_may_be_nobody_at_all(anilist, rf):
    """As REST framework has it with ``UNAUTHENTICATED_USER = None``."""
    request = rf.get("/")
    AniListMiddleware(lambda request: HttpResponse())(request)
    request.user = None
    assert not request.anilist
    assert request.anilist.media(1)["id"] == 1


def of_bob(request):
    bob = get_user_model().objects.get(username="bob")
    return HttpResponse(AniList.for_user(bob).viewer()["name"])


@pytest.mark.parametrize("end", ["expire", "revoke", "forget"])
@pytest.mark.parametrize("who", ["alice", "visitor"])
def test_nobody_is_asked_to_connect_again_for_somebody_else(
    anilist, alice, bob, alice_client, client, settings, end, who
):
    settings.ROOT_URLCONF = __name__
    anilist.connect(bob)
    if end == "forget":
        AniListToken.objects.all().delete()
    else:
        getattr(anilist, end)(bob)
    anilist.connect(alice)
    browser = alice_client if who == "alice" else client
    page = browser.get("/of-bob/", secure=True)
    assert page.status_code == 503
    assert b"the AniList account of somebody else" in page.content
    told = browser.get("/of-bob/", secure=True, headers=SCRIPT)
    assert (told.status_code, told.json()["error"]) == (503, "other-user")
    browser.force_login(bob)
    assert browser.get("/of-bob/", secure=True).status_code == 302


# Where each request is a transaction


def saves(request):
    request.anilist.save_media_list_entry(media_id=1, progress=3)


def saves_and_fails(request):
    saves(request)
    raise RuntimeError("after the change")


def saves_and_takes_back(request):
    """As REST framework does, where it answers for an error itself."""
    with transaction.atomic():
        saves(request)
        transaction.set_rollback(True)
    return HttpResponse()


def saves_well(request):
    saves(request)
    return HttpResponse()


def shows_progress(request):
    query = "query ($id: Int) { MediaList(mediaId: 1, userId: $id) { progress } }"
    found = request.anilist.execute(query, {"id": request.anilist.account.anilist_id})
    return HttpResponse(found["MediaList"]["progress"])


@pytest.fixture(params=[True, False], ids=["atomic", "not atomic"])
def table(request, anilist, alice, settings, monkeypatch):
    """Answers in a table of the site's database; yields what was written there in a view's transaction."""
    settings.ROOT_URLCONF = __name__
    backend = "django.core.cache.backends.db.DatabaseCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "answers"}}
    settings.ANILIST_CACHE = "default"
    call_command("createcachetable")
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", request.param)
    anilist.connect(alice)
    anilist.set_list(alice, CURRENT=[{"media": 1, "progress": 1}])
    written = []

    def look(execute, sql, parameters, many, context):
        within = bool(connection.savepoint_ids)  # the cache has a short transaction of its own
        if within and "answers" in sql and not sql.startswith("SELECT"):
            written.append(sql)
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(look):
        yield written
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE answers")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("change", "status"), [("fails", 500), ("takes-back", 200), ("well", 200)])
def test_a_cache_in_the_database_does_not_bring_back_what_was_changed(
    client, anilist, alice, settings, table, change, status
):
    client.force_login(alice)
    client.raise_request_exception = False
    assert client.get("/progress/", secure=True).content == b"1"
    assert client.post(f"/{change}/", secure=True).status_code == status
    shared._memory.cache_clear()  # as another process, which knows what is in the cache alone
    asked = len(anilist.requests)
    for _ in range(5):
        assert client.get("/progress/", secure=True).content == b"3"
    assert len(anilist.requests) <= asked + 2


@pytest.mark.django_db(transaction=True)
def test_a_change_costs_no_more_than_the_next_page_asks(client, anilist, alice, table):
    client.force_login(alice)
    client.get("/progress/", secure=True)
    client.post("/well/", secure=True)
    asked = len(anilist.requests)
    for _ in range(5):
        assert client.get("/progress/", secure=True).content == b"3"
    assert len(anilist.requests) <= asked + 2


@pytest.mark.django_db(transaction=True)
def test_a_views_transaction_holds_no_row_of_the_cache(client, alice, table):
    """All others would wait for it until the view ends."""
    client.force_login(alice)
    for page in ("progress", "well", "progress"):
        client.get(f"/{page}/", secure=True)
    assert table == []


@pytest.mark.parametrize("kind", ["client", "async_client"])
def test_whom_a_transaction_put_off_is_forgotten_once_it_is_over(request, settings, anilist, kind):
    settings.ROOT_URLCONF, settings.ANILIST_CACHE = __name__, "default"
    memory = shared.memory()
    before = memory.generation(5)
    memory.put_off.add(5)
    get = request.getfixturevalue(kind).get
    answer = async_to_sync(get)("/nowhere/") if kind == "async_client" else get("/nowhere/")
    assert (answer.status_code, memory.put_off) == (404, set())
    assert memory.generation(5) != before


def test_a_cache_that_is_down_is_not_asked_again_for_each_page_that_is_not_there(
    anilist, settings, monkeypatch, client
):
    settings.ROOT_URLCONF, settings.ANILIST_CACHE = __name__, "default"
    memory, tried = shared.memory(), []
    monkeypatch.setattr(memory.store, "set_many", lambda *args: tried.append(args))
    for viewer in range(30):
        memory.forget(viewer)
    tried.clear()
    assert client.get("/nowhere/", secure=True).status_code == 404
    assert tried == []


def shows_the_viewer(request):
    return HttpResponse(request.anilist.viewer()["name"])


def shows_a_stranger(request):
    with contextlib.suppress(TokenRejected):
        request.anilist.viewer()
    return HttpResponse("nobody")


urlpatterns = [
    path("anilist/", include("django_anilist.urls")),
    path("viewer/", shows_the_viewer),
    path("stranger/", shows_a_stranger),
    path("swaps/", swaps),
    path("of-bob/", of_bob),
    path("fails/", saves_and_fails),
    path("takes-back/", saves_and_takes_back),
    path("well/", saves_well),
    path("progress/", shows_progress),
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("atomic", [True, False])
@pytest.mark.parametrize(("page", "status"), [("/viewer/", 302), ("/stranger/", 200)])
def test_a_refused_token_is_marked_and_told_of_once_in_a_transaction_too(
    client, anilist, alice, settings, monkeypatch, atomic, page, status
):
    settings.ROOT_URLCONF = __name__
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", atomic)
    anilist.connect(alice)
    client.force_login(alice)
    anilist.revoke(alice)
    told = []

    def hear(sender, token, **kwargs):
        told.append((token.pk, connection.in_atomic_block))

    token_rejected.connect(hear)
    try:
        for _ in range(3):
            assert client.get(page, secure=True).status_code == status
    finally:
        token_rejected.disconnect(hear)
    row = AniListToken.objects.get()
    assert row.rejected_at is not None
    assert told == [(row.pk, False)]
    anilist.assert_requests(1)

"""The client of a user: what is sent as whom, and what a refusal does."""

import asyncio
import inspect
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import SynchronousOnlyOperation
from django.db import connection
from django.utils import timezone

from django_anilist import answer_store, shared, tokens
from django_anilist.accounts import Account
from django_anilist.api.client import Client
from django_anilist.api.conversation import Question
from django_anilist.api.errors import (
    NotConnected,
    NotFound,
    OutcomeUnknown,
    QueryError,
    RateLimited,
    TokenExpired,
    TokenRejected,
    TokenUnreadable,
    Unavailable,
)
from django_anilist.api.oauth import Grant
from django_anilist.api.secrets import Secret
from django_anilist.api.transport import RequestsTransport
from django_anilist.api.turns import TASK, WEB
from django_anilist.conf import Settings
from django_anilist.gateway import AniList
from django_anilist.models import AniListToken, Status
from django_anilist.signals import anilist_asked

pytestmark = pytest.mark.django_db

FRIEREN = 154587
YEAR = 31_536_000
ANYTHING = "{ Media(id: 1) { id } }"
VIEWER = "query Me { Viewer { id name } }"


@pytest.fixture
def connected(alice, sandbox):
    """Alice of the site, connected to alice of the sandbox."""
    account = Account(sandbox.user("alice").id, "alice")
    tokens.save(alice, account, Grant(Secret(sandbox.issue_token("alice")), YEAR, account.id))
    return alice


def make_expired(user):
    AniListToken.objects.update(expires_at="2020-01-01T00:00:00Z")


def make_rejected(user):
    tokens.reject(AniListToken.objects.get())


def make_unreadable(user):
    AniListToken.objects.update(sealed="gAAAA")


DEAD = [
    pytest.param(make_expired, Status.EXPIRED, TokenExpired, id="expired"),
    pytest.param(make_rejected, Status.REJECTED, TokenRejected, id="rejected"),
    pytest.param(make_unreadable, Status.UNREADABLE, TokenUnreadable, id="unreadable"),
]


def test_a_connected_user_asks_as_themselves(connected, sandbox):
    client = AniList.for_user(connected)
    assert client
    assert client.status is Status.CONNECTED
    assert client.viewer()["name"] == "alice"
    assert client.execute(VIEWER)["Viewer"]["id"] == sandbox.user("alice").id


def test_a_visitor_reads_what_is_public(sandbox):
    client = AniList.anonymous()
    assert not client
    assert client.media(FRIEREN)["id"] == FRIEREN
    with pytest.raises(NotFound):
        client.media(999_999_999)
    assert "Authorization" not in sandbox.requests[-1].headers


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.viewer(),
        lambda client: client.media_list(),
        lambda client: client.save_media_list_entry(media_id=FRIEREN, progress=1),
        lambda client: client.delete_media_list_entry(1),
        lambda client: client.execute(VIEWER),
    ],
)
def test_what_needs_a_viewer_is_not_sent_for_a_visitor(sandbox, ask):
    with pytest.raises(NotConnected):
        ask(AniList.for_user(AnonymousUser()))
    assert sandbox.requests == []


@pytest.mark.parametrize(("kill", "status", "error"), DEAD)
def test_a_dead_token_is_never_sent(connected, sandbox, kill, status, error):
    kill(connected)
    client = AniList.for_user(connected)
    assert not client
    assert client.status is status
    for ask in (client.viewer, client.media_list):
        with pytest.raises(error):
            ask()
    assert sandbox.requests == []


def test_a_user_made_inactive_asks_nothing_as_themselves(connected, sandbox):
    """Neither in a task that runs already nor in a page, whatever lets them in there."""
    client = AniList.for_user(connected)
    assert client.viewer()["name"] == "alice"
    connected.is_active = False
    for one in (client, AniList.for_page(connected)):
        with pytest.raises(NotConnected):
            one.viewer()
    assert AniList.for_page(connected).status is Status.DISCONNECTED
    assert sandbox.count() == 1
    connected.is_active = True
    assert AniList.for_page(connected)


@pytest.mark.parametrize(("kill", "status", "error"), DEAD)
def test_with_a_dead_token_public_pages_work_as_for_a_visitor(
    connected, sandbox, kill, status, error
):
    kill(connected)
    assert AniList.for_user(connected).media(FRIEREN)["id"] == FRIEREN
    assert "Authorization" not in sandbox.requests[-1].headers


def test_what_anilist_refuses_to_strangers_names_the_dead_token(connected, sandbox):
    """No document of ours tells that it needs a viewer; AniList's 401 does."""
    make_expired(connected)
    document = "{ Page { notifications { ... on AiringNotification { id } } } }"
    sandbox.dials.status = 401
    with pytest.raises((TokenExpired, QueryError)):
        AniList.for_user(connected).execute(document)


@pytest.fixture
def changing(connected, bob, sandbox, rf):
    """A page's client, and what changes who is signed in; bob is connected, too."""
    account = Account(sandbox.user("bob").id, "bob")
    tokens.save(bob, account, Grant(Secret(sandbox.issue_token("bob")), YEAR, account.id))
    request = rf.get("/")
    request.user = connected
    return AniList.for_request(request), lambda: setattr(request, "user", bob)


def test_a_refusal_is_of_the_token_that_was_sent_whoever_is_signed_in_by_then(
    changing, connected, bob, sandbox, monkeypatch
):
    client, sign_bob_in = changing
    sandbox.revoke("alice")
    send = RequestsTransport.send

    def meanwhile(way, call):
        sign_bob_in()
        return send(way, call)

    monkeypatch.setattr(RequestsTransport, "send", meanwhile)
    with pytest.raises(TokenRejected) as caught:
        client.execute(VIEWER)
    assert caught.value.user_id == connected.pk
    rejected = {row.user_id for row in AniListToken.objects.exclude(rejected_at=None)}
    assert rejected == {connected.pk}
    assert client.status is Status.CONNECTED


def test_an_answer_is_remembered_for_whose_token_was_sent(changing, connected, monkeypatch):
    client, sign_bob_in = changing
    bearer = client._access.bearer

    def and_then_bob():
        sent = bearer()
        sign_bob_in()
        return sent

    monkeypatch.setattr(client._access, "bearer", and_then_bob)
    question = Question.read(VIEWER)
    assert client._call(question).viewer == tokens.for_user(connected).anilist_id


def test_a_revoked_token_is_asked_once_and_never_again(connected, sandbox):
    sandbox.revoke("alice")
    with pytest.raises(TokenRejected):
        AniList.for_user(connected).viewer()
    assert sandbox.count() == 1
    assert AniListToken.objects.get().rejected_at is not None
    for _ in range(200):
        with pytest.raises(TokenRejected):
            AniList.for_user(connected).viewer()
    assert sandbox.count() == 1


def test_the_client_that_heard_the_refusal_stops_too(connected, sandbox):
    sandbox.revoke("alice")
    client = AniList.for_user(connected)
    for _ in range(3):
        with pytest.raises(TokenRejected):
            client.viewer()
    assert sandbox.count() == 1
    assert client.status is Status.REJECTED


def test_a_renamed_account_is_followed_when_the_viewer_is_read(connected):
    AniListToken.objects.update(name="old name")
    AniList.for_user(connected).viewer()
    assert AniListToken.objects.get().name == "alice"


def test_a_page_reads_the_row_once_for_many_calls(connected, django_assert_num_queries):
    AniList.for_user(connected).viewer()  # the profile is noted
    client = AniList(lambda: connected, lane=WEB)
    with django_assert_num_queries(1):
        client.viewer()
        client.media(FRIEREN)
        assert client
        assert client.account is not None


def test_a_task_looks_at_the_row_before_each_request(connected, sandbox):
    client = AniList.for_user(connected)
    client.viewer()
    tokens.delete(connected)
    with pytest.raises(NotConnected):
        client.viewer()
    assert sandbox.count() == 1


def test_the_list_is_the_users_own(connected, sandbox):
    entries = AniList.for_user(connected).media_list()
    ids = [entry["id"] for entry in entries]
    assert len(ids) == len(set(ids)) > 0
    assert sandbox.requests[-1].json["variables"]["userId"] == sandbox.user("alice").id


def test_every_method_has_an_asynchronous_twin():
    methods = {name for name, _ in inspect.getmembers(Client, callable) if name[0] != "_"}
    methods.remove("lazy_media")  # asks nothing; amedia_many does, where there is an event loop
    assert {f"a{name}" for name in methods} <= set(dir(AniList))


def test_the_twins_do_the_same(connected):
    async def ask():
        client = AniList.for_user(connected)
        assert await client.astatus() is Status.CONNECTED
        assert (await client.aaccount()).user_id == connected.pk
        viewer, media, entries = await asyncio.gather(
            client.aviewer(), client.amedia(FRIEREN), client.amedia_list()
        )
        assert (await client.aexecute(VIEWER))["Viewer"]["id"] == viewer["id"]
        saved = await client.asave_media_list_entry(media_id=1, status="PLANNING")
        assert await client.adelete_media_list_entry(saved["id"]) is True
        return viewer, media, entries

    viewer, media, entries = async_to_sync(ask)()
    client = AniList.for_user(connected)
    assert viewer == client.viewer()
    assert media == client.media(FRIEREN)  # of a title that airs no more: nothing counts down
    assert [entry["id"] for entry in entries] == [entry["id"] for entry in client.media_list()]


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.media(FRIEREN),
        lambda client: client.media_many([FRIEREN]),
        lambda client: str(client.lazy_media(FRIEREN)),
    ],
)
def test_nothing_is_asked_in_an_event_loop(sandbox, ask):
    """It would stop, for as long as AniList takes, all that the loop serves."""

    async def view():
        with pytest.raises(SynchronousOnlyOperation, match="Await the method's twin"):
            ask(AniList.anonymous())

    async_to_sync(view)()
    assert sandbox.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_twin_leaves_no_connection_to_a_database_in_its_thread(settings):
    """A cache that is a table opens one, which nobody else would close."""

    async def ask():
        client = AniList.anonymous()
        assert await client._aside(lambda: connection.cursor().close() or connection.connection)
        return await asyncio.to_thread(lambda: connection.connection)

    assert async_to_sync(ask)() is None


def test_pages_come_one_by_one_in_asynchronous_code_too(sandbox):
    document = """query ($page: Int) {
        Page(page: $page, perPage: 10) { pageInfo { hasNextPage } media { id } } }"""

    async def collect():
        return [item["id"] async for item in AniList.anonymous().apages(document, max_pages=3)]

    asynchronous = async_to_sync(collect)()
    synchronous = [item["id"] for item in AniList.anonymous().pages(document, max_pages=3)]
    assert asynchronous == synchronous
    assert len(set(synchronous)) == 30


def test_a_refusal_in_a_thread_is_written_in_djangos_own(connected, sandbox):
    sandbox.revoke("alice")

    async def ask():
        with pytest.raises(TokenRejected):
            await AniList.for_user(connected).aviewer()

    async_to_sync(ask)()
    assert AniListToken.objects.get().rejected_at is not None


def test_nobody_ever_asks_as_somebody_else(connected, bob, sandbox):
    """One transport, two users, eight threads: cookies and tokens stay where they belong."""
    account = Account(sandbox.user("bob").id, "bob")
    tokens.save(bob, account, Grant(Secret(sandbox.issue_token("bob")), YEAR, account.id))
    clients = {
        user.username: AniList(lambda user=user: user, lane=WEB) for user in (connected, bob)
    }
    for client in clients.values():
        assert client  # the row is read here, where the database is,
        tokens.note_use(client.account)  # and written, not by a thread that would leave it open

    def ask(number):
        name = ("alice", "bob")[number % 2]
        return name, clients[name].execute(VIEWER)["Viewer"]["name"]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(2000)))
    assert [(name, name) for name, _ in answers] == answers
    assert not any("Cookie" in request.headers for request in sandbox.requests)


def test_the_transport_is_shared_and_made_anew_when_the_settings_change(settings):
    first = shared.connections()
    assert shared.connections() is first
    settings.ANILIST_REDIRECT_URI = "https://other.test/anilist/callback/"
    assert shared.connections() is not first


def test_all_clients_of_a_process_share_one_budget_even_where_its_file_cannot_be_used(
    sandbox, settings, tmp_path, monkeypatch, caplog
):
    monkeypatch.setattr(shared, "BUDGET_WINDOW", 60.0)
    settings.ANILIST_BUDGET = str(tmp_path / "missing" / "budget")
    sent = 0
    with pytest.raises(RateLimited) as caught:
        for _ in range(31):
            AniList(AnonymousUser, lane=WEB, max_wait=0).execute(ANYTHING, cache=0)
            sent += 1
    assert (sent, sandbox.count()) == (30, 30)
    assert 20 < caught.value.retry_after <= 60.1  # on a busy machine a part of it is over
    assert caplog.text.count("is not shared") == 1


def test_a_request_asks_in_the_web_lane_and_a_task_in_its_own(sandbox, rf, monkeypatch):
    lanes = []
    paced = shared.paced_transport
    monkeypatch.setattr(
        shared,
        "paced_transport",
        lambda lane, wait: lanes.append((lane, wait)) or paced(lane, wait),
    )
    AniList.for_request(rf.get("/"))
    AniList.for_user(AnonymousUser())
    AniList.for_user(AnonymousUser(), max_wait=5)
    assert lanes == [(WEB, 2.0), (TASK, 120.0), (TASK, 5)]


def test_anilist_is_told_who_asks(sandbox):
    AniList.anonymous().media(FRIEREN)
    headers = sandbox.requests[-1].headers
    assert headers["Referer"] == "https://testserver/"
    assert headers["User-Agent"].startswith("django-anilist/")
    assert headers["User-Agent"].endswith("(+https://testserver)")


def test_a_client_does_not_show_its_user():
    assert repr(AniList.anonymous()) == "<AniList>"


# The budget, the lane, and what is told


def test_a_client_tells_how_the_budget_stands(sandbox, monkeypatch):
    monkeypatch.setattr(shared, "BUDGET_WINDOW", 60.0)
    client = AniList.anonymous()
    before = client.budget
    assert (before.limit, before.left, before.locked_until, before.outage) == (30, 30, None, "")
    client.media(FRIEREN)
    assert client.budget.left == 29
    sandbox.dials.too_many = True
    with pytest.raises(RateLimited):
        client.execute(ANYTHING, cache=0)
    report = async_to_sync(client.abudget)()
    assert report.left == 0
    assert report.locked_until == report.next_slot
    assert 50 < (report.locked_until - timezone.now()).total_seconds() <= 60


@pytest.mark.parametrize(
    ("ask", "uses"),
    [
        pytest.param(lambda client: client.viewer(), True, id="asked"),
        pytest.param(lambda client: async_to_sync(client.aviewer)(), True, id="asked aside"),
        pytest.param(lambda client: client.execute_many([]), False, id="nothing asked"),
    ],
)
def test_the_hour_is_noted_in_which_a_token_was_used(
    connected, sandbox, django_capture_on_commit_callbacks, ask, uses
):
    with django_capture_on_commit_callbacks(execute=True):
        ask(AniList.for_user(connected))
    assert bool(AniListToken.objects.get().used_at) is uses


def test_what_is_remembered_uses_no_token(connected, sandbox, django_capture_on_commit_callbacks):
    client = AniList.for_user(connected)
    client.viewer()
    AniListToken.objects.update(used_at=None)
    with django_capture_on_commit_callbacks(execute=True):
        AniList.for_user(connected).viewer()
    assert sandbox.count() == 1
    assert AniListToken.objects.get().used_at is None


def test_no_answer_is_no_use(connected, sandbox, django_capture_on_commit_callbacks):
    sandbox.dials.status = 502
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(Unavailable):
        AniList.for_user(connected).viewer()
    assert AniListToken.objects.get().used_at is None


def test_a_client_tells_its_lane(rf):
    assert AniList.anonymous().lane == TASK
    assert AniList.for_request(rf.get("/")).lane == WEB


def test_a_sandbox_that_was_not_started_is_named(settings, caplog):
    settings.DEBUG, settings.ANILIST_SANDBOX_URL = True, "http://127.0.0.1:1"
    with pytest.raises(Unavailable):
        AniList.anonymous().media(FRIEREN)
    assert "There is no sandbox at http://127.0.0.1:1: start it" in caplog.messages


def test_whoever_listens_hears_of_every_call(sandbox, connected):
    heard = []

    def listen(sender, event, **more):
        heard.append((event.operation, event.lane, event.outcome, event.cache))

    anilist_asked.connect(listen)
    try:
        client = AniList(lambda: connected, lane=WEB)
        client.media(FRIEREN)
        async_to_sync(client.amedia)(FRIEREN)
        with pytest.raises(NotFound):
            client.media(999_999_999)
    finally:
        anilist_asked.disconnect(listen)
    assert heard == [
        ("Media", "web", "ok", "miss"),
        ("Media", "web", "ok", "hit"),
        ("Media", "web", "NotFound", "miss"),
    ]


def test_the_other_twins_do_the_same(connected, sandbox):
    async def ask():
        client = AniList.for_user(connected)
        many = await client.amedia_many([FRIEREN, 999_999_999])
        (genres,) = await client.aexecute_many(["{ GenreCollection }"])
        ids = [entry["id"] async for entry in client.aiter_media_list()]
        return many, genres, ids

    many, genres, ids = async_to_sync(ask)()
    assert (many[FRIEREN]["id"], many[999_999_999]) == (FRIEREN, None)
    assert genres["GenreCollection"]
    assert ids == [entry["id"] for entry in AniList.for_user(connected).media_list()]


def test_a_cancelled_view_gives_its_place_in_the_queue_away(sandbox, monkeypatch):
    monkeypatch.setattr(shared, "BUDGET_WINDOW", 60.0)
    shared.budget().spend_down_to(0)

    async def ask():
        task = asyncio.create_task(AniList.anonymous().amedia(FRIEREN))
        while not shared.budget().look().waiting:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        for _ in range(2000):
            if not shared.budget().look().waiting:
                break
            await asyncio.sleep(0.01)
        return shared.budget().look().waiting

    assert async_to_sync(ask)() == 0
    assert sandbox.count() == 0


# What is remembered


def test_disconnecting_leaves_nothing_that_anilist_said_of_the_viewer(connected, sandbox):
    AniList.for_user(connected).media_list()
    number = sandbox.user("alice").id
    assert [key for key in answer_store._local._kept if f":{number}:" in key]
    tokens.delete(connected)
    left = [key for key in answer_store._local._kept if f":{number}:" in key]
    assert all(key.endswith("generation") for key in left)


def test_a_client_is_a_users_and_not_an_ids(alice):
    with pytest.raises(TypeError, match="a user of this site, not int"):
        AniList.for_user(alice.pk)


def connect(user, sandbox, name):
    """Connect ``user``, whose account was another before, or none."""
    tokens.delete(user)
    account = Account(sandbox.user(name).id, name)
    tokens.save(user, account, Grant(Secret(sandbox.issue_token(name)), YEAR, account.id))


def test_a_client_from_before_reads_nothing_of_an_account_that_is_somebody_elses_by_now(
    connected, bob, sandbox
):
    before = AniList.for_user(connected)
    assert before.viewer()["name"] == "alice"
    tokens.delete(connected)
    connect(bob, sandbox, "alice")
    AniList.for_user(bob).save_media_list_entry(media_id=1, notes="of bob alone")
    assert AniList.for_user(bob).media_many([1], as_viewer=True)[1]["mediaListEntry"]
    assert "mediaListEntry" not in before.media_many([1], as_viewer=True)[1]


def test_what_a_client_from_before_asks_is_remembered_for_the_account_that_asked(
    connected, bob, sandbox
):
    before = AniList.for_user(connected)
    assert before.viewer()["name"] == "alice"
    connect(connected, sandbox, "bob")
    AniList.for_user(connected).save_media_list_entry(media_id=1, notes="of bob of AniList")
    entry = before.media_many([1], as_viewer=True)[1]["mediaListEntry"]
    assert entry["notes"] == "of bob of AniList"
    connect(connected, sandbox, "eve")
    connect(bob, sandbox, "alice")
    entry = AniList.for_user(bob).media_many([1], as_viewer=True)[1]["mediaListEntry"]
    assert entry is None or entry["notes"] != "of bob of AniList"


def test_a_client_from_before_reads_the_list_of_the_account_of_now(connected, sandbox):
    before = AniList.for_user(connected)
    assert before.viewer()["name"] == "alice"
    connect(connected, sandbox, "bob")
    found = before.media_list()
    assert found
    assert found == AniList.for_user(connected).media_list()


PAGES = [f"p{number}: Page(page: $n) {{ pageInfo {{ perPage }} }}" for number in range(90)]
#: Of the one, 35 go into one request; of the other, none beside another.
DEAR = f"query ($n: Int) {{ Viewer {{ name }} {' '.join(PAGES[:4])} }}"
DEARER = f"query ($n: Int) {{ Viewer {{ name }} {' '.join(PAGES)} }}"


@pytest.mark.parametrize(("document", "number"), [(DEAR, 59), (DEARER, 3)])
@pytest.mark.parametrize("goes", ["to another account", "altogether"])
def test_a_batch_ends_where_its_viewer_goes(connected, bob, sandbox, document, number, goes):
    asks = [(document, {"n": n}) for n in range(1, number + 1)]

    def go(**kwargs):
        anilist_asked.disconnect(go)
        tokens.delete(connected)
        if goes == "to another account":
            connect(connected, sandbox, "bob")

    anilist_asked.connect(go)
    found = AniList.for_user(connected).execute_many(asks)
    told = {each["Viewer"]["name"] for each in found if isinstance(each, dict)}
    assert (told, type(found[-1])) == ({"alice"}, NotConnected)
    assert {type(each) for each in found if not isinstance(each, dict)} == {NotConnected}
    connect(bob, sandbox, "alice")
    found = AniList.for_user(bob).execute_many(asks)
    assert {each["Viewer"]["name"] for each in found} == {"alice"}


def test_after_a_change_the_next_page_shows_it(connected):
    client = AniList(lambda: connected, lane=WEB)
    entry = client.media_list(status="CURRENT")[0]
    client.save_media_list_entry(media_id=entry["mediaId"], progress=entry["progress"] + 1)
    again = next(e for e in client.media_list(status="CURRENT") if e["id"] == entry["id"])
    assert again["progress"] == entry["progress"] + 1


# An AniList that fails


def test_a_revoked_token_is_asked_about_once_in_a_thousand_views(connected, sandbox):
    sandbox.revoke("alice")
    refused = 0
    for _ in range(1000):
        try:
            AniList(lambda: connected, lane=WEB).viewer()
        except TokenRejected:
            refused += 1
    assert (refused, sandbox.count()) == (1000, 1)


def test_an_outage_is_probed_once_a_period_and_pages_keep_their_data(sandbox, monkeypatch):
    """Ten periods of traffic, scaled: the clock of the breaker is real, its period short."""
    monkeypatch.setattr(shared, "BREAKER_PERIOD", 0.3)
    monkeypatch.setattr(shared, "BUDGET_WINDOW", 0.01)

    def view():
        return AniList(AnonymousUser, lane=WEB, max_wait=0.1).media(FRIEREN)

    view()
    sandbox.dials.switched_off = True
    monkeypatch.setattr(Settings, "cache_seconds", {"Media": 0.001})
    time.sleep(0.05)  # what was remembered is old by now
    before, started, stale = sandbox.count(), time.monotonic(), []
    while time.monotonic() - started < 3.0 or len(stale) <= 20 or sandbox.count() - before < 2:
        stale.append(view().stale)
        time.sleep(0.005)
    periods = (time.monotonic() - started) / 0.3
    assert all(stale)
    assert sandbox.count() - before <= periods + 1
    sandbox.dials.switched_off = False
    time.sleep(0.35)
    assert not view().stale
    assert AniList.anonymous().budget.outage == ""


def test_twenty_tags_on_a_server_that_hangs_cost_a_page_three_seconds_and_the_next_nothing(
    sandbox, settings, hangs
):
    settings.ANILIST_DEADLINE = 2.0

    def page():
        hangs.clear()
        client = AniList(AnonymousUser, lane=WEB, max_wait=2.0)
        for number in range(20):
            with pytest.raises(Unavailable):
                client.media(number + 1)
        return sum(hangs)

    assert page() == pytest.approx(3.0, abs=0.1)  # less the turns, which are waited for in earnest
    assert page() == 0


def test_an_anonymous_403_names_the_setting_that_the_referer_comes_from(sandbox):
    sandbox.dials.switched_off = True
    with pytest.raises(Unavailable, match="ANILIST_REDIRECT_URI"):
        AniList.anonymous().media(FRIEREN)


def test_a_change_whose_answer_is_lost_is_made_once(connected, sandbox):
    sandbox.dials.status = 502
    with pytest.raises(OutcomeUnknown):
        AniList.for_user(connected).save_media_list_entry(media_id=1, progress=1)
    assert sandbox.count() == 1


@pytest.mark.django_db(transaction=True)
def test_reading_a_long_list_one_by_one_looks_at_the_row_once_for_each_request(
    connected, sandbox, django_assert_max_num_queries
):
    async def ask():
        client = AniList.for_user(connected)
        return [entry["id"] async for entry in client.aiter_media_list()]

    with django_assert_max_num_queries(6):
        assert len(async_to_sync(ask)()) > 10


@pytest.mark.parametrize("id", [0, -1, 2**31, 99_999_999_999])
def test_a_number_that_is_no_id_is_not_found_unsent(sandbox, id):
    """A view that takes it from an address need not bound it."""
    with pytest.raises(NotFound):
        AniList.anonymous().media(id)
    assert sandbox.count() == 0

"""Connecting in a browser: every way it can end, each a calm page."""

import html
import logging
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import OperationalError, connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from hypothesis import given
from hypothesis import strategies as st

from django_anilist import flow, responses, tokens, views
from django_anilist.api import oauth
from django_anilist.api.errors import CodeRejected, RateLimited, Unavailable
from django_anilist.conf import settings as anilist_settings
from django_anilist.models import AniListToken, AuthorizationRequest
from django_anilist.problems import PROBLEMS
from tests.properties import many
from tests.test_redirects import ELSEWHERE

pytestmark = pytest.mark.django_db

AUTHORIZE, CALLBACK = "/anilist/authorize/", "/anilist/callback/"


def start(client, next_url=""):
    """Walk from our page to AniList's address."""
    client.get(AUTHORIZE, secure=True)
    return client.post(AUTHORIZE, {"next": next_url}, secure=True).url


def state_of(address):
    return parse_qs(urlsplit(address).query)["state"][0]


def outcome_of(response):
    """Return the outcome word of a callback's redirect, having looked at its manners."""
    assert response.status_code == 303
    assert response.content == b""
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response.headers["Cache-Control"]
    assert not {"code", "state"} & set(parse_qs(urlsplit(response.url).query))
    found = re.match(r"/anilist/problem/([a-z-]+)/", response.url)
    return found[1] if found else "connected"


def exchanges(sandbox):
    return sandbox.count(path="/api/v2/oauth/token")


@pytest.fixture
def calm(sandbox):
    """A function that opens a callback, follows it, and returns the outcome word."""

    def open_callback(client, url):
        response = client.get(url, secure=True)
        outcome = outcome_of(response)
        page = client.get(response.url, secure=True)
        if outcome != "connected":
            assert page.status_code == PROBLEMS[outcome].status
            assert str(PROBLEMS[outcome].title) in page.content.decode().replace("&#x27;", "'")
        return outcome

    return open_callback


# The whole dance


def test_a_user_connects(alice_client, alice, sandbox, connect):
    response = connect(alice_client)
    assert outcome_of(response) == "connected"
    row = AniListToken.objects.get()
    assert (row.user, row.name) == (alice, "alice")
    assert row.anilist_id == sandbox.user("alice").id
    assert not AuthorizationRequest.objects.exists()
    page = alice_client.get(response.url, secure=True)
    assert b"Connected to AniList as alice." in page.content


def test_after_connecting_the_user_is_back_where_they_were(alice_client, connect):
    assert connect(alice_client, next="/list/?page=2").url == "/list/?page=2"


def test_anilist_is_asked_with_three_parameters_and_a_state(alice_client, sandbox):
    address = urlsplit(start(alice_client))
    query = parse_qs(address.query)
    assert address.path == "/api/v2/oauth/authorize"
    assert query.pop("state")
    assert query == {
        "client_id": ["1001"],
        "redirect_uri": ["https://testserver/anilist/callback/"],
        "response_type": ["code"],
    }


def test_the_state_is_long_random_and_kept_only_as_a_digest(alice_client, sandbox):
    first, second = state_of(start(alice_client)), state_of(start(alice_client))
    assert first != second
    assert len(first) == 43
    assert first not in str(list(AuthorizationRequest.objects.values()))
    assert first not in str(dict(alice_client.session))


def test_a_plain_visit_starts_nothing(alice_client, sandbox):
    response = alice_client.get(AUTHORIZE, secure=True)
    assert response.status_code == 200
    assert not AuthorizationRequest.objects.exists()


def test_a_post_from_another_site_is_refused(alice, sandbox):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    headers = {"origin": "https://evil.test"}
    assert client.post(AUTHORIZE, secure=True, headers=headers).status_code == 403
    assert client.post("/anilist/disconnect/", secure=True, headers=headers).status_code == 403
    assert not AuthorizationRequest.objects.exists()


@pytest.mark.parametrize("name", ["authorize", "disconnect", "account"])
def test_visitors_are_sent_to_sign_in(client, name):
    method = client.post if name == "disconnect" else client.get
    assert method(reverse(f"anilist:{name}")).url.startswith("/accounts/login/")


def test_whoever_signs_in_again_is_not_led_to_what_only_a_form_may_do(client):
    response = client.post("/anilist/disconnect/", {"next": "/list/"}, secure=True)
    assert response.url == "/accounts/login/?next=/anilist/"


@pytest.mark.parametrize("url", [AUTHORIZE, "/anilist/", "/anilist/problem/denied/", CALLBACK])
def test_no_page_can_be_framed_or_kept(alice_client, sandbox, url):
    headers = alice_client.get(url, secure=True).headers
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Content-Security-Policy"] == "frame-ancestors 'none'"
    assert "no-store" in headers["Cache-Control"]
    assert headers["Referrer-Policy"] in ("same-origin", "no-referrer")


def test_a_sites_own_content_security_policy_is_left_to_it(alice_client, settings, sandbox):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.csp.SiteCSPMiddleware"]
    response = alice_client.get(AUTHORIZE, secure=True)
    assert "Content-Security-Policy" not in response.headers


# State


def test_a_stolen_callback_address_links_nobody(alice_client, bob_client, client, sandbox, calm):
    """Eve starts, and has somebody else open her address: login CSRF."""
    stolen = sandbox.approve(start(alice_client), user="eve")
    assert calm(bob_client, stolen) == "state"
    assert calm(client, stolen) == "state"
    assert exchanges(sandbox) == 0
    assert not AniListToken.objects.exists()


def test_the_same_callback_twice_counts_once(alice_client, sandbox, calm):
    url = sandbox.approve(start(alice_client), user="alice")
    assert calm(alice_client, url) == "connected"
    before = AniListToken.objects.values().get()
    assert calm(alice_client, url) == "state"
    assert exchanges(sandbox) == 1
    assert AniListToken.objects.values().get() == before


@pytest.mark.parametrize(
    ("seconds", "outcome"), [(599, "connected"), (601, "state"), (-86_400, "state")]
)
def test_a_request_lives_ten_minutes(alice_client, sandbox, calm, clock, seconds, outcome):
    address = start(alice_client)
    clock.shift(seconds)
    alice_client.force_login(AuthorizationRequest.objects.get().user) if seconds < 0 else None
    assert calm(alice_client, sandbox.approve(address, user="alice")) == outcome


def test_a_stamp_from_the_future_is_refused(alice_client, sandbox, calm, clock):
    url = sandbox.approve(start(alice_client), user="alice")
    clock.shift(-61)
    assert calm(alice_client, url) == "state"


def test_another_user_in_the_same_browser_is_refused(alice_client, bob, sandbox, calm):
    url = sandbox.approve(start(alice_client), user="alice")
    alice_client.force_login(bob)
    assert calm(alice_client, url) == "state"
    assert not AniListToken.objects.exists()
    assert exchanges(sandbox) == 0


def test_a_user_made_inactive_meanwhile_is_refused(alice_client, alice, sandbox, calm):
    url = sandbox.approve(start(alice_client), user="alice")
    alice.is_active = False
    alice.save()
    assert calm(alice_client, url) == "state"
    assert not AniListToken.objects.exists()


def test_settings_changed_meanwhile_are_refused(alice_client, sandbox, calm, settings):
    url = sandbox.approve(start(alice_client), user="alice")
    settings.ANILIST_CLIENT_ID = "1002"
    assert calm(alice_client, url) == "state"
    assert exchanges(sandbox) == 0


def test_another_anilist_meanwhile_is_refused(alice_client, sandbox, calm, settings):
    """The site goes live between the start, at a sandbox, and the answer; AniList hears nothing."""
    url = sandbox.approve(start(alice_client), user="alice")
    settings.DEBUG, settings.ANILIST_SANDBOX_URL = False, ""
    assert calm(alice_client, url) == "state"
    assert exchanges(sandbox) == 0


@pytest.mark.parametrize("uri", ["", "https://testserver/anilist/callback/"])
def test_both_legs_name_the_same_redirect_uri_behind_a_proxy_too(
    alice_client, sandbox, settings, calm, uri
):
    """TLS ends at the proxy; the site itself is spoken to in plain HTTP."""
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.ANILIST_REDIRECT_URI = uri
    alice_client.defaults.update(HTTP_X_FORWARDED_PROTO="https", HTTP_HOST="testserver")
    alice_client.get(AUTHORIZE)
    address = alice_client.post(AUTHORIZE).url
    assert outcome_of(alice_client.get(sandbox.approve(address, user="alice"))) == "connected"
    (asked,) = [request for request in sandbox.requests if request.path.endswith("/token")]
    assert parse_qs(urlsplit(address).query)["redirect_uri"] == [asked.json["redirect_uri"]]
    assert asked.json["redirect_uri"] == "https://testserver/anilist/callback/"


def test_the_deadlines_of_a_callback_end_before_a_web_servers():
    """Thirty seconds are gunicorn's usual patience; fifteen are ours."""
    turn = anilist_settings.max_wait
    assert oauth.EXCHANGE_DEADLINE + flow.VIEWER_DEADLINE + turn <= 15


def test_the_documentation_keeps_the_code_out_of_access_logs():
    howto = Path(__file__).parents[1].joinpath("docs", "howto.rst").read_text(encoding="utf-8")
    assert f"location = {CALLBACK} {{\n        access_log off;" in howto


def test_a_redirect_uri_changed_meanwhile_is_refused(alice_client, sandbox, calm, settings):
    url = sandbox.approve(start(alice_client), user="alice")
    settings.ANILIST_REDIRECT_URI = "https://testserver:443/anilist/callback/"
    assert calm(alice_client, url) == "state"
    assert exchanges(sandbox) == 0


def test_tabs_may_finish_in_any_order(alice_client, sandbox, calm):
    addresses = [start(alice_client) for _ in range(3)]
    for address in reversed(addresses):
        assert calm(alice_client, sandbox.approve(address, user="alice")) == "connected"


def test_the_eleventh_tab_costs_the_first_only(alice_client, sandbox, calm):
    addresses = [start(alice_client) for _ in range(11)]
    assert AuthorizationRequest.objects.count() == 10
    assert calm(alice_client, sandbox.approve(addresses[0], user="alice")) == "state"
    assert calm(alice_client, sandbox.approve(addresses[1], user="alice")) == "connected"


def test_old_requests_of_everybody_are_swept_away(alice_client, bob_client, sandbox, clock):
    start(alice_client)
    clock.shift(601)
    start(bob_client)
    assert AuthorizationRequest.objects.count() == 1


def test_a_flood_of_bogus_callbacks_costs_a_query_each(
    alice_client, sandbox, django_assert_num_queries
):
    for number in range(500):
        with django_assert_num_queries(1):
            alice_client.get(f"{CALLBACK}?code=x&state={number:043}", secure=True)
        with django_assert_num_queries(0):
            alice_client.get(f"{CALLBACK}?code=x&state={number}", secure=True)
    assert sandbox.requests == []


@pytest.mark.parametrize("samesite", ["Lax", "Strict"])
def test_a_flood_of_parameters_is_no_error_of_the_sites(client, settings, caplog, samesite):
    """Otherwise anybody could fill the log, or the mailbox of whoever is told of errors."""
    settings.SESSION_COOKIE_SAMESITE = samesite
    query = "&".join(f"a{number}=1" for number in range(1100))
    assert outcome_of(client.get(f"{CALLBACK}?{query}", secure=True)) == "state"
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


# What comes back


def test_saying_no_is_fine(alice_client, sandbox, calm):
    assert calm(alice_client, sandbox.deny(start(alice_client), user="alice")) == "denied"
    assert exchanges(sandbox) == 0
    assert not AuthorizationRequest.objects.exists()


def test_a_no_without_a_state_of_ours_changes_nothing(alice_client, sandbox, calm):
    start(alice_client)
    assert calm(alice_client, f"{CALLBACK}?error=access_denied&state=x") == "state"
    assert AuthorizationRequest.objects.exists()


def test_what_anilist_says_of_an_error_is_neither_shown_nor_logged(alice_client, sandbox, caplog):
    caplog.set_level(logging.DEBUG)
    state = state_of(start(alice_client))
    text = "<script>canary</script>"
    query = {"error": "server_error", "error_description": text, "state": state}
    response = alice_client.get(CALLBACK, query, secure=True)
    assert outcome_of(response) == "code"
    page = alice_client.get(response.url, secure=True)
    ours = [record for record in caplog.records if record.name == "django_anilist"]
    shown = page.content.decode() + str(response.headers) + str([r.getMessage() for r in ours])
    assert "canary" not in shown
    assert state not in shown


@pytest.mark.parametrize(
    "query",
    [
        "",
        "code=x",
        "state={state}",
        "code=&state={state}",
        "code=x&code=y&state={state}",
        "code=x&state={state}&state={state}",
        "code=x&error=access_denied&state={state}",
        "error=&state={state}",
        "error=access_denied&error=access_denied&state={state}",
        "code[]=x&state={state}",
        "code=%00&state={state}",
        "code=%FF%FE&state={state}",
        "code=%C3%A9&state={state}",
        "code=" + "x" * 8193 + "&state={state}",
        "code=x&state={state}x",
        "code=x&state=%00",
        "access_token=canary&state={state}",
    ],
)
def test_odd_parameters_ask_nothing_of_anilist(alice_client, sandbox, calm, query):
    state = state_of(start(alice_client))
    assert calm(alice_client, f"{CALLBACK}?{query.format(state=state)}") in ("state", "code")
    assert exchanges(sandbox) == 0
    assert not AniListToken.objects.exists()


#: Pieces of query strings, well-formed and not.
PIECES = st.sampled_from(
    ["code", "state", "error", "error_description", "access_token", "code[]", "=", "&", "&&", ";", "%", "%00", "%ff", "STATE", "access_denied", "def50200", "é", "\u202e"]
)  # fmt: skip


@many(25)
@given(st.lists(PIECES | st.text(max_size=5), max_size=12).map("".join))
def test_any_query_string_is_calm_and_asks_nothing(alice, rf, monkeypatch, query):
    state = "s" * 43
    asked = []

    def refuse(*args):
        asked.append(args)
        raise CodeRejected

    monkeypatch.setattr(flow.oauth, "exchange", refuse)
    AuthorizationRequest.objects.update_or_create(
        state_hash=flow._digest(state),
        defaults={"browser_hash": flow._digest("b"), "user": alice, "created_at": timezone.now()},
    )
    request = rf.get(
        CALLBACK, QUERY_STRING=query.replace("STATE", state).encode().decode("latin-1")
    )
    request.user, request.session = alice, {"anilist_browser": "b"}
    assert flow.finish(request).outcome in ("state", "code", "denied")
    assert asked == [] or ("code=" in query and "STATE" in query)
    assert not AniListToken.objects.exists()


@many(5)
@given(
    st.lists(PIECES | st.text(max_size=5), max_size=12).map("".join),
    st.sampled_from([url for url in ELSEWHERE if url is not None]) | st.text(max_size=40),
)
def test_whatever_is_sent_to_authorize_it_leads_to_anilist_and_back_here(
    alice, alice_client, rf, query, next
):
    address = query.replace("STATE", "next").encode().decode("latin-1")
    request = rf.post(AUTHORIZE, {"next": next}, QUERY_STRING=address, secure=True)
    request.user, request.session = alice, alice_client.session
    request._dont_enforce_csrf_checks = True
    answer = views.authorize(request)
    assert answer.status_code == 303
    assert answer.url.startswith("https://anilist.co/api/v2/oauth/authorize?")
    back = AuthorizationRequest.objects.latest("pk").next_url
    assert back == "" or url_has_allowed_host_and_scheme(back, {"testserver"}, True)


def test_a_token_pushed_in_by_the_browser_is_ignored(alice_client, sandbox):
    token = sandbox.issue_token("alice")
    for response in (
        alice_client.get(CALLBACK, {"access_token": token}, secure=True),
        alice_client.post(CALLBACK, {"access_token": token}, secure=True),
        alice_client.post(AUTHORIZE, {"access_token": token}, secure=True),
    ):
        assert response.status_code in (303, 405)
    assert not AniListToken.objects.exists()


@pytest.mark.parametrize("method", ["head", "post", "options", "put", "delete"])
def test_only_a_get_claims_the_request(alice_client, sandbox, calm, method):
    url = sandbox.approve(start(alice_client), user="alice")
    assert getattr(alice_client, method)(url, secure=True).status_code == 405
    assert calm(alice_client, url) == "connected"


def test_a_prefetch_claims_nothing(alice_client, sandbox, calm):
    url = sandbox.approve(start(alice_client), user="alice")
    headers = {"sec-purpose": "prefetch;prerender"}
    assert alice_client.get(url, secure=True, headers=headers).status_code == 409
    assert calm(alice_client, url) == "connected"


@pytest.mark.parametrize("code", ["garbage", "def50200" + "0" * 700])
def test_a_code_anilist_does_not_know(alice_client, sandbox, calm, code):
    state = state_of(start(alice_client))
    assert calm(alice_client, f"{CALLBACK}?code={code}&state={state}") == "code"


def test_pkce_is_off_unless_it_is_asked_for(alice_client, sandbox):
    assert "code_challenge" not in start(alice_client)
    assert AuthorizationRequest.objects.get().code_verifier == ""


def test_with_pkce_the_right_browser_connects(alice_client, sandbox, calm, settings):
    settings.ANILIST_USE_PKCE, sandbox.dials.pkce = True, True
    address = start(alice_client)
    assert parse_qs(urlsplit(address).query)["code_challenge_method"] == ["S256"]
    assert AuthorizationRequest.objects.get().code_verifier not in address
    assert calm(alice_client, sandbox.approve(address, user="alice")) == "connected"


def test_with_pkce_an_injected_code_is_worth_nothing(
    alice_client, bob_client, sandbox, calm, settings
):
    """Eve has alice's code, and puts it into a flow of her own."""
    settings.ANILIST_USE_PKCE, sandbox.dials.pkce = True, True
    stolen = parse_qs(urlsplit(sandbox.approve(start(alice_client), user="alice")).query)["code"][0]
    own = state_of(start(bob_client))
    assert calm(bob_client, f"{CALLBACK}?code={stolen}&state={own}") == "code"
    assert not AniListToken.objects.exists()


def test_a_wrong_secret_is_the_sites_problem(alice_client, sandbox, calm, settings, caplog):
    settings.ANILIST_CLIENT_SECRET = "canary-secret"
    assert calm(alice_client, sandbox.approve(start(alice_client), user="alice")) == "client"
    assert "canary-secret" not in caplog.text


def test_an_account_of_another_user_stays_theirs(alice_client, bob_client, connect, sandbox):
    connect(alice_client, user="alice")
    before = AniListToken.objects.values().get()
    assert outcome_of(connect(bob_client, user="alice")) == "taken"
    assert AniListToken.objects.values().get() == before


def test_coming_back_as_somebody_else_changes_nothing(alice_client, connect):
    connect(alice_client, user="alice")
    before = AniListToken.objects.values().get()
    assert outcome_of(connect(alice_client, user="bob")) == "other-account"
    assert AniListToken.objects.values().get() == before


def test_names_never_link_accounts(django_user_model, connect):
    """A site user called like an AniList account is not that account."""
    eve = django_user_model.objects.create_user("bob")
    client = Client()
    client.force_login(eve)
    connect(client, user="alice")
    assert AniListToken.objects.get().name == "alice"


# AniList down


@pytest.mark.parametrize("dial", [{"status": 500}, {"html": True}, {"status": 503}])
def test_an_outage_at_the_exchange_is_told_kindly(alice_client, sandbox, calm, dial):
    url = sandbox.approve(start(alice_client), user="alice")
    sandbox.dials.where = "token"
    for name, value in dial.items():
        setattr(sandbox.dials, name, value)
    assert calm(alice_client, url) == "unavailable"
    assert not AniListToken.objects.exists()


@pytest.mark.parametrize(
    "dial", [{"switched_off": True}, {"too_many": True}, {"status": 500}, {"html": True}]
)
def test_an_outage_at_the_viewer_costs_no_code(alice_client, sandbox, calm, dial):
    """The token's own word says whose it is; name and avatar follow when AniList is back."""
    url = sandbox.approve(start(alice_client), user="alice")
    for name, value in dial.items():
        setattr(sandbox.dials, name, value)
    sandbox.dials.where = "graphql"
    assert calm(alice_client, url) == "connected"
    row = AniListToken.objects.get()
    assert (row.anilist_id, row.name) == (sandbox.user("alice").id, "")


def patch_viewer(monkeypatch, viewer):
    class Asked:
        def viewer(self):
            if isinstance(viewer, Exception):
                raise viewer
            return viewer

    monkeypatch.setattr(flow.gateway, "client_for_grant", lambda token, deadline: Asked())


def patch_grant(monkeypatch, subject):
    grant = oauth.Grant(flow.Secret("canary-token"), 3600, subject)
    monkeypatch.setattr(flow.oauth, "exchange", lambda *args: grant)


@pytest.mark.parametrize("error", [RateLimited(30), Unavailable("timeout")])
def test_an_outage_at_the_viewer_with_a_token_that_names_nobody(
    alice_client, sandbox, calm, monkeypatch, error
):
    patch_grant(monkeypatch, None)
    patch_viewer(monkeypatch, error)
    url = sandbox.approve(start(alice_client), user="alice")
    assert calm(alice_client, url) in ("busy", "unavailable")
    assert not AniListToken.objects.exists()


def test_a_spent_budget_names_the_wait(alice_client, sandbox, monkeypatch):
    def limited(*args):
        raise RateLimited(42)

    monkeypatch.setattr(flow.oauth, "exchange", limited)
    url = sandbox.approve(start(alice_client), user="alice")
    response = alice_client.get(url, secure=True)
    assert outcome_of(response) == "busy"
    page = alice_client.get(response.url, secure=True)
    assert page.headers["Retry-After"] == "42"


def test_a_token_and_a_viewer_that_disagree_link_nobody(alice_client, sandbox, calm, monkeypatch):
    patch_grant(monkeypatch, 7)
    patch_viewer(monkeypatch, {"id": 8, "name": "other"})
    url = sandbox.approve(start(alice_client), user="alice")
    assert calm(alice_client, url) == "unavailable"
    assert not AniListToken.objects.exists()


@pytest.mark.parametrize("id", [None, True, "7", 1.0, 0, -1, 2**31, [7]])
def test_a_viewer_without_a_proper_id_links_nobody(alice_client, sandbox, calm, monkeypatch, id):
    patch_grant(monkeypatch, 7)
    patch_viewer(monkeypatch, {"id": id, "name": "other"})
    url = sandbox.approve(start(alice_client), user="alice")
    assert calm(alice_client, url) == "unavailable"
    assert not AniListToken.objects.exists()


def test_a_token_refused_at_once_links_nobody(alice_client, sandbox, calm, monkeypatch):
    patch_grant(monkeypatch, sandbox.user("alice").id)
    url = sandbox.approve(start(alice_client), user="alice")
    assert calm(alice_client, url) == "unavailable"
    assert not AniListToken.objects.exists()


# Our own side down


@pytest.fixture
def no_waiting(monkeypatch):
    monkeypatch.setattr(tokens.time, "sleep", lambda seconds: None)


def busy(*args, **kwargs):
    raise OperationalError("database is locked")


def test_a_database_without_our_tables_is_told_of(alice_client, monkeypatch, caplog):
    monkeypatch.setattr(tokens, "for_user", busy)
    assert alice_client.get("/anilist/", secure=True).status_code == 503
    assert "The database failed, or has no tables: see manage.py migrate" in caplog.messages


def test_a_database_too_busy_to_claim_asks_nothing_of_anilist(
    alice_client, sandbox, calm, monkeypatch, no_waiting
):
    url = sandbox.approve(start(alice_client), user="alice")
    monkeypatch.setattr(AuthorizationRequest.objects.all().__class__, "update", busy)
    assert calm(alice_client, url) == "failed"
    assert exchanges(sandbox) == 0


def test_a_database_too_busy_to_save_drops_the_token(
    alice_client, sandbox, calm, monkeypatch, no_waiting, connect
):
    with monkeypatch.context() as patch:
        patch.setattr(tokens, "_store", busy)
        url = sandbox.approve(start(alice_client), user="alice")
        assert calm(alice_client, url) == "failed"
        assert not AniListToken.objects.exists()
        assert "eyJ" not in str(dict(alice_client.session))
    assert outcome_of(connect(alice_client)) == "connected"


def test_a_database_too_busy_to_start_is_a_calm_page(alice_client, monkeypatch, no_waiting):
    monkeypatch.setattr(AuthorizationRequest, "save", busy)
    response = alice_client.post(AUTHORIZE, secure=True)
    assert response.status_code == 503
    assert b"Something went wrong on this site" in response.content


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (flow, "_code"),
        (flow.oauth, "exchange"),
        (flow, "_identify"),
        (flow.tokens, "save"),
    ],
)
def test_who_disconnects_while_the_callback_runs_has_the_last_word(
    alice_client, alice, sandbox, calm, monkeypatch, connect, place, name
):
    """Wherever in the callback it happens, and whether or not there was a connection before."""
    connect(alice_client)
    url = sandbox.approve(start(alice_client), user="alice")
    work = getattr(place, name)

    def interrupted(*args, **kwargs):
        flow.disconnect(alice)
        return work(*args, **kwargs)

    monkeypatch.setattr(place, name, interrupted)
    assert calm(alice_client, url) == "state"
    assert not AniListToken.objects.exists()
    assert not AuthorizationRequest.objects.exists()


def test_a_user_deleted_while_the_callback_runs_is_not_connected(
    alice_client, alice, sandbox, monkeypatch
):
    url = sandbox.approve(start(alice_client), user="alice")
    identify = flow._identify

    def interrupted(grant):
        alice.delete()
        return identify(grant)

    monkeypatch.setattr(flow, "_identify", interrupted)
    assert outcome_of(alice_client.get(url, secure=True)) == "state"
    assert not AniListToken.objects.exists()


def test_a_request_that_cannot_be_cleared_away_is_worth_nothing_all_the_same(
    alice_client, sandbox, calm, monkeypatch, no_waiting
):
    url = sandbox.approve(start(alice_client), user="alice")
    with monkeypatch.context() as patch:
        patch.setattr(flow.pending, "end", busy)
        assert calm(alice_client, url) == "failed"
    assert AuthorizationRequest.objects.count() == 1
    assert calm(alice_client, url) == "state"
    assert exchanges(sandbox) == 1


@pytest.mark.parametrize("error", [Exception, RecursionError, UnicodeError, OperationalError])
@pytest.mark.parametrize(
    ("place", "name"),
    [
        (flow, "_claim"),
        (flow, "_connect"),
        (flow, "_code"),
        (flow, "_identify"),
        (flow, "_started_here"),
        (flow, "_digest"),
        (flow.oauth, "exchange"),
        (flow.tokens, "save"),
        (flow.gateway, "client_for_grant"),
    ],
)
def test_no_surprise_inside_the_callback_shows_or_logs_the_code(
    alice_client, sandbox, calm, monkeypatch, no_waiting, caplog, place, name, error
):
    caplog.set_level(logging.DEBUG)
    url = sandbox.approve(start(alice_client), user="alice")

    def surprise(*args, **kwargs):
        raise error(f"canary {url}")

    monkeypatch.setattr(place, name, surprise)
    assert calm(alice_client, url) == "failed"
    code = parse_qs(urlsplit(url).query)["code"][0]
    records = [record for record in caplog.records if record.name == "django_anilist"]
    assert len([record for record in records if record.levelname == "ERROR"]) == 1
    assert not any(code in record.getMessage() or record.exc_info for record in records)


@pytest.mark.parametrize("missing", ["ANILIST_CLIENT_ID", "ANILIST_REDIRECT_URI"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_missing_settings_are_a_calm_503(alice_client, settings, missing, method, caplog):
    setattr(settings, missing, "")
    response = getattr(alice_client, method)(AUTHORIZE, secure=True)
    assert response.status_code == 503
    assert b"not set up" in response.content
    assert f"Set {missing}" in caplog.text


def test_settings_gone_missing_meanwhile_are_a_calm_page(
    alice_client, sandbox, calm, settings, caplog
):
    url = sandbox.approve(start(alice_client), user="alice")
    settings.ANILIST_CLIENT_SECRET = ""
    assert calm(alice_client, url) == "setup"
    assert "Set ANILIST_CLIENT_ID" in caplog.text


def test_hostile_flows_leave_the_settings_alone(alice_client, sandbox):
    before = {name: getattr(anilist_settings, name) for name in ("client_id", "redirect_uri")}
    for _ in range(20):
        query = {"client_id": "evil", "redirect_uri": "https://evil.test", "state": "x"}
        alice_client.post(f"{AUTHORIZE}?client_id=evil", query, secure=True)
        alice_client.get(CALLBACK, query, secure=True)
    after = {name: getattr(anilist_settings, name) for name in ("client_id", "redirect_uri")}
    assert after == before


# Where to next


@pytest.mark.parametrize("url", [url for url in ELSEWHERE if url and "site.test/" not in url])
def test_no_next_leads_off_the_site(alice_client, sandbox, connect, url):
    assert connect(alice_client, next=url).url == "/anilist/"


def test_next_is_looked_at_again_when_it_is_used(alice_client, sandbox):
    url = sandbox.approve(start(alice_client), user="alice")
    AuthorizationRequest.objects.update(next_url="//evil.test")
    assert alice_client.get(url, secure=True).url == "/anilist/"


# Disconnecting, and the other pages


def test_disconnecting_forgets_the_token_and_what_is_under_way(alice_client, connect, sandbox):
    connect(alice_client)
    start(alice_client)
    response = alice_client.post("/anilist/disconnect/", secure=True)
    assert (response.status_code, response.url) == (303, "/anilist/")
    assert not AniListToken.objects.exists()
    assert not AuthorizationRequest.objects.exists()
    again = alice_client.post("/anilist/disconnect/", secure=True)
    assert (again.status_code, again.url) == (303, "/anilist/")


def test_disconnecting_needs_a_post(alice_client):
    assert alice_client.get("/anilist/disconnect/", secure=True).status_code == 405


def test_disconnecting_leads_back_on_this_site_only(alice_client):
    post = alice_client.post
    assert post("/anilist/disconnect/", {"next": "/ok/"}, secure=True).url == "/ok/"
    assert post("/anilist/disconnect/", {"next": "//evil.test"}, secure=True).url == "/anilist/"


def test_logging_out_keeps_the_connection_and_the_session_never_had_the_token(
    alice_client, connect
):
    connect(alice_client)
    assert "eyJ" not in str(dict(alice_client.session))
    alice_client.logout()
    assert AniListToken.objects.exists()


def test_connecting_leaves_session_key_and_csrf_token_alone(alice_client, connect):
    alice_client.get(AUTHORIZE, secure=True)
    before = {name: alice_client.cookies[name].value for name in ("sessionid", "csrftoken")}
    connect(alice_client)
    after = {name: alice_client.cookies[name].value for name in ("sessionid", "csrftoken")}
    assert after == before


@pytest.mark.parametrize("outcome", sorted(PROBLEMS))
def test_every_problem_has_its_page(client, outcome):
    response = client.get(f"/anilist/problem/{outcome}/", secure=True)
    problem = PROBLEMS[outcome]
    assert response.status_code == problem.status
    text = response.content.decode().replace("&#x27;", "'")
    for sentence in (problem.title, problem.text, problem.advice):
        assert str(sentence) in text


def test_an_unknown_problem_is_not_found(client):
    assert client.get("/anilist/problem/other/", secure=True).status_code == 404


@pytest.mark.parametrize(
    ("wait", "header"),
    [("5", "5"), ("99999999", "3600"), ("x", None), ("-1", None), ("٣", None), ("9" * 5000, None)],
)
def test_the_wait_in_the_address_is_believed_within_reason(client, wait, header):
    response = client.get("/anilist/problem/busy/", {"wait": wait}, secure=True)
    assert response.headers.get("Retry-After") == header


def test_the_account_page_says_how_the_user_stands(alice_client, connect):
    assert b"not connected" in alice_client.get("/anilist/", secure=True).content.lower()
    connect(alice_client)
    page = alice_client.get("/anilist/", secure=True).content
    assert b"alice" in page
    assert b"https://anilist.co/user/" in page


def test_every_view_is_outside_the_sites_transactions():
    """A claim that waits for the end of the request would not keep a second one out."""
    for view in (views.authorize, views.callback, views.disconnect):
        assert view._non_atomic_requests == set(connections)


def test_our_rows_may_be_in_another_database_than_the_sites(monkeypatch):
    monkeypatch.setattr(responses, "connections", ["default", "accounts"])
    view = responses.outside_transactions(lambda request: None)
    assert view._non_atomic_requests == {"default", "accounts"}


# A session cookie that browsers hold back


@pytest.fixture
def strict(settings):
    settings.SESSION_COOKIE_SAMESITE = "Strict"


def test_a_strict_cookie_costs_one_page_more(alice_client, sandbox, strict):
    """AniList sends the browser here, so it comes without the cookie; our own page sends it with it."""
    url = sandbox.approve(start(alice_client), user="alice")
    page = Client().get(url, secure=True)
    assert page.status_code == 200
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page.headers["Cache-Control"]
    assert AuthorizationRequest.objects.exists()
    again = html.unescape(re.search(r'content="0;url=([^"]*)"', page.content.decode())[1])
    assert urlsplit(again).path == CALLBACK
    assert outcome_of(alice_client.get(again, secure=True)) == "connected"


def test_without_the_cookie_again_it_does_not_go_round_in_circles(alice_client, sandbox, strict):
    url = sandbox.approve(start(alice_client), user="alice")
    assert outcome_of(Client().get(f"{url}&again=1", secure=True)) == "state"
    assert exchanges(sandbox) == 0


def test_the_page_that_waits_for_the_cookie_loads_nothing(client, strict):
    """Whatever it loaded could read the code in its address."""
    text = client.get(
        CALLBACK, {"state": "x", "code": "\">'<script>"}, secure=True
    ).content.decode()
    assert not re.search(r"<script|<link|<img|\ssrc=", text)


@pytest.mark.parametrize("samesite", ["Lax", "None", False])
def test_other_cookies_come_at_once(client, settings, samesite):
    settings.SESSION_COOKIE_SAMESITE = samesite
    assert outcome_of(client.get(f"{CALLBACK}?code=x&state={'s' * 43}", secure=True)) == "state"


@pytest.mark.parametrize("query", ["", "?code=x"])
def test_a_callback_without_a_state_is_not_worth_another_try(client, strict, query):
    assert outcome_of(client.get(f"{CALLBACK}{query}", secure=True)) == "state"

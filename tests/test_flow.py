"""The steps of connecting, one by one; ``test_views`` walks the whole way."""

from __future__ import annotations

import datetime

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict
from django.utils import timezone

from django_anilist import flow, gateway, pending
from django_anilist.accounts import Account
from django_anilist.api.errors import (
    AccessDenied,
    BadResponse,
    CodeRejected,
    NotFound,
    QueryError,
    RateLimited,
    TokenRejected,
    Unavailable,
)
from django_anilist.api.oauth import Grant
from django_anilist.api.secrets import Secret
from django_anilist.conf import AniListImproperlyConfigured
from django_anilist.flow import Finish
from django_anilist.models import AuthorizationRequest, EntryChange

pytestmark = pytest.mark.django_db

TOKEN = Secret("canary-token")


class Session(dict):
    """A session that the database has already."""

    session_key = "kept"


@pytest.fixture
def visit(rf):
    """Return a request of somebody's, with a session."""

    def made(user=None):
        request = rf.get("/anilist/callback/")
        request.session, request.user = Session(), user or AnonymousUser()
        return request

    return made


# Going


def test_a_browser_gets_a_long_random_value_and_keeps_it(visit):
    request, other = visit(), visit()
    flow.prepare(request)
    kept = dict(request.session)
    assert [len(value) for value in kept.values()] == [43]
    flow.prepare(request)
    flow.prepare(other)
    assert request.session == kept != other.session


def test_who_goes_is_noted_with_all_that_must_be_the_same_when_they_come_back(alice, visit):
    before = timezone.now()
    request = visit(alice)
    flow.start(request, alice, "/list/")
    kept = AuthorizationRequest.objects.get()
    assert (kept.user, kept.next_url, kept.code_verifier) == (alice, "/list/", "")
    assert kept.redirect_uri == "https://testserver/anilist/callback/"
    assert kept.configuration
    assert kept.browser_hash == flow._digest(*request.session.values())
    assert before <= kept.created_at <= timezone.now()


def test_who_goes_from_another_host_than_they_come_back_to_is_a_developers_to_know(
    alice, visit, settings, caplog
):
    settings.DEBUG, settings.ANILIST_REDIRECT_URI = True, "http://127.0.0.1:8000/anilist/callback/"
    flow.start(visit(alice), alice, "")
    back = settings.ANILIST_REDIRECT_URI
    assert caplog.messages == [f"You are at testserver, and AniList leads back to {back}"]


def test_with_pkce_each_request_has_a_long_random_verifier(visit, settings):
    settings.ANILIST_USE_PKCE = True
    for _ in range(2):
        flow.start(visit(), None, "")
    kept = set(AuthorizationRequest.objects.values_list("user", "code_verifier"))
    assert [(user, len(verifier)) for user, verifier in kept] == [(None, 43)] * 2


# Coming back


@pytest.mark.parametrize(
    ("age", "timely"), [(-60.001, False), (-60, True), (0, True), (600, True), (600.001, False)]
)
def test_a_request_counts_for_ten_minutes_and_a_minute_ahead(clock, age, timely):
    started = AuthorizationRequest(created_at=timezone.now() - datetime.timedelta(seconds=age))
    assert pending.is_timely(started) is timely


@pytest.mark.parametrize("value", [None, 7, ["x"], "another"])
def test_a_browser_with_another_value_is_another_browser(alice, visit, value):
    request = visit(alice)
    flow.start(request, alice, "")
    started = AuthorizationRequest.objects.get()
    assert flow._started_here(started, request)
    request.session = dict.fromkeys(request.session, value)
    assert not flow._started_here(started, request)


def test_another_user_with_the_same_value_is_refused(alice, bob, visit):
    request, other = visit(alice), visit(bob)
    flow.start(request, alice, "")
    other.session = request.session
    started = AuthorizationRequest.objects.get()
    assert flow._started_here(started, request)
    assert not flow._started_here(started, other)


@pytest.mark.parametrize(("query", "value"), [("", ""), ("a=1", "1"), ("a=1&a=1", ""), ("b=1", "")])
def test_a_parameter_counts_where_it_came_once(query, value):
    assert flow._only(QueryDict(query), "a") == value


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("error=access_denied", AccessDenied),
        ("error=access_denied&code=x", CodeRejected),
        ("error=access_denied&error=access_denied", CodeRejected),
        ("error=server_error", CodeRejected),
        ("code=x&error=", CodeRejected),
        ("code=x&code=y", CodeRejected),
        ("code=%00", CodeRejected),
        ("", CodeRejected),
    ],
)
def test_a_callback_without_a_plain_code_has_none(query, error):
    with pytest.raises(error):
        flow._code(QueryDict(query))


def test_a_code_is_printable_and_not_endless():
    longest = "x" * 8192
    assert flow._code(QueryDict(f"code={longest}")) == Secret(longest)
    with pytest.raises(CodeRejected):
        flow._code(QueryDict(f"code={longest}x"))


# Whose token it is


@pytest.fixture
def viewer(monkeypatch):
    """Let AniList answer as told; return what it was asked with."""

    def answer(result):
        asked = []

        class Client:
            def viewer(self):
                if isinstance(result, Exception):
                    raise result
                return result

        monkeypatch.setattr(gateway, "client_for_grant", lambda *a: asked.append(a) or Client())
        return asked

    return answer


def identify(subject=None):
    return flow._identify(Grant(TOKEN, 3600, subject))


@pytest.mark.parametrize("subject", [None, 7])
def test_whose_token_it_is_says_the_viewer(viewer, subject):
    asked = viewer({"id": 7, "name": "Alice"})
    assert identify(subject) == Account(7, "Alice")
    assert asked == [(TOKEN, 5.0)]


@pytest.mark.parametrize(
    "outage", [RateLimited(), Unavailable("server"), BadResponse("a page", "html")]
)
def test_in_an_outage_the_tokens_own_word_serves(viewer, outage):
    viewer(outage)
    assert identify(7) == Account(7)
    with pytest.raises(type(outage)):
        identify(None)


def test_an_odd_answer_is_no_outage(viewer):
    viewer(BadResponse())
    with pytest.raises(BadResponse):
        identify(7)


@pytest.mark.parametrize("refusal", [QueryError("no"), NotFound("no"), TokenRejected()])
def test_a_token_refused_at_once_is_a_bad_response(viewer, refusal):
    viewer(refusal)
    with pytest.raises(BadResponse) as caught:
        identify(7)
    assert str(caught.value) == "AniList does not accept the token it just gave"


def test_a_token_of_somebody_else_than_the_viewer_is_nobodys(viewer):
    viewer({"id": 8})
    with pytest.raises(BadResponse) as caught:
        identify(7)
    assert str(caught.value) == "AniList's token and Viewer name different accounts"


@pytest.mark.parametrize(
    "error", [AniListImproperlyConfigured("no"), Unavailable("server"), RuntimeError("no")]
)
def test_whatever_goes_wrong_the_way_back_is_known(alice, visit, monkeypatch, error):
    def fail(request, claimed):
        raise error

    flow.start(visit(alice), alice, "/list/")
    monkeypatch.setattr(flow, "_claim", lambda request: AuthorizationRequest.objects.get())
    monkeypatch.setattr(flow, "_connect", fail)
    finish = flow.finish(visit(alice))
    assert (finish.next_url, finish.token) == ("/list/", None)


# What is said about it


def test_the_log_says_how_it_ended(alice_client, connect, caplog):
    caplog.set_level("INFO", "django_anilist")
    connect(alice_client)
    assert caplog.messages[-1] == "Connecting an AniList account ended: connected"


def test_settings_that_are_wrong_are_told_in_the_log(alice, visit, monkeypatch, caplog):
    caplog.set_level("INFO", "django_anilist")

    def wrong(request):
        raise AniListImproperlyConfigured("the words of the mistake")

    monkeypatch.setattr(flow, "_claim", wrong)
    finish = flow.finish(visit(alice))
    assert caplog.messages == [
        "AniList is not set up: the words of the mistake",
        "Connecting an AniList account ended: setup",
    ]
    assert (finish.next_url, finish.token, finish.outcome) == ("", None, "setup")


def test_a_surprise_is_told_by_its_place_alone(alice, visit, monkeypatch, caplog):
    caplog.set_level("INFO", "django_anilist")
    monkeypatch.setattr(flow, "_claim", lambda request: {}["canary"])
    assert flow.finish(visit(alice)).outcome == "failed"
    first, last = caplog.messages
    assert first.startswith("Connecting failed unexpectedly: KeyError at tests.test_flow:")
    assert last == "Connecting an AniList account ended: failed"


def test_where_nothing_was_raised_there_is_no_place():
    assert flow._where(ValueError("canary")) == "ValueError at ?"


def test_an_error_keeps_no_frames(alice, visit, monkeypatch):
    def fail(request):
        raise Unavailable("server")

    monkeypatch.setattr(flow, "_claim", fail)
    finish = flow.finish(visit(alice))
    assert finish == Finish("", error=finish.error)
    assert finish.error.reason == "server"
    assert finish.error.__traceback__ is None


# Leaving


def test_who_disconnects_leaves_the_others_alone(alice, bob):
    for user in (alice, bob):
        EntryChange.objects.create(key=f"of {user}", user=user, changed_at=timezone.now())
        pending.keep(
            AuthorizationRequest(state_hash=f"of {user}", user=user, created_at=timezone.now())
        )
    assert flow.disconnect(alice) is False
    assert [change.user for change in EntryChange.objects.all()] == [bob]
    assert [request.user for request in AuthorizationRequest.objects.all()] == [bob]

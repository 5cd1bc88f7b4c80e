"""What only AniList itself can tell, of a sandbox in every state."""

from __future__ import annotations

import socket

import pytest

from django_anilist import shared
from django_anilist.api.errors import BadResponse, RateLimited, Unavailable
from django_anilist.api.transport import Reply
from django_anilist.doctor import online, trouble
from django_anilist.doctor.online import look_online

HOST = "graphql.anilist.co"


@pytest.fixture(autouse=True)
def no_proxy_here(monkeypatch):
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)


def found():
    return {each.id.removeprefix("anilist."): each.text for each in look_online()}


def test_anilist_answers_and_knows_the_client(sandbox):
    sandbox.dials.limit = 30
    told = found()
    assert told.keys() == {"D158", "D161"}
    assert told["D158"].endswith("answers, and allows 30 requests a minute.")


def test_anilist_may_name_no_limit(sandbox):
    assert found()["D158"].endswith("answers, and names no limit.")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ANILIST_CLIENT_ID", "1002"),
        ("ANILIST_CLIENT_ID", "my-site"),
        ("ANILIST_CLIENT_SECRET", "of-another-site"),
        ("ANILIST_REDIRECT_URI", "https://testserver/elsewhere/"),
    ],
)
def test_anilist_does_not_know_the_client(sandbox, settings, name, value):
    setattr(settings, name, value)
    (rejected,) = [each for each in look_online() if each.id == "anilist.D160"]
    assert ("is none" in rejected.text) == (value == "my-site")
    assert "of-another-site" not in str(rejected)


@pytest.mark.parametrize(
    "name", ["ANILIST_CLIENT_ID", "ANILIST_CLIENT_SECRET", "ANILIST_REDIRECT_URI"]
)
def test_without_a_client_nothing_is_tried(sandbox, settings, name):
    setattr(settings, name, "")
    assert found().keys() == {"D158", "D162"}
    assert sandbox.count("/api/v2/oauth/token") == 0


@pytest.mark.parametrize(
    ("dials", "id"),
    [
        ({"switched_off": True}, "D156"),
        ({"status": 502}, "D156"),
        ({"html": True}, "D156"),
        ({"broken_json": True}, "D156"),
        ({"status": 404}, "D156"),
        ({"cut": True}, "D152"),
        ({"too_many": True}, "D157"),
        ({"blocked": "You do not keep to the limit."}, "D155"),
    ],
)
def test_an_anilist_in_trouble(sandbox, dials, id):
    vars(sandbox.dials).update(dials)
    told = found()
    assert id in told
    assert ("D161" in told) == (id != "D152")  # the token endpoint is another host's
    assert "D158" not in told


@pytest.mark.parametrize(
    "dials", [{"status": 502}, {"cut": True}, {"too_many": True}, {"html": True}]
)
def test_a_token_endpoint_in_trouble(sandbox, dials):
    vars(sandbox.dials).update(where="token", **dials)
    told = found()
    assert told.keys() == {"D158", "D162"}
    assert "could not be tried" in told["D162"]


def test_a_budget_that_is_spent_is_waited_for_no_longer_than_patience(
    sandbox, settings, monkeypatch
):
    monkeypatch.setattr(shared, "BUDGET_WINDOW", 60.0)
    monkeypatch.setattr(online, "PATIENCE", 0.0)
    shared.budget().spend_down_to(0)
    assert "D157" in found()
    assert sandbox.count() == 0


def test_an_outage_that_others_met_is_not_met_again(sandbox, monkeypatch):
    monkeypatch.setattr(shared, "BREAKER_PERIOD", 60.0)
    sandbox.dials.switched_off = True
    found()
    assert "D156" in found()
    assert sandbox.count() == 1


# The clock


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (-30, None),
        (30, None),
        (-200_000, "2 days ahead of"),
        (-90, " seconds ahead of"),
        (90, " seconds behind"),
        (7_300, "2 hours behind"),
    ],
)
def test_a_clock_that_differs(sandbox, ahead, words):
    sandbox.dials.clock = ahead
    assert (words is None) == ("D159" not in found())
    if words:
        assert words in found()["D159"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (61.2, "61 seconds"),
        (119, "119 seconds"),
        (120, "2 minutes"),
        (7_199, "120 minutes"),
        (7_200, "2 hours"),
        (172_800, "2 days"),
    ],
)
def test_how_far_apart_is_said_in_words(seconds, words):
    assert online._span(seconds) == words


def test_the_clock_is_told_from_a_refusal_too(sandbox):
    sandbox.dials.clock, sandbox.dials.switched_off = -900, True
    assert {"D156", "D159"} <= found().keys()


@pytest.mark.parametrize("date", [None, "", "yesterday", "Mon, 99 Foo 2026 00:00:00 GMT", "\x00"])
def test_a_date_that_is_none_says_nothing(date):
    headers = {} if date is None else {"Date": date}
    assert list(online._clock(Reply(200, headers, b"{}"))) == []


# What stands between


@pytest.mark.parametrize(
    ("reason", "id", "remedy"),
    [
        ("dns", "D151", f"getent hosts {HOST}"),
        ("connection", "D152", "Let this machine connect"),
        ("timeout", "D152", "Let this machine connect"),
        ("tls", "D153", 'ANILIST_CA_BUNDLE = "'),
        ("proxy", "D154", "ANILIST_PROXY = None"),
        ("forbidden", "D155", "Ask AniList why"),
        ("switched-off", "D156", ""),
        ("server", "D156", ""),
        ("html", "D156", ""),
        ("too-large", "D156", ""),
    ],
)
def test_each_failure_has_its_name_and_remedy(reason, id, remedy):
    found = trouble.named(Unavailable(reason), HOST)
    assert found.id == f"anilist.{id}"
    assert HOST in found.text
    assert found.remedy.startswith(remedy)


def test_failures_without_a_reason_of_their_own():
    assert trouble.named(BadResponse(), HOST).id == "anilist.D156"
    assert "12.5 s" in trouble.named(RateLimited(12.5), HOST).text


@pytest.mark.parametrize("reason", ["dns", "connection", "timeout"])
@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy"])
def test_a_proxy_in_the_environment_is_the_likeliest_remedy(monkeypatch, settings, reason, name):
    monkeypatch.setenv(name, "http://bob:canary-word@proxy.example:3128")
    found = trouble.named(Unavailable(reason), HOST)
    assert (found.remedy, found.place) == (f'ANILIST_PROXY = os.environ["{name}"]', "settings")
    settings.ANILIST_PROXY = "http://127.0.0.1:3128"
    assert trouble.named(Unavailable(reason), HOST).remedy != found.remedy


def test_authorities_of_ones_own_may_be_the_wrong_ones(settings):
    settings.ANILIST_CA_BUNDLE = "/etc/ssl/own.pem"
    assert trouble.named(Unavailable("tls"), HOST).remedy.startswith("ANILIST_CA_BUNDLE = None")


def test_a_name_that_nobody_knows_is_told_from_a_closed_port(settings, monkeypatch):
    def unknown(*args, **kwargs):
        raise socket.gaierror(-2, "Name or service not known")

    settings.DEBUG, settings.ANILIST_SANDBOX_URL = True, "http://127.0.0.1:1"
    assert found().keys() == {"D152"}
    settings.ANILIST_SANDBOX_URL = "http://localhost:1"
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert found().keys() == {"D151"}

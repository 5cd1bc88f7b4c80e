"""The authorization code grant: what is sent, and what is made of the answer."""

import base64
import hashlib
import json
import time
import traceback

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st
from responses import matchers

from django_anilist.api import oauth
from django_anilist.api.endpoints import ANILIST, sandbox
from django_anilist.api.errors import (
    AniListError,
    BadResponse,
    ClientRejected,
    CodeRejected,
    RateLimited,
    Unavailable,
)
from django_anilist.api.oauth import (
    DAY,
    OAuthClient,
    authorization_url,
    exchange,
    stored_grant,
)
from django_anilist.api.secrets import Secret
from django_anilist.api.transport import Reply, RequestsTransport
from tests.faults.bodies import NO_TOKENS, ODD_LIVES
from tests.properties import many

CLIENT = OAuthClient("1001", Secret("canary-secret"), "https://site.test/anilist/callback/")
CODE = Secret("canary-code")
YEAR = 365 * DAY


class Scripted:
    """A transport that gives one reply and remembers the call."""

    def __init__(self, content, status=200):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.reply = Reply(status, {}, body)

    def send(self, call):
        self.call = call
        return self.reply

    def close(self):
        pass


def jwt(**claims):
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"aGVhZGVy.{body}.c2ln"


def granted(token="canary-token", **more):
    content = {"token_type": "Bearer", "expires_in": YEAR, "access_token": token, **more}
    content = {name: value for name, value in content.items() if value is not ...}
    return exchange(Scripted(content), ANILIST, CLIENT, CODE)


# What is sent


def test_the_address_is_the_one_of_anilists_guide():
    assert authorization_url(ANILIST, CLIENT, "state") == (
        "https://anilist.co/api/v2/oauth/authorize?client_id=1001"
        "&redirect_uri=https%3A%2F%2Fsite.test%2Fanilist%2Fcallback%2F&response_type=code&state=state"
    )


@responses.activate
def test_the_exchange_is_the_one_of_anilists_guide():
    body = {
        "grant_type": "authorization_code",
        "client_id": "1001",
        "client_secret": "canary-secret",
        "redirect_uri": "https://site.test/anilist/callback/",
        "code": "canary-code",
    }
    sent = responses.post(
        "https://anilist.co/api/v2/oauth/token",
        json={"token_type": "Bearer", "expires_in": YEAR, "access_token": "canary-token"},
        match=[
            matchers.json_params_matcher(body),
            matchers.header_matcher(
                {"Accept": "application/json", "Content-Type": "application/json"}
            ),
        ],
    )
    transport = RequestsTransport(referer="https://site.test/", user_agent="tests")
    assert exchange(transport, ANILIST, CLIENT, CODE).access_token == Secret("canary-token")
    assert sent.call_count == 1
    assert "Authorization" not in sent.calls[0].request.headers


def test_with_a_verifier_its_challenge_goes_first_and_itself_later():
    """By S256 of RFC 7636, section 4.2."""
    verifier = "a-verifier-that-nobody-guesses"
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode()
    address = authorization_url(ANILIST, CLIENT, "state", verifier)
    challenge = digest.rstrip("=")
    assert address.endswith(f"&state=state&code_challenge={challenge}&code_challenge_method=S256")
    transport = Scripted({"token_type": "Bearer", "access_token": "canary-token"})
    exchange(transport, ANILIST, CLIENT, CODE, verifier)
    assert transport.call.payload["code_verifier"] == verifier
    exchange(transport, ANILIST, CLIENT, CODE)
    assert "code_verifier" not in transport.call.payload


def test_an_exchange_has_its_own_deadline_and_takes_no_large_answer():
    transport = Scripted({"token_type": "Bearer", "access_token": "canary-token"})
    exchange(transport, ANILIST, CLIENT, CODE)
    call = transport.call
    assert (call.url, call.deadline, call.max_bytes) == (ANILIST.token, 8.0, 64 * 1024)


def test_a_call_does_not_show_its_secrets():
    transport = Scripted({})
    with pytest.raises(BadResponse):
        exchange(transport, ANILIST, CLIENT, CODE)
    assert "canary" not in repr(transport.call) + repr(CLIENT)


# What is made of the answer


def test_a_grant_has_the_token_its_life_and_its_subject():
    token = jwt(sub="5001", exp=time.time() + 10)
    grant = granted(token)
    assert (grant.access_token, grant.expires_in, grant.subject) == (Secret(token), YEAR, 5001)
    assert token not in repr(grant)


@pytest.mark.parametrize("kind", ["Bearer", "bearer", "BEARER"])
def test_the_capitals_of_bearer_do_not_matter(kind):
    assert granted(token_type=kind)


@pytest.mark.parametrize("content", NO_TOKENS.values(), ids=list(NO_TOKENS))
def test_what_is_no_token_is_a_bad_response(content):
    with pytest.raises(BadResponse):
        exchange(Scripted(content), ANILIST, CLIENT, CODE)


@pytest.mark.parametrize(
    "content", [{"token_type": "mac"}, {"token_type": "Bearer", "access_token": ""}]
)
def test_an_answer_that_is_no_token_is_told_in_words_of_ours(content):
    with pytest.raises(BadResponse) as caught:
        exchange(Scripted(content), ANILIST, CLIENT, CODE)
    assert str(caught.value) == "AniList's token endpoint answered something else than a token"


@pytest.mark.parametrize("token", ["a", "a" * 8192, "a-b._~+/==", jwt(sub="1")])
def test_any_bearer_token_of_the_grammar_is_taken(token):
    assert granted(token).access_token.reveal() == token


@pytest.mark.parametrize("life", [value for value in ODD_LIVES if value != 10**18])
def test_an_odd_life_is_a_year(life):
    assert granted(expires_in=life).expires_in == YEAR
    assert granted(expires_in=...).expires_in == YEAR


def test_a_token_that_ends_this_very_second_is_given_a_year(time_machine):
    time_machine.move_to(1_800_000_000, tick=False)
    assert granted(jwt(exp=1_800_000_000), expires_in=None).expires_in == YEAR
    assert granted(jwt(exp=1_800_000_001), expires_in=None).expires_in == 1


def test_a_life_of_a_second_is_one():
    assert granted(expires_in=1).expires_in == 1


def test_a_life_beyond_belief_is_cut():
    assert granted(expires_in=10**18).expires_in == 400 * DAY
    assert granted(jwt(exp=10**18), expires_in=None).expires_in == 400 * DAY


def test_without_a_life_the_tokens_own_word_serves():
    life = granted(jwt(exp=int(time.time()) + 1000), expires_in=None).expires_in
    assert 998 <= life <= 1000


@pytest.mark.parametrize("exp", [0, -1, "soon", None, True, 1.5, []])
def test_an_expiry_that_makes_no_sense_is_a_year(exp):
    assert granted(jwt(exp=exp), expires_in=None).expires_in == YEAR


@pytest.mark.parametrize(
    ("sub", "subject"), [("5001", 5001), (5001, 5001), ("2147483647", 2**31 - 1)]
)
def test_the_subject_is_an_id(sub, subject):
    assert granted(jwt(sub=sub)).subject == subject


@pytest.mark.parametrize(
    "sub",
    [
        None,
        True,
        0,
        -1,
        "0",
        "-1",
        "1.0",
        "",
        "x",
        "٣",
        2**31,
        str(2**31),
        "0" * 10 + "7",
        "9" * 5000,
        [1],
        1.5,
    ],
)
def test_a_subject_that_is_no_id_is_nobody(sub):
    assert granted(jwt(sub=sub)).subject is None


@pytest.mark.parametrize(
    "token",
    [
        "plain",
        "a.b",
        "a.b.c.d",
        "a..c",
        "a.!!!.c".replace("!", "~"),
        "a.eA.c",
        "a.W10.c",
        "a.____.c",
    ],
)
def test_a_garbage_jwt_is_still_a_token(token):
    grant = granted(token)
    assert (grant.subject, grant.expires_in) == (None, YEAR)


@many(5)
@given(st.from_regex(r"[A-Za-z0-9\-._~+/]{1,80}={0,2}", fullmatch=True))
def test_any_token_of_the_grammar_is_taken_whatever_it_says(token):
    assert granted(token).access_token.reveal() == token


@pytest.mark.parametrize(
    "hint",
    [
        "Authorization code has been revoked",
        "Authorization code has expired",
        "Cannot decrypt the authorization code",
    ],
)
def test_a_spent_or_odd_code_is_a_code_rejected(hint):
    content = {"error": "invalid_request", "message": "...", "hint": hint}
    with pytest.raises(CodeRejected):
        exchange(Scripted(content, 400), ANILIST, CLIENT, CODE)


@pytest.mark.parametrize("error", [[], {}, None, 7, "invalid_grant"])
def test_an_error_of_another_kind_is_a_code_rejected(error):
    with pytest.raises(CodeRejected):
        exchange(Scripted({"error": error}, 400), ANILIST, CLIENT, CODE)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ("invalid_client", 401),
        ("invalid_client", 400),
        ("unsupported_grant_type", 400),
        ("unauthorized_client", 400),
    ],
)
def test_a_wrong_secret_is_a_client_rejected(error, status):
    with pytest.raises(ClientRejected):
        exchange(Scripted({"error": error}, status), ANILIST, CLIENT, CODE)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (403, Unavailable),
        (429, RateLimited),
        (500, Unavailable),
        (503, Unavailable),
        (404, BadResponse),
        (201, BadResponse),
    ],
)
def test_an_outage_is_no_word_about_the_code(status, error):
    with pytest.raises(error) as caught:
        exchange(Scripted({}, status), ANILIST, CLIENT, CODE)
    assert type(caught.value) is error


@many(5)
@given(
    st.binary(max_size=100)
    | st.dictionaries(
        st.sampled_from(["access_token", "token_type", "expires_in", "error"]),
        st.none() | st.text() | st.integers() | st.lists(st.text()),
    ).map(lambda found: json.dumps(found).encode()),
    st.integers(200, 599),
)
def test_any_answer_is_a_grant_or_one_of_our_errors(body, status):
    try:
        assert exchange(Scripted(body, status), ANILIST, CLIENT, CODE).access_token
    except AniListError:
        pass


@pytest.mark.parametrize(
    "content",
    [
        {"access_token": "canary token", "token_type": "Bearer"},
        {"access_token": "canary-token", "token_type": "mac"},
        {"error": "invalid_request", "message": "canary-code"},
    ],
)
def test_no_secret_is_in_an_error_or_its_frames(content):
    status = 400 if "error" in content else 200
    try:
        exchange(Scripted(content, status), ANILIST, CLIENT, CODE)
    except AniListError as error:
        trace = error.__traceback__.tb_next  # without the frame of this test
        found = traceback.TracebackException(type(error), error, trace, capture_locals=True)
    assert "oauth.py" in (text := "".join(found.format()))
    assert not any(word in text for word in ("canary token", "canary-token", "canary-code"))


# Tokens that were kept elsewhere


def test_a_kept_token_says_itself_when_it_ends_and_whose_it_is():
    ends = int(time.time()) + 1000
    grant = stored_grant(Secret(jwt(exp=ends, sub="7")), expires_at=ends + 5000)
    assert 998 <= grant.expires_in <= 1000
    assert (grant.subject, grant.access_token) == (7, Secret(jwt(exp=ends, sub="7")))


@pytest.mark.parametrize(
    ("expires_at", "life"), [(None, YEAR), (0, 0), (1e9, 0), (1e18, 400 * DAY)]
)
def test_where_a_kept_token_says_nothing_who_kept_it_does(expires_at, life):
    assert stored_grant(Secret("opaque"), expires_at).expires_in == life


@pytest.mark.parametrize("exp", [0, -1, 1_000_000_000])
def test_a_kept_token_that_ended_has_no_life_left(exp):
    assert stored_grant(Secret(jwt(exp=exp))).expires_in == 0


@pytest.mark.parametrize("text", ["", "two words", "new\nline", "a" * 8193, "\x00", "ümlaut"])
def test_what_can_be_no_token_is_a_bad_response_without_it(text):
    with pytest.raises(BadResponse) as caught:
        stored_grant(Secret(text))
    assert str(caught.value) == "This is no token"


def test_the_longest_kept_token_is_taken():
    assert stored_grant(Secret("a" * 8192)).expires_in == YEAR


@pytest.mark.parametrize(
    ("token", "to_anilist", "to_the_sandbox"),
    [
        ("opaque", True, True),
        ("sandbox-opaque", True, True),
        ("e30.e30.sandbox-c2ln", False, True),
        ("e30.e30.c2ln", True, False),
        ("sandbox-e30.sandbox-e30.c2ln", True, False),
    ],
)
def test_a_token_goes_where_it_came_from(token, to_anilist, to_the_sandbox):
    found = [oauth.may_be_sent(Secret(token), sandbox=where) for where in (False, True)]
    assert found == [to_anilist, to_the_sandbox]


def test_endpoints_and_clients_have_fingerprints():
    seen = {
        endpoints.fingerprint(client_id)
        for endpoints in (ANILIST, sandbox("http://127.0.0.1:1"), sandbox("http://127.0.0.1:2"))
        for client_id in ("1", "2")
    }
    assert len(seen) == 6
    assert oauth.is_account_id(1)

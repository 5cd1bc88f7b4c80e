"""What an answer of AniList means, decided in one place."""

import datetime
import json
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from django_anilist.api.errors import (
    AniListError,
    BadResponse,
    NotConnected,
    NotFound,
    QueryError,
    RateLimited,
    TokenRejected,
    TooComplex,
    Unavailable,
    ValidationFailed,
)
from django_anilist.api.replies import error_of, graphql_data, retry_after, trouble
from django_anilist.api.secrets import Secret
from django_anilist.api.transport import Reply
from tests.api.test_decoding import JSON
from tests.properties import many

TOKEN = Secret("canary-token")


def reply(content, status=200, headers=()):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Reply(status, CaseInsensitiveDict(headers), body)


def errors(message, status=400, data=None, **more):
    return {"errors": [{"message": message, "status": status, **more}], "data": data}


def raised(*args, bearer=None, **kwargs):
    with pytest.raises(AniListError) as caught:
        graphql_data(reply(*args, **kwargs), bearer)
    return caught.value


def test_data_is_handed_over():
    assert graphql_data(reply({"data": {"Media": {"id": 1}}})) == {"Media": {"id": 1}}
    assert graphql_data(reply({"data": {"Media": None}, "errors": []})) == {"Media": None}


@pytest.mark.parametrize("http", [400, 401, 200])
@pytest.mark.parametrize("words", ["Invalid token", "invalid token", "INVALID TOKEN"])
def test_an_invalid_token_is_told_by_its_words(http, words):
    """AniList says 400, whatever was asked, and nulls the data."""
    sent = errors(words, data={"MediaListCollection": None})
    assert isinstance(raised(sent, http, bearer=TOKEN), TokenRejected)


def test_an_invalid_token_that_was_never_sent_is_only_an_error():
    assert type(raised(errors("Invalid token"), 400)) is QueryError


@pytest.mark.parametrize("words", ["Invalid token supplied", "Not an Invalid token"])
def test_other_words_about_a_token_do_not_reject_it(words):
    assert type(raised(errors(words), 400, bearer=TOKEN)) is QueryError


@pytest.mark.parametrize("http", [401, 200])
def test_unauthorized_depends_on_who_asked(http):
    sent = errors("Unauthorized.", 401, {"Viewer": None})
    assert isinstance(raised(sent, http), NotConnected)
    assert isinstance(raised(sent, http, bearer=TOKEN), TokenRejected)


def test_unauthorized_without_a_word_counts_too():
    assert isinstance(raised({}, 401), NotConnected)
    assert isinstance(raised({}, 401, bearer=TOKEN), TokenRejected)


@pytest.mark.parametrize("body", [b"<html>", b"", b"{}", json.dumps(errors("no", 403)).encode()])
@pytest.mark.parametrize("status", [403, 500, 502, 503, 520, 522, 524])
def test_an_outage_is_never_a_rejected_token(status, body):
    error = raised(body, status, bearer=TOKEN)
    assert isinstance(error, Unavailable)
    assert error.reason == ("forbidden" if status == 403 else "server")


def test_the_switch_off_is_told_apart():
    sent = errors("The AniList API has been temporarily disabled due to ...", 403)
    assert raised(sent, 403).reason == "switched-off"


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b"AniList has been temporarily disabled", 403, "switched-off"),
        (b"no", 403, "forbidden"),
        (b"no", 500, "server"),
        (b"<html>", 503, "server"),
        (b" \n<html>", 499, "html"),
        (b"<html>", 200, "html"),
        (b'{"html": "<html>"}', 200, ""),
        (b"", 200, ""),
    ],
)
def test_what_ails_anilist_is_told_in_a_word(body, status, reason):
    assert trouble(reply(body, status)) == reason


def test_what_anilist_says_of_its_refusal_is_kept_as_one_short_line_without_the_token():
    sent = errors("Closed\nfor canary-token " + "x" * 1000, 403)
    sent["errors"].append({"message": "another"})
    assert raised(sent, 403).said.startswith("Closed for canary-token xxx")
    said = raised(sent, 403, bearer=TOKEN).said
    assert said.startswith("Closed for *** xxx")
    assert len(said) == 300


@pytest.mark.parametrize(
    "content",
    [b"<html>", b"", {}, {"errors": []}, {"errors": "no"}, {"errors": ["no"]}, {"errors": [{}]}],
)
def test_a_refusal_without_a_sentence_says_nothing(content):
    assert raised(content, 403).said == ""


def test_only_who_asked_without_a_token_is_told_of_the_missing_referer():
    assert "Referer" in str(raised(b"", 403))
    refused = raised(b"", 403, bearer=TOKEN)
    assert str(refused) == "AniList gave no usable answer (forbidden)"
    assert refused.in_doubt is False


def test_an_error_of_the_server_inside_a_200_is_an_outage():
    assert raised(errors("Internal Server Error", 500)).reason == "server"


def test_a_spent_budget_says_how_long():
    sent = errors("Too Many Requests.", 429)
    assert raised(sent, 429, {"Retry-After": "17"}).retry_after == 17
    assert isinstance(raised(sent), RateLimited)


def test_what_is_not_found_keeps_what_was():
    sent = errors("Not Found.", 404, {"a": None, "b": {"id": 1}})
    error = raised(sent, 404)
    assert isinstance(error, NotFound)
    assert (error.status, error.data) == (404, {"a": None, "b": {"id": 1}})
    assert isinstance(raised(errors("Private User", 404)), NotFound)


def test_arguments_refused_are_named():
    validation = {"id": ["The selected id is invalid."]}
    error = raised(errors("validation", validation=validation), 400)
    assert isinstance(error, ValidationFailed)
    assert error.fields == validation
    assert str(error) == "id: The selected id is invalid."


def test_all_that_is_said_of_arguments_is_told():
    said = {"score": ["It is too high.", "It is odd."], "status": ["It is none."]}
    error = raised(errors("validation", validation=said), 400)
    assert str(error) == "score: It is too high. It is odd.; status: It is none."


def test_of_several_refusals_the_first_is_told():
    sent = errors("One.", 400)
    sent["errors"] += errors("Two.", 400)["errors"]
    assert str(raised(sent, 400)) == "One."


def test_too_much_at_once_is_told_apart():
    assert isinstance(
        raised(errors("Max query complexity should be 500 but got 646."), 400), TooComplex
    )


def test_other_refusals_keep_anilists_words():
    error = raised(errors('Cannot query field "x" on type "Y".'), 400)
    assert type(error) is QueryError
    assert str(error) == 'Cannot query field "x" on type "Y".'
    assert error.errors[0]["status"] == 400


@pytest.mark.parametrize(
    ("http", "stated", "status"),
    [(400, 422, 400), (422, 400, 400), (200, 422, 422), (200, "?", 400)],
)
def test_the_status_of_a_refusal_is_the_lowest_that_is_one(http, stated, status):
    assert raised(errors("no", stated), http).status == status


def test_an_error_without_a_word_has_no_text():
    assert str(raised({"errors": [{"status": 400}]}, 400)) == ""
    assert str(error_of(400, [], None, None)) == ""


def test_what_is_no_object_beside_errors_is_not_taken_for_data():
    assert raised(errors("odd", 400, [1])).data is None


def test_data_beside_errors_is_refused_and_handed_over():
    error = raised(errors("odd", 400, {"Media": {"id": 1}}))
    assert type(error) is QueryError
    assert error.data == {"Media": {"id": 1}}


def test_a_token_echoed_by_an_error_is_masked():
    error = raised(errors("bad canary-token here"), 400, bearer=TOKEN)
    assert str(error) == "bad *** here"


def test_a_long_message_is_cut():
    assert len(str(raised(errors("x" * 10_000), 400))) == 300


@pytest.mark.parametrize("status", [200, 201, 204, 400, 404, 418])
@pytest.mark.parametrize(
    "content",
    [
        {},
        {"data": None},
        {"data": []},
        {"data": 7},
        {"errors": "no"},
        {"errors": ["no"]},
        {"errors": 7},
    ],
)
def test_another_shape_is_a_bad_response(status, content):
    assert isinstance(raised(content, status), BadResponse)


def test_data_with_an_odd_status_is_a_bad_response():
    assert isinstance(raised({"data": {}}, 201), BadResponse)


def test_a_web_page_is_called_one():
    assert raised(b"<!DOCTYPE html>").reason == "html"


def later(seconds):
    now = datetime.datetime.now(datetime.timezone.utc)
    return format_datetime(now + datetime.timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("header", "low", "high"),
    [
        ("30", 30, 30), ("0", 1, 1), ("-1", 1, 1), ("1e9", 120, 120), ("inf", 120, 120), ("-inf", 1, 1),
        ("soon", 60, 60), ("nan", 60, 60), ("", 60, 60), (" 7 ", 7, 7), ("2.5", 3, 3),

        ("Wed, 21 Oct 2015 07:28:00", 1, 1), ("Wed, 99 Oct 2015 07:28:00 GMT", 60, 60),
        ("9" * 400, 120, 120),
    ],
)  # fmt: skip
def test_any_retry_after_is_a_sensible_number_of_seconds(header, low, high):
    assert low <= retry_after(CaseInsensitiveDict({"retry-after": header})) <= high


@pytest.mark.parametrize(
    ("seconds", "low", "high"), [(20, 18, 20), (-20, 1, 1), (10_000, 120, 120)]
)
def test_a_date_is_a_retry_after_too(seconds, low, high):
    assert low <= retry_after({"Retry-After": later(seconds)}) <= high


def test_a_missing_retry_after_is_a_minute():
    assert retry_after({}) == 60


@many(20)
@given(JSON, st.integers(200, 599), st.booleans())
def test_any_json_at_any_status_is_data_or_one_of_our_errors(content, status, signed):
    try:
        assert isinstance(graphql_data(reply(content, status), TOKEN if signed else None), dict)
    except AniListError:
        pass


@many(10)
@given(
    st.dictionaries(
        st.sampled_from(["errors", "data"]),
        JSON
        | st.lists(st.dictionaries(st.sampled_from(["message", "status", "validation"]), JSON)),
    )
)
def test_errors_of_any_shape_are_one_of_our_errors(content):
    try:
        assert isinstance(graphql_data(reply(content), TOKEN), dict)
    except AniListError:
        pass

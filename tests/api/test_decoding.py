"""Bytes from outside: a JSON object, or a bad response."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_anilist.api.decoding import MAX_DEPTH, json_object
from django_anilist.api.errors import BadResponse

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), JSON), st.booleans())
def test_every_object_comes_through_unchanged(content, escaped):
    text = json.dumps(content, ensure_ascii=escaped)
    try:
        body = text.encode()
    except UnicodeEncodeError:  # a lone surrogate only travels escaped
        return
    assert json_object(body) == content


@given(st.binary(max_size=200))
def test_any_bytes_are_an_object_or_a_bad_response(body):
    try:
        assert isinstance(json_object(body), dict)
    except BadResponse:
        pass


@pytest.mark.parametrize(("left", "right"), [("[", "]"), ('{"a":', "}")])
def test_depth_ends_at_64(left, right):
    inner = MAX_DEPTH - 1
    core = "1" if left != "[" else ""
    assert json_object(f'{{"a":{left * inner}{core}{right * inner}}}'.encode())
    with pytest.raises(BadResponse):
        json_object(f'{{"a":{left * (inner + 1)}{core}{right * (inner + 1)}}}'.encode())


@pytest.mark.parametrize("text", ["[" * 1000, "]]]{{{", '\\"[[', "}" * 100, "[{" * 65])
def test_brackets_inside_texts_do_not_count(text):
    assert json_object(json.dumps({"notes": text, "list": [[1]]}).encode())["notes"] == text


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"7", b'"x"', b"true", b"{", b"{}{}", b'{"a": NaN}', b'{"a": Infinity}',
        b'{"a": -Infinity}', b'{"a": 1e400}', b'{"a": ' + b"9" * 5000 + b"}", b'\xef\xbb\xbf{"a": 1}',
        '{"a": 1}'.encode("utf-16"), b'{"a": "\xff"}', b'{"a": "\0"}', b"[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_plain_object_is_refused(body):
    with pytest.raises(BadResponse) as caught:
        json_object(body)
    assert caught.value.reason == "response"


@pytest.mark.parametrize("body", [b"<html>", b"  \n<!DOCTYPE html>"])
def test_a_web_page_is_called_one(body):
    with pytest.raises(BadResponse) as caught:
        json_object(body)
    assert caught.value.reason == "html"
    assert str(caught.value) == "AniList answered with a web page"

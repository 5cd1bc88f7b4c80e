"""Bytes from outside: a JSON object, or a bad response."""

import gzip
import json
import platform
import tracemalloc
from types import SimpleNamespace
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_anilist.api import decoding
from django_anilist.api.decoding import MAX_DEPTH, MAX_VALUES, json_object, unzipped
from django_anilist.api.errors import BadResponse


@pytest.fixture(params=["json", "orjson"], autouse=True)
def parser(request, monkeypatch):
    """Read with Python's own parser, and with the quicker one where there is one for this Python."""
    if request.param == "json":
        monkeypatch.setattr(decoding, "orjson", None)
    elif platform.python_implementation() != "CPython":
        pytest.skip("orjson is for CPython alone")
    else:
        assert decoding.orjson is not None


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


def test_where_there_is_orjson_it_reads(monkeypatch):
    """What it refuses is read without it, so that nothing else would tell."""
    monkeypatch.setattr(decoding, "orjson", SimpleNamespace(loads=lambda body: {"read": body}))
    assert json_object(b'{"a": 1}') == {"read": b'{"a": 1}'}


MARKS = st.text('[]{},:"\\a')


@given(st.dictionaries(MARKS, st.lists(MARKS) | st.dictionaries(MARKS, MARKS)), MARKS)
def test_marks_inside_texts_are_told_from_those_outside(content, unbalanced):
    content |= {"unbalanced": unbalanced + "["}
    assert json_object(json.dumps(content).encode()) == content


@given(st.dictionaries(MARKS, st.lists(MARKS)), MARKS, st.integers(1, 9))
def test_it_makes_no_difference_where_a_slice_ends(content, unbalanced, size):
    content |= {"unbalanced": unbalanced + "["}
    with mock.patch.object(decoding, "_SLICE", size):
        assert json_object(json.dumps(content).encode()) == content
        with pytest.raises(BadResponse):
            json_object(json.dumps(content).encode() + b"]")


@pytest.mark.parametrize("text", [b'"[[",,', b'"[",', b'",",', b'"'])
def test_to_look_at_texts_full_of_marks_takes_little_memory(text, monkeypatch):
    monkeypatch.setattr(decoding, "orjson", None)  # it reserves much that it never touches
    body = (text * 1_000_000)[: 2 * 1024 * 1024]
    tracemalloc.start()
    try:
        with pytest.raises(BadResponse):
            json_object(body)
        assert tracemalloc.get_traced_memory()[1] < 4 * len(body)
    finally:
        tracemalloc.stop()


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


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"]",', ',"["'),
        ('"}\\"]",', ',"\\"["'),
        ('"\\"]\\"",', ',"\\"[\\""'),
        ('"\\\\","]",', ',"["'),
    ],
)
def test_texts_that_seem_to_close_a_level_do_not(before, after):
    body = '{"a":' + f"[{before}" * MAX_DEPTH + "1" + f"{after}]" * MAX_DEPTH + "}"
    assert json.loads(body)
    with pytest.raises(BadResponse):
        json_object(body.encode())


@pytest.mark.parametrize("value", ["[]", "{}", "1", '"x"'])
def test_values_end_at_200_000(value):
    is_container = value in {"[]", "{}"}
    most = MAX_VALUES // 2 if is_container else MAX_VALUES
    most -= 1  # the object and the list that hold them, and no comma before the first
    body = json.dumps({"list": [json.loads(value)] * most}).encode()
    assert len(json_object(body)["list"]) == most
    with pytest.raises(BadResponse):
        json_object(body.replace(b"]}", f",{value}]}}".encode()))


def test_commas_and_brackets_inside_texts_are_no_values():
    text = ",[]{}" * MAX_VALUES
    assert json_object(json.dumps({"notes": text}).encode()) == {"notes": text}


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


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"\ud83d", "\ufffd"),
        (r"a\uDE00b", "a\ufffdb"),
        (r"\ud83d\ude00", "\U0001f600"),
        (r"\ud83d\ud83d\ude00", "\ufffd\U0001f600"),
        (r"\ude00\ud83d", "\ufffd\ufffd"),
        (r"\\ud83d", r"\ud83d"),
        (r"\\\ud83d", "\\\ufffd"),
        (r"\n\ud83dx", "\n\ufffdx"),
    ],
)
def test_half_a_character_is_replaced(written, read):
    """Whoever cuts a text after so many units may leave one, and a page could not be sent with it."""
    assert json_object(f'{{"name": "{written}"}}'.encode()) == {"name": read}


@given(st.text(st.characters(categories=["Cs", "Ll", "So", "Po"])))
def test_every_text_can_be_sent_on(text):
    read = json_object(json.dumps({text: text}).encode())
    assert json.dumps(read, ensure_ascii=False).encode()
    assert len(read) == 1


@pytest.mark.parametrize("body", [b"<html>", b"  \n<!DOCTYPE html>"])
def test_a_web_page_is_called_one(body):
    with pytest.raises(BadResponse) as caught:
        json_object(body)
    assert caught.value.reason == "html"
    assert str(caught.value) == "AniList answered with a web page"


@given(st.binary(max_size=2000), st.integers(1, 9))
def test_what_was_packed_comes_out_as_it_was(body, level):
    assert unzipped(gzip.compress(body, level), len(body)) == body


def test_nothing_at_all_is_packed_as_nothing():
    assert unzipped(b"", 10) == b""


@pytest.mark.parametrize("size", [11, 100, 100_000_000])
def test_no_more_is_unpacked_than_was_allowed(size):
    with pytest.raises(BadResponse) as caught:
        unzipped(gzip.compress(bytes(size), 1), 10)
    assert caught.value.reason == "too-large"
    assert str(caught.value) == "AniList's answer is too large"


def test_what_is_over_the_limit_is_not_even_unpacked():
    bomb = gzip.compress(bytes(50_000_000), 1)
    tracemalloc.start()
    try:
        with pytest.raises(BadResponse):
            unzipped(bomb, 1000)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("place", range(0, 40, 3))
def test_what_was_damaged_or_cut_short_is_refused(place):
    packed = gzip.compress(b'{"data": {"Media": {"id": 1}}}')
    with pytest.raises(BadResponse):
        unzipped(packed[: place + 1], 1000)
    with pytest.raises(BadResponse):
        unzipped(packed + packed[: place + 1], 1000)
    damaged = bytearray(packed)
    damaged[place] ^= 0xFF
    try:
        assert unzipped(bytes(damaged), 1000) == b'{"data": {"Media": {"id": 1}}}'
    except BadResponse:
        pass

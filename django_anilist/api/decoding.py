"""Bytes from outside in, a JSON object out, or :class:`BadResponse`."""

from __future__ import annotations

import contextlib
import importlib
import json
import math
import re
import zlib
from typing import Any, NoReturn

from django_anilist.api.errors import BadResponse

#: Reads a long list in half the time; whatever it refuses is looked at again without. There is none for
#: PyPy, nor for a second interpreter in the same process.
orjson: Any = None
with contextlib.suppress(ImportError):
    orjson = importlib.import_module("orjson")

#: Deeper nesting is refused before it is parsed: how deep Python's parser goes without failing
#: differs from one version to the next. AniList's deepest answers have some 20 levels.
MAX_DEPTH = 64
#: An answer of more values is refused before it is parsed: Python holds 64 bytes for an empty list of
#: three. AniList's cap of 11,000 entries, with a dozen fields each, has some 150,000 in 2 MiB.
MAX_VALUES = 200_000

#: What ``zlib`` calls gzip with the largest window.
_GZIP = 16 + zlib.MAX_WBITS

#: An escaped backslash, a character in two halves, or one half (RFC 8259 section 8.2) alone.
_HALVES = re.compile(
    r"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
#: The beginning of half a character, or of a Korean one.
_MAY_BE_HALF = re.compile(r"\\u[dD]")
_ESCAPED = re.compile(rb'\\["\\]')
_ALL_BUT_MARKS = bytes(set(range(256)) - set(b'[]{},"'))
_ONE_KIND = bytes.maketrans(b"{}", b"[]")
#: So many bytes are taken apart at a time: each piece is an object, and there may be millions.
_SLICE = 65_536


def json_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object in ``body`` (UTF-8, RFC 8259), or raise :class:`BadResponse`.

    Refused besides plain nonsense: other encodings, more than 64 levels or 200,000 values, ``NaN``,
    ``Infinity`` and numbers too large for a float or for Python's limit of integer digits. Half a
    character, as is left of one that was cut in two, becomes U+FFFD: no page and no database could
    hold it.
    """
    if body.lstrip()[:1] == b"<":
        raise BadResponse("AniList answered with a web page", "html")
    marks = _outside_texts(body)
    if _values_in(marks) > MAX_VALUES:
        raise too_large()
    if not _is_level(marks):
        raise BadResponse
    return known_object(body)


def known_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object in a ``body`` that was found to be bearable before, as when it was kept."""
    found = _parsed(body)
    if not isinstance(found, dict):
        raise BadResponse
    return found


def _parsed(body: bytes) -> object:
    """Return what JSON holds; ``None`` for what is none."""
    if orjson is not None:
        with contextlib.suppress(ValueError):
            parsed: object = orjson.loads(body)
            return parsed
    try:
        return _DECODER.decode(_whole(body.decode()))
    except (ValueError, RecursionError):
        return None


def _whole(text: str) -> str:
    if not _MAY_BE_HALF.search(text):
        return text
    return _HALVES.sub(lambda found: "\\ufffd" if found[1] else found[0], text)


def unzipped(packed: bytes, limit: int) -> bytes:
    """Return what is in ``packed`` (gzip, RFC 1952), or raise :class:`BadResponse`.

    Refused is what is damaged or cut short, and what is more than ``limit`` bytes when unpacked.
    """
    unpacking = zlib.decompressobj(_GZIP)
    try:
        body = unpacking.decompress(packed, limit + 1)
    except zlib.error:
        body = b""
    if len(body) > limit:
        raise too_large()
    if packed and (not unpacking.eof or unpacking.unused_data):
        raise BadResponse
    return body


def too_large() -> BadResponse:
    """Return the error for an answer of more bytes, or values, than its caller can bear."""
    return BadResponse("AniList's answer is too large", "too-large")


def _values_in(marks: bytes | bytearray) -> int:
    """Return how many values there are at most, by the brackets and commas between them."""
    commas = marks.count(b",")
    return commas + (len(marks) - commas) // 2


def _is_level(marks: bytes | bytearray) -> bool:
    """Tell whether there are few enough levels: brackets vanish when innermost pairs go, one by one."""
    brackets = marks.translate(_ONE_KIND, b",")
    for _ in range(MAX_DEPTH):
        if not brackets:
            break
        brackets = brackets.replace(b"[]", b"")
    return not brackets


def _outside_texts(body: bytes) -> bytes | bytearray:
    """Return what of JSON is neither in a text nor a value: its brackets and commas."""
    if _ESCAPED.search(body):
        body = body.replace(rb"\\", b"").replace(rb"\"", b"")
    marks = body.translate(None, _ALL_BUT_MARKS).replace(b'""', b"")  # what most texts leave
    if b'"' not in marks:
        return marks
    outside, inside = bytearray(), False
    for start in range(0, len(marks), _SLICE):
        pieces = marks[start : start + _SLICE].split(b'"')
        outside += b"".join(pieces[inside::2])
        inside ^= len(pieces) % 2 == 0
    return outside


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(digits)
    return number


_DECODER = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite)

"""Legal HTTP with a body that is not what AniList sends."""

from __future__ import annotations

import json

from tests.faults.server import Fault, answer

HTML = b"<!DOCTYPE html><html><title>Just a moment...</title></html>"
OFF = b'{"errors": [{"message": "The AniList API has been temporarily disabled", "status": 403}]}'
LIMITED = b'{"data": null,"errors": [{"message": "Too Many Requests.","status": 429}]}'


def _nested(depth: int, left: bytes, right: bytes) -> Fault:
    return answer(b'{"data": ' + left * depth + right * depth + b"}")


def _data(text: str) -> Fault:
    return answer(b'{"data": {"Viewer": ' + text.encode() + b"}}")


def _errors(value: object, status: str = "200 OK") -> Fault:
    return answer(json.dumps({"errors": value, "data": None}).encode(), status)


def _status(status: str, body: bytes = HTML, content_type: str = "text/html") -> Fault:
    return answer(body, status, content_type=content_type)


def _filled(piece: bytes) -> Fault:
    """A Viewer with so much beside that the answer just fits into what is read of one."""
    head, tail = b'{"data": {"Viewer": {"id": 5001, "name": "alice", "more": [', b"0]}}}"
    return answer(head + piece * ((2 * 1024 * 1024 - 200) // len(piece)) + tail)


#: Small to send, and large in memory if they became objects.
DENSE: dict[str, Fault] = {
    "2 MiB of numbers": _filled(b"70000,"),
    "2 MiB of texts": _filled(b'"abc",'),
    "2 MiB of empty lists": _filled(b"[],"),
    "2 MiB of empty objects": _filled(b"{},"),
    "2 MiB of small objects": _filled(b'{"a":1},'),
}
#: As much as is read of one answer, and no more values than one may have.
HEAVY: dict[str, Fault] = {
    "2 MiB of blanks": _filled(b" " * 64),
    "2 MiB beyond the plane": _filled('"\U0001f600'.encode() + b"a" * 5000 + b'",'),
    "2 MiB of escapes": _filled(b'"\\u30a2\\u30cb",'),
}

BODIES: dict[str, Fault] = {
    "nothing": answer(b""),
    "blanks": answer(b"  \n "),
    **{
        f"root {text}": answer(text.encode())
        for text in ("null", "7", '"text"', "[]", "true", "{}", "[[]]", '[{"data": {}}]')
    },
    "65 arrays": _nested(64, b"[", b"]"),
    "1,000 arrays": _nested(1000, b"[", b"]"),
    "100,000 arrays": _nested(100_000, b"[", b"]"),
    "100,000 objects": _nested(100_000, b'{"a":', b"}"),
    "100,000 arrays never closed": answer(b"[" * 100_000),
    "a number of 5,000 digits": _data("9" * 5000),
    "NaN": _data("NaN"),
    "Infinity": _data("Infinity"),
    "-Infinity": _data("-Infinity"),
    "1e400": _data("1e400"),
    "a key twice": _data('{"id": 1, "id": null}'),
    "a lone surrogate": _data('{"id": "\\ud800"}'),
    "an escaped NUL": _data('{"name": "\\u0000"}'),
    "a raw NUL": _data('{"name": "\0"}'),
    "a BOM": answer(b"\xef\xbb\xbf" + b'{"data": {}}'),
    "UTF-16": answer('{"data": {}}'.encode("utf-16")),
    "bad UTF-8": answer(b'{"data": "\xff\xfe"}'),
    "cut JSON": answer(b'{"data": {"Viewer": {"id": 1'),
    "two JSONs": answer(b'{"data": {}}{"data": {}}'),
    "HTML with 200": answer(HTML, content_type="text/html"),
    "HTML called JSON": answer(HTML),
    "data null": answer(b'{"data": null}'),
    "data a list": answer(b'{"data": []}'),
    "errors a text": _errors("no"),
    "errors of texts": _errors(["no"]),
    "errors of lists": _errors([[]]),
    "errors a number": _errors(7),
    "errors without message": _errors([{}]),
    "errors with odd status": _errors([{"message": "no", "status": "soon"}]),
    "errors with a list for message": _errors([{"message": ["no"], "status": 400}]),
    "errors that say 500": _errors([{"message": "Internal Server Error", "status": 500}]),
    "errors that say 429": _errors([{"message": "Too Many Requests.", "status": 429}]),
    "validation of odd shape": _errors([{"message": "validation", "validation": 7}], "400 Bad"),
    **{
        f"status {status} as HTML": _status(status)
        for status in (
            "201 Created", "204 No Content", "205 Reset Content", "206 Partial Content", "400 Bad",
            "401 Unauthorized", "402 Pay", "403 Forbidden", "404 Not Found", "405 No", "408 Slow",
            "413 Large", "418 Teapot", "429 Slow down", "451 Law", "500 Bad", "502 Bad", "503 Down",
            "504 Slow", "520 Edge", "522 Edge", "524 Edge",
        )
    },
    "switched off": _status("403 Forbidden", OFF, "application/json"),
    "too many": _status("429 Too Many Requests", LIMITED, "application/json"),
    "empty 500": _status("500 Bad", b""),
    "JSON 503": _status("503 Down", b'{"errors": []}', "application/json"),
}  # fmt: skip

#: What a token endpoint may say instead of a token; none of it may be taken for one.
NO_TOKENS: dict[str, object] = {
    "no token": {"token_type": "Bearer", "expires_in": 1},
    **{
        f"token {value!r}"[:40]: {"token_type": "Bearer", "access_token": value}
        for value in (
            None, 7, True, [], ["a"], {}, "", " ", "a b", "a\r\nX: y", "a\0b", "a\u202eb", "a\ud800",
            "é", "a" * 8193, "a" * 1_000_000, "=", "a=b",
        )
    },
    **{
        f"type {value!r}": {"token_type": value, "access_token": "canary-token"}
        for value in ("mac", "", None, ["Bearer"], 7, {})
    },
    "an error": {"error": "invalid_request", "hint": "Authorization code has been revoked"},
    "nothing": {},
}  # fmt: skip

#: Odd lives of a token that is fine; each counts as something sensible.
ODD_LIVES = ("soon", -5, 0, 10**18, True, None, [], 1.5, "31536000")

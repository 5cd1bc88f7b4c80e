"""Answers that hold what was sent: the bearer, or the code and the client secret of a form.

No place of an answer is safe from landing in a log: libraries quote status lines, headers they cannot
parse, sizes of chunks, encodings and addresses in their messages.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.faults.server import Exchange, Fault, answer

OK = b"HTTP/1.1 200 OK\r\n"


def _heard(exchange: Exchange) -> bytes:
    """Return the secrets of a request, on one line."""
    lines = exchange.head.split(b"\r\n")
    bearer = b" ".join(line for line in lines if line.lower().startswith(b"authorization"))
    return bearer + b" " + exchange.body[:2000].replace(b"\r", b"").replace(b"\n", b"")


def _echo(made: Callable[[bytes], bytes]) -> Fault:
    return lambda exchange: exchange.send(made(_heard(exchange)))


def _in_json(status: str, made: Callable[[str], object]) -> Fault:
    def fault(exchange: Exchange) -> None:
        body = json.dumps(made(_heard(exchange).decode("latin-1"))).encode()
        answer(body, status)(exchange)

    return fault


ECHOES: dict[str, Fault] = {
    "echo in the status line": _echo(lambda said: b"HTTP/1.1 200 " + said + b"\r\n\r\n{}"),
    "echo for a status line": _echo(lambda said: said + b"\r\n\r\n"),
    "echo for a status": _echo(lambda said: b"HTTP/1.1 " + said + b"\r\n\r\n{}"),
    "echo in a header": _echo(lambda said: OK + b"X-Heard: " + said + b"\r\n\r\n{}"),
    "echo for a header": _echo(lambda said: OK + said + b"\r\n\r\n{}"),
    "echo in a broken header": _echo(lambda said: OK + b" " + said + b"\r\nA: b\r\n\r\n{}"),
    "echo after a broken header": _echo(lambda said: OK + b"bad\r\nX: " + said + b"\r\n\r\n{}"),
    "echo for a length": _echo(lambda said: OK + b"Content-Length: " + said + b"\r\n\r\n{}"),
    "echo for an encoding": _echo(lambda said: OK + b"Content-Encoding: " + said + b"\r\n\r\n{}"),
    "echo for a type": _echo(lambda said: OK + b"Content-Type: " + said + b"\r\n\r\n{}"),
    "echo for the size of a chunk": _echo(
        lambda said: OK + b"Transfer-Encoding: chunked\r\n\r\n" + said + b"\r\n{}\r\n"
    ),
    "echo for gzip": _echo(lambda said: OK + b"Content-Encoding: gzip\r\n\r\n" + said),
    "echo for a target": _echo(
        lambda said: b"HTTP/1.1 302 Found\r\nLocation: https://x.test/?" + said + b"\r\n\r\n"
    ),
    "echo for Retry-After": _echo(
        lambda said: b"HTTP/1.1 429 Wait\r\nRetry-After: " + said + b"\r\n\r\n{}"
    ),
    "echo in HTML": _echo(lambda said: b"HTTP/1.1 503 Down\r\n\r\n<pre>" + said + b"</pre>"),
    "echo in plain text": _echo(lambda said: b"HTTP/1.1 400 Bad\r\n\r\n" + said),
    "echo in an error": _in_json(
        "400 Bad Request", lambda said: {"errors": [{"message": said, "status": 400}]}
    ),
    "echo in a switch-off": _in_json(
        "403 Forbidden", lambda said: {"errors": [{"message": said, "status": 403}]}
    ),
    "echo in an error of OAuth": _in_json(
        "400 Bad Request", lambda said: {"error": said, "error_description": said}
    ),
    "echo for a key": _in_json("200 OK", lambda said: {"data": {said: said}}),
}

"""Answers of an AniList that is limited, switched off, or broken."""

from __future__ import annotations

import json
import os
import socket
import struct
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from django_anilist.sandbox.server import Sandbox

_SWITCHED_OFF = (
    "The AniList API has been temporarily disabled due to severe stability issues. "
    "Please check the official AniList Discord for more information."
)
_CHALLENGE = "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body></body></html>"
_CUT_SHORT = '{"data": {"Viewer": {"id": 50'
_MEBIBYTE = 1024 * 1024


def fault_of(
    box: Sandbox, request: Request, endpoint: str, *, struck: bool, anonymous: bool
) -> tuple[Response | None, dict[str, str]]:
    """Return the fault that the dials ask for, if any, and the rate-limit headers if none.

    ``struck`` says whether the dials that break answers hit this one.
    """
    dials = box.dials
    if dials.slow and struck:
        box.wait(dials.slow)
    fault = _dialled(box, request) if struck else None
    if fault is not None or endpoint == "token":
        return fault, {}
    if dials.referer_gate and anonymous:
        return _errors(403, _SWITCHED_OFF), {}
    return _limited(box)


def _dialled(box: Sandbox, request: Request) -> Response | None:
    dials = box.dials
    if dials.cut:
        cut(request)
    for name, answer in _ANSWERS.items():
        if getattr(dials, name):
            return answer(box)
    return None


def cut(request: Request) -> None:
    """Reset the connection (TCP's RST), so that a client reads an error instead of an answer."""
    connection: socket.socket | None = request.environ.get("sandbox.socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(connection.detach())
    raise ConnectionResetError("The dial says so")


def _padding(mebibytes: int) -> Iterator[bytes]:
    yield b'{"data": {"padding": "'
    for _ in range(mebibytes):
        yield b"x" * _MEBIBYTE
    yield b'"}}'


def dripped(box: Sandbox, response: Response, *, struck: bool) -> Response:
    """Send a response byte by byte where the dial says so."""
    pause = box.dials.drip
    if not pause or not struck:
        return response
    body = response.get_data()

    def bytewise() -> Iterator[bytes]:
        for place in range(len(body)):
            if box.stopped.is_set():
                return
            yield body[place : place + 1]
            box.wait(pause)

    response.response = bytewise()
    response.headers["Content-Length"] = str(len(body))
    return response


def _limited(box: Sandbox) -> tuple[Response | None, dict[str, str]]:
    limit = box.dials.limit
    if not limit:
        return None, {}
    left = box.limiter.admit(limit, box.dials.window)
    if left is None:
        return _too_many(box), {}
    # Both spellings have been seen: clients that compare capitals break on every other answer.
    limited = "X-RateLimit" if left % 2 else "X-Ratelimit"
    return None, {f"{limited}-Limit": str(limit), f"{limited}-Remaining": str(left)}


def _too_many(box: Sandbox) -> Response:
    """What the edge answers: no rate-limit headers, nothing but ``Retry-After``."""
    body = '{"data": null,"errors": [{"message": "Too Many Requests.","status": 429}]}'
    return Response(
        body, 429, {"Retry-After": f"{box.dials.window:g}"}, mimetype="application/json"
    )


def _errors(status: int, message: str) -> Response:
    error = {"message": message, "status": status, "locations": [{"line": 1, "column": 1}]}
    body = json.dumps({"errors": [error], "data": None})
    return Response(body, status, mimetype="application/json")


#: What each dial answers; the first that is on counts.
_ANSWERS: dict[str, Callable[[Sandbox], Response]] = {
    "html": lambda box: Response(_CHALLENGE, box.dials.status or 200, mimetype="text/html"),
    "too_many": _too_many,
    "switched_off": lambda box: _errors(403, _SWITCHED_OFF),
    "blocked": lambda box: _errors(403, box.dials.blocked),
    "status": lambda box: _errors(box.dials.status, "Internal Server Error"),
    "broken_json": lambda box: Response(_CUT_SHORT, mimetype="application/json"),
    "huge": lambda box: Response(_padding(box.dials.huge), mimetype="application/json"),
}


def malformed(word: str, grant: dict[str, Any]) -> Any:
    """Return a token endpoint's reply with something wrong, as the dial ``grant`` names it."""
    without = {name: value for name, value in grant.items() if name != "access_token"}
    return {
        "empty": {},
        "list": [grant],
        "null": None,
        "text": "not a grant",
        "no-token": without,
        "number": {**grant, "access_token": 12345},  # no token at all  # nosec B105
        "no-expiry": {name: value for name, value in grant.items() if name != "expires_in"},
    }.get(word, grant)


def mixed_up(word: str, state: str, previous: str) -> str | None:
    """Return the ``state`` that comes back, as the dial ``state`` names it; ``None`` for none."""
    return {"missing": None, "other": "not-your-state", "previous": previous}.get(word, state)

"""Answers of an AniList that is limited, switched off, or broken."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from django_anilist.sandbox.server import Sandbox

_SWITCHED_OFF = (
    "The AniList API has been temporarily disabled due to severe stability issues. "
    "Please check the official AniList Discord for more information."
)
_CHALLENGE = "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body></body></html>"


def fault_of(
    box: Sandbox, endpoint: str, *, anonymous: bool
) -> tuple[Response | None, dict[str, str]]:
    """Return the fault that the dials ask for, if any, and the rate-limit headers if none."""
    dials = box.dials
    if dials.slow and dials.hit(endpoint):
        box.stopped.wait(dials.slow)
    fault = _dialled(box, endpoint) if dials.hit(endpoint) else None
    if fault is not None or endpoint == "token":
        return fault, {}
    if dials.referer_gate and anonymous:
        return _errors(403, _SWITCHED_OFF), {}
    return _limited(box)


def _dialled(box: Sandbox, endpoint: str) -> Response | None:
    dials = box.dials
    if dials.html:
        return Response(_CHALLENGE, mimetype="text/html")
    if dials.too_many:
        return _too_many(box)
    if dials.switched_off:
        return _errors(403, _SWITCHED_OFF)
    if dials.status:
        return _errors(dials.status, "Internal Server Error")
    return None


def _limited(box: Sandbox) -> tuple[Response | None, dict[str, str]]:
    limit = box.dials.limit
    if not limit:
        return None, {}
    left = box.limiter.admit(limit, box.dials.window)
    if left is None:
        return _too_many(box), {}
    return None, {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": str(left)}


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

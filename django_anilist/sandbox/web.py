"""What every endpoint of the sandbox needs of HTTP."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, select_autoescape
from werkzeug.exceptions import Forbidden, HTTPException
from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from django_anilist.sandbox.server import Sandbox

#: Pages load nothing from elsewhere, and hold neither script nor style of their own.
POLICY = "default-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'"
LOOPBACK = ("127.0.0.1", "localhost", "::1")

_templates = Environment(
    loader=PackageLoader("django_anilist.sandbox"), autoescape=select_autoescape()
)


def refuse_strangers(request: Request) -> None:
    """Refuse whoever does not come from this machine, also by way of a proxy."""
    if (urlsplit(f"//{request.host}").hostname or "") not in LOOPBACK:
        raise Forbidden("The sandbox answers on this machine only.")
    if {"Forwarded", "X-Forwarded-For"} & {name.title() for name, _ in request.headers}:
        raise Forbidden("The sandbox answers on this machine only, not behind a proxy.")


def refuse_cross_site(request: Request) -> None:
    """Refuse forms sent from another site: every developer's browser could reach the sandbox."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden("This form was sent from another site.")
    origin = request.headers.get("Origin")
    if origin not in (None, "null") and urlsplit(origin).netloc != request.host:
        raise Forbidden("This form was sent from another site.")


def json_of(request: Request) -> dict[str, Any]:
    """Return the object in a request's body, nothing where there is none."""
    try:
        found = json.loads(request.get_data() or b"{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def json_response(content: Any, status: int = 200) -> Response:
    response = Response(json.dumps(content), status, mimetype="application/json")
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def error_page(box: Sandbox, error: HTTPException) -> Response:
    """Return an HTTP error as a page for people, with the headers that belong to it."""
    response = page(box, "error.html", error.code or 500, error=error)
    response.headers.extend(
        (name, value) for name, value in error.get_headers() if name != "Content-Type"
    )
    return response


def page(box: Sandbox, name: str, status: int = 200, **context: Any) -> Response:
    """Return a page made from one of our templates."""
    text = _templates.get_template(name).render(box=box, **context)
    response = Response(text, status, mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    return response

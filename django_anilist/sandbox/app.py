"""The sandbox over HTTP: which function answers which address, and AniList's two endpoints."""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date
from werkzeug.routing import Map, RequestRedirect, Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from django_anilist.sandbox import consent, graph, oauth, pages
from django_anilist.sandbox.asked import Asked
from django_anilist.sandbox.faults import dripped, fault_of, malformed
from django_anilist.sandbox.web import POLICY, error_page, json_of, json_response, refuse_strangers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from django_anilist.sandbox.server import Sandbox

#: What browsers may read of an answer; ``Retry-After`` is not among it.
#: https://github.com/AniList/docs/issues/57
_EXPOSED = "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset"


class App:
    """A WSGI application over one sandbox."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        request = Request(environ)
        self.box.obey()
        try:
            refuse_strangers(request)
            endpoint, values = _URLS.bind_to_environ(environ).match()
            response = _VIEWS[endpoint](self.box, request, **values)
        except RequestRedirect as found:  # two slashes where one is meant
            response = redirect(found.new_url, found.code)
        except HTTPException as error:
            response = error_page(self.box, error)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers.setdefault("Date", http_date(self.box.now()))
        return response(environ, start_response)


def graphql(box: Sandbox, request: Request) -> Response:
    """Answer ``POST /graphql``. Everything may also stand in the address, as AniList lets it."""
    content = json_of(request) or _of_address(request)
    record = box.record(request, content)
    struck, anonymous = box.struck("graphql"), _is_anonymous(request)
    fault, headers = fault_of(box, request, "graphql", struck=struck, anonymous=anonymous)
    if fault is not None:
        record.status = fault.status_code
        return dripped(box, fault, struck=struck)
    found = graph.answer(_asked(box, request), content)
    record.status, record.operation = found.status, found.operation
    record.complexity = found.complexity
    record.left = next((value for name, value in headers.items() if "Remaining" in name), "")
    response = json_response(_with_null_id(box, found.content), found.status)
    response.headers.update({"Cache-Control": "no-cache, private", **headers})
    response.headers["Access-Control-Expose-Headers"] = _EXPOSED
    response.set_cookie("laravel_session", secrets.token_hex(20), max_age=43_200, httponly=True)
    return dripped(box, response, struck=struck)


def _of_address(request: Request) -> dict[str, Any]:
    """Return what stands in the address, where variables are JSON."""
    found: dict[str, Any] = request.args.to_dict()
    with contextlib.suppress(ValueError, RecursionError):
        found["variables"] = json.loads(found.get("variables", "{}"))
    return found


def _asked(box: Sandbox, request: Request) -> Asked:
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    viewer = box.person_of(token) if token else None
    refused = bool(token) and viewer is None
    return Asked(box.store, viewer, box.url, refused, box.replies)


def _with_null_id(box: Sandbox, content: dict[str, Any]) -> dict[str, Any]:
    viewer = (content["data"] or {}).get("Viewer") if box.dials.null_id else None
    if viewer and "id" in viewer:
        viewer["id"] = None
    return content


def _is_anonymous(request: Request) -> bool:
    """Tell whether AniList's gate would close: neither a token nor a ``Referer``."""
    return not (request.headers.get("Authorization") or request.headers.get("Referer"))


def preflight(box: Sandbox, request: Request) -> Response:
    """Answer a browser that asks whether it may: it may."""
    return Response(
        status=204,
        headers={
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
            "Access-Control-Allow-Headers": "Authorization, Content-Type, Accept",
        },
    )


def token(box: Sandbox, request: Request) -> Response:
    """Answer the token endpoint, which takes JSON and forms."""
    form = json_of(request) if request.is_json else request.form.to_dict()
    record = box.record(request, form)
    struck = box.struck("token")
    fault, _ = fault_of(box, request, "token", struck=struck, anonymous=False)
    if fault is not None:
        record.status = fault.status_code
        return dripped(box, fault, struck=struck)
    try:
        authorization = request.headers.get("Authorization", "")
        grant = oauth.exchange(box.store, form, authorization, pkce=box.dials.pkce)
        response = json_response(malformed(box.dials.grant, grant))
    except oauth.OAuthError as error:
        response = consent.oauth_error(error)
    record.status = response.status_code
    response.headers.update({"Cache-Control": "no-store", "Pragma": "no-cache"})
    return dripped(box, response, struck=struck)


_VIEWS: dict[str, Callable[..., Response]] = {
    "graphql": graphql,
    "preflight": preflight,
    "token": token,
    "authorize": consent.authorize,
    "pin": consent.pin,
    "home": pages.home,
    "explore": pages.explore,
    "type": pages.type_page,
    "apps": pages.apps,
    "dials": pages.dials,
    "act": pages.act,
    "image": pages.image,
    "stylesheet": pages.stylesheet,
}

_URLS = Map(
    [
        Rule("/", endpoint="home", methods=["GET"]),
        Rule("/explore", endpoint="explore", methods=["GET", "POST"]),
        Rule("/explore/<name>", endpoint="type", methods=["GET"]),
        Rule("/api/v2/oauth/authorize", endpoint="authorize", methods=["GET", "POST"]),
        Rule("/api/v2/oauth/token", endpoint="token", methods=["POST"]),
        Rule("/api/v2/oauth/pin", endpoint="pin", methods=["GET"]),
        Rule("/graphql", endpoint="graphql", methods=["POST"]),
        Rule("/graphql", endpoint="preflight", methods=["OPTIONS"]),
        Rule("/settings/apps", endpoint="apps", methods=["GET", "POST"]),
        Rule("/dials", endpoint="dials", methods=["GET", "POST"]),
        Rule("/dials/<any(revoke, expire, reset):action>", endpoint="act", methods=["POST"]),
        Rule("/images/<kind>/<name>.svg", endpoint="image", methods=["GET"]),
        Rule("/static/sandbox.css", endpoint="stylesheet", methods=["GET"]),
    ]
)

"""The sandbox over HTTP: AniList's endpoints, and pages for people."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, select_autoescape
from werkzeug.exceptions import Forbidden, HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from django_anilist.sandbox import graph, images, oauth
from django_anilist.sandbox.asked import Asked
from django_anilist.sandbox.faults import fault_of
from django_anilist.sandbox.store import Person

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from django_anilist.sandbox.server import Sandbox

_COOKIE = "sandbox_user"
_POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")

_URLS = Map(
    [
        Rule("/", endpoint="home", methods=["GET"]),
        Rule("/api/v2/oauth/authorize", endpoint="authorize", methods=["GET", "POST"]),
        Rule("/api/v2/oauth/token", endpoint="token", methods=["POST"]),
        Rule("/graphql", endpoint="graphql", methods=["POST", "OPTIONS"]),
        Rule("/settings/apps", endpoint="apps", methods=["GET", "POST"]),
        Rule("/dials", endpoint="dials", methods=["POST"]),
        Rule("/dials/<any(revoke, expire, reset):action>", endpoint="act", methods=["POST"]),
        Rule("/images/<kind>/<name>.svg", endpoint="image", methods=["GET"]),
        Rule("/static/sandbox.css", endpoint="stylesheet", methods=["GET"]),
    ]
)

_templates = Environment(
    loader=PackageLoader("django_anilist.sandbox"), autoescape=select_autoescape()
)


class App:
    """A WSGI application over one sandbox."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        request = Request(environ)
        try:
            response = self._answer(request)
        except HTTPException as error:
            response = Response.force_type(error.get_response(environ), environ)
        response.headers.setdefault("Content-Security-Policy", _POLICY)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if (urlsplit(f"//{request.host}").hostname or "") not in _LOOPBACK:
            raise Forbidden("The sandbox answers on this machine only.")
        endpoint, values = _URLS.bind_to_environ(request.environ).match()
        view: Callable[..., Response] = getattr(self, endpoint)
        return view(request, **values)

    # AniList's endpoints

    def graphql(self, request: Request) -> Response:
        content = _json(request)
        record = self.box.record(request, content)
        fault, headers = fault_of(self.box, "graphql", anonymous=_is_anonymous(request))
        if fault is not None:
            record.status = fault.status_code
            return fault
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        viewer = self.box.store.person_of(token) if token else None
        refused = bool(token) and viewer is None
        found = graph.answer(Asked(self.box.store, viewer, self.box.url, refused), content)
        record.status, record.operation, record.complexity = (
            found.status,
            found.operation,
            found.complexity,
        )
        response = _json_response(found.content, found.status)
        response.headers.update({"Cache-Control": "no-cache, private", **headers})
        response.set_cookie("laravel_session", secrets.token_hex(20), max_age=43_200, httponly=True)
        return response

    def token(self, request: Request) -> Response:
        form = _json(request) if request.is_json else request.form.to_dict()
        record = self.box.record(request, form)
        fault, _ = fault_of(self.box, "token", anonymous=False)
        if fault is not None:
            record.status = fault.status_code
            return fault
        try:
            authorization = request.headers.get("Authorization", "")
            pkce = self.box.dials.pkce
            grant = oauth.exchange(self.box.store, form, authorization, pkce=pkce)
            response = _json_response(grant, 200)
        except oauth.OAuthError as error:
            response = _oauth_error(error)
        record.status = response.status_code
        response.headers.update({"Cache-Control": "no-store", "Pragma": "no-cache"})
        return response

    def authorize(self, request: Request) -> Response:
        query = request.args.to_dict()
        self.box.record(request)
        try:
            client = oauth.client_to_authorize(self.box.store, query)
        except oauth.OAuthError as error:
            return _oauth_error(error)
        if request.method == "GET":
            person = self._signed_in(request)
            name = "consent.html" if person else "login.html"
            return self._page(name, client=client, person=person)
        _refuse_cross_site(request)
        return self._decide(request, query)

    def _decide(self, request: Request, query: dict[str, str]) -> Response:
        answer = request.form.get("answer", "")
        person = self._signed_in(request)
        if answer == "switch":
            response = redirect(request.full_path, 303)
            response.delete_cookie(_COOKIE)
            return response
        if answer in self.box.store.people:
            response = redirect(request.full_path, 303)
            response.set_cookie(_COOKIE, self._cookie(answer), httponly=True, samesite="Lax")
            return response
        if person is None:
            raise Forbidden("Nobody is signed in.")
        if answer == "approve":
            return redirect(oauth.approved(self.box.store, query, person), 302)
        return redirect(oauth.denied(self.box.store, query), 302)

    # Pages for people

    def home(self, request: Request) -> Response:
        return self._page("home.html")

    def apps(self, request: Request) -> Response:
        person = self._signed_in(request)
        if request.method == "POST" and person:
            _refuse_cross_site(request)
            self.box.revoke(person.name)
            return redirect("/settings/apps", 303)
        tokens = self.box.store.tokens_of(person.name) if person else ()
        clients = {token.client_id for token in tokens if not token.revoked}
        return self._page("apps.html", person=person, connected=sorted(clients))

    def dials(self, request: Request) -> Response:
        _refuse_cross_site(request)
        for name, text in (_json(request) if request.is_json else request.form).items():
            try:
                self.box.dials.set(name, str(text))
            except ValueError as error:
                return _json_response({"error": str(error)}, 400)
        return redirect("/", 303)

    def act(self, request: Request, action: str) -> Response:
        _refuse_cross_site(request)
        if action == "reset":
            self.box.reset()
        elif (name := request.form.get("user", "")) in self.box.store.people:
            getattr(self.box, action)(name)
        return redirect("/", 303)

    def image(self, request: Request, kind: str, name: str) -> Response:
        drawing = images.draw(self.box.store, kind, name)
        response = Response(drawing, mimetype="image/svg+xml", status=200 if drawing else 404)
        response.headers["Cache-Control"] = "max-age=3600"
        return response

    def stylesheet(self, request: Request) -> Response:
        return Response(images.stylesheet(), mimetype="text/css")

    def _page(self, name: str, **context: Any) -> Response:
        page = _templates.get_template(name).render(box=self.box, **context)
        response = Response(page, mimetype="text/html")
        response.headers["Cache-Control"] = "no-store"
        return response

    # Who is signed in at the sandbox; a stranger's guess would need this process's own word

    def _cookie(self, name: str) -> str:
        return f"{name}.{self.box.word}"

    def _signed_in(self, request: Request) -> Person | None:
        name, _, word = request.cookies.get(_COOKIE, "").partition(".")
        return self.box.store.people.get(name) if word == self.box.word else None


def _is_anonymous(request: Request) -> bool:
    """Tell whether AniList's gate would close: neither a token nor a ``Referer``."""
    return not (request.headers.get("Authorization") or request.headers.get("Referer"))


def _json(request: Request) -> dict[str, Any]:
    try:
        found = json.loads(request.get_data() or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _json_response(content: dict[str, Any], status: int) -> Response:
    response = Response(json.dumps(content), status, mimetype="application/json")
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _oauth_error(error: oauth.OAuthError) -> Response:
    response = _json_response(error.content(), error.status)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="OAuth"'
    return response


def _refuse_cross_site(request: Request) -> None:
    """Refuse forms sent from another site: every developer's browser could reach the sandbox."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden("This form was sent from another site.")
    origin = request.headers.get("Origin")
    if origin not in (None, "null") and urlsplit(origin).netloc != request.host:
        raise Forbidden("This form was sent from another site.")

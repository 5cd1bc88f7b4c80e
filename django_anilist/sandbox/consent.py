"""Signing in and consenting, as people do it on AniList: without the password, and the captcha."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.exceptions import Forbidden
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from django_anilist.sandbox import oauth
from django_anilist.sandbox.store import Person
from django_anilist.sandbox.web import json_response, page, refuse_cross_site

if TYPE_CHECKING:
    from django_anilist.sandbox.server import Sandbox

_COOKIE = "sandbox_user"


def authorize(box: Sandbox, request: Request) -> Response:
    """Show who is signed in and what an app wants, and take the answer."""
    record = box.record(request)
    try:
        response = _authorize(box, request)
    except oauth.OAuthError as error:
        response = oauth_error(error)
    except Forbidden:
        record.status = 403
        raise
    record.status = response.status_code
    return response


def _authorize(box: Sandbox, request: Request) -> Response:
    query = request.args.to_dict()
    client = oauth.client_to_authorize(box.store, query)
    if request.method == "GET":
        person = signed_in(box, request)
        return page(box, "consent.html" if person else "login.html", client=client, person=person)
    refuse_cross_site(request)
    return _decide(box, request, query)


def _decide(box: Sandbox, request: Request, query: dict[str, str]) -> Response:
    answer = request.form.get("answer", "")
    person = signed_in(box, request)
    if answer == "switch":
        response = redirect(request.full_path, 303)
        response.delete_cookie(_COOKIE)
        return response
    if answer in box.store.people:
        response = redirect(request.full_path, 303)
        response.set_cookie(_COOKIE, f"{answer}.{box.word}", httponly=True, samesite="Lax")
        return response
    if person is None:
        raise Forbidden("Nobody is signed in.")
    if answer == "approve":
        return redirect(oauth.approved(box.store, box.mixed_up(query), person), 302)
    return redirect(oauth.denied(box.store, box.mixed_up(query)), 302)


def signed_in(box: Sandbox, request: Request) -> Person | None:
    """Return who is signed in here; a stranger's guess would need this process's own word."""
    name, _, word = request.cookies.get(_COOKIE, "").partition(".")
    person = box.store.people.get(name) if word == box.word else None
    return None if person is None or person.deleted else person


def pin(box: Sandbox, request: Request) -> Response:
    """Show a code to copy, for apps without an address of their own.

    https://docs.anilist.co/guide/auth/
    """
    return page(box, "pin.html", code=request.args.get("code", ""))


def oauth_error(error: oauth.OAuthError) -> Response:
    """Return an OAuth error as AniList's server answers it: a page of JSON."""
    response = json_response(error.content(), error.status)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="OAuth"'
    return response

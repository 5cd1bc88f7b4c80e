"""The same news for every kind of caller: a page, JSON, or HTMX."""

from __future__ import annotations

import json
import logging
import math

from django.conf import settings as django_settings
from django.contrib.auth.views import redirect_to_login
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers

from django_anilist.api.errors import (
    DEFAULT_RETRY_AFTER,
    OutcomeUnknown,
    RateLimited,
    ReconnectRequired,
    Unavailable,
)
from django_anilist.conf import AniListImproperlyConfigured
from django_anilist.problems import PROBLEMS, Problem, Wait
from django_anilist.redirects import address, current_page, safe_next

logger = logging.getLogger("django_anilist")


def answer_to(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """Return what to answer where a view raised ``error``; ``None`` where it is not ours to answer.

    Who is signed in cannot connect for somebody else, whose client a view may have used. Wrong settings
    under ``DEBUG`` are the developer's to see.
    """
    if isinstance(error, ReconnectRequired):
        theirs = error.user_id in (None, _reader(request))
        return reconnect(request, error.status) if theirs else problem(request, "other-user")
    if isinstance(error, RateLimited):
        return problem(request, "busy", math.ceil(error.retry_after))
    if isinstance(error, OutcomeUnknown):
        return problem(request, "unknown")
    if isinstance(error, Unavailable):
        return problem(request, "unavailable", math.ceil(error.retry_after or DEFAULT_RETRY_AFTER))
    if isinstance(error, AniListImproperlyConfigured) and not django_settings.DEBUG:
        return not_set_up(request, error)
    return None


def _reader(request: HttpRequest) -> object:
    """Return the primary key of who is signed in, ``None`` for a visitor."""
    return getattr(getattr(request, "user", None), "pk", None)


def reconnect(request: HttpRequest, status: str, *, back: str = "") -> HttpResponse:
    """Send the user to connect, and afterwards back to the page they were on, or to ``back``.

    A script gets 403 with ``{"error": "reconnect", "status": ..., "url": ...}``, HTMX a redirect.
    """
    url = address("authorize", next=back or _page_of(request))
    return _led_to(request, url, {"error": "reconnect", "status": status})


def sign_in(request: HttpRequest, back: str = "") -> HttpResponse:
    """Send a visitor to sign in, and afterwards back to the page they were on, or to ``back``.

    A script gets 403 with ``{"error": "sign-in", "url": ...}``, HTMX a redirect.
    """
    return _led_to(request, redirect_to_login(back or _page_of(request)).url, {"error": "sign-in"})


def not_set_up(request: HttpRequest, error: AniListImproperlyConfigured) -> HttpResponse:
    """Tell the user that it is not their fault, and the developer, by the log, what to do."""
    logger.error("AniList is not set up: %s", error)
    return problem(request, "setup")


def problem(
    request: HttpRequest, outcome: str, retry_after: int | None = None, *, again: str = ""
) -> HttpResponse:
    """Say what went wrong, with its status, and with ``Retry-After`` where that is known.

    ``again`` is where trying again leads: this page, unless another is named. HTMX shows nothing of a
    503: a part of a page becomes a note with 200 and the event ``anilist:problem``, so that the page
    around it stays; what was sent from a form, or by ``hx-boost``, leads to the whole page.

    A script gets ``{"error": ..., "retry_after": ...}``, and the ``url`` where another page is named.
    """
    found = PROBLEMS[outcome]
    news = {"error": outcome, "retry_after": retry_after}
    elsewhere = {"url": again} if again else {}
    again = again or _page_of(request)
    if wants_json(request):
        response: HttpResponse = JsonResponse({**news, **elsewhere}, status=found.status)
    elif is_htmx(request) and not _loads_a_part(request):
        url = address("problem", outcome, back=again, wait=retry_after)
        response = HttpResponse(status=found.status, headers={"HX-Redirect": url})
    else:
        response = _told(request, found, retry_after, again)
    if is_htmx(request):
        response.headers["HX-Trigger"] = json.dumps({"anilist:problem": news})
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return _varied(response)


def _told(
    request: HttpRequest, found: Problem, retry_after: int | None, again: str
) -> HttpResponse:
    """Say it in words: on a page, or where HTMX loads a part of one."""
    part = is_htmx(request)
    template = "parts/problem_note" if part else "problem"
    status = 200 if part else found.status
    wait = Wait(retry_after) if retry_after else None
    context = {"problem": found, "wait": wait, "again": again}
    try:
        return render(request, f"django_anilist/{template}.html", context, status=status)
    except (
        OperationalError
    ):  # who is signed in, and what their session holds, cannot be read either
        page = render_to_string(f"django_anilist/{template}.html", context)
        return HttpResponse(page, status=status)


def wants_json(request: HttpRequest) -> bool:
    """Tell whether the caller is a script: it prefers JSON, or takes anything and speaks JSON itself.

    Views of Django REST framework are taken to be for scripts, whom they too give JSON by default.
    HTMX is for pages, whatever it sends.
    """
    if is_htmx(request):
        return False
    speaks_json = request.content_type == "application/json" or _is_api_view(request)
    offered = (
        ["application/json", "text/html"] if speaks_json else ["text/html", "application/json"]
    )
    return (request.get_preferred_type(offered) or offered[0]) == "application/json"


def _is_api_view(request: HttpRequest) -> bool:
    view = getattr(request.resolver_match, "func", None)
    return hasattr(getattr(view, "cls", None), "renderer_classes")


def is_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _loads_a_part(request: HttpRequest) -> bool:
    return request.method in ("GET", "HEAD") and "HX-Boosted" not in request.headers


def _page_of(request: HttpRequest) -> str:
    """Return the page the user sees; what a script asks for is none."""
    if wants_json(request):
        return safe_next(request, request.headers.get("Referer"))
    return current_page(request)


def _led_to(request: HttpRequest, url: str, news: dict[str, str]) -> HttpResponse:
    """Send the user to ``url``; a script hears of it with 403."""
    if is_htmx(request):
        return _varied(HttpResponse(status=403, headers={"HX-Redirect": url}))
    if wants_json(request):
        return _varied(JsonResponse({**news, "url": url}, status=403))
    return _varied(redirect(url))


def is_scripted(request: HttpRequest) -> bool:
    """Tell whether a script reads the answer, and not a person."""
    return is_htmx(request) or wants_json(request)


def _varied(response: HttpResponse) -> HttpResponse:
    patch_vary_headers(response, ["Accept", "HX-Request"])
    response.headers["Cache-Control"] = "no-store"
    return response

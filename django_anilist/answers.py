"""The same news for every kind of caller: a page, JSON, or HTMX."""

from __future__ import annotations

import logging
import math

from django.conf import settings as django_settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers

from django_anilist.api.errors import (
    DEFAULT_RETRY_AFTER,
    OutcomeUnknown,
    RateLimited,
    ReconnectRequired,
    Unavailable,
)
from django_anilist.conf import AniListImproperlyConfigured
from django_anilist.problems import PROBLEMS
from django_anilist.redirects import address, current_page

logger = logging.getLogger("django_anilist")


def answer_to(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """Return what to answer where a view raised ``error``; ``None`` where it is not ours to answer.

    Wrong settings under ``DEBUG`` are the developer's to see.
    """
    if isinstance(error, ReconnectRequired):
        return reconnect(request, error.status)
    if isinstance(error, RateLimited):
        return problem(request, "busy", math.ceil(error.retry_after))
    if isinstance(error, OutcomeUnknown):
        return problem(request, "unknown")
    if isinstance(error, Unavailable):
        return problem(request, "unavailable", math.ceil(error.retry_after or DEFAULT_RETRY_AFTER))
    if isinstance(error, AniListImproperlyConfigured) and not django_settings.DEBUG:
        return not_set_up(request, error)
    return None


def reconnect(request: HttpRequest, status: str, *, back: str = "") -> HttpResponse:
    """Send the user to connect, and afterwards back to the page they were on, or to ``back``.

    A script gets 403 with ``{"error": "reconnect", "status": ..., "url": ...}``, HTMX a redirect.
    """
    url = address("authorize", next=back or current_page(request))
    if is_htmx(request):
        return _varied(HttpResponse(status=403, headers={"HX-Redirect": url}))
    if wants_json(request):
        return _varied(
            JsonResponse({"error": "reconnect", "status": status, "url": url}, status=403)
        )
    return _varied(redirect(url))


def not_set_up(request: HttpRequest, error: AniListImproperlyConfigured) -> HttpResponse:
    """Tell the user that it is not their fault, and the developer, by the log, what to do."""
    logger.error("AniList is not set up: %s", error)
    return problem(request, "setup")


def problem(
    request: HttpRequest, outcome: str, retry_after: int | None = None, *, again: str = ""
) -> HttpResponse:
    """Say what went wrong, with its status, and with ``Retry-After`` where that is known.

    ``again`` is where trying again leads: this page, unless another is named.
    """
    found = PROBLEMS[outcome]
    if wants_json(request):
        content = {"error": outcome, "retry_after": retry_after}
        response: HttpResponse = JsonResponse(content, status=found.status)
    else:
        again = again or current_page(request)
        context = {"problem": found, "retry_after": retry_after, "again": again}
        response = render(request, "django_anilist/problem.html", context, status=found.status)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return _varied(response)


def is_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def wants_json(request: HttpRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def _varied(response: HttpResponse) -> HttpResponse:
    patch_vary_headers(response, ["Accept", "HX-Request"])
    response.headers["Cache-Control"] = "no-store"
    return response

"""The pages a browser comes to on its way to AniList and back. Thin: ``flow`` does the work."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings as django_settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.decorators import login_required
from django.db import OperationalError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from django_anilist import answers, flow, tokens
from django_anilist.api.errors import RateLimited
from django_anilist.conf import AniListImproperlyConfigured, settings
from django_anilist.problems import PROBLEMS
from django_anilist.redirects import address, safe_next

_View = Callable[..., HttpResponse]


class SignedInRequest(HttpRequest):
    """What a view behind ``login_required`` gets."""

    user: AbstractBaseUser  # type: ignore[assignment]


class SeeOther(HttpResponseRedirect):
    """303 (RFC 9110 section 15.4.4): whatever brought the browser here, it goes on with GET."""

    status_code = 303


def _private(referrer_policy: str) -> Callable[[_View], _View]:
    """Make a page that no other site frames, no cache keeps, and no wrong setting breaks.

    ``no-referrer`` for an address that holds a code; ``same-origin`` for pages with a form, whose
    ``Origin`` header the browser would otherwise blank, and Django's CSRF check refuse.
    """

    def decorate(view: _View) -> _View:
        @wraps(view)
        def private(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                response = view(request, *args, **kwargs)
            except AniListImproperlyConfigured as error:
                response = answers.not_set_up(request, error)
            except OperationalError:  # the database had no time even when asked again
                response = answers.problem(request, "failed")
            response.headers["Cache-Control"] = "no-store, private"
            response.headers["Referrer-Policy"] = referrer_policy
            response.headers["X-Frame-Options"] = "DENY"
            if not _site_has_a_content_security_policy():
                response.headers["Content-Security-Policy"] = "frame-ancestors 'none'"
            return response

        return private

    return decorate


def _site_has_a_content_security_policy() -> bool:
    """A policy of ours would replace the site's: such middleware leaves a set header alone."""
    return any("csp" in middleware.lower() for middleware in django_settings.MIDDLEWARE)


@_private("same-origin")
@require_http_methods(["GET", "POST"])
@transaction.non_atomic_requests
@csrf_protect
@login_required
def authorize(request: SignedInRequest) -> HttpResponse:
    """Say what connecting means (GET), and send the browser to AniList (POST).

    A plain link must not start anything: it could be somebody else's (RFC 9700 section 2.1).
    """
    settings.oauth_client(request)
    next_url = safe_next(request, request.POST.get("next") or request.GET.get("next"))
    if request.method == "POST":
        return SeeOther(flow.start(request, request.user, next_url))
    flow.prepare(request)
    return render(
        request, "django_anilist/authorize.html", {**_standing(request), "next": next_url}
    )


@_private("no-referrer")
@require_GET
@transaction.non_atomic_requests
def callback(request: HttpRequest) -> HttpResponse:
    """Take the browser back from AniList, and send it on: no page is ever shown at this address."""
    if "prefetch" in request.headers.get("Sec-Purpose", ""):
        return HttpResponse(status=409)
    finish = flow.finish(request)
    next_url = safe_next(request, finish.next_url)
    if finish.token is None:
        wait = int(finish.error.retry_after) if isinstance(finish.error, RateLimited) else None
        return SeeOther(address("problem", finish.outcome, next=next_url, wait=wait))
    text = _("Connected to AniList as %(name)s.") % {"name": finish.token}
    messages.success(request, text, fail_silently=True)
    return SeeOther(next_url or address("account"))


@_private("same-origin")
@require_POST
@transaction.non_atomic_requests
@csrf_protect
@login_required
def disconnect(request: SignedInRequest) -> HttpResponse:
    """Forget the token. AniList cannot be told from here, so say where the user can tell it."""
    flow.disconnect(request.user)
    messages.success(request, _("Disconnected from AniList."), fail_silently=True)
    return SeeOther(safe_next(request, request.POST.get("next")) or address("account"))


@_private("same-origin")
@require_GET
@login_required
def account(request: SignedInRequest) -> HttpResponse:
    """Show who the user is on AniList, since when and until when, and how to change that."""
    return render(request, "django_anilist/account.html", _standing(request))


@_private("same-origin")
@require_GET
def problem(request: HttpRequest, outcome: str) -> HttpResponse:
    """Say calmly why connecting did not work, and what to do now.

    Trying again leads to connecting, or to ``back``, the page that something else failed on.
    """
    if outcome not in PROBLEMS:
        raise Http404
    wait = request.GET.get("wait", "")
    seconds = (
        min(int(wait), 3600) if wait.isascii() and wait.isdecimal() and len(wait) < 9 else None
    )
    back = safe_next(request, request.GET.get("back"))
    next_url = safe_next(request, request.GET.get("next"))
    again = back or address("authorize", next=next_url)
    return answers.problem(request, outcome, seconds, again=again)


def _standing(request: SignedInRequest) -> dict[str, Any]:
    """Return how the user stands with AniList, for a template."""
    row = tokens.for_user(request.user)
    return {
        "account": row,
        "status": tokens.open_token(row)[0],
        "apps_page": settings.endpoints.apps,
    }

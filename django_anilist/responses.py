"""What the answers of our own pages have in common."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings as django_settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import OperationalError, connections, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from django_anilist import answers
from django_anilist.conf import AniListImproperlyConfigured

logger = logging.getLogger("django_anilist")

_View = Callable[..., HttpResponse]


class SignedInRequest(HttpRequest):
    """What a view behind ``login_required`` gets."""

    user: AbstractBaseUser  # type: ignore[assignment]


class SeeOther(HttpResponseRedirect):
    """303 (RFC 9110 section 15.4.4): whatever brought the browser here, it goes on with GET."""

    status_code = 303


def private(referrer_policy: str) -> Callable[[_View], _View]:
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
            except OperationalError:  # had no time even when asked again, or has no tables
                logger.error("The database failed, or has no tables: see manage.py migrate")
                response = answers.problem(request, "failed")
            response.headers["Cache-Control"] = "no-store, private"
            response.headers["Referrer-Policy"] = referrer_policy
            response.headers["X-Frame-Options"] = "DENY"
            if not _site_has_a_content_security_policy():
                response.headers["Content-Security-Policy"] = "frame-ancestors 'none'"
            return response

        return private

    return decorate


def outside_transactions(view: _View) -> _View:
    """Make a view that no database wraps in a transaction: what it wrote must stay, however it ends.

    Django's own ``non_atomic_requests`` is for one database, and a router may keep our rows in another.
    """
    for alias in connections:
        view = transaction.non_atomic_requests(using=alias)(view)
    return view


def _site_has_a_content_security_policy() -> bool:
    """A policy of ours would replace the site's: such middleware leaves a set header alone."""
    return any("csp" in middleware.lower() for middleware in django_settings.MIDDLEWARE)

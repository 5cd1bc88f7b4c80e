"""Where a browser may be sent next."""

from __future__ import annotations

import logging
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

logger = logging.getLogger("django_anilist")

MAX_LENGTH = 2000
#: Says that a browser was sent to an address once more already.
_MARK = "again"


def safe_next(request: HttpRequest, url: str | None) -> str:
    """Return ``url`` if it leads to a page of this site, else ``""``.

    An open redirect would make this site's good name a phisher's (RFC 9700 section 4.11).
    """
    if not url or len(url) > MAX_LENGTH or not url.isprintable():
        return ""
    secure = request.is_secure()
    return url if url_has_allowed_host_and_scheme(url, {request.get_host()}, secure) else ""


def current_page(request: HttpRequest) -> str:
    """Return the page the user is on: this one, or the one a form or a script was sent from."""
    if request.headers.get("HX-Request") == "true":
        return safe_next(request, request.headers.get("HX-Current-URL"))
    if request.method in ("GET", "HEAD"):
        return safe_next(request, request.get_full_path())
    return safe_next(request, request.headers.get("Referer"))


def address(name: str, *args: str, **query: object) -> str:
    """Return the address of one of our pages; empty parameters are left out."""
    given = {key: value for key, value in query.items() if value}
    path = reverse(f"anilist:{name}", args=args)
    return f"{path}?{urlencode(given)}" if given else path


def once_more(request: HttpRequest) -> str:
    """Return the callback's address, marked, where a strict session cookie was held back; else ``""``.

    A browser holds it back where another site sends it here (RFC 6265bis, "Strict"), and brings it
    where a page of this site does. The mark keeps it from going round in circles.
    """
    strict = str(settings.SESSION_COOKIE_SAMESITE).lower() == "strict"
    if not strict or settings.SESSION_COOKIE_NAME in request.COOKIES:
        return ""
    try:
        query = request.GET.copy()
    except TooManyFieldsSent:
        return ""
    if _MARK in query or "state" not in query:
        return ""
    query[_MARK] = "1"
    return f"{address('callback')}?{query.urlencode()}"


def tell_of_another_host(request: HttpRequest, redirect_uri: str) -> None:
    """Tell the developer where AniList will lead to another host, which does not have this session."""
    here = request.get_host()
    if settings.DEBUG and f"//{here}/" not in redirect_uri:
        logger.warning("You are at %s, and AniList leads back to %s", here, redirect_uri)

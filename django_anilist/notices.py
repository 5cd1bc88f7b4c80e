"""The one banner that tells a page's reader what they should know about AniList just now."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from django_anilist import shared
from django_anilist.api.errors import RateLimited, Unavailable
from django_anilist.models import Status
from django_anilist.page import Page
from django_anilist.redirects import address
from django_anilist.showing import fragment, here

#: For how long each kind of notice stays away once it was dismissed, in seconds.
KINDS = {
    "rejected": 24 * 3600,
    "unreadable": 24 * 3600,
    "expired": 24 * 3600,
    "outage": 600,
    "busy": 120,
    "expiring": 7 * 24 * 3600,
}
_OF_STATUS = {
    Status.EXPIRED: "expired",
    Status.REJECTED: "rejected",
    Status.UNREADABLE: "unreadable",
    Status.EXPIRING: "expiring",
}
_COOKIE = "anilist_notice"


def notice(page: Page, next_url: str = "") -> SafeString:
    """Return the most urgent banner; nothing where all is well, or where it was dismissed."""
    kind = next((kind for kind in _kinds(page) if not _dismissed(page, kind)), "")
    if not kind:
        return SafeString("")
    page.told = page.told or kind != "expiring"
    back = here(page, next_url)
    connect = address("authorize", next=back) if kind in _OF_STATUS.values() else ""
    context = {"kind": kind, "account": page.account, "next": back, "connect": connect}
    return fragment(page, "notice", context)


def _kinds(page: Page) -> Iterator[str]:
    """Yield what there is to say, the most urgent first, and nothing that the page said already."""
    own = _OF_STATUS.get(page.status, "")
    if own and own != "expiring":
        yield own
    if not page.told:
        yield from _of_anilist(page)
    if own == "expiring":
        yield own


def _of_anilist(page: Page) -> Iterator[str]:
    """Yield ``outage`` or ``busy`` where this page met it, or all processes know of it."""
    standing = page.calmly(lambda: shared.budget().look(), instead=None)
    if isinstance(page.trouble, Unavailable) or (standing and standing.outage):
        yield "outage"
    if isinstance(page.trouble, RateLimited) or (standing and standing.locked_for > 0):
        yield "busy"


def dismiss(request: HttpRequest, response: HttpResponse, kind: str) -> None:
    """Let the browser remember that its user saw the notice of this kind."""
    response.set_cookie(
        f"{_COOKIE}_{kind}",
        _about(Page.of({"request": request}), kind),
        max_age=KINDS[kind],
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )


def _dismissed(page: Page, kind: str) -> bool:
    seen = page.request.COOKIES.get(f"{_COOKIE}_{kind}") if page.request is not None else None
    return seen is not None and seen == _about(page, kind)


def _about(page: Page, kind: str) -> str:
    """Return what a notice is about: AniList, or one connection of one user, which may end again."""
    if kind not in _OF_STATUS.values() or (row := page.account) is None:
        return "anilist"
    connection = f"{row.pk} {row.connected_at.timestamp()}"
    return hashlib.blake2b(connection.encode(), digest_size=8).hexdigest()

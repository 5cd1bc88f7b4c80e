"""A page to see what this site does in each kind of outage: it turns the sandbox's dials."""

from __future__ import annotations

from typing import Any

import requests
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

#: By name: what it is called, what happens to this site, and the dials that make it so.
WEATHERS: dict[str, tuple[str, str, dict[str, str]]] = {
    "fair": (
        "All is well",
        "Within half a minute after an outage one request finds out, and everything is back.",
        {},
    ),
    "down": (
        "AniList switches its API off",
        "What was seen before is shown, with its age. Nobody is disconnected.",
        {"switched_off": "on"},
    ),
    "slow": (
        "Every answer takes twenty seconds",
        "No page waits longer than three. After a few, nobody asks for half a minute.",
        {"slow": "20"},
    ),
    "errors": ("Every answer is an error page", "The same as when it is down.", {"status": "502"}),
    "html": (
        "A firewall answers instead of AniList",
        "A web page where data should be is taken for an outage, not for an answer.",
        {"html": "on"},
    ),
    "busy": (
        "The site has asked too often",
        "Every worker stops for the minute that AniList wants. Changes wait to be offered again.",
        {"too_many": "on"},
    ),
    "revoked": (
        "You revoke this site's access",
        "The next change leads you to connect again, and then asks whether to make it.",
        {},
    ),
}
_CALM = {"switched_off": "off", "slow": "0", "status": "0", "html": "off", "too_many": "off"}


@login_required
def weather(request: HttpRequest) -> HttpResponse:
    """Show the weathers and what a page looks like in the present one; make another (POST)."""
    if not settings.ANILIST_SANDBOX_URL:
        raise Http404
    if request.method == "POST" and request.POST.get("weather") in WEATHERS:
        return _change(request, request.POST["weather"])
    return render(request, "example/weather.html", {"weathers": WEATHERS.items()})


def _change(request: Any, chosen: str) -> HttpResponse:
    name, _, dials = WEATHERS[chosen]
    try:
        _post("dials", _CALM | dials)
        if chosen == "revoked":
            _post("dials/revoke", {"user": str(getattr(request.user, "anilist_token", ""))})
    except requests.RequestException:
        messages.error(request, "The sandbox is gone.")
    else:
        messages.success(request, f"{name}.")
    return redirect("weather")


def _post(path: str, form: dict[str, str]) -> None:
    url = f"{settings.ANILIST_SANDBOX_URL}/{path}"
    requests.post(url, data=form, timeout=5, allow_redirects=False).raise_for_status()

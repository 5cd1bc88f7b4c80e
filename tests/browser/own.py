"""A site that has nothing but our pages and one of our tags, in our own dress, under a strict policy.

``PAGES`` names every page we have, and who sees it so.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template import engines
from django.test import Client, override_settings
from django.urls import path
from pytest_django.live_server_helper import LiveServer

from django_anilist import tokens
from django_anilist.accounts import Account
from django_anilist.api.oauth import Grant
from django_anilist.api.secrets import Secret
from django_anilist.models import AniListToken
from django_anilist.page import account_of
from django_anilist.problems import PROBLEMS
from tests.callers import urlpatterns as failing

DAY = 86_400
STATUSES = ("connected", "expiring", "expired", "rejected", "unreadable")
AVATAR = "https://s4.anilist.co/file/anilistcdn/user/avatar/large/b7.png"


@dataclass(frozen=True)
class Page:
    """An address, who opens it, and what they press on it first."""

    path: str
    status: str = "disconnected"
    press: str = ""


PAGES = {
    "connect": Page("/anilist/authorize/?next=/"),
    "connected": Page("/said/", "connected"),
    "account-none": Page("/anilist/"),
    "disconnect": Page("/anilist/", "connected", "summary"),
    "login": Page("/anilist/login/?next=/", "visitor"),
    "outage": Page("/function/down/", "visitor"),
    "tags": Page("/tags/", "connected", "summary"),
    "tags-expiring": Page("/tags/", "expiring", "summary"),
    "tags-visitor": Page("/tags/", "visitor"),
    **{f"account-{status}": Page("/anilist/", status) for status in STATUSES},
    **{f"reconnect-{status}": Page("/anilist/authorize/", status) for status in STATUSES},
    **{f"problem-{word}": Page(f"/anilist/problem/{word}/") for word in PROBLEMS},
    "problem-busy": Page("/anilist/problem/busy/?wait=42&back=/", "connected"),
    "problem-unavailable": Page("/anilist/problem/unavailable/?wait=600&back=/", "connected"),
}

HTMX = """{% load static %}<!DOCTYPE html><html lang="en"><head><title>HTMX</title>
<meta name="htmx-config" content='{"includeIndicatorStyles": false}'>
<script src="{% static script %}" defer></script></head><body><h1>A page with parts</h1>
<div id="part" hx-get="/function/limited/" hx-trigger="load">Loading</div>
<form hx-post="/function/down/" hx-target="#part">{% csrf_token %}<button>Send</button></form></body></html>"""

TAGS = """{% extends "django_anilist/base.html" %}{% load anilist %}
{% block title %}Tags{% endblock %}
{% block content %}{% anilist_notice %}<h1>Tags</h1>
{% anilist_avatar user %} {% anilist_status %} {% anilist_connect_button %} {% anilist_disconnect_button %}
<h2>A list</h2><ul class="anilist-list">{% for entry in entries %}<li>{% anilist_card entry %}</li>{% endfor %}</ul>
<h2>Buttons</h2>
{% for entry in entries %}<h3><bdi>{{ entry.media|anilist_title }}</bdi></h3>
{% anilist_cover entry.media size="large" %}{% anilist_list_button entry %}{% endfor %}
<div>{{ text|anilist_html }}</div>{% endblock %}"""
#: Titles that are hard to set: long, of one word, in another script, from right to left.
TITLES = (
    "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenfabrikantenversammlung",
    "That Time I Read a Title So Long That the Page It Stood On Began to Scroll, and Other Stories",
    "やはりゲームでも俺の青春ラブコメはまちがっている。続" * 3,
    "عنوان طويل جدا يقرأ من اليمين إلى اليسار",
)
TEXT = "A <i>quiet</i> tale. ~!The bees win.!~ " + "long" * 40


def entry(number: int, title: str, owner: int) -> dict[str, Any]:
    """Return an entry of whoever is ``owner`` on AniList.

    Every second one is of a manga, without a cover or a known length.
    """
    whole = number % 2 == 0
    media = {
        "id": number,
        "type": "ANIME" if whole else "MANGA",
        "title": {"userPreferred": title},
        "coverImage": {"large": AVATAR if whole else None, "color": "#e4a15d" if whole else None},
        "episodes": 12 if whole else None,
        "averageScore": 82,
        "seasonYear": 2023,
        "siteUrl": f"https://anilist.co/anime/{number}",
        "nextAiringEpisode": {"episode": 5, "airingAt": 2**32} if whole else None,
    }
    facts = {"status": "CURRENT", "progress": 3, "scoreRaw": 75, "notes": "", "repeat": 0}
    return {"id": number, "userId": owner, "mediaId": number, "media": media, **facts}


def tags(request: HttpRequest) -> HttpResponse:
    account = account_of(request.user)
    owner = account.anilist_id if account else 0
    entries = [entry(number, title, owner) for number, title in enumerate(TITLES, start=1)]
    context = {"entries": entries, "text": TEXT}
    return HttpResponse(engines["django"].from_string(TAGS).render(context, request))


def said(request: HttpRequest) -> HttpResponse:
    """End as connecting ends: with a message, on the account page."""
    messages.success(request, "Connected to AniList as Alice Liddell.")
    return redirect("anilist:account")


def htmx(request: HttpRequest, version: int) -> HttpResponse:
    script = {"script": f"django_htmx/htmx-{version}.min.js"}
    return HttpResponse(engines["django"].from_string(HTMX).render(script, request))


urlpatterns = [
    path("said/", said),
    path("tags/", tags),
    path("htmx/<int:version>/", htmx),
    *failing,
]


class OwnSite:
    """The running site, and the people who use it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def open(self, page: Page) -> tuple[str, list[dict[str, str]]]:
        """Return the page's address, and the cookies of somebody who stands as it wants."""
        cookies = [] if page.status == "visitor" else [self._signed_in(person(page.status))]
        return f"{self.url}{page.path}", cookies

    def _signed_in(self, user: Any) -> dict[str, str]:
        client = Client()
        client.force_login(user)
        return {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": self.url}


def person(status: str) -> Any:
    """Make a user who stands so with AniList."""
    user, _ = get_user_model().objects.get_or_create(username=status)
    if status == "disconnected":
        return user
    avatar = "" if status == "expiring" else AVATAR
    account = Account(7 + STATUSES.index(status), "Alice Liddell", avatar, "POINT_10_DECIMAL")
    days = {"expiring": 5, "expired": 0}.get(status, 365)
    row = tokens.save(user, account, Grant(Secret("canary-token"), days * DAY, account.id))
    if status == "rejected":
        tokens.reject(row)
    if status == "unreadable":
        AniListToken.objects.filter(pk=row.pk).update(sealed="lost")
    return user


@contextmanager
def running() -> Iterator[OwnSite]:
    """Serve the site from this process, with the settings and the database it has."""
    htmx_files = Path(str(find_spec("django_htmx").origin)).with_name("static")
    languages = "django.middleware.locale.LocaleMiddleware"
    first, *rest = settings.MIDDLEWARE
    with override_settings(
        ROOT_URLCONF="tests.browser.own",
        MIDDLEWARE=["tests.csp.StrictCSPMiddleware", first, languages, *rest],
        STATICFILES_DIRS=[htmx_files],
        AUTHENTICATION_BACKENDS=[
            "django.contrib.auth.backends.ModelBackend",
            "django_anilist.backends.AniListBackend",
        ],
    ):
        server = LiveServer("127.0.0.1")
        try:
            yield OwnSite(server.url)
        finally:
            server.stop()

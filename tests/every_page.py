"""A walk past everything that we show: each page in each state, and each tag on good days and bad."""

from __future__ import annotations

import datetime
import html
import re
from collections.abc import Iterator

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.template import RequestContext, Template
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import timezone, translation

from django_anilist import tokens
from django_anilist.api.lists import MediaList
from django_anilist.listing import Listing, shown
from django_anilist.models import AniListToken
from django_anilist.page import Page
from django_anilist.problems import PROBLEMS

FRIEREN, BERSERK, UNLISTED = 154587, 30002, 1
SAVE = "/anilist/save-entry/"
ADMIN = "/admin/django_anilist/anilisttoken/"
TAGS = """{% load anilist %}
{% anilist_notice %} {% anilist_connect_button %} {% anilist_disconnect_button %} {% anilist_status %}
{% anilist_profile user %} {% anilist_list status="CURRENT" %} {% anilist_list type="MANGA" %}
{% anilist_list status="REPEATING" %} {{ old_list }} {% anilist_card 1 %} {% anilist_card airing %}
{% anilist_card out %} {% anilist_card own %}
{% anilist_list_button anime %} {% anilist_list_button manga %} {% anilist_list_button unlisted %}
{% anilist_progress entry %} {{ 20|anilist_score:"POINT_3" }} {{ 60|anilist_score:"POINT_3" }}
{{ 90|anilist_score:"POINT_3" }} {{ "~!x!~"|anilist_html }}"""

#: Where no tag has said yet that something is wrong.
SILENT = "{% load anilist %}{% anilist_viewer as viewer %}{% anilist_notice %}"


class Walk:
    """A user's way past all pages in one language; ``pages`` names what was met."""

    def __init__(self, anilist, user, settings, language):
        self.anilist, self.user, self.settings, self.language = anilist, user, settings, language
        self.client = self._client()
        self.client.force_login(user)

    def _client(self):
        return Client(headers={"accept-language": self.language})

    def get(self, path, client=None):
        return (client or self.client).get(path, secure=True, follow=True).content.decode()

    def post(self, path, **fields):
        return self.client.post(path, fields, secure=True, follow=True).content.decode()

    def row(self, **values):
        AniListToken.objects.filter(user=self.user).update(**values)
        self.user.refresh_from_db()

    def pages(self) -> Iterator[tuple[str, str]]:
        yield from self.problems()
        yield from self.visits()
        yield from self.stands("disconnected")
        self.anilist.connect_through(self.client)
        yield "connected, with the message", self.get("/anilist/")
        yield from self.stands("connected")
        yield from self.changes()
        yield from self.bad_days()
        yield from self.dead()
        yield from self.logs_in()
        yield from self.mails()
        yield from self.staff()
        yield "disconnecting", self.post("/anilist/disconnect/")

    def problems(self):
        for outcome in PROBLEMS:
            for wait in ("", "?wait=1", "?wait=42", "?wait=60", "?wait=600"):
                yield f"problem {outcome}{wait}", self.get(f"/anilist/problem/{outcome}/{wait}")

    def visits(self):
        visitor = self._client()
        yield "login", self.get("/anilist/login/?next=/list/", visitor)
        self.settings.SESSION_COOKIE_SAMESITE = "Strict"
        yield "once more", self.get(f"/anilist/callback/?code=x&state={'s' * 43}", visitor)
        self.settings.SESSION_COOKIE_SAMESITE = "Lax"
        yield "tags of a visitor", self.tags(AnonymousUser())

    def stands(self, status):
        yield f"account {status}", self.get("/anilist/")
        yield f"authorize {status}", self.get("/anilist/authorize/?next=/list/")
        yield f"tags {status}", self.tags()

    def changes(self):
        for kind, media in (("anime", FRIEREN), ("manga", BERSERK), ("unlisted", UNLISTED)):
            yield f"form of {kind}", self.get(f"{SAVE}?media={media}")
            yield f"saved {kind}", self.post(SAVE, media_id=media, progress=1)
            yield f"an old button of {kind}", self.post(SAVE, media_id=media, progress=1, shown=0)
            with self.anilist.limit():
                page = self.post(SAVE, media_id=media, progress=2, submission=f"{kind}-{'x' * 20}")
            again = re.search(rf'href="({SAVE}\?change=[^"]+)"', page)
            yield f"question of {kind}", self.get(html.unescape(again[1]))
        yield "an impossible score", self.post(SAVE, media_id=FRIEREN, score="1000")
        yield "of no medium", self.post(SAVE, media_id=9_999_999, progress=1)
        yield "an old offer", self.get(f"{SAVE}?change=old")
        for score_format in ("POINT_3", "POINT_5"):
            self.row(score_format=score_format)
            yield f"form with {score_format}", self.get(f"{SAVE}?media={FRIEREN}")

    def bad_days(self):
        with self.anilist.outage():
            yield "tags in an outage", self.tags()
            yield "tags in a silent outage", self.tags(source=SILENT)
            yield "saving in an outage", self.post(SAVE, media_id=FRIEREN, progress=1)
            fields = {"media_id": FRIEREN, "progress": 1}
            htmx = {"hx-request": "true", "hx-target": "anilist-entry-0123abcd"}
            answer = self.client.post(SAVE, fields, secure=True, headers=htmx)
            yield "saving in an outage by HTMX", answer.content.decode()
        with self.anilist.limit():
            yield "tags when busy", self.tags()
            yield "tags when silently busy", self.tags(source=SILENT)

    def dead(self):
        now = timezone.now()
        ends = {
            "expiring": now + datetime.timedelta(days=2),
            "expired": now - datetime.timedelta(1),
        }
        for status, end in ends.items():
            self.row(expires_at=end)
            yield from self.stands(status)
        self.row(expires_at=now + datetime.timedelta(days=200))
        kept = self.user.anilist_token.sealed
        self.row(sealed="x")
        yield from self.stands("unreadable")
        self.row(sealed=kept)
        tokens.reject(self.user.anilist_token)
        self.user.refresh_from_db()
        yield from self.stands("rejected")

    def logs_in(self):
        visitor = self._client()
        address = visitor.post("/anilist/login/", secure=True).url
        yield "logged in", self.get(self.anilist.box.approve(address, user="alice"), visitor)

    def staff(self):
        """What the admin shows of a dead connection, and of how AniList is."""
        staff = get_user_model().objects.create_superuser("staff")
        client = self._client()
        client.force_login(staff)
        row = AniListToken.objects.get()
        yield "admin list", self.get(ADMIN, client)
        yield "admin row", self.get(f"{ADMIN}{row.pk}/change/", client)
        yield "admin health", self.get(f"{ADMIN}health/", client)
        for action in ("verify_now", "disconnect", "mark_for_reconnect", "send_reconnect_mail"):
            fields = {"action": action, "_selected_action": row.pk}
            yield f"admin {action}", client.post(ADMIN, fields, secure=True).content.decode()

    def mails(self):
        row = AniListToken.objects.get()
        context = {"user": self.user, "account": row, "expires_at": row.expires_at}
        context |= {"site": "bees.test", "link": "https://bees.test/anilist/authorize/"}
        for alive in (True, False):
            with translation.override(self.language):
                for name in ("reminder_subject.txt", "reminder.txt"):
                    text = render_to_string(
                        f"django_anilist/mail/{name}", {**context, "alive": alive}
                    )
                    yield f"mail {name} {alive}", text

    def tags(self, user=None, source=TAGS):
        request = RequestFactory().get("/list/")
        request.user = user or get_user_model().objects.get(pk=self.user.pk)
        now = int(timezone.now().timestamp())
        context = {
            "user": request.user,
            "anime": FRIEREN,
            "manga": BERSERK,
            "unlisted": UNLISTED,
            "airing": _airing(now + 3 * 86_400 + 60),
            "out": _airing(now - 60),
            "own": {"mediaId": 8, "media": _CHAPTERS, "progress": 3, "scoreRaw": 70},
            "old_list": _old_list(Page.of({"request": request})),
            "entry": {"mediaId": 5, "progress": 7, "media": {"id": 5, "episodes": 12}},
        }
        with translation.override(self.language):
            return Template(source).render(RequestContext(request, context))


_CHAPTERS = {"id": 8, "type": "MANGA", "title": {"romaji": "Bees"}, "chapters": 30}


def _old_list(page):
    found = MediaList()
    found.age, found.stale = 600.0, True
    return shown(Listing(page, found))


def _airing(at):
    title = {"romaji": "Bees"}
    return {"id": 7, "title": title, "nextAiringEpisode": {"episode": 5, "airingAt": at}}

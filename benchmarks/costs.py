"""What the parts cost a page: ``python -m benchmarks --only costs``."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.report import Table
from benchmarks.site import set_up


def microseconds(work: Callable[[], Any], rounds: int = 15, calls: int = 50) -> float:
    """Return the median time of ``work`` in millionths of a second."""
    work()
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        for _ in range(calls):
            work()
        times.append((time.perf_counter() - started) / calls)
    return statistics.median(times) * 1e6


def queries_of(work: Callable[[], Any]) -> int:
    from django.db import connection  # noqa: PLC0415  settings come first
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)


def tables(*, quick: bool = False) -> Iterator[Table]:
    set_up()
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    yield _page()
    yield _cards(20 if quick else 200)


def _page() -> Table:
    from django.conf import settings  # noqa: PLC0415
    from django.contrib.auth.models import AnonymousUser, User  # noqa: PLC0415
    from django.http import HttpResponse  # noqa: PLC0415
    from django.test import RequestFactory  # noqa: PLC0415

    from django_anilist import crypto, tokens  # noqa: PLC0415
    from django_anilist.api.oauth import Grant  # noqa: PLC0415
    from django_anilist.api.secrets import Secret  # noqa: PLC0415
    from django_anilist.middleware import AniListMiddleware  # noqa: PLC0415

    user = User.objects.create_user("alice")
    request = RequestFactory().get("/")
    request.user = user
    answer = HttpResponse("plain")
    site = AniListMiddleware(lambda request: answer)
    row = tokens.save(user, tokens.Account(7, "alice"), Grant(Secret("x" * 1000), 31_536_000, 7))
    stranger = AnonymousUser()
    work: dict[str, Callable[[], Any]] = {
        "a view alone": lambda: answer,
        "with our middleware, unused": lambda: site(request),
        "a visitor's row": lambda: tokens.for_user(stranger),
        "a user's row": lambda: tokens.for_user(user),
        "opening a sealed token": lambda: crypto.unseal(
            row.sealed, user_pk=user.pk, anilist_id=row.anilist_id
        ),
    }
    settings.DEBUG = True
    return Table(
        "page-costs",
        "What a page pays",
        "Millionths of a second and database queries. SQLite; a token of 1,000 characters.",
        ["what", "microseconds", "queries"],
        [[name, microseconds(each), queries_of(each)] for name, each in work.items()],
        "microseconds",
    )


_BY_HAND = """{% for m in media %}<article class="anilist-tile">
<img src="{{ m.coverImage.large }}" alt="" width="100" height="143" loading="lazy">
<div><h3><a href="{{ m.siteUrl }}">{{ m.title.userPreferred }}</a></h3>
<p>{{ m.seasonYear }} {{ m.episodes }} episodes {{ m.averageScore }}</p></div></article>{% endfor %}"""
_TAGS = "{% load anilist %}{% for m in media %}{% anilist_card m %}{% endfor %}"


def _cards(many: int) -> Table:
    from django.template import Context, Template  # noqa: PLC0415

    media = [
        {
            "id": number,
            "type": "ANIME",
            "title": {"userPreferred": f"Title {number}"},
            "siteUrl": f"https://anilist.co/anime/{number}",
            "coverImage": {"large": "https://s4.anilist.co/a.png", "color": "#aabbcc"},
            "seasonYear": 2024,
            "episodes": 12,
            "averageScore": 80,
        }
        for number in range(1, many + 1)
    ]
    by_hand, tags = Template(_BY_HAND), Template(_TAGS)
    context = Context({"media": media})
    found = {
        "a template written by hand": microseconds(lambda: by_hand.render(context), 9, 3),
        "ours: {% anilist_card %}": microseconds(lambda: tags.render(context), 9, 3),
    }
    base = next(iter(found.values()))
    return Table(
        "cards",
        f"{many} cards on a page",
        "Ours escape, check hosts and colours, choose titles, and localise.",
        ["way", "milliseconds", "x by hand"],
        [[name, time / 1000, time / base] for name, time in found.items()],
        "x by hand",
    )

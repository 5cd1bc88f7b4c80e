"""What the parts cost a page: ``python -m benchmarks --only costs``."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings

from benchmarks.counting import CountingSandbox
from benchmarks.queries import queries_in
from benchmarks.report import Table
from benchmarks.site import make_tables, set_up

Work = Callable[[], Any]
#: Where AniList sends the browser back to.
CALLBACK = "http://testserver/anilist/callback/"


def microseconds(ways: dict[str, Work], rounds: int = 15, calls: int = 50) -> dict[str, float]:
    """Return the median times in millionths of a second, all taking turns."""
    for work in ways.values():
        work()
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, work in ways.items():
            started = time.perf_counter()
            for _ in range(calls):
                work()
            times[name].append((time.perf_counter() - started) / calls)
    return {name: statistics.median(found) * 1e6 for name, found in times.items()}


def tables(*, quick: bool = False) -> Iterator[Table]:
    set_up(ANILIST_REDIRECT_URI=CALLBACK)
    make_tables()
    settings.DEBUG = False  # which would keep every query
    yield parts_of_a_page()
    yield cards(20 if quick else 200)
    yield connecting(3 if quick else 15)
    yield admin_list((100, 1_000) if quick else (100, 10_000))


# A page


def parts_of_a_page() -> Table:
    from django.contrib.auth.models import AnonymousUser, User  # noqa: PLC0415  settings come first
    from django.http import HttpResponse  # noqa: PLC0415
    from django.test import RequestFactory  # noqa: PLC0415

    from django_anilist import crypto, tokens  # noqa: PLC0415
    from django_anilist.accounts import Account  # noqa: PLC0415
    from django_anilist.api.oauth import Grant  # noqa: PLC0415
    from django_anilist.api.secrets import Secret  # noqa: PLC0415
    from django_anilist.middleware import AniListMiddleware  # noqa: PLC0415

    user = User.objects.create_user("alice")
    row = tokens.save(user, Account(7, "alice"), Grant(Secret("x" * 1000), 31_536_000, 7))
    request = RequestFactory().get("/")
    request.user = user
    answer = HttpResponse("plain")

    def view(request: Any) -> HttpResponse:
        return answer

    site = AniListMiddleware(view)
    ways: dict[str, Work] = {
        "a view alone": lambda: view(request),
        "ours: the middleware, unused": lambda: site(request),
        "ours: a visitor's token row": lambda: tokens.for_user(AnonymousUser()),
        "ours: a user's token row": lambda: tokens.for_user(User(pk=user.pk)),
        "ours: opening a sealed token": lambda: crypto.unseal(
            row.sealed, user_pk=user.pk, anilist_id=row.anilist_id
        ),
    }
    queries = {name: queries_in(work) for name, work in ways.items()}
    return Table(
        "page-costs",
        "What a page pays",
        "Millionths of a second, and database queries. SQLite; a token of 1,000 characters, the key "
        "derived from SECRET_KEY and kept.",
        ["what", "microseconds", "queries"],
        [[name, taken, queries[name]] for name, taken in microseconds(ways).items()],
        "microseconds",
    )


# Tags

_BY_HAND = """{% for m in media %}<article class="anilist-tile">
<img src="{{ m.coverImage.large }}" alt="" width="100" height="143" loading="lazy">
<div><h3><a href="{{ m.siteUrl }}">{{ m.title.userPreferred }}</a></h3>
<p>{{ m.seasonYear }} {{ m.episodes }} episodes {{ m.averageScore }}</p></div></article>{% endfor %}"""
_TAGS = "{% load anilist %}{% for m in media %}{% anilist_card m %}{% endfor %}"


def cards(many: int) -> Table:
    from django.template import Context, Template  # noqa: PLC0415  settings come first

    by_hand, tags = Template(_BY_HAND), Template(_TAGS)
    context = Context({"media": [_medium(number) for number in range(1, many + 1)]})
    ways: dict[str, Work] = {
        "a template written by hand": lambda: by_hand.render(context),
        "ours: {% anilist_card %}": lambda: tags.render(context),
    }
    found = microseconds(ways, 9, 3)
    base = found["a template written by hand"]
    return Table(
        "cards",
        f"{many} cards on a page",
        "Ours check hosts and colours, choose titles, and localise.",
        ["way", "milliseconds", "x by hand"],
        [[name, taken / 1000, taken / base] for name, taken in found.items()],
        "x by hand",
    )


def _medium(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "type": "ANIME",
        "title": {"userPreferred": f"Title {number}"},
        "siteUrl": f"https://anilist.co/anime/{number}",
        "coverImage": {"large": "https://s4.anilist.co/a.png", "color": "#aabbcc"},
        "seasonYear": 2024,
        "episodes": 12,
        "averageScore": 80,
    }


# Connecting


def connecting(rounds: int) -> Table:
    """The whole dance: our page, its button, AniList's consent, our callback."""
    from django.contrib.auth.models import User  # noqa: PLC0415  settings come first
    from django.test import Client  # noqa: PLC0415

    from django_anilist import shared  # noqa: PLC0415
    from django_anilist.sandbox import OAuthClient  # noqa: PLC0415

    shared.BUDGET_WINDOW = 0.0
    settings.DEBUG = True  # without which there is no sandbox
    client = OAuthClient(settings.ANILIST_CLIENT_ID, settings.ANILIST_CLIENT_SECRET, CALLBACK)
    with CountingSandbox([client]) as box:
        settings.ANILIST_SANDBOX_URL = box.url
        browser = Client()
        browser.force_login(User.objects.create_user("bob"))

        def finish() -> None:
            address = browser.post("/anilist/authorize/").url
            answer = browser.get(box.approve(address, user="bob"))
            if answer.url.startswith("/anilist/problem/"):
                raise RuntimeError(f"not connected, but sent to {answer.url}")

        steps: dict[str, Work] = {
            "ours: the page that asks first": lambda: browser.get("/anilist/authorize/"),
            "ours: the button, and back from AniList": finish,
        }
        for step in steps.values():
            step()
        rows = []
        for name, step in steps.items():
            before, queries = len(box.seen), queries_in(step)
            asked = len(box.seen) - before
            rows.append([name, microseconds({name: step}, rounds, 1)[name] / 1000, queries, asked])
    settings.DEBUG = False
    return Table(
        "connecting",
        "Connecting an account",
        "Milliseconds with an AniList that answers at once, database queries, and requests to AniList.",
        ["step", "milliseconds", "queries", "requests"],
        rows,
        "milliseconds",
    )


# The admin


def admin_list(sizes: tuple[int, ...]) -> Table:
    """The first page of the list of tokens, as staff see it."""
    from django.contrib.auth.models import User  # noqa: PLC0415  settings come first
    from django.test import Client  # noqa: PLC0415

    from benchmarks.people import fill  # noqa: PLC0415

    browser = Client()
    browser.force_login(User.objects.create_superuser("staff"))
    rows = []
    for size in sizes:
        fill(size)
        page = lambda: browser.get("/admin/django_anilist/anilisttoken/")  # noqa: E731
        if page().status_code != 200:
            raise RuntimeError("the list did not come")
        name = f"ours: {size:,} tokens"
        rows.append([name, microseconds({name: page}, 7, 1)[name] / 1000, queries_in(page)])
    return Table(
        "admin-list",
        "The list of tokens in the admin",
        "Milliseconds for its first page of 100 rows, and database queries. SQLite.",
        ["tokens", "milliseconds", "queries"],
        rows,
        "milliseconds",
    )

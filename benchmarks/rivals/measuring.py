"""One site meets faults: ``python -m benchmarks.rivals.measuring SITE``, the cells as JSON on stdin.

Prints one JSON object: what came of each cell, and how many of eight callbacks at once were let through.
"""

from __future__ import annotations

import importlib
import json
import logging
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from benchmarks.site import set_up
from tests.faults.matrix import NEW_TOKEN, WELL, Servers
from tests.faults.server import Exchange, FaultServer

AT_ONCE, ROUNDS = 8, 5
CODE = "canary-code"


def main(name: str) -> None:
    site = importlib.import_module(f"benchmarks.rivals.{name}.settings")
    where = {"FAULTY_TOKEN_URL": "", "FAULTY_USER_URL": "", "ALLOWED_HOSTS": ["testserver"]}
    set_up(**{"DEBUG": False, **where, **site.SETTINGS})
    if name == "our_site":
        _point_ours()
    from django.core.management import call_command  # noqa: PLC0415  settings come first

    call_command("migrate", verbosity=0)
    asked = json.load(sys.stdin)
    servers = Servers(**asked["servers"])
    if not _signs_in(site, servers):
        sys.exit("nobody can sign in, even where nothing is wrong")
    cells = [_cell(site, servers, fault, place) for fault, place in asked["cells"]]
    through = [_race(site, servers) for _ in range(ROUNDS * asked["race"])]
    print(json.dumps({"cells": cells, "through": through}))


def _point_ours() -> None:
    """Let our own site find AniList where the others do."""
    from django.conf import settings  # noqa: PLC0415

    from django_anilist import shared  # noqa: PLC0415
    from django_anilist.api.endpoints import Endpoints  # noqa: PLC0415
    from django_anilist.conf import Settings  # noqa: PLC0415

    shared.BUDGET_WINDOW = shared.BREAKER_PERIOD = 0.0  # each fault as if it were the first
    Settings.endpoints = property(  # type: ignore[assignment,method-assign]
        lambda self: Endpoints(
            "https://anilist.test/", settings.FAULTY_TOKEN_URL, settings.FAULTY_USER_URL, ""
        )
    )


def _point(token: str, user: str) -> None:
    from django.conf import settings  # noqa: PLC0415

    settings.FAULTY_TOKEN_URL = settings.OIDC_OP_TOKEN_ENDPOINT = token
    settings.FAULTY_USER_URL = settings.OIDC_OP_USER_ENDPOINT = user
    from django.core.cache import cache  # noqa: PLC0415

    cache.clear()
    if budget := getattr(settings, "ANILIST_BUDGET", ""):
        with open(budget, "wb"):  # empty: an earlier fault's lock-out is not this one's
            pass


def _start(site: Any) -> tuple[Any, str]:
    """Start a sign-in in a new browser; return it with the address that AniList sends it back to."""
    from django.test import Client  # noqa: PLC0415

    browser = Client(raise_request_exception=False)
    ask = browser.get if "oidc" in site.START else browser.post
    location = ask(site.START, secure=True).headers["Location"]
    state = parse_qs(urlsplit(location).query)["state"][0]
    return browser, f"{site.CALLBACK}?code={CODE}&state={state}"


def _signs_in(site: Any, servers: Servers) -> bool:
    """Tell whether somebody can sign in where nothing is wrong."""
    from django.contrib.auth.models import User  # noqa: PLC0415

    _point(servers.address("good_token", WELL), _user(servers))
    browser, callback = _start(site)
    browser.get(callback, secure=True)
    return User.objects.count() == 1


def _cell(site: Any, servers: Servers, fault: str, place: str) -> list[Any]:
    """Return ``[fault, place, status, exception, seconds, secrets in the log]``."""
    from benchmarks.rivals import CLIENT_SECRET  # noqa: PLC0415

    healthy = {"token": servers.address("good_token", WELL), "user": _user(servers)}
    _point(**{**healthy, place: servers.address("token", fault)})
    browser, callback = _start(site)
    with _listening() as (lines, raised):
        started = time.monotonic()
        status = browser.get(callback, secure=True).status_code
        took = time.monotonic() - started
    log = "\n".join(lines)
    leaked = [secret for secret in (NEW_TOKEN, CODE, CLIENT_SECRET) if secret in log]
    return [fault, place, status, raised, took, leaked]


def _user(servers: Servers) -> str:
    return servers.address("good_user", WELL)


@contextmanager
def _listening() -> Iterator[tuple[list[str], list[str]]]:
    from django.core.signals import got_request_exception  # noqa: PLC0415

    lines: list[str] = []
    raised: list[str] = []
    formatter = logging.Formatter("%(name)s %(message)s")

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(formatter.format(record))

    def receive(**kwargs: object) -> None:
        raised.append(type(sys.exc_info()[1]).__name__)

    handler, root = Handler(), logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    got_request_exception.connect(receive)
    try:
        yield lines, raised
    finally:
        got_request_exception.disconnect(receive)
        root.removeHandler(handler)


def _race(site: Any, servers: Servers) -> int:
    """Open one callback eight times at once; return how often the code was exchanged."""

    def slowly(exchange: Exchange) -> None:
        exchange.pause(0.5)
        exchange.send(b"HTTP/1.1 503 Later\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    with FaultServer(slowly) as server:
        _point(server.url, _user(servers))
        browser, callback = _start(site)
        barrier = threading.Barrier(AT_ONCE)
        threads = [
            threading.Thread(target=_open, args=(browser, callback, barrier))
            for _ in range(AT_ONCE)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return len(server.received)


def _open(browser: Any, callback: str, barrier: threading.Barrier) -> None:
    from django.db import connections  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    twin = Client(raise_request_exception=False)
    twin.cookies = browser.cookies
    barrier.wait(30)
    twin.get(callback, secure=True)
    connections.close_all()


if __name__ == "__main__":
    main(sys.argv[1])

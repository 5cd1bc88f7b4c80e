"""One visitor of one site, to whom AniList's faults happen; and what came of it."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock
from urllib.parse import parse_qs, urlsplit

from asgiref.sync import async_to_sync
from cryptography.fernet import Fernet
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.signals import got_request_exception
from django.http import HttpResponse
from django.test import AsyncClient, Client, override_settings

from django_anilist import answer_store, flow, shared, tokens
from django_anilist.accounts import Account
from django_anilist.api import client as api_client
from django_anilist.api import oauth
from django_anilist.api.endpoints import Endpoints
from django_anilist.api.oauth import Grant
from django_anilist.api.secrets import Secret
from django_anilist.conf import Settings
from django_anilist.models import AniListToken
from tests.faults.matrix import NAMED_TOKEN, NEW_TOKEN, WELL, Servers

#: "named" is ``Viewer`` again, where the token itself says whose it is.
CALLBACKS = ("token", "viewer", "named")
PLACES = ("token", "viewer", "query", "list", "page")

#: Before Python 3.11 what Django does with sessions leaves circles, and they hold whoever called.
CIRCLES_ARE_OURS = sys.version_info >= (3, 11)

OLD_TOKEN = "canary-old-token"
CODE = "canary-code"
CLIENT_SECRET = "canary-of-the-client"
SEALING_KEY = Fernet.generate_key().decode()

_SETTINGS = {
    "ROOT_URLCONF": "tests.faults.site",
    "ANILIST_CLIENT_ID": "1001",
    "ANILIST_CLIENT_SECRET": CLIENT_SECRET,
    "ANILIST_TOKEN_KEYS": [SEALING_KEY],
    "ANILIST_REDIRECT_URI": "https://testserver/anilist/callback/",
}


@dataclass(frozen=True)
class Cell:
    """One field of the matrix: a fault, where it strikes, and how the site is written."""

    fault: str
    place: str
    asynchronous: bool = False

    def __str__(self) -> str:
        return f"{self.fault} at {self.place}{' (async)' if self.asynchronous else ''}"


def cells(fault: str) -> list[Cell]:
    """Return every cell of a fault."""
    twice = [Cell(fault, place, way) for place in PLACES for way in (False, True)]
    return [*twice, Cell(fault, "named")]


@dataclass
class Outcome:
    """What came of a cell: ``unhandled`` names what the site raised, ``found`` the secrets that got out.

    ``circles`` names the exceptions that nothing but the garbage collector, which comes seldom, would free:
    with them the frames of the view, and whatever AniList had sent. Only of what is synchronous: asgiref
    makes circles of its own of the exceptions that it hands from thread to thread.
    """

    cell: Cell
    response: HttpResponse = field(repr=False)
    took: float
    unhandled: list[str]
    logs: list[logging.LogRecord] = field(repr=False)
    found: list[str]
    before: dict[str, object] = field(repr=False)
    after: dict[str, object] = field(repr=False)
    descriptors: int = 0
    circles: list[str] = field(default_factory=list)

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def word(self) -> str:
        """How a callback ended: ``connected``, or the word of its problem."""
        path = urlsplit(self.response.headers.get("Location", "")).path
        problem = path.removeprefix("/anilist/problem/").strip("/")
        return "connected" if path == "/anilist/" else problem

    @property
    def rejected(self) -> bool:
        return self.after["rejected_at"] is not None

    @property
    def is_kept(self) -> bool:
        """Whether the row holds the same token and says the same of whose it is."""
        same = ("anilist_id", "user_id", "sealed", "key_id", "expires_at", "connected_at")
        return all(self.before[name] == self.after[name] for name in same)


class _Heard(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


class Player:
    """Plays cells on a site whose AniList is ``servers``. Settings and database are there already."""

    def __init__(self, servers: Servers, budget: Path) -> None:
        self._servers = servers
        self._budget = budget
        self._endpoints: Endpoints
        self._is_fresh = False
        self._fewest = 0
        self._user = User.objects.create_user("alice", "alice@example.com", "password")
        self._clients = {False: Client(), True: AsyncClient()}
        for client in self._clients.values():
            client.force_login(self._user)
            client.raise_request_exception = False

    def play(self, cell: Cell, *, deadline: float | None = None) -> Outcome:
        """Let the fault of ``cell`` happen; ``deadline`` shortens the site's own."""
        self._prepare(cell)
        before = AniListToken.objects.values().get()
        with _deadline(cell.place, deadline), _listening() as (records, raised):
            secrets, visit = self._visit(cell)
            with _without_collector(CIRCLES_ARE_OURS and not cell.asynchronous) as circles:
                started = time.monotonic()
                response = visit()
                took = time.monotonic() - started
        after = AniListToken.objects.values().get()
        self._is_fresh = before == after
        text = _everything(response, records)
        found = [secret for secret in secrets if secret in text]
        left = self._settled()
        return Outcome(cell, response, took, raised, records, found, before, after, left, circles)

    def _prepare(self, cell: Cell) -> None:
        """Forget what earlier cells left: answers, the budget, another token in the row."""
        granting = "named" if cell.place == "named" else "token"
        healthy = {
            "token": self._servers.address(granting, WELL),
            "graphql": self._servers.address("graphql", WELL),
        }
        struck = "token" if cell.place == "token" else "graphql"
        addresses = {**healthy, struck: self._servers.address(struck, cell.fault)}
        origin = self._servers.plain
        self._endpoints = Endpoints(f"{origin}authorize", apps=f"{origin}apps", **addresses)
        self._budget.unlink(missing_ok=True)
        answer_store._local.clear()
        cache.clear()
        if not self._is_fresh:
            AniListToken.objects.all().delete()
            grant = Grant(Secret(OLD_TOKEN), 31_536_000, None)
            tokens.save(self._user, Account(5001, "alice"), grant)

    def _visit(self, cell: Cell):
        """Return what must not get out, and the request during which the fault happens."""
        secrets = [OLD_TOKEN, NEW_TOKEN, NAMED_TOKEN, CODE, CLIENT_SECRET, SEALING_KEY]
        if cell.place not in CALLBACKS:
            path = f"/async/{cell.place}/" if cell.asynchronous else f"/{cell.place}/"
            return secrets, lambda: self._ask(cell, "get", path)
        started = self._ask(cell, "post", "/anilist/authorize/")
        state = parse_qs(urlsplit(started.url).query)["state"][0]
        query = {"code": CODE, "state": state}
        return [*secrets, state], lambda: self._ask(cell, "get", "/anilist/callback/", query)

    def _ask(self, cell: Cell, method: str, path: str, data: object = None) -> HttpResponse:
        ask = getattr(self._clients[cell.asynchronous], method)
        ask = async_to_sync(ask) if cell.asynchronous else ask
        return ask(path, data, secure=True)

    def _settled(self) -> int:
        """Return how many more descriptors are in use than ever, once what may linger is closed."""
        shared.close_connections()
        self._servers.settle()
        found = _descriptors_but(self._budget)
        if found > self._fewest:
            gc.collect()
            found = _descriptors_but(self._budget)
        self._fewest = min(found, self._fewest or found)
        return found - self._fewest

    @contextlib.contextmanager
    def settled_in(self) -> Iterator[None]:
        """Have the site's settings as they are in production, and AniList where the servers are."""
        extra = {"ANILIST_BUDGET": str(self._budget), "ANILIST_CA_BUNDLE": self._servers.ca_bundle}
        where = property(lambda settings: self._endpoints)
        with (
            override_settings(**_SETTINGS, **extra),
            mock.patch.object(Settings, "endpoints", where),
            mock.patch.object(shared, "BUDGET_WINDOW", 0.0),
            mock.patch.object(shared, "BREAKER_PERIOD", 0.0),
        ):
            gc.freeze()  # what is there now is none of what a cell leaves
            try:
                yield
            finally:
                gc.unfreeze()


@contextlib.contextmanager
def _deadline(place: str, seconds: float | None) -> Iterator[None]:
    """Shorten the deadline of one place, and leave out the pauses before another try."""
    if seconds is None:
        yield
        return
    shorter = {
        "token": mock.patch.object(oauth, "EXCHANGE_DEADLINE", seconds),
        "viewer": mock.patch.object(flow, "VIEWER_DEADLINE", seconds),
        "named": mock.patch.object(flow, "VIEWER_DEADLINE", seconds),
        "list": mock.patch.object(api_client, "LIST_DEADLINE", seconds),
    }.get(place) or override_settings(ANILIST_DEADLINE=seconds)
    with shorter, mock.patch.object(shared, "nap", return_value=None):
        yield


@contextlib.contextmanager
def _listening() -> Iterator[tuple[list[logging.LogRecord], list[str]]]:
    """Hear every log at DEBUG, and every exception that Django had to answer with a 500."""
    root, heard, raised = logging.getLogger(), _Heard(), []

    def receive(sender: object, **kwargs: object) -> None:
        raised.append(type(sys.exc_info()[1]).__name__)

    level = root.level
    root.addHandler(heard)
    root.setLevel(logging.DEBUG)
    got_request_exception.connect(receive)
    try:
        yield heard.records, raised
    finally:
        got_request_exception.disconnect(receive)
        root.setLevel(level)
        root.removeHandler(heard)


@contextlib.contextmanager
def _without_collector(is_off: bool) -> Iterator[list[str]]:
    """Find the exceptions that go only when the collector of garbage comes."""
    found: list[str] = []
    if not is_off:
        yield found
        return
    gc.collect()
    gc.disable()
    try:
        yield found
        gc.set_debug(gc.DEBUG_SAVEALL)  # a server's thread may let go of its own just now
        gc.collect()
        found += [type(each).__name__ for each in gc.garbage if _is_the_sites(each)]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


def _is_the_sites(left: object) -> bool:
    """Tell whether this is an error of the site's. The sandbox, in this process, leaves its own at any time."""
    where = type(left).__module__
    return isinstance(left, Exception) and not where.startswith(
        ("graphql.", "django_anilist.sandbox")
    )


def _everything(response: HttpResponse, records: list[logging.LogRecord]) -> str:
    """Return all that anybody could read: the answer, its headers and cookies, and the logs."""
    formatter = logging.Formatter("%(name)s %(message)s")
    logs = "\n".join(formatter.format(record) for record in records)
    body = response.content.decode(errors="replace")
    return "\n".join((body, str(dict(response.headers)), response.cookies.output(), logs))


def _descriptors_but(kept: Path) -> int:
    """Return how many descriptors are open, but those of a file that is kept open."""
    folder = "/proc/self/fd"
    numbers = os.listdir(folder) if os.path.exists(folder) else []
    targets = [target for number in numbers if (target := _target(f"{folder}/{number}"))]
    return sum(not target.startswith(str(kept)) for target in targets)


def _target(link: str) -> str:
    """Return where a descriptor leads; ``""`` where it was closed meanwhile."""
    try:
        return os.readlink(link)
    except OSError:
        return ""

"""A sandbox that runs: in its own process, or in a thread for tests."""

from __future__ import annotations

import functools
import itertools
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request

from django_anilist.sandbox import chance, oauth, state
from django_anilist.sandbox.app import App
from django_anilist.sandbox.dials import Dials, Limiter
from django_anilist.sandbox.faults import mixed_up
from django_anilist.sandbox.populate import fill
from django_anilist.sandbox.received import Received
from django_anilist.sandbox.serving import Server
from django_anilist.sandbox.store import OAuthClient, Person, Plan, Store

HOST = "127.0.0.1"
_KEPT_REQUESTS = 1000


def _clock() -> float:
    """The real time, looked up at each call: a test that moves ``time.time`` moves this too."""
    return time.time()


class Sandbox:
    """A small AniList on this machine. Not AniList: nothing leaves the loopback network.

    ``clients`` are the OAuth clients it knows, ``now`` its clock in seconds since 1970 (tests move
    it by hand), ``limit`` the requests a minute it allows, 0 for any number, ``plan`` what a fresh
    one holds, and ``keep`` the file that keeps its data when it stops.
    """

    def __init__(
        self,
        clients: list[OAuthClient] | None = None,
        now: Callable[[], float] = time.time,
        limit: int = 0,
        plan: Plan | None = None,
        keep: Path | None = None,
    ) -> None:
        self._clients = clients or [OAuthClient()]
        self._clock = _clock if now is time.time else now
        self._limit = limit
        self._plan = plan
        self._keep = keep
        self._server: Server | None = None
        self._thread: threading.Thread | None = None
        self.word = secrets.token_urlsafe(16)
        self.stopped = threading.Event()
        self.url = ""
        self.dials: Dials = Dials()
        self.app = App(self)
        self.reset()
        if keep is not None and keep.exists():
            state.load(self.store, keep)

    def reset(self) -> None:
        """Begin anew: seed data, no tokens, no requests, every dial back."""
        self.dials.reset(self._limit)
        self.store = fill(Store(self._clients, self.now, self._plan))
        self.limiter = Limiter(self.now)
        self.requests: list[Received] = []
        self.replies: dict[str, Any] = {}
        self._states = ["", ""]
        self._lots = itertools.count()
        self._hidden: dict[str, frozenset[str]] = {}

    def now(self) -> float:
        """Return the time here, which a dial may move."""
        return self._clock() + self.dials.clock

    def wait(self, seconds: float) -> None:
        """Wait, as long as the sandbox runs."""
        self.stopped.wait(seconds)

    # Running

    def start(self, port: int = 0) -> Sandbox:
        """Serve in a thread of its own; ``OSError`` where the port is taken."""
        self._server = Server(HOST, port, self.app)
        self.url = f"http://{HOST}:{self._server.server_address[1]}"
        serve = functools.partial(self._server.serve_forever, poll_interval=0.05)
        self._thread = threading.Thread(target=serve, name="anilist-sandbox", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving and give the port back."""
        self.stopped.set()
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
        self._server = self._thread = None
        if self._keep is not None:
            state.save(self.store, self._keep)

    def __enter__(self) -> Sandbox:
        return self if self._server else self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    # What it saw

    def record(self, request: Request, content: Mapping[str, Any] | None = None) -> Received:
        """Remember a request, the last thousand of them."""
        received = Received(
            method=request.method,
            path=request.path,
            query=request.query_string.decode("latin-1"),
            headers=Headers(request.headers),  # type: ignore[arg-type]
            json=content or {},
        )
        if (sent := request.args.get("state")) not in (None, self._states[1]):
            self._states = [self._states[1], str(sent)]
        self.requests.append(received)
        del self.requests[:-_KEPT_REQUESTS]
        return received

    def count(self, path: str = "/graphql") -> int:
        """Return how many requests came to ``path``."""
        return sum(request.path == path for request in list(self.requests))

    def struck(self, endpoint: str) -> bool:
        """Tell whether the faults hit this request: a share of them, the same in every run."""
        hit = self.dials.hit(endpoint)
        return hit and chance.number(100, "fault", next(self._lots)) < self.dials.share

    def out_of_order(self) -> dict[str, object]:
        """Return the dials that are neither as on a good day nor as the sandbox was started."""
        turned = self.dials.on()
        if self.dials.limit == self._limit:
            turned.pop("limit", None)
        return turned

    # What the dials about people do

    def obey(self) -> None:
        """Hide whom the dials name, and show again whom they no longer name."""
        for quality in ("deleted", "private"):
            named, before = self.dials.named(quality), self._hidden.get(quality, frozenset())
            for name in named ^ before:
                if (person := self.store.people.get(name)) is not None:
                    setattr(person, quality, name in named)
            self._hidden[quality] = named

    def person_of(self, token: str) -> Person | None:
        """Return whose token this is, or ``None`` where AniList would call it invalid."""
        person = self.store.person_of(token)
        refused = self.dials.named("revoked") | self.dials.named("expired")
        return None if person is None or person.name in refused else person

    def mixed_up(self, query: Mapping[str, str]) -> dict[str, str]:
        """Return an authorization request with the ``state`` that the dial makes of it."""
        found = dict(query)
        made = mixed_up(self.dials.state, found.pop("state", ""), self._states[0])
        return found if made is None or "state" not in query else {**found, "state": made}

    # Short cuts for tests

    def user(self, name: str) -> Person:
        return self.store.people[name]

    def entries(self, name: str) -> list[Any]:
        return self.store.entries_of(self.user(name))

    def approve(self, address: str, user: str = "alice") -> str:
        """Approve the authorization request at ``address``; return where the browser would go."""
        query = dict(parse_qsl(urlsplit(address).query))
        return oauth.approved(self.store, self.mixed_up(query), self.user(user))

    def deny(self, address: str, user: str = "alice") -> str:
        """Deny it; return where the browser would go."""
        return oauth.denied(self.store, self.mixed_up(dict(parse_qsl(urlsplit(address).query))))

    def issue_token(self, name: str) -> str:
        """Return a working token without the dance."""
        return self.store.issue_token(self.user(name), self._clients[0].id)

    def revoke(self, name: str) -> None:
        """Make every token of a user invalid, as on AniList's settings page."""
        for token in self.store.tokens_of(name):
            token.revoked = True

    def expire(self, name: str) -> None:
        """End the life of every token of a user now."""
        for token in self.store.tokens_of(name):
            token.expires = self.now()

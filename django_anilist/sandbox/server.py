"""A sandbox that runs: in its own process, or in a thread for tests."""

from __future__ import annotations

import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Request

from django_anilist.sandbox import oauth
from django_anilist.sandbox.app import App
from django_anilist.sandbox.dials import Dials, Limiter
from django_anilist.sandbox.populate import fill
from django_anilist.sandbox.store import OAuthClient, Person, Store

HOST = "127.0.0.1"
_KEPT_REQUESTS = 1000


@dataclass
class Received:
    """A request as it came. ``json`` holds the fields of a JSON or form body."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str] = field(repr=False)
    json: Mapping[str, Any] = field(repr=False)
    status: int = 200
    operation: str = ""
    complexity: int = 0


class _Handler(WSGIRequestHandler):
    """Keeps connections open, and quiet."""

    protocol_version = "HTTP/1.1"
    timeout = 30

    def log(self, type: str, message: str, *args: Any) -> None:
        """A sandbox says nothing of each request; its page shows them."""


def _clock() -> float:
    """The real time, looked up at each call: a test that moves ``time.time`` moves this too."""
    return time.time()


class Sandbox:
    """A small AniList on this machine. Not AniList: nothing leaves the loopback network.

    ``clients`` are the OAuth clients it knows, ``now`` its clock in seconds since 1970 (tests move
    it by hand), ``limit`` the requests a minute it allows, 0 for any number.
    """

    def __init__(
        self,
        clients: list[OAuthClient] | None = None,
        now: Callable[[], float] = time.time,
        limit: int = 0,
    ) -> None:
        self._clients = clients or [OAuthClient()]
        self._now = _clock if now is time.time else now
        self._limit = limit
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None
        self.word = secrets.token_urlsafe(16)
        self.stopped = threading.Event()
        self.url = ""
        self.dials = Dials()
        self.reset()

    def reset(self) -> None:
        """Begin anew: seed data, no tokens, no requests, every dial back."""
        self.store = fill(Store(self._clients, self._now))
        self.limiter = Limiter(self._now)
        self.dials.reset(self._limit)
        self.requests: list[Received] = []

    # Running

    def bind(self, port: int = 0) -> str:
        """Take the port and return the address; ``OSError`` where it is taken."""
        with socket.create_server((HOST, port)) as taken:  # raises, where the server would exit
            self._server = make_server(
                HOST, port, App(self), threaded=True, request_handler=_Handler, fd=taken.fileno()
            )
            self.url = f"http://{HOST}:{taken.getsockname()[1]}"
        self._server.daemon_threads = True  # type: ignore[attr-defined]
        return self.url

    def serve(self) -> None:
        """Answer until :meth:`stop` is called from elsewhere."""
        if self._server is None:
            raise RuntimeError("bind() comes before serve()")
        self._server.serve_forever(poll_interval=0.05)

    def start(self, port: int = 0) -> Sandbox:
        """Serve in a thread of its own."""
        self.bind(port)
        self._thread = threading.Thread(target=self.serve, name="anilist-sandbox", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving and give the port back."""
        self.stopped.set()
        if self._server is not None:
            if self._thread is not None:
                self._server.shutdown()
                self._thread.join()
            self._server.server_close()
        self._server = self._thread = None

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
            headers=request.headers,  # type: ignore[arg-type]
            json=content or {},
        )
        self.requests.append(received)
        del self.requests[:-_KEPT_REQUESTS]
        return received

    def count(self, path: str = "/graphql") -> int:
        """Return how many requests came to ``path``."""
        return sum(request.path == path for request in list(self.requests))

    # Short cuts for tests

    def user(self, name: str) -> Person:
        return self.store.people[name]

    def entries(self, name: str) -> list[Any]:
        return self.store.entries_of(self.user(name))

    def approve(self, address: str, user: str = "alice") -> str:
        """Approve the authorization request at ``address``; return where the browser would go."""
        query = dict(parse_qsl(urlsplit(address).query))
        return oauth.approved(self.store, query, self.user(user))

    def deny(self, address: str, user: str = "alice") -> str:
        """Deny it; return where the browser would go."""
        return oauth.denied(self.store, dict(parse_qsl(urlsplit(address).query)))

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
            token.expires = self._now()

"""Calls answered by a sandbox in this process: no socket, and no second is waited."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from requests.structures import CaseInsensitiveDict
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from django_anilist.api.errors import BadResponse, Unavailable
from django_anilist.api.pacing import PacedTransport
from django_anilist.api.patience import Stalled
from django_anilist.api.transport import Call, Reply, RequestsTransport
from django_anilist.sandbox import Sandbox


class InProcess(Sandbox):
    """A sandbox that is called, not connected to; what it would wait is only counted."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.url = "https://s4.anilist.co"  # where pages may take images from
        self.waited = 0.0

    def reset(self) -> None:
        """Begin anew; the site's settings name AniList itself, so its tokens are like AniList's."""
        super().reset()
        self.store.mark = ""

    def wait(self, seconds: float) -> None:
        self.waited += seconds

    def send(self, call: Call, headers: dict[str, str]) -> Reply:
        """Answer a call as AniList would, or raise as the network between would."""
        path = urlsplit(call.url).path
        if call.bearer is not None:
            headers = {**headers, "Authorization": f"Bearer {call.bearer.reveal()}"}
        environ = EnvironBuilder(
            path if path.startswith("/api/") else "/graphql",
            base_url="http://127.0.0.1",
            method="POST",
            json=dict(call.payload),
            headers=Headers(list(headers.items())),
        ).get_environ()
        self.waited = 0.0
        try:
            parts, status, found = run_wsgi_app(self.app, environ, buffered=True)
        except ConnectionError:
            raise Unavailable("connection") from None
        body = b"".join(parts)
        if self.waited > call.deadline:
            raise Unavailable("timeout")
        if len(body) > call.max_bytes:
            raise BadResponse("AniList's answer is too large", "too-large")
        return Reply(int(status.split()[0]), CaseInsensitiveDict(found.items()), body)


@contextmanager
def standing_in(box: InProcess) -> Iterator[None]:
    """Let every client of this process be answered by ``box``, at once and in no turn.

    That it hung for one test is nothing to the next.
    """

    def send(transport: Any, call: Call) -> Reply:
        headers = {name: transport._headers[name] for name in ("Referer", "User-Agent")}
        return box.send(call, headers)

    def unpaced(transport: Any, call: Call) -> Reply:
        reply: Reply = transport._transport.send(call)
        return reply

    with ExitStack() as patches:
        patches.enter_context(patch.object(RequestsTransport, "send", send))
        patches.enter_context(patch.object(PacedTransport, "send", unpaced))
        patches.enter_context(patch.object(Stalled, "note", lambda stalled, call: None))
        if find_spec("django_anilist.shared"):
            patches.enter_context(patch("django_anilist.shared.nap", lambda seconds: None))
        yield

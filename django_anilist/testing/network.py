"""No test reaches AniList by accident."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any
from unittest.mock import patch


class RealAniListError(RuntimeError):
    """A test tried to reach AniList itself."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"A test tried to reach {host}. Ask for the fixture `anilist`, or mix AniListTestMixin "
            "into the test case: both stand in for AniList."
        )


@contextmanager
def blocked() -> Iterator[None]:
    """Let nobody look up AniList's addresses, nor ask a proxy for them; other hosts are left alone."""
    look_up, tunnel = socket.getaddrinfo, HTTPConnection.set_tunnel

    def refuse(host: Any, *args: Any, **kwargs: Any) -> Any:
        _refuse_anilist(host)
        return look_up(host, *args, **kwargs)

    def refuse_tunnel(connection: Any, host: Any, *args: Any, **kwargs: Any) -> Any:
        _refuse_anilist(host)
        return tunnel(connection, host, *args, **kwargs)

    with (
        patch.object(socket, "getaddrinfo", refuse),
        patch.object(HTTPConnection, "set_tunnel", refuse_tunnel),
    ):
        yield


def _refuse_anilist(host: Any) -> None:
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name == "anilist.co" or name.endswith(".anilist.co"):
        raise RealAniListError(name)

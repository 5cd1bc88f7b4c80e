"""No test reaches AniList by accident."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class RealAniListError(RuntimeError):
    """A test tried to reach AniList itself."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"A test tried to reach {host}. Ask for the fixture `anilist`, or mix AniListTestMixin "
            "into the test case: both stand in for AniList."
        )


@contextmanager
def blocked() -> Iterator[None]:
    """Let nobody look up AniList's addresses; every other host is left alone."""
    look_up = socket.getaddrinfo

    def refuse(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else str(host)
        if name == "anilist.co" or name.endswith(".anilist.co"):
            raise RealAniListError(name)
        return look_up(host, *args, **kwargs)

    socket.getaddrinfo = refuse
    try:
        yield
    finally:
        socket.getaddrinfo = look_up

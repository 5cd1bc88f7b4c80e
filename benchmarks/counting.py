"""A sandbox that remembers every request, where the usual one remembers the last thousand."""

from __future__ import annotations

import time
from typing import Any

from django_anilist.sandbox import Received, Sandbox


class CountingSandbox(Sandbox):
    """``seen`` holds all that came, in its order, and ``moments`` when, by ``time.monotonic``."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        self.seen: list[Received] = []
        self.moments: list[float] = []
        super().__init__(*arguments, **more)

    def record(self, *arguments: Any, **more: Any) -> Received:
        received = super().record(*arguments, **more)
        self.moments.append(time.monotonic())
        self.seen.append(received)
        return received

"""A sandbox that remembers every request, where the usual one remembers the last thousand."""

from __future__ import annotations

from typing import Any

from django_anilist.sandbox import Received, Sandbox


class CountingSandbox(Sandbox):
    """``seen`` holds all that came, in its order."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        self.seen: list[Received] = []
        super().__init__(*arguments, **more)

    def record(self, *arguments: Any, **more: Any) -> Received:
        received = super().record(*arguments, **more)
        self.seen.append(received)
        return received

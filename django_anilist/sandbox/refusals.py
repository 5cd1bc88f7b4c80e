"""How AniList says no."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """An error that AniList's resolvers answer with: a sentence, a status, perhaps a validation."""

    def __init__(
        self, message: str, status: int, validation: dict[str, list[str]] | None = None
    ) -> None:
        self.status = status
        self.validation = validation
        super().__init__(message)

    def extras(self) -> dict[str, Any]:
        return {"validation": self.validation} if self.validation else {}


def invalid(**messages: str) -> Refusal:
    """Return the refusal of arguments, each with its sentence."""
    return Refusal("validation", 400, {name: [text] for name, text in messages.items()})

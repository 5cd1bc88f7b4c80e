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


def not_found(message: str = "Not Found.") -> Refusal:
    """Return the refusal of what is not there."""
    return Refusal(message, 404)


def not_yours(kind: str) -> Refusal:
    """Return the refusal to change what belongs to somebody else."""
    return Refusal(f"You are not authorized to modify this {kind}", 400)


def required(**given: Any) -> None:
    """Refuse arguments that are missing, in Laravel's words; the names as AniList has them."""
    missing = {name: value for name, value in given.items() if value in (None, "")}
    if missing:
        raise invalid(**{name: f"The {words(name)} field is required." for name in missing})


def length(least: int, most: int, **texts: str | None) -> None:
    """Refuse texts that are too short or too long; ``None`` is not given."""
    for name, text in texts.items():
        if text is not None and len(text) < least:
            raise invalid(**{name: f"The {words(name)} must be at least {least} characters."})
        if text is not None and len(text) > most:
            sentence = f"The {words(name)} may not be greater than {most} characters."
            raise invalid(**{name: sentence})


def between(least: int, most: float, **values: float | None) -> None:
    """Refuse numbers outside of a range; ``None`` is not given."""
    for name, value in values.items():
        if value is not None and value < least:
            raise invalid(**{name: f"The {words(name)} must be at least {least}."})
        if value is not None and value > most:
            raise invalid(**{name: f"The {words(name)} may not be greater than {most:g}."})


def words(name: str) -> str:
    """Return an argument's name as Laravel puts it into a sentence: ``scoreRaw``, *score raw*."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)

"""What a test began, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Undo:
    """Ends what was begun: at the end of a ``with`` block, or when called."""

    def __init__(self, undo: Callable[[], None]) -> None:
        self._undo = undo

    def __call__(self) -> None:
        self._undo()

    def __enter__(self) -> Undo:
        return self

    def __exit__(self, *exception: object) -> None:
        self._undo()


def replaced(values: dict[str, Any], name: str, value: Any) -> Undo:
    """Put ``value`` there; return what puts back whatever was there before."""
    before = {name: values[name]} if name in values else {}
    values[name] = value

    def put_back() -> None:
        values.pop(name, None)
        values.update(before)

    return Undo(put_back)

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


class Layers:
    """Values by name, several for one: the last that was laid and is not undone holds."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values
        self._laid: dict[str, list[list[Any]]] = {}

    def lay(self, name: str, value: Any) -> Undo:
        """Let ``value`` hold, until it is undone."""
        layers, layer = self._laid.setdefault(name, []), [value]
        layers.append(layer)
        self._values[name] = value

        def undo() -> None:
            layers[:] = [other for other in layers if other is not layer]
            if layers:
                self._values[name] = layers[-1][0]
            else:
                self._values.pop(name, None)

        return Undo(undo)

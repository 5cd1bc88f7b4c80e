"""How long work says how far it is. A terminal gets a bar, everything else a plain line now and then."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

#: The seconds between two plain lines, and between two strokes of the bar.
LINE_EVERY, STROKE_EVERY = 10.0, 0.1
_WIDTH = 30


@dataclass(frozen=True)
class Step:
    """``done`` of ``total`` things are done; ``last`` is the primary key of the row to go on after."""

    done: int
    total: int
    last: int = 0


Progress = Callable[[Step], object]


def unheard(step: Step) -> None:
    """Nobody listens."""


class Bar:
    """Shows steps by ``write``, a bar where that goes to a terminal.

    ``last`` is the row that work may go on after. Use it in a ``with``: it leaves the line it drew in.
    """

    def __init__(self, write: Callable[[str], object], *, on_terminal: bool) -> None:
        self.last = 0
        self._write = write
        self._on_terminal = on_terminal
        self._drawn = False
        self._started = self._shown = time.monotonic()

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._drawn:
            self._write("\n")

    def __call__(self, step: Step) -> None:
        self.last = step.last
        now = time.monotonic()
        every = STROKE_EVERY if self._on_terminal else LINE_EVERY
        if now - self._shown < every and step.done < step.total:
            return
        self._shown = now
        text = f"{step.done} of {step.total}{self._rest(step, now)}"
        if self._on_terminal:
            filled = _WIDTH * step.done // max(step.total, 1)
            self._write(f"\r[{'#' * filled}{'.' * (_WIDTH - filled)}] {text}\x1b[K")
            self._drawn = True
        else:
            self._write(f"{text}\n")

    def _rest(self, step: Step, now: float) -> str:
        """Say how long the rest takes at the pace so far."""
        left = (now - self._started) / max(step.done, 1) * (step.total - step.done)
        return f", about {_in_words(left)} left" if left >= 1 else ""


def _in_words(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"

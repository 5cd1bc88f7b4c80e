"""What stands in a table, and how it is shown."""

from __future__ import annotations

Cell = str | int | float | None


def shown(cell: Cell) -> str:
    """Return a figure to three digits, a count as it is, and nothing for what was not measured."""
    if isinstance(cell, float):
        return f"{cell:,.3g}" if abs(cell) < 100 else f"{cell:,.0f}"
    return "" if cell is None else f"{cell:,}" if isinstance(cell, int) else cell

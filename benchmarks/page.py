"""The page of the documentation that shows all tables."""

from __future__ import annotations

import re

from benchmarks.cells import shown
from benchmarks.charts import values
from benchmarks.report import Table

#: What reStructuredText would take for markup, at the end of a word or before one.
_MARKUP = re.compile(r"([\\`*_|])")


def page(tables: list[Table], about: str) -> str:
    """Return the page, ``about`` being on what the figures were measured."""
    parts = [
        "Benchmarks",
        "==========",
        "",
        "Written by ``python -m benchmarks``, which measures all of this again on a machine of yours. "
        "Whoever is compared takes turns in one run against the same server on the same machine: read "
        "ratios and counts, not seconds. AniList itself is never asked. The same as text and JSON are "
        "in ``docs/benchmarks``. " + about,
        "",
    ]
    for table in tables:
        parts += section(table)
    return "\n".join(parts)


def section(table: Table) -> list[str]:
    return [
        *(table.title, "-" * len(table.title), "", table.note, ""),
        *(".. list-table::", "   :header-rows: 1", ""),
        *(line for row in [table.columns, *table.rows] for line in _row([shown(c) for c in row])),
        *_chart(table),
        "",
    ]


def _chart(table: Table) -> list[str]:
    if not table.chart:
        return []
    drawn = "; ".join(f"{name}: {shown(value)}" for name, value in values(table))
    return ["", f".. image:: benchmarks/{table.name}.svg", f"   :alt: {table.chart}. {drawn}"]


def _row(cells: list[str]) -> list[str]:
    first, *others = (_MARKUP.sub(r"\\\1", cell) for cell in cells)
    return [f"   * - {first}", *(f"     - {cell}".rstrip() for cell in others)]

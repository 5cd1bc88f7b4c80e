"""One column of a table as bars: a small SVG that reads at the width of a phone, in light and dark."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from benchmarks.cells import shown

if TYPE_CHECKING:
    from benchmarks.report import Table

# It brings its own paper: a page may be dark by a switch that the picture does not see.
_STYLE = """
.paper { fill: #f4f7fa } .bar { fill: #8aa3ba } .ours { fill: #1c5d99 }
text { font: 14px system-ui, sans-serif; fill: #1b2430 } .soft { fill: #4f5d6b }
@media (prefers-color-scheme: dark) {
  .paper { fill: #161d25 } .bar { fill: #5b748b } .ours { fill: #8ec7f2 }
  text { fill: #e7ecf2 } .soft { fill: #a9b6c3 }
}
"""
WIDTH, _TOP, _ROW = 360, 38, 44
_EDGE, _FIGURE = 12, 58


def bars(table: Table) -> str:
    """Draw the column ``table.chart``; ours are in colour."""
    drawn = values(table)
    longest = max((value for _, value in drawn), default=0.0) or 1.0
    height = _TOP + _ROW * len(drawn) + 6
    size = f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
        f"<title>{escape(table.title)}: {escape(table.chart)}</title><style>{_STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{height}" rx="8"/>',
        f'<text x="{_EDGE}" y="24" class="soft">{escape(table.chart)}</text>',
    ]
    for number, (name, value) in enumerate(drawn):
        parts += _bar(name, value, value / longest, _TOP + _ROW * number)
    return "\n".join([*parts, "</svg>"]) + "\n"


def values(table: Table) -> list[tuple[str, float]]:
    """Return the names and figures to draw."""
    place = table.columns.index(table.chart)
    found = [(str(row[0]), row[place]) for row in table.rows]
    return [(name, float(value)) for name, value in found if isinstance(value, int | float)]


def _bar(name: str, value: float, share: float, top: int) -> list[str]:
    width = max(2.0 * (value > 0), (WIDTH - 2 * _EDGE - _FIGURE) * share)
    kind = "ours" if name.startswith("ours") or ": ours" in name else "bar"
    return [
        f'<text x="{_EDGE}" y="{top + 14}">{escape(name)}</text>',
        f'<rect class="{kind}" x="{_EDGE}" y="{top + 21}" width="{width:.1f}" height="14" rx="2"/>',
        f'<text x="{_EDGE + width + 7:.1f}" y="{top + 33}">{escape(shown(value))}</text>',
    ]

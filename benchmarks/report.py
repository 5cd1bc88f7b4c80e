"""What was measured, as a table: on the terminal, as text, as JSON, and as a small chart."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Sequence
from html import escape
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "benchmarks"

_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1b2430 }
.soft { fill: #4f5d6b } .bar { fill: #9db4c9 } .ours { fill: #1c5d99 }
@media (prefers-color-scheme: dark) {
  text { fill: #e7ecf2 } .soft { fill: #a9b6c3 } .bar { fill: #4a5f73 } .ours { fill: #8ec7f2 }
}
"""
_WIDTH = 420

Cell = str | int | float | None


@dataclasses.dataclass
class Table:
    """One question and its answer.

    ``rows`` hold a name and then a value for each further column; ``chart`` is the column to draw, ours
    in colour. ``note`` says what the figures are of, in a sentence or two.
    """

    name: str
    title: str
    note: str
    columns: list[str]
    rows: list[list[Cell]]
    chart: str = ""

    @property
    def text(self) -> str:
        lines = [[str(column) for column in self.columns]]
        lines += [[shown(cell) for cell in row] for row in self.rows]
        widths = [max(len(line[place]) for line in lines) for place in range(len(self.columns))]
        aligned = [
            "  ".join(
                cell.ljust(width) if place == 0 else cell.rjust(width)
                for place, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        ]
        return "\n".join([aligned[0], "-" * max(map(len, aligned)), *aligned[1:]])

    def write(self, program: str, place: int, folder: Path = FOLDER) -> None:
        """Keep the table in ``folder``, as the one at ``place`` among those of ``program``."""
        folder.mkdir(parents=True, exist_ok=True)
        values = {"program": program, "place": place, **dataclasses.asdict(self)}
        (folder / f"{self.name}.json").write_text(json.dumps(values, indent=1) + "\n", "utf-8")
        (folder / f"{self.name}.txt").write_text(self.text + "\n", "utf-8")
        if self.chart:
            (folder / f"{self.name}.svg").write_text(bars(self), "utf-8")

    @classmethod
    def kept(cls, programs: Sequence[str], folder: Path = FOLDER) -> list[Table]:
        """Return the tables in ``folder``, in the order of ``programs``."""
        found = [json.loads(path.read_text("utf-8")) for path in folder.glob("*.json")]
        found.sort(key=lambda values: (programs.index(values["program"]), values["place"]))
        names = [field.name for field in dataclasses.fields(cls)]
        return [cls(**{name: values[name] for name in names}) for values in found]


def shown(cell: Cell) -> str:
    if isinstance(cell, float):
        return f"{cell:,.3g}" if abs(cell) < 100 else f"{cell:,.0f}"
    return "" if cell is None else f"{cell:,}" if isinstance(cell, int) else cell


def bars(table: Table) -> str:
    """Draw one column as bars, readable at the width of a phone, in light and dark."""
    place = table.columns.index(table.chart)
    rows = [
        (str(row[0]), float(row[place]))
        for row in table.rows
        if isinstance(row[place], int | float)
    ]
    longest = max((value for _, value in rows), default=1.0) or 1.0
    height = 34 + 40 * len(rows)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
        f"<title>{escape(table.title)}: {escape(table.chart)}</title><style>{_STYLE}</style>",
        f'<text x="8" y="20" class="soft">{escape(table.chart)}</text>',
    ]
    for number, (name, value) in enumerate(rows):
        top = 34 + 40 * number
        width = max(2.0, (_WIDTH - 90) * value / longest)
        kind = "ours" if "ours" in name or "django-anilist" in name else "bar"
        parts.append(f'<text x="8" y="{top + 12}">{escape(name)}</text>')
        parts.append(f'<rect class="{kind}" x="8" y="{top + 17}" width="{width:.1f}" height="12"/>')
        parts.append(f'<text x="{width + 16:.1f}" y="{top + 28}">{escape(shown(value))}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def exponent(points: list[tuple[float, float]]) -> float:
    """Return the slope of the line that fits ``points`` best when both axes are logarithmic."""
    logs = [(math.log(x), math.log(y)) for x, y in points]
    mean_x = sum(x for x, _ in logs) / len(logs)
    mean_y = sum(y for _, y in logs) / len(logs)
    spread = sum((x - mean_x) ** 2 for x, _ in logs)
    return sum((x - mean_x) * (y - mean_y) for x, y in logs) / spread


def page(tables: list[Table], about: str) -> str:
    """Return the page of the documentation that holds all tables."""
    parts = [
        "Benchmarks",
        "==========",
        "",
        "Written by ``python -m benchmarks``; run it again on a machine of yours. " + about,
        "",
    ]
    for table in tables:
        parts += [table.title, "-" * len(table.title), "", table.note, "", "::", ""]
        parts += [f"    {line}".rstrip() for line in table.text.splitlines()]
        if table.chart:
            parts += ["", f".. image:: benchmarks/{table.name}.svg", f"   :alt: {table.chart}"]
        parts.append("")
    return "\n".join(parts)

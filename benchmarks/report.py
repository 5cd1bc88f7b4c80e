"""What was measured, as a table: on the terminal, as text, as JSON, and as a small chart."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Sequence
from pathlib import Path

from benchmarks.cells import Cell, shown
from benchmarks.charts import bars

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "benchmarks"


@dataclasses.dataclass
class Table:
    """One question and its answer.

    ``rows`` hold a name of their own and then a value for each further column; ``chart`` is the column
    to draw, if any. ``note`` says what the figures are of, in a sentence or two.
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

    def cell(self, row: str, column: str) -> Cell:
        """Return what stands in a row and a column; ``KeyError`` where there is no such row."""
        rows = {str(each[0]): each for each in self.rows}
        return rows[row][self.columns.index(column)]

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


def exponent(points: list[tuple[float, float]]) -> float:
    """Return the slope of the line that fits ``points`` best when both axes are logarithmic."""
    logs = [(math.log(x), math.log(y)) for x, y in points]
    mean_x = sum(x for x, _ in logs) / len(logs)
    mean_y = sum(y for _, y in logs) / len(logs)
    spread = sum((x - mean_x) ** 2 for x, _ in logs)
    return sum((x - mean_x) * (y - mean_y) for x, y in logs) / spread

"""How hard it is to break, as a page: ``python -m benchmarks.hardness``.

Makes ``docs/hardness.rst`` of the tables in ``docs/hardness``, each of which was measured and written
there by a program of its own. ``--coverage FILE`` makes the table of coverage of what
``python -m coverage json`` wrote.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parents[1] / "docs"
FOLDER, PAGE = DOCS / "hardness", DOCS / "hardness.rst"


@dataclass
class Row:
    """One figure: what had to be reached, and what was."""

    figure: str
    goal: str
    measured: str
    note: str = ""
    failed: bool = field(default=False, repr=False)

    @property
    def text(self) -> str:
        mark = "!" if self.failed else " "
        goal = f" (goal: {self.goal})" if self.goal else ""
        return f"{mark} {self.figure}: {self.measured}{goal}. {self.note}"


def keep(name: str, title: str, rows: Sequence[Row | dict[str, str]]) -> None:
    """Write a table for the page, and the page."""
    plain = [asdict(row) if isinstance(row, Row) else row for row in rows]
    told = [{key: value for key, value in row.items() if key != "failed"} for row in plain]
    FOLDER.mkdir(exist_ok=True)
    content = json.dumps({"title": title, "rows": told}, indent=1, ensure_ascii=False)
    (FOLDER / f"{name}.json").write_text(content + "\n", "utf-8")
    PAGE.write_text(page(), "utf-8")


@dataclass(frozen=True)
class About:
    """What a table means, in words, and the command that measures it."""

    words: str
    command: str


ABOUT: dict[str, About] = {
    "faults": About(
        "Whatever can come back from AniList, at each place where the site asks it: wrong statuses, "
        "broken, endless and slow answers, connections and certificates that fail. Nothing of that "
        "may become an error of the site, hold a page longer than its deadline, or show a secret.",
        "python -m benchmarks.faults",
    ),
    "rivals": About(
        "The same answers, given to other packages that connect accounts. A fault is *unhandled* "
        "where the site that uses the package answers with an error of its own.",
        "python -m benchmarks.rivals",
    ),
    "races": About(
        "Many at once: the same answer from AniList, the same account, the same user; and processes "
        "that are killed at any moment. What is left must be what one after another would leave.",
        "python -m benchmarks.races",
    ),
    "leaks": About(
        "Secrets that are told from all other texts are searched for in everything that the site "
        "says or keeps while the tests run. One that is found fails the test.",
        "python .ci/leaks.py",
    ),
    "soak": About(
        "People use the example site without a pause, under two servers, while a twentieth of "
        "AniList's answers is broken. What grows would grow for ever, and rows must be exactly "
        "those that the people made. AniList's minute is a second here. Memory "
        "is that of two processes, as `Running a site <operating.rst#memory>`_ sets it up.",
        "python -m benchmarks.soak --minutes 30 --keep",
    ),
    "load": About(
        "Pages a second of the example site, in turns with the same site without its AniList parts: "
        "AniList well, slow and down, with what was remembered and without. *Times* is how many "
        "times longer a page takes than without AniList.",
        "python -m benchmarks.load --keep",
    ),
    "coverage": About(
        "How much of the code the tests run at all: every line, and every way at each fork.",
        "python -m coverage json -o report.json && python -m benchmarks.hardness --coverage report.json",
    ),
    "mutants": About(
        "Small mistakes, put into the code on purpose, one at a time. The tests must notice; what "
        "they do not notice is listed with the reason.",
        "python .ci/mutants.py",
    ),
}


def page() -> str:
    """Return the page made of all tables there are, those without words of ours last."""
    tables = {path.stem: json.loads(path.read_text("utf-8")) for path in FOLDER.glob("*.json")}
    names = [name for name in ABOUT if name in tables] + sorted(set(tables) - set(ABOUT))
    return "\n".join([_HEAD, *(_section(name, tables[name]) for name in names)])


_HEAD = """\
========================
How hard is it to break?
========================

What django-anilist promises, attacked, and what came of it. Each table is written by the program that
measured it, and this page by ``python -m benchmarks.hardness``; measure again on a machine of yours.
`<threats.rst>`_ names the test of each single threat, and SECURITY.md says what remains.
"""


def _section(name: str, table: dict[str, Any]) -> str:
    about = ABOUT.get(name, About(table.get("words", ""), table.get("command", "")))
    lines = [table["title"], "-" * len(table["title"]), "", about.words, ""]
    lines += [f"Measured by ``{about.command}``.", ""] if about.command else []
    lines += [".. list-table::", "   :header-rows: 1", "   :widths: 30 15 25 30", ""]
    columns = [["Figure", "Goal", "Measured", "Note"]]
    for row in columns + [list(row.values()) for row in _in_order(table["rows"])]:
        cells = [f"     - {_plain(cell)}".rstrip() for cell in row]
        lines += [f"   * {cells[0].lstrip()}", *cells[1:]]
    return "\n".join([*lines, ""])


def _in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {key: row.get(key, "") for key in ("figure", "goal", "measured", "note")} for row in rows
    ]


def _plain(cell: object) -> str:
    """Return a text that reStructuredText shows as it is, but for what stands between `` and ``."""
    parts = re.split(r"(``[^`]+``)", " ".join(str(cell).split()))
    parts[::2] = [re.sub(r"([\\*`|]|_\b)", r"\\\1", part) for part in parts[::2]]
    return "".join(parts)


def coverage_rows(report: dict[str, Any], wholly: list[str]) -> list[Row]:
    """Return the figures of a coverage report; ``wholly`` are patterns of what is covered wholly."""
    found = report["totals"]["percent_covered"]
    held = {
        name: file["summary"]["percent_covered"]
        for name, file in report["files"].items()
        if any(fnmatch(f"/{name}", pattern) for pattern in wholly)
    }
    least = min(held.values())
    names = "what seals, connects, logs in, classifies, paces and sends"
    return [
        Row("over all", "at least 97 %", f"{found:.2f} %", "lines and branches", found < 97),
        Row(names, "100 %", f"{least:.2f} %", f"the least of {len(held)} modules", least < 100),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--coverage", type=Path, metavar="FILE")
    options = parser.parse_args()
    if options.coverage:
        wholly = (DOCS.parent / ".ci" / "covered-wholly.txt").read_text("utf-8").split()
        rows = coverage_rows(json.loads(options.coverage.read_text("utf-8")), wholly)
        keep("coverage", "What the tests run", rows)
    PAGE.write_text(page(), "utf-8")


if __name__ == "__main__":
    main()

"""``docs/threats.rst``: each threat once, with tests that there are."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
#: How many threats there are of each kind. "F" is about whole lists, which are not kept here.
COUNTS = {"A": 32, "B": 14, "C": 20, "D": 22, "E": 9, "G": 7, "H": 12, "I": 14, "J": 8, "K": 9}
IDS = [f"{letter}{number + 1}" for letter, count in COUNTS.items() for number in range(count)]
#: What no test can show, and why.
WITHOUT_TEST = {
    "E7": "no lists are kept here, so nothing is synchronised",
}
PAGE = (ROOT / "docs" / "threats.rst").read_text(encoding="utf-8")
#: The cells of each row: number, threat, what is done, tests.
ROWS = [
    [cell.strip() for cell in re.split(r"\n {5}- ", row)]
    for row in re.split(r"\n {3}\* - ", PAGE.replace("\n\n", "\n   * - \n\n"))
    if re.match(r"[A-Z]\d+\n", row)
]


def functions_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return {node.name for node in ast.walk(tree) if isinstance(node, kinds)}


def test_every_threat_is_there_once_and_no_other():
    assert [row[0] for row in ROWS] == IDS
    assert all(len(row) == 4 and all(row) for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_each_threat_names_tests_that_there_are(row):
    named = re.findall(r"``(tests/[\w/]+\.py)::(test_\w+)``", row[3])
    assert bool(named) is (row[0] not in WITHOUT_TEST)
    assert len(named) == row[3].count("``") // 2
    missing = [f"{path}::{name}" for path, name in named if name not in functions_of(ROOT / path)]
    assert missing == []


def test_what_has_no_test_says_why():
    for number, reason in WITHOUT_TEST.items():
        assert f"{number}: {reason}" in PAGE

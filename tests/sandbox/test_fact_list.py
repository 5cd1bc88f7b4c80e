"""Every fact has a test that names it, and every test names a fact there is."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.sandbox.facts import FACTS, NOT_TO_BE_SHOWN

HERE = Path(__file__).parent
COLLECTION = HERE.parents[2] / "shared/anilist-facts.md"
SECTION = re.compile(r"#{2,3} (\d[abc]?)[. ]")


def named_in(path):
    """Yield each fact that a test of a file says it shows."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        for mark in getattr(node, "decorator_list", ()):
            if ast.unparse(mark).startswith("pytest.mark.fact("):
                assert node.name.startswith("test_")
                yield from (argument.value for argument in mark.args)


def well_known():
    """Yield the facts of our collection that are surer than a guess, by section and row."""
    section, row = "", 0
    for line in COLLECTION.read_text(encoding="utf-8").splitlines():
        if found := SECTION.match(line):
            section, row = found[1], 0
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|") or cells[0].startswith("--") or "Sure" in cells:
            continue
        row += 1
        if section in ("1", "2a", "2b", "2c", "3") and {"H", "M"} & set(re.split(r"\W", cells[-2])):
            yield f"{section}.{row}"


def test_every_fact_has_a_test_that_names_it():
    named = {fact for path in HERE.glob("test_*.py") for fact in named_in(path)}
    assert named == set(FACTS)


def test_no_fact_is_left_out():
    if not COLLECTION.exists():
        pytest.skip("the collection of facts is not beside this repository")
    known = set(well_known())
    assert len(known) > 60
    assert known == {*FACTS, *NOT_TO_BE_SHOWN}

"""Every figure that the README and the documentation claim is in a table that ``python -m benchmarks`` wrote.

A claim is words of the text, and what has to hold of cells. Words are round ("at most", "no refusal") and
so are the bounds here, so that a run on another day proves them as well. Nothing is measured here.
"""

from __future__ import annotations

import operator
import os
import re
import xml.etree.ElementTree as ET

import pytest

from benchmarks.__main__ import PROGRAMS
from benchmarks.cells import shown
from benchmarks.charts import WIDTH, bars, values
from benchmarks.page import page, section
from benchmarks.report import FOLDER, Table, exponent

DOCS = FOLDER.parent
PAGE, HARDNESS = DOCS / "benchmarks.rst", DOCS / "hardness.rst"
TEXTS = [DOCS.parent / "README.rst", *sorted(set(DOCS.glob("*.rst")) - {PAGE, HARDNESS})]

BASE = "x Session"
GAMES = ("tasks", "web only", "web beside tasks", "a process killed each window")
SURPRISES = ("30, 90, 30", "an outsider spends a third")
OTHER_CLIENTS = ("gql", "gql, query parsed once", "pyanilist", "anisearch", "anilist-wrapper")
OURS = ("lock file", "Redis")

NO_REFUSALS = [
    ("game", f"ours, {store}: {game}", "429s", "==", 0) for store in OURS for game in GAMES
]
#: Words of the text, and what they say: table, row, column, a comparison, and a bound or another cell.
CLAIMS = {
    "Never over AniList's limit": NO_REFUSALS,
    "pays no query and touches no session": [
        ("page-costs", "ours: the middleware, unused", "queries", "==", 0),
    ],
    "two hundred rows are one request, none while it is remembered": [
        ("pages", "200 media: ours, cold", "requests", "==", 1),
        ("pages", "200 media: ours, warm", "requests", "==", 0),
    ],
    "hundreds of media in one request, by id": [
        ("pages", "200 media: ours, cold", "requests", "==", 1),
    ],
    "A hundred views that ask the same at once make one request": [
        ("pages-at-once", "ours, cold", "requests", "==", 1),
        ("growth-points", "100 views at once: all of them", "requests", "==", 1),
    ],
    "A call costs less than one by a kept ``requests.Session``": [
        (table, "ours, asked", BASE, "<", 1) for table in ("calls-2kb", "calls-2kb-tls")
    ],
    "and less than one by any other client of AniList's": [
        (table, "ours, asked", BASE, "<", (table, client, BASE))
        for table in ("calls-2kb", "calls-2kb-tls")
        for client in OTHER_CLIENTS
    ],
    "The same holds where the answer has 600 kilobytes": [
        ("calls-600kb", "ours, asked", BASE, "<", 1),
        *(
            ("calls-600kb", "ours, asked", BASE, "<", ("calls-600kb", client, BASE))
            for client in OTHER_CLIENTS
        ),
    ],
    "An answer that is remembered costs about a twentieth": [
        (table, "ours, remembered", BASE, "<=", 0.055) for table in ("calls-2kb", "calls-2kb-tls")
    ],
    "use at least 99 per cent of the budget and draw no refusal": [
        *(("game", f"ours, {store}: tasks", "budget %", ">=", 99) for store in OURS),
        *NO_REFUSALS,
    ],
    "at most one request in each lock-out": [
        ("game", row, "429s", "<=", ("game", row, "lock-outs"))
        for row in (f"ours, {store}: {game}" for store in OURS for game in SURPRISES)
    ],
    "200 media are 1 request, where one request for each would be 200": [
        ("pages", "200 media: ours, cold", "requests", "==", 1),
        ("pages", "200 media: one request per id", "requests", "==", 200),
    ],
    "no query of the database": [
        ("pages", "200 media: ours, cold", "queries", "==", 0),
        ("page-costs", "ours: the middleware, unused", "queries", "==", 0),
    ],
    "Nothing grows faster than what it is about": [
        ("growth", row, column, "<=", 1.1)
        for row in (
            "users: the row of one",
            "entries: a whole list",
            "answers remembered: one of them",
            "views at once: all of them",
        )
        for column in ("exponent of time", "exponent of memory")
    ],
    "96 of 100 answers have to be remembered": [
        ("hit-rates", "96 %", "at the end", "<", 100),
        ("hit-rates", "95.5 %", "at the end", ">", 100),
    ],
}  # fmt: skip

#: What reads like a measured figure.
FIGURE = re.compile(
    r"\b(?:one|no|a single|1|0|\d{2,}) (?:requests?|quer(?:y|ies))\b|\d ?%(?!})|\d per cent"
    r"|\b(?:tenth|twentieth|fifth)\b|\b[\d.]+ times\b|\b(?:micro|milli)seconds\b|\bfaster\b",
    re.IGNORECASE,
)
#: What reads so and is none: AniList's rules, and what a function is for.
NO_FIGURES = (
    "30 requests a minute", "One request for each token", "there is no request", "several queries in one request",
    "makes it one request", "knows no request", "has no query or mutation",
)  # fmt: skip

COMPARE = {
    "==": operator.eq,
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
}


def text_of(path):
    return " ".join(path.read_text("utf-8").split())


@pytest.fixture(scope="module")
def tables():
    """The tables by name; they come with a run of the benchmarks, without which nothing is claimed."""
    found = {table.name: table for table in Table.kept(PROGRAMS)}
    if not found:
        if os.environ.get("CI") == "true":
            pytest.fail("docs/benchmarks is empty: python -m benchmarks writes it")
        pytest.skip("docs/benchmarks is empty: python -m benchmarks writes it")
    return found


@pytest.mark.parametrize("words", CLAIMS)
def test_what_is_claimed_is_said_somewhere(words):
    assert [path.name for path in TEXTS if words in text_of(path)]


@pytest.mark.parametrize("words", CLAIMS)
def test_what_is_said_was_measured(words, tables):
    for table, row, column, comparison, bound in CLAIMS[words]:
        other = tables[bound[0]].cell(*bound[1:]) if isinstance(bound, tuple) else bound
        found = tables[table].cell(row, column)
        said = f"{words!r}: {table}, {row}, {column} is {found}, not {comparison} {other}"
        assert COMPARE[comparison](found, other), said


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_every_figure_in_the_text_is_claimed(path):
    text = text_of(path)
    for known in (*CLAIMS, *NO_FIGURES):
        text = re.sub(re.escape(known), "", text, flags=re.IGNORECASE)
    assert [text[max(found.start() - 60, 0) : found.end()] for found in FIGURE.finditer(text)] == []


def test_the_page_and_the_files_show_the_tables(tables):
    text = PAGE.read_text("utf-8")
    for name, table in tables.items():
        assert "\n".join(section(table)) in text
        assert (FOLDER / f"{name}.txt").read_text("utf-8") == table.text + "\n"
        if table.chart:
            assert (FOLDER / f"{name}.svg").read_text("utf-8") == bars(table)


def test_nothing_is_left_of_a_table_that_is_no_more():
    names = {table.name for table in Table.kept(PROGRAMS)}
    assert {path.stem for path in FOLDER.glob("*")} == names


def test_every_row_can_be_named(tables):
    for table in tables.values():
        names = [row[0] for row in table.rows]
        assert len(names) == len(set(names))


# What tables are made of

TABLE = Table(
    "letters",
    "How many letters",
    "An example.",
    ["word", "letters", "share"],
    [["ours: *abc*", 3, 0.123456], ["de", 2, None]],
    "letters",
)


@pytest.mark.parametrize(
    ("cell", "text"),
    [(1234, "1,234"), (1234.5, "1,234"), (0.012345, "0.0123"), (None, ""), ("a", "a")],
)
def test_a_cell_is_shown_to_three_digits(cell, text):
    assert shown(cell) == text


def test_a_table_as_text():
    assert TABLE.text.splitlines() == [
        "word         letters  share",
        "---------------------------",
        "ours: *abc*        3  0.123",
        "de                 2",
    ]


def test_a_table_comes_back_as_it_was_kept(tmp_path):
    TABLE.write("calls", 0, tmp_path)
    assert Table.kept(PROGRAMS, tmp_path) == [TABLE]
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".json", ".svg", ".txt"]


def test_a_page_shows_what_looks_like_markup_as_it_is():
    text = page([TABLE], "Measured on paper.")
    assert "   * - ours: \\*abc\\*\n     - 3\n     - 0.123\n" in text
    assert "Measured on paper." in text


def test_a_chart_has_a_bar_for_each_figure_ours_in_colour():
    root = ET.fromstring(bars(TABLE))
    kinds = [each.get("class") for each in root.iter("{http://www.w3.org/2000/svg}rect")]
    assert kinds == ["paper", "ours", "bar"]


def test_charts_fit_on_a_phone_and_know_light_and_dark(tables):
    for table in tables.values():
        if table.chart:
            drawn = bars(table)
            assert "prefers-color-scheme: dark" in drawn
            assert all(len(name) * 7.2 < WIDTH - 24 for name, _ in values(table))


@pytest.mark.parametrize("power", [0, 1, 2])
def test_the_exponent_of_a_power_law_is_found(power):
    assert exponent([(x, 3 * x**power) for x in (1.0, 10.0, 100.0)]) == pytest.approx(power)

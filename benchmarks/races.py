"""What holds under races and crashes, and for any input: ``python -m benchmarks.races``.

Runs the tests that fight them on each database, adds up what these counted, and writes the table
``docs/hardness/races.json``. ``--rounds`` is how often every race is fought, ``--kills`` how often every
work is killed, and ``--examples`` how many hypothesis tries of a property, see ``tests/properties.py``.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
import timeit
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from xml.etree import ElementTree

from django.conf import settings as django_settings

from benchmarks.hardness import Row, keep
from django_anilist.api.secrets import Secret

ROOT = Path(__file__).resolve().parents[1]
NAMES = {"sqlite": "SQLite", "postgres": "PostgreSQL", "mariadb": "MariaDB"}
FOUGHT = ["races", "interleavings", "crashes", "failing_statements"]
KILLED_ROTATION = "test_a_rotation_that_is_killed_again_and_again_loses_nothing"


@dataclass
class Outcome:
    """What one test did in all its rounds: how often it held or failed, and what it counted."""

    module: str = ""
    held: int = 0
    failed: int = 0
    counted: Counter[str] = field(default_factory=Counter)


Outcomes = dict[str, Outcome]


def run(database: str, tests: list[str], **environment: str) -> tuple[Outcomes, str]:
    """Run tests on a database; return their outcomes by name, and what pytest said."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        settings = ["-q", "-p", "no:cacheprovider", "--timeout", "0", "-o", "junit_family=xunit1"]
        done = subprocess.run(  # noqa: S603  pytest, and names of tests that stand in this file
            [sys.executable, "-m", "pytest", *settings, "--junitxml", str(report), *tests],
            env={**os.environ, "TEST_DATABASE": database, **environment},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        sys.stdout.write(done.stdout)
        return outcomes_in(report), done.stdout


def outcomes_in(report: Path) -> Outcomes:
    """Read a report of pytest's; several rounds of one test are added up."""
    found: Outcomes = defaultdict(Outcome)
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314  pytest wrote it just now
        if case.find("skipped") is not None:
            continue
        outcome = found[case.attrib["name"].partition("[")[0]]
        outcome.module = case.attrib["classname"].rpartition(".")[2]
        bad = case.find("failure") is not None or case.find("error") is not None
        outcome.failed += bad
        outcome.held += not bad
        for counted in case.iter("property"):
            if counted.attrib["value"].isdecimal():
                outcome.counted[counted.attrib["name"]] += int(counted.attrib["value"])
    return found


# Rows

KILLED = "{killed} kills: {failed} half states"
#: Figure, goal, the test that counts, and how to say what it counted.
RACES = [
    ("One state, 50 callbacks at once", "20 rounds: 20 exchanges, 20 rows",
     "test_one_callback_opened_fifty_times_is_one_exchange",
     "{held} rounds: {exchanges} exchanges, {rows} rows"),
    ("One AniList account, 50 users at once", "20 rounds: 20 linked, 980 calm",
     "test_fifty_users_who_want_one_account_get_it_once", "{held} rounds: {linked} linked, {calm} calm"),
    ("One user, 50 connects at once", "1,000 of 1,000, one row each round",
     "test_fifty_connects_of_one_user_all_work_and_are_one_row",
     "{held} rounds: {connected} connected, {rows} rows"),
    ("An untuned SQLite, 50 writers", "0 unhandled",
     "test_fifty_writers_on_an_untuned_sqlite_are_calm",
     "{held} scenes of 50: {failed} unhandled, {connected} connected, {calm_answers} told why not"),
    ("kill -9 in a callback", "20 kills: 0 half states",
     "test_a_callback_that_is_killed_leaves_a_whole_row_or_none", KILLED),
    ("kill -9 in a disconnection", "20 kills: 0 half states",
     "test_a_disconnection_that_is_killed_leaves_a_whole_row_or_none", KILLED),
    ("kill -9 in a rotation", "20 kills: 0 half states",
     "test_a_rotation_that_is_killed_loses_nothing", KILLED),
    ("kill -9 in a purge", "20 kills: 0 half states",
     "test_a_purge_that_is_killed_takes_whole_rows_of_the_dead_only", KILLED),
    ("A rotation killed between and within batches", "10,000 rows, 0 lost, a second run changes 0",
     KILLED_ROTATION, "{kills} kills, {rows} rows: all opened, a second run changed none"),
]  # fmt: skip


def sentence(words: str, outcome: Outcome) -> str:
    """Say what one test counted on one database."""
    values = defaultdict(int, {"held": outcome.held, "failed": outcome.failed, **outcome.counted})
    values["calm_answers"] = sum(values[word] for word in ("taken", "state", "given up"))
    return words.format_map(values) + ("; FAILED" * bool(outcome.failed))


def race_rows(by_database: dict[str, Outcomes]) -> list[Row]:
    rows = []
    for figure, goal, test, words in RACES:
        told = [
            f"{NAMES[database]}: {sentence(words, outcomes[test])}"
            for database, outcomes in by_database.items()
            if test in outcomes
        ]
        rows.append(Row(figure, goal, "; ".join(told) or "not measured"))
    return rows


def summed_row(
    figure: str, by_database: dict[str, Outcomes], module: str, counted: str, wrong: str
) -> Row:
    """Add up one count over all tests of a module, for each database."""
    told = []
    for database, outcomes in by_database.items():
        those = [found for found in outcomes.values() if found.module == module]
        number = sum(found.counted[counted] for found in those)
        failed = sum(found.failed for found in those)
        told.append(f"{NAMES[database]}: {number:,}, {failed} {wrong}")
    return Row(figure, f"all points, 0 {wrong}", "; ".join(told))


def property_rows(outcomes: Outcomes, said: str) -> list[Row]:
    """Say how many examples hypothesis tried, and what else was tried by the thousand."""
    phases = re.findall(r"(\d+) passing(?: examples)?, (\d+) failing", said)
    tried, bad = (sum(int(phase[place]) for phase in phases) for place in (0, 1))
    failed = sum(found.failed for found in outcomes.values())

    def examples_of(test: str) -> str:
        part = said.partition(f"::{test}:")[2].partition("\n\n\n")[0].partition("\n\ntests/")[0]
        found = [int(number) for number in re.findall(r"(\d+) passing", part)]
        return f"{sum(found):,}, {outcomes[test].failed} failed"

    mutations = outcomes["test_20000_mutations_never_raise_and_never_open_to_something_else"]
    sites = outcomes["test_an_address_off_this_site_is_dropped"]
    payloads = outcomes["test_hostile_text_never_becomes_markup"]
    return [
        Row("Examples of all properties", "20,000 in CI", f"{tried:,}, {bad + failed} failed"),
        Row("Envelopes altered", "20,000: 0 exceptions, 0 other plaintexts",
            f"{mutations.counted['mutations']:,}, {mutations.failed} opened otherwise or raised"),
        Row("next: addresses off the site", "36 + 10,000: 0 followed",
            f"{sites.held} known to be bad, {sites.failed} followed; any text: "
            + examples_of("test_no_text_leads_off_this_site")),
        Row("XSS in every tag and filter", "60 payloads: 0 became markup",
            f"{payloads.held} payloads, {payloads.failed} became markup; put together by hypothesis: "
            + examples_of("test_no_text_at_all_becomes_markup")),
    ]  # fmt: skip


def sealing_row() -> Row:
    """Measure what sealing and opening a token of AniList's length costs."""
    if not django_settings.configured:
        values = vars(import_module("tests.settings"))
        django_settings.configure(**{name: values[name] for name in values if name.isupper()})
    crypto = import_module("django_anilist.crypto")
    token, owner = Secret("x" * 1100), {"user_pk": 1, "anilist_id": 7}
    text = crypto.seal(token, **owner).text
    works = (lambda: crypto.seal(token, **owner), lambda: crypto.unseal(text, **owner))
    times = (
        min(timeit.repeat(work, timer=time.process_time, number=2000, repeat=5)) / 2000
        for work in works
    )
    seal, opened = (f"{seconds * 1e6:.0f} µs" for seconds in times)
    return Row(
        "Sealing a token of 1,100 characters",
        "100 µs each",
        f"seal {seal}, open {opened}",
        "CPU time",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--databases", nargs="+", choices=NAMES, default=list(NAMES))
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--examples", type=int, default=200)
    parser.add_argument("--at-once", type=int, default=1, help="databases at the same time")
    chosen = parser.parse_args()
    rounds = {
        "RACE_ROUNDS": str(chosen.rounds),
        "CRASH_KILLS": str(chosen.kills),
        "ROTATION_KILLS": str(chosen.kills),
        "POINT_STRIDE": "1",
    }
    tests = [f"tests/test_{name}.py" for name in FOUGHT]
    tests.append(f"tests/test_upkeep.py::{KILLED_ROTATION}")
    with ThreadPoolExecutor(chosen.at_once) as pool:
        done = pool.map(lambda database: run(database, tests, **rounds)[0], chosen.databases)
        fought = dict(zip(chosen.databases, done, strict=True))
    shown = ["tests", "-m", "hypothesis or property", "--hypothesis-show-statistics"]
    properties = run(chosen.databases[0], shown, HYPOTHESIS_EXAMPLES=str(chosen.examples))
    rows = [
        *race_rows(fought),
        summed_row("Two actors, one stopped at each statement and call", fought,
                   "test_interleavings", "interleavings", "with another outcome"),
        summed_row("A statement fails: once, from then on, or its answer is lost", fought,
                   "test_failing_statements", "statements that failed", "unhandled"),
        *property_rows(*properties),
        sealing_row(),
    ]  # fmt: skip
    keep("races", "Races, crashes and any input", rows)
    for row in rows:
        print(f"{row.figure}: {row.measured} (goal: {row.goal})")


if __name__ == "__main__":
    main()

"""Change the code in small ways, one at a time, and see that a test fails.

``python .ci/mutants.py`` tries all modules, ``python .ci/mutants.py crypto api/oauth`` these two. Needs
``python -m pip install -e ".[mutants]"``, Python 3.11, and some half an hour of two cores.
``--sample`` tries three of ten mutants, ``--rest`` those that were not tried the last time, and
``--again`` those that survived it, or took too long, with the tests as they are now.

mutmut makes the changes and runs, in forks, those tests of ``MODULES`` that reach the changed function.
A change that no test notices survives. Those that nobody can notice stand in ``surviving-mutants.toml``
beside this file, each with its reason. One that does not stand there, one that stands there and is gone,
or a score under 90 % is a failure. mutmut leaves alone what stands outside of functions, and decorated
functions.

Each module has a copy of the tree of its own, in ``build/mutants``, where ``mutmut browse`` works, too.
The figures go to ``docs/hardness/mutants.json``: of every module as it was tried the last time.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import tomllib
from mutmut.stats import status_by_exit_code

ROOT = Path(__file__).resolve().parents[1]
MUTMUT = str(Path(sys.executable).with_name("mutmut"))  # as python -m it does not work
WORK = ROOT / "build" / "mutants"
EXPLAINED = Path(__file__).with_name("surviving-mutants.toml")
FIGURES = ROOT / "docs" / "hardness" / "mutants.json"

#: Minutes of a busy budget, played for seconds: too long for each of hundreds of mutants.
SIMULATIONS = [
    f"--deselect=tests/api/test_budget.py::{name}"
    for name in (
        "test_the_whole_budget_is_used_and_never_more",
        "test_a_limit_of_ninety_is_learned_from_the_headers",
        "test_without_headers_thirty_is_all_that_is_asked_for",
        "test_web_requests_go_before_tasks_that_want_everything",
        "test_everybody_who_comes_back_when_told_is_served",
    )
]
#: Which tests are about a module. ``api/turns`` has nothing but data: there is nothing to change.
MODULES = {
    "crypto": ["tests/test_crypto.py"],
    "redirects": ["tests/test_redirects.py"],
    "api/replies": ["tests/api/test_replies.py"],
    "api/oauth": ["tests/api/test_oauth.py"],
    "tokens": ["tests/test_tokens.py"],
    "flow": ["tests/test_flow.py", "tests/test_views.py", "tests/test_logins.py"],
    "api/breaker": ["tests/api/test_breaker.py"],
    "api/budget": ["tests/api/test_budget.py", "tests/api/test_breaker.py", *SIMULATIONS],
    "api/pacing": ["tests/api/test_pacing.py"],
    "api/others": ["tests/api/test_others.py"],
    "api/decoding": ["tests/api/test_decoding.py"],
}
GOAL = 90.0
TOTAL = "all of these"
TITLE = "Mutants killed by the tests of their module"
#: So many examples show a change that thousands would show, and a mutant costs seconds.
EXAMPLES = 20
#: mutmut gives up on a mutant whose tests run fifteen times as long as usual.
KILLED = ("killed", "timeout", "segfault")
UNTRIED = "not checked"
#: The last digits of the numbers of mutants that a sample holds, in each function.
SAMPLE = sorted(random.Random(9).sample(range(1, 10), 3))  # noqa: S311  no secret

CONFIGURATION = """
[tool.mutmut]
source_paths = ["django_anilist"]
only_mutate = ["django_anilist/{module}.py"]
timeout_constant = 4.0
also_copy = ["README.rst", "docs", "mutant_settings.py", "mutant_plugin.py"]
pytest_add_cli_args_test_selection = {tests}
pytest_add_cli_args = [
    "--ds=mutant_settings", "--no-migrations", "--hypothesis-seed=1", "--timeout=100",
    "-p", "mutant_plugin", "-p", "no:randomly", "-p", "no:cacheprovider", "-m", "not browser",
]
"""

#: The workers are forks, and would share the file that the tests' own settings name by process.
SETTINGS = """
from tests.settings import *

DATABASES["default"]["TEST"] = {"NAME": None}
"""

#: What ends soonest comes first, since the first failure ends a run.
PLUGIN = """
import json
from pathlib import Path

from hypothesis import settings

settings.register_profile("mutants", max_examples={examples}, deadline=None, database=None)
settings.load_profile("mutants")


def pytest_collection_modifyitems(items):
    known = Path("mutmut-stats.json")
    if known.exists():
        seconds = json.loads(known.read_text())["duration_by_test"]
        items.sort(key=lambda item: seconds.get(item.nodeid, 0.0))
"""


@dataclass(frozen=True)
class Survivor:
    """A change that no test notices, named so that other changes of the file leave the name alone."""

    module: str
    function: str
    was: str
    becomes: str

    def __str__(self) -> str:
        return (
            f'\n[[survivor]]\nmodule = "{self.module}"\nfunction = "{self.function}"\n'
            f"was = '''{self.was}'''\nbecomes = ['''{self.becomes}''']\nwhy = \"\"\n"
        )


def main(modules: list[str], which: str) -> bool:
    """Tell whether every survivor of ``modules`` is explained, and they are few."""
    explained = explanations()
    fine = True
    for module in modules:
        if which in ("all", "sample"):
            lay_out(module)
        mutate(module, which)
        expected = [survivor for survivor in explained if survivor.module == module]
        print(figures(module, Counter(ends(module).values()), len(expected)), flush=True)
        fine &= all_explained(module, expected) and score(Counter(ends(module).values())) >= GOAL
    write(explained)
    return fine


def explanations() -> list[Survivor]:
    """Return the survivors that are explained; ``becomes`` may list several with one reason."""
    entries = tomllib.loads(EXPLAINED.read_text(encoding="utf-8")).get("survivor", [])
    if unreasoned := [entry for entry in entries if not entry["why"]]:
        raise ValueError(f"A survivor has no reason: {unreasoned}")
    return [
        Survivor(entry["module"], entry["function"], entry["was"], becomes)
        for entry in entries
        for becomes in entry["becomes"]
    ]


def lay_out(module: str) -> None:
    """Copy what the tests of a module need to a folder where mutmut may do as it likes."""
    folder = WORK / module
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("django_anilist", "docs"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("README.rst", "setup.cfg"):
        shutil.copy(ROOT / name, folder)
    configuration = CONFIGURATION.format(module=module, tests=json.dumps(MODULES[module]))
    (folder / "pyproject.toml").write_text(configuration)
    (folder / "mutant_settings.py").write_text(SETTINGS)
    (folder / "mutant_plugin.py").write_text(PLUGIN.format(examples=EXAMPLES))


def mutate(module: str, which: str) -> None:
    """Have mutmut try mutants of a module: by name, or whatever it has not tried yet."""
    folder = WORK / module
    names = []
    if which == "again":
        names = [name for name, end in ends(module).items() if end not in ("killed", UNTRIED)]
    elif which == "sample":
        names = [f"*_{digit}" for digit in SAMPLE] + [f"*_*[0-9]{digit}" for digit in SAMPLE]
    shutil.copytree(ROOT / "tests", folder / "tests", dirs_exist_ok=True)
    for path in (folder / "tests").rglob("test_*.py"):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"max_examples=\d+", f"max_examples={EXAMPLES}", text), "utf-8")
    command = [MUTMUT, "run", "--max-children", "2", *names]
    with (folder / "mutmut.log").open("w") as log:  # each mutant, or why mutmut did not begin
        subprocess.run(command, cwd=folder, check=True, stdout=log, stderr=log)  # noqa: S603  ours


def ends(module: str) -> dict[str, str]:
    """Return how each mutant of a module ended."""
    kept = WORK / module / "mutants" / "django_anilist" / f"{module}.py.meta"
    codes = json.loads(kept.read_text())["exit_code_by_key"] if kept.exists() else {}
    return {name: status_by_exit_code[code] for name, code in codes.items()}


def survivors(module: str) -> list[Survivor]:
    alive = [name for name, end in ends(module).items() if end not in (*KILLED, UNTRIED)]
    return [survivor(module, name) for name in alive]


def survivor(module: str, name: str) -> Survivor:
    """Read what a mutant changes from the difference that mutmut shows."""
    command = [MUTMUT, "show", name]
    shown = subprocess.run(command, cwd=WORK / module, check=True, capture_output=True, text=True)  # noqa: S603  ours
    changed = [
        line
        for line in shown.stdout.splitlines()
        if line[:1] in "+-" and line[:3] not in ("+++", "---")
    ]
    was, becomes = (
        "\n".join(line[1:].strip() for line in changed if line[0] == sign) for sign in "-+"
    )
    function = name.rpartition(".")[2].rpartition("__mutmut_")[0]
    return Survivor(module, re.sub(r"^x[_ǁ]", "", function).replace("ǁ", "."), was, becomes)


def all_explained(module: str, expected: list[Survivor]) -> bool:
    """Print what has no explanation, ready to be explained, and what is explained in vain."""
    found = survivors(module)
    unexplained, gone = Counter(found) - Counter(expected), Counter(expected) - Counter(found)
    if UNTRIED in ends(module).values():
        gone.clear()  # it may be among the others
    for each in unexplained.elements():
        print(f"Nothing notices this change:\n{each}")
    for each in gone.elements():
        print(f"This change is noticed by now, or cannot be made any more:\n{each}")
    return not unexplained and not gone


def killed(counts: Counter[str]) -> int:
    return sum(counts[end] for end in KILLED)


def score(counts: Counter[str]) -> float:
    return 100 * killed(counts) / max(counts.total() - counts[UNTRIED], 1)


def figures(module: str, counts: Counter[str], explained: int) -> dict[str, str]:
    """Return a row of the table."""
    tried = counts.total() - counts[UNTRIED]
    all_or_some = "all" if tried == counts.total() else f"a sample of {counts.total()}"
    return {
        "figure": module,
        "goal": f"{GOAL:.0f} %",
        "measured": f"{score(counts):.1f} %" if tried else "not tried",
        "note": f"{killed(counts)} of {tried} ({all_or_some}); {tried - killed(counts)} survive, "
        f"{explained} with a reason",
    }


def total(rows: list[dict[str, str]]) -> dict[str, str]:
    """Add up the rows of all modules, whenever they were tried."""
    notes = [row["note"] for row in rows]
    numbers = [[int(number) for number in re.findall(r"\b\d+\b(?!\))", note)] for note in notes]
    dead, tried, alive, reasons = (sum(column) for column in zip(*numbers, strict=True))
    some = "all" if all("(all)" in note for note in notes) else "of some a sample"
    note = f"{dead} of {tried} ({some}); {alive} survive, {reasons} with a reason"
    goal, measured = f"{GOAL:.0f} %", f"{100 * dead / tried:.1f} %"
    return {"figure": TOTAL, "goal": goal, "measured": measured, "note": note}


def write(explained: list[Survivor]) -> None:
    """Write the figures; those of a module that was not tried here stay as they are."""
    written = json.loads(FIGURES.read_text(encoding="utf-8"))["rows"] if FIGURES.exists() else []
    rows = {row["figure"]: row for row in written}
    reasons = Counter(survivor.module for survivor in explained)
    counts = {module: Counter(ends(module).values()) for module in MODULES}
    for module, counted in counts.items():
        if counted or module not in rows:
            rows[module] = figures(module, counted, reasons[module])
    rows[TOTAL] = total([row for name, row in rows.items() if name != TOTAL])
    text = json.dumps({"title": TITLE, "rows": list(rows.values())}, indent=1, ensure_ascii=False)
    FIGURES.parent.mkdir(parents=True, exist_ok=True)
    FIGURES.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", choices=[*MODULES, []], metavar="MODULE")
    for which in ("sample", "rest", "again"):
        parser.add_argument(f"--{which}", action="store_const", dest="which", const=which)
    chosen = parser.parse_args()
    sys.exit(0 if main(chosen.modules or list(MODULES), chosen.which or "all") else 1)

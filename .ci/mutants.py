"""Change the code in small ways, one at a time, and see that a test fails.

``python .ci/mutants.py`` tries all modules, ``python .ci/mutants.py crypto api/oauth`` these two. Needs
``python -m pip install -e ".[mutants]"``, Python 3.11, and a quarter of an hour of two cores.

mutmut makes the changes and runs, in forks, those tests of ``MODULES`` that reach the changed function.
A change that no test notices survives. Those that nobody can notice stand in ``surviving-mutants.toml``
beside this file, each with its reason. One that does not stand there, one that stands there and is gone,
or a score under 90 % is a failure. mutmut leaves alone what stands outside of functions, and decorated
functions.

Each module has a copy of the tree of its own, in ``build/mutants``, where ``mutmut browse`` works, too.
A run of all modules writes ``docs/hardness/mutants.json``.
"""

from __future__ import annotations

import json
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
WORK = ROOT / "build" / "mutants"
EXPLAINED = Path(__file__).with_name("surviving-mutants.toml")
FIGURES = ROOT / "docs" / "hardness" / "mutants.json"

#: Which tests are about a module.
MODULES = {
    "crypto": ["tests/test_crypto.py"],
    "redirects": ["tests/test_redirects.py"],
    "api/replies": ["tests/api/test_replies.py"],
    "api/oauth": ["tests/api/test_oauth.py"],
    "tokens": ["tests/test_tokens.py"],
    "flow": ["tests/test_flow.py", "tests/test_views.py", "tests/test_logins.py"],
    "api/breaker": ["tests/api/test_breaker.py"],
    "api/budget": ["tests/api/test_budget.py"],
    "api/pacing": ["tests/api/test_pacing.py"],
    "api/others": ["tests/api/test_others.py", "tests/api/test_budget.py"],
    "api/turns": ["tests/api/test_budget.py"],
    "api/decoding": ["tests/api/test_decoding.py"],
}
GOAL = 90.0
#: So many examples show a change that thousands would show, and a mutant costs seconds.
EXAMPLES = 20
#: mutmut gives up on a mutant whose tests run fifteen times as long as usual.
KILLED = ("killed", "timeout", "segfault")

CONFIGURATION = """
[tool.mutmut]
source_paths = ["django_anilist"]
only_mutate = ["django_anilist/{module}.py"]
also_copy = ["mutant_settings.py", "shortest_first.py"]
pytest_add_cli_args_test_selection = {tests}
pytest_add_cli_args = [
    "--ds=mutant_settings", "--no-migrations", "--hypothesis-seed=1", "--timeout=60",
    "-p", "shortest_first", "-p", "no:randomly", "-p", "no:cacheprovider", "-m", "not browser",
]
"""

#: The workers are forks, and would share the file that the tests' own settings name by process.
SETTINGS = """
from tests.settings import *

DATABASES["default"]["TEST"] = {"NAME": None}
"""

SHORTEST_FIRST = '''
"""A pytest plugin: what ends soonest comes first, since the first failure ends a run."""

import json
from pathlib import Path


def pytest_collection_modifyitems(items):
    known = Path("mutmut-stats.json")
    if known.exists():
        seconds = json.loads(known.read_text())["duration_by_test"]
        items.sort(key=lambda item: seconds.get(item.nodeid, 0.0))
'''


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


def main(names: list[str]) -> bool:
    """Tell whether every survivor of ``names``, or of all modules, is explained, and they are few."""
    explained = explanations()
    fine, rows, totals = True, [], Counter[str]()
    for module in names or MODULES:
        shutil.rmtree(WORK / module, ignore_errors=True)
        counts, survivors = try_module(module)
        expected = [survivor for survivor in explained if survivor.module == module]
        row = figures(module, counts, len(expected))
        print(row, flush=True)
        fine &= all_explained(survivors, expected) and score(counts) >= GOAL
        rows.append(row)
        totals += counts
    if not names:
        write([*rows, figures("all of these", totals, len(explained))])
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


def try_module(module: str) -> tuple[Counter[str], list[Survivor]]:
    """Return how many mutants of a module ended how, and those that survived."""
    folder = lay_out(module)
    command = ["mutmut", "run", "--max-children", "2"]
    with (folder / "mutmut.log").open("w") as log:  # each mutant, or why mutmut did not begin
        subprocess.run(command, cwd=folder, check=True, stdout=log, stderr=log)  # noqa: S603  ours
    kept = folder / "mutants" / "django_anilist" / f"{module}.py.meta"
    # A module without a function that could be changed has none.
    codes = json.loads(kept.read_text())["exit_code_by_key"] if kept.exists() else {}
    ends = {name: status_by_exit_code[code] for name, code in codes.items()}
    alive = [name for name, end in ends.items() if end not in KILLED]
    return Counter(ends.values()), [survivor(folder, module, name) for name in alive]


def lay_out(module: str) -> Path:
    """Copy what the tests of a module need to a folder where mutmut may do as it likes."""
    folder = WORK / module
    folder.mkdir(parents=True)
    for name in ("django_anilist", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "setup.cfg", folder)
    for path in (folder / "tests").rglob("test_*.py"):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"max_examples=\d+", f"max_examples={EXAMPLES}", text), "utf-8")
    tests = [name for name in MODULES[module] if (folder / name).exists()]
    configuration = CONFIGURATION.format(module=module, tests=json.dumps(tests))
    (folder / "pyproject.toml").write_text(configuration)
    (folder / "mutant_settings.py").write_text(SETTINGS)
    (folder / "shortest_first.py").write_text(SHORTEST_FIRST)
    return folder


def survivor(folder: Path, module: str, name: str) -> Survivor:
    """Read what a mutant changes from the difference that mutmut shows."""
    command = ["mutmut", "show", name]
    shown = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603  ours
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


def all_explained(found: list[Survivor], expected: list[Survivor]) -> bool:
    """Print what has no explanation, ready to be explained, and what is explained in vain."""
    unexplained, gone = Counter(found) - Counter(expected), Counter(expected) - Counter(found)
    for each in unexplained.elements():
        print(f"Nothing notices this change:\n{each}")
    for each in gone.elements():
        print(f"This change is noticed by now, or cannot be made any more:\n{each}")
    return not unexplained and not gone


def killed(counts: Counter[str]) -> int:
    return sum(counts[end] for end in KILLED)


def score(counts: Counter[str]) -> float:
    return 100 * killed(counts) / counts.total() if counts else 100.0


def figures(module: str, counts: Counter[str], explained: int) -> dict[str, str]:
    """Return a row of the table."""
    survivors = counts.total() - killed(counts)
    note = f"{killed(counts)} of {counts.total()}, all that there are; {survivors} survive"
    return {
        "figure": f"Mutants killed, {module}",
        "goal": f"{GOAL:.0f} %",
        "measured": f"{score(counts):.1f} %" if counts else "nothing to change",
        "note": f"{note}, {explained} of them explained",
    }


def write(rows: list[dict[str, str]]) -> None:
    FIGURES.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"title": "Mutation testing", "rows": rows}, indent=1, ensure_ascii=False)
    FIGURES.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)

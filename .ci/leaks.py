"""Write ``docs/hardness/leaks.json``: what the canary looked at, and what the security tools found.

``python .ci/leaks.py [PYTEST-ARGUMENTS...]`` runs the tests (all but the browser's, unless others are
named) and ``.ci/security.py``; ends with 1 where a secret got out or a tool found something.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "hardness" / "leaks.json"
KINDS = "tokens, codes, states, client secrets, sealing keys, refresh tokens"
#: What is counted of a run, and how a reader calls it.
LOOKED_AT = {
    "records": "log records of all loggers, at DEBUG",
    "responses": "answers, with headers and cookies",
    "sessions": "writes to sessions",
    "statements": "SQL statements with parameters",
    "exceptions": "requests that ended with an exception",
    "bytes": "bytes searched",
}


def figures(command: list[str], variable: str = "", option: str = "") -> dict[str, Any]:
    """Run a command that writes figures to a file, and return them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "figures.json")
        given = [option, str(path)] if option else []
        environment = {**os.environ, variable: str(path)} if variable else None
        subprocess.run([sys.executable, *command, *given], cwd=ROOT, env=environment, check=False)  # noqa: S603  our own commands
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found


def row(figure: str, goal: str, measured: object, note: str = "") -> dict[str, str]:
    text = f"{measured:,}" if isinstance(measured, int) else str(measured)
    return {"figure": figure, "goal": goal, "measured": text, "note": note}


def main(arguments: list[str]) -> int:
    chosen = arguments or ["-n", "2", "-m", "not browser"]
    canary = figures(["-m", "pytest", "-q", *chosen], variable="CANARY_FIGURES")
    tools = figures([".ci/security.py"], option="--figures")
    run = f"pytest {' '.join(chosen)}"
    rows = [
        row("secrets found where none belongs", "0", canary["hits"], run),
        row("tests looked through", "each that passes", canary["tests"], run),
        row("secrets looked for", "each that is made", canary["secrets"], KINDS),
        *(row(name, "-", canary.get(key, 0)) for key, name in LOOKED_AT.items()),
        *(
            row(f"{name}: findings", "0", *((found,) if isinstance(found, int) else ("not run", found)))
            for name, found in tools.items()
        ),
    ]  # fmt: skip
    PAGE.parent.mkdir(exist_ok=True)
    page = {"title": "Leaks, and what tools find", "rows": rows}
    PAGE.write_text(json.dumps(page, indent=1) + "\n", encoding="utf-8")
    return int(bool(canary["hits"]) or any(isinstance(n, int) and n for n in tools.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

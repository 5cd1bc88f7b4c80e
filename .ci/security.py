"""Tools that look for weaknesses: in the code, for secrets, in what is installed, in workflows.

``python .ci/security.py`` runs them in the environment it is called in, prints every finding and ends
with 1 where there is one. A tool that cannot look says so and why; ``--skipped FILE`` gets a line for
each of these. ``--figures FILE`` gets the numbers as JSON.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ("django_anilist", "example_project")
#: What tests and examples take for a secret: lower-case words, which no generator makes.
WORDS = r"^[a-z]+([- ][a-z]+)*$"
#: What pip-audit says where nobody answers it.
UNREACHABLE = re.compile(r"ConnectionError|ServiceError|Could not connect|Max retries|timed out")


class Skipped(Exception):
    """A tool could not look, for a reason that is none of ours."""


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  the tools of this list
        [str(Path(sys.executable).with_name(command[0])), *command[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def said(*command: str) -> Any:
    """Return the JSON that a tool prints, or raise ``RuntimeError`` with what it says instead."""
    ended = run(*command)
    try:
        return json.loads(ended.stdout)
    except ValueError:
        raise RuntimeError(ended.stderr.strip()[-2000:] or "no answer") from None


def bandit() -> list[str]:
    found = said("bandit", "--quiet", "--recursive", *SOURCES, "--format", "json")
    if found["errors"]:
        raise RuntimeError(str(found["errors"]))
    return [
        f"{row['filename']}:{row['line_number']} {row['issue_text']}" for row in found["results"]
    ]


def ruff_s() -> list[str]:
    found = said("ruff", "check", "--select", "S", "--output-format", "json", *SOURCES)
    return [f"{row['filename']}:{row['location']['row']} {row['message']}" for row in found]


def detect_secrets() -> list[str]:
    found = said("detect-secrets", "scan", "--exclude-secrets", WORDS)
    rows = [row for rows in found["results"].values() for row in rows]
    return [f"{row['filename']}:{row['line_number']} {row['type']}" for row in rows]


def pip_audit() -> list[str]:
    """What is installed, against the public advisories; skipped only where these cannot be asked."""
    try:
        found = said(
            "pip-audit", "--progress-spinner", "off", "--skip-editable", "--format", "json"
        )
    except RuntimeError as error:
        if UNREACHABLE.search(str(error)):
            raise Skipped("the advisory service does not answer") from None
        raise
    audited = [row for row in found["dependencies"] if "skip_reason" not in row]
    if not audited:  # an index that only hands files out knows of no advisory, and says so
        raise Skipped("the package index in use has no advisories, so none was looked at")
    return [
        f"{row['name']} {row['version']}: {one['id']}" for row in audited for one in row["vulns"]
    ]


def zizmor() -> list[str]:
    if not (ROOT / ".github" / "workflows").is_dir():
        raise Skipped("there are no workflows")
    found = said("zizmor", "--offline", "--format", "json", ".github/workflows")
    return [f"{row['ident']}: {row['desc']}" for row in found]


TOOLS: dict[str, Callable[[], list[str]]] = {
    "bandit": bandit,
    "ruff S": ruff_s,
    "detect-secrets": detect_secrets,
    "pip-audit": pip_audit,
    "zizmor": zizmor,
}


def findings(tool: Callable[[], list[str]]) -> list[str] | str:
    """Return what a tool found, or why it could not look; a tool that breaks is a finding."""
    try:
        return tool()
    except Skipped as reason:
        return str(reason)
    except RuntimeError as error:
        return [f"broke: {error}"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--figures", type=Path)
    parser.add_argument("--skipped", type=Path)
    options = parser.parse_args()
    found = {name: findings(tool) for name, tool in TOOLS.items()}
    for name, result in found.items():
        told = f"SKIPPED: {result}" if isinstance(result, str) else f"{len(result)} findings"
        print(f"{name}: {told}", *([] if isinstance(result, str) else result), sep="\n    ")
    skipped = {name: result for name, result in found.items() if isinstance(result, str)}
    if options.skipped:
        options.skipped.write_text("".join(f"{name}: {why}\n" for name, why in skipped.items()))
    if options.figures:
        figures = {
            name: result if name in skipped else len(result) for name, result in found.items()
        }
        options.figures.write_text(json.dumps(figures))
    return int(any(result for name, result in found.items() if name not in skipped))


if __name__ == "__main__":
    sys.exit(main())

"""Every figure that this project claims: ``python -m benchmarks``.

Prints all tables, and keeps them as text, JSON and charts in ``docs/benchmarks`` and as a page in
``docs/benchmarks.rst``. ``--only calls`` measures one program, ``--quick`` shows in a minute or two that
all of them run; neither writes the page.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
import time
from importlib.metadata import version

from benchmarks.report import FOLDER, Table, page

PROGRAMS = ("calls", "pages", "costs", "growth", "game")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=PROGRAMS)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    started = time.monotonic()
    programs = [options.only] if options.only else PROGRAMS
    for program in programs:
        # Each in a process of its own: Django is set up once, and nobody measures another's leftovers.
        command = [sys.executable, "-m", "benchmarks.run", program, *["--quick"] * options.quick]
        subprocess.run(command, check=True)  # noqa: S603  ourselves
    if not options.only and not options.quick:
        text = page(Table.kept(PROGRAMS), about())
        (FOLDER.parent / "benchmarks.rst").write_text(text, "utf-8")
    print(f"\n{len(programs)} programs in {time.monotonic() - started:.0f} s")


def about() -> str:
    """Say on what the figures were measured."""
    names = ("Django", "requests", "urllib3")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    return f"These were measured with Python {platform.python_version()}, {versions}."


if __name__ == "__main__":
    main()

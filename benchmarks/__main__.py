"""Every figure that this project claims: ``python -m benchmarks``.

Prints all tables, and keeps them as text, JSON and charts in ``docs/benchmarks`` and as a page in
``docs/benchmarks.rst``. ``--only calls`` measures one program and keeps its tables, ``--quick`` shows in
a few minutes that all of them run and keeps nothing; ``--into FOLDER`` writes elsewhere than ``docs``.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

from benchmarks.page import page
from benchmarks.redis_server import VARIABLE, running_redis
from benchmarks.report import FOLDER, Table

PROGRAMS = ("calls", "pages", "costs", "growth", "game", "paper")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=PROGRAMS)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--into", type=Path, help="keeps what --quick measures, too")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))  # and Redis with us
    started = time.monotonic()
    programs = [options.only] if options.only else PROGRAMS
    keep = options.into or (None if options.quick else FOLDER.parent)
    if keep and not options.only:
        shutil.rmtree(keep / FOLDER.name, ignore_errors=True)  # no table outlives its program
    with running_redis() as redis:
        for program in programs:
            run(program, options.quick, keep, redis)
    if keep:
        write_page(keep)
    print(f"\n{len(programs)} programs in {time.monotonic() - started:.0f} s")


def run(program: str, quick: bool, keep: Path | None, redis: str) -> None:
    """Run one program in a process of its own: nobody measures what another left behind."""
    command = [sys.executable, "-m", "benchmarks.run", program]
    command += ["--quick"] * quick + (["--into", str(keep / FOLDER.name)] if keep else [])
    started = time.monotonic()
    done = subprocess.run(command, check=False, env={**os.environ, VARIABLE: redis})  # noqa: S603
    if done.returncode:
        sys.exit(f"{program} failed, and so nothing more is measured")
    print(f"\n{program}: {time.monotonic() - started:.0f} s", flush=True)


def write_page(folder: Path) -> None:
    text = page(Table.kept(PROGRAMS, folder / FOLDER.name), about())
    (folder / "benchmarks.rst").write_text(text, "utf-8")


def about() -> str:
    """Say on what the figures were measured."""
    names = ("Django", "requests", "urllib3")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    cores = f"{os.cpu_count()} cores"
    return f"These were measured with Python {platform.python_version()}, {versions}, on {cores}."


if __name__ == "__main__":
    main()

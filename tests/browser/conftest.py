"""The demo, started for real, and a Chromium to open it in."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


#: Seconds for what takes one on a machine that has nothing else to do.
PATIENCE = 60


def missing(what: str) -> None:
    """Skip for want of ``what``; under CI, where all of it is due, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing, and CI must have it")
    pytest.skip(f"{what} is not installed")


@dataclass
class Demo:
    """A running demo: the site's address and the sandbox's."""

    site: str
    box: str
    database: Path

    def revoke(self, name: str) -> None:
        requests.post(f"{self.box}/dials/revoke", data={"user": name}, timeout=PATIENCE)

    def last_requests(self) -> list[str]:
        """The rows of the last twenty requests on the sandbox's own page, the newest first."""
        page = requests.get(self.box, timeout=PATIENCE).text
        return re.findall(r"<tr>\s*<td>.*?</tr>", page, re.DOTALL)

    def saves_since(self, before: list[str]) -> int:
        """How many times the sandbox was asked to save an entry since it told ``before``.

        What is left of the budget stands in each row, so that no two in a row are alike.
        """
        now = self.last_requests()
        new = next(n for n in range(len(now) + 1) if now[n:] == before[: len(now) - n])
        return sum("<td>SaveMediaListEntry</td>" in row for row in now[:new])


def start(arguments: list[str], output: Path, **environment: str) -> subprocess.Popen[bytes]:
    """Start a Python of ours that says what it says to ``output``: a pipe that nobody reads is full soon."""
    with output.open("w") as file:
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=file,
            stderr=subprocess.STDOUT,
        )


@contextlib.contextmanager
def running_demo(folder: Path, **environment: str) -> Iterator[Demo]:
    """Start the demo with a database in ``folder``; stop it, and look at how it went, at the end."""
    database, output = folder / "db.sqlite3", folder / "output.txt"
    site, box = free_ports(2)
    process = start(
        ["example_project/manage.py", "demo", "--port", str(site), "--sandbox-port", str(box)],
        output,
        EXAMPLE_DATABASE=str(database),
        ANILIST_BUDGET=str(folder / "budget"),
        PYTHONPATH=str(ROOT),
        **{"DJANGO_SETTINGS_MODULE": "tests.browser.patient_settings", **environment},
    )
    try:
        for port in (box, site):  # a page that is asked for sooner says that AniList is down
            wait_for(process, f"http://127.0.0.1:{port}/", output)
        requests.post(f"http://127.0.0.1:{box}/dials", data={"limit": "90"}, timeout=PATIENCE)
        yield Demo(f"http://127.0.0.1:{site}", f"http://127.0.0.1:{box}", database)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)
    said = output.read_text()
    assert process.returncode == 0, said
    assert "Traceback" not in said
    assert "Stopped." in said


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with running_demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


def wait_for(process: subprocess.Popen[bytes], address: str, output: Path) -> None:
    """Wait until something answers at ``address``; fail with what ``process`` said to ``output``."""
    deadline = time.monotonic() + 150
    while time.monotonic() < deadline and process.poll() is None:
        try:
            requests.get(address, timeout=5)
            return
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(0.2)
    process.kill()
    raise AssertionError(f"The site did not start: {output.read_text()}")


@pytest.fixture(scope="module")
def chromium():
    if CHROMIUM is None:
        missing("Chromium")
    try:
        from playwright.sync_api import expect, sync_playwright  # noqa: PLC0415  an optional part
    except ModuleNotFoundError:
        missing("playwright")
    with sync_playwright() as playwright:
        expect.set_options(timeout=30_000)  # milliseconds, of a machine that has more to do
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium):
    """A page of a fresh browser; whatever it complains of fails the test."""
    context = chromium.new_context()
    page = context.new_page()
    complaints = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    # A page that answers 503 is reported on the console too, and is meant.
    assert [text for text in complaints if "Failed to load resource" not in text] == []

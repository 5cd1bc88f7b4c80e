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
        requests.post(f"{self.box}/dials/revoke", data={"user": name}, timeout=5)

    def last_requests(self) -> list[str]:
        """The rows of the last twenty requests on the sandbox's own page, the newest first."""
        page = requests.get(self.box, timeout=5).text
        return re.findall(r"<tr>\s*<td>.*?</tr>", page, re.DOTALL)

    def saves_since(self, before: list[str]) -> int:
        """How many times the sandbox was asked to save an entry since it told ``before``.

        What is left of the budget stands in each row, so that no two in a row are alike.
        """
        now = self.last_requests()
        new = next(n for n in range(len(now) + 1) if now[n:] == before[: len(now) - n])
        return sum("<td>SaveMediaListEntry</td>" in row for row in now[:new])


@contextlib.contextmanager
def running_demo(folder: Path, **environment: str) -> Iterator[Demo]:
    """Start the demo with a database in ``folder``; stop it, and look at how it went, at the end."""
    database = folder / "db.sqlite3"
    site, box = free_ports(2)
    command = [sys.executable, "example_project/manage.py", "demo"]
    process = subprocess.Popen(
        [*command, "--port", str(site), "--sandbox-port", str(box)],
        cwd=ROOT,
        env={
            **os.environ,
            "EXAMPLE_DATABASE": str(database),
            "ANILIST_BUDGET": str(database.with_name("budget")),
            "DJANGO_SETTINGS_MODULE": "example.settings",
            **environment,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_for(process, f"http://127.0.0.1:{site}/")
        requests.post(f"http://127.0.0.1:{box}/dials", data={"limit": "90"}, timeout=5)
        yield Demo(f"http://127.0.0.1:{site}", f"http://127.0.0.1:{box}", database)
    finally:
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=20)
    assert process.returncode == 0, output
    assert "Traceback" not in output
    assert "Stopped." in output


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with running_demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


def wait_for(process: subprocess.Popen[str], address: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            requests.get(address, timeout=5)
            return
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(0.2)
    process.kill()
    raise AssertionError(f"The demo did not start: {process.communicate()[0]}")


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

"""The tutorial, typed as it stands into an empty folder: it ends with a user's list on a page."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import requests

from tests.ports import free_ports
from tests.scriptless import Browser, running

TEXT = (Path(__file__).parents[1] / "docs" / "tutorial.rst").read_text(encoding="utf-8")
BLOCK = re.compile(
    r"\.\. code-block:: (\w+)\n(?:   :caption: (.+)\n)?\n((?:   .*\n|\n)+)", re.MULTILINE
)
PASSWORD = "not-a-secret-here"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


def write(folder, caption, code):
    """Do what a caption says: put ``code`` into a file, or at its end."""
    name, _, end = caption.partition(", at the ")
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    code = textwrap.dedent(code).strip("\n") + "\n"
    path.write_text((path.read_text("utf-8") if end else "") + code, "utf-8")


def typed(text, folder, environment):
    """Do what the tutorial says, but for the servers; return where that was, and their commands."""
    servers = []
    for kind, caption, code in BLOCK.findall(text):
        if kind != "console":
            write(folder, caption, code)
            continue
        for line in re.findall(r"^   \$ (.+)$", code, re.MULTILINE):
            words = shlex.split(line)
            command = [sys.executable, *words[1:]]
            if words[0] == "cd":
                folder /= words[1]
            elif {"runserver", "anilist_sandbox"} & set(words):
                servers.append(command)
            elif "pip" not in words:  # what is tested is here already
                command += ["--noinput"] * ("createsuperuser" in words)
                subprocess.run(command, cwd=folder, env=environment, check=True)
    return folder, *servers


def watched(page):
    """How far alice is with Frieren."""
    return int(re.search(r"Frieren.*?(\d+) of 28", page.text, re.DOTALL)[1])


def test_whoever_follows_it_sees_a_list_on_a_page(tmp_path):
    site, box = map(str, free_ports(2))
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("DJANGO")},
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
    }
    text = re.sub("800[01]", lambda found: {"8000": site, "8001": box}[found[0]], TEXT)
    folder, sandbox, server = typed(text, tmp_path, environment)
    site_runs = running([*server, "--noreload"], folder, environment, site)
    with running(sandbox, folder, environment, box), site_runs:
        browser, home = Browser(), f"http://127.0.0.1:{site}/"
        browser.open(home)
        browser.sign_in("mio", PASSWORD)
        browser.press("Continue to AniList")
        browser.press("alice")
        browser.press("Approve")
        assert browser.page.url == home
        before = watched(browser.page)
        next_to_frieren = browser.page.text.index("Frieren")
        browser.press("+1", after=next_to_frieren)
        assert watched(browser.page) == before + 1
        requests.post(f"http://127.0.0.1:{box}/dials", data={"switched_off": "on"}, timeout=5)
        browser.open(home)
        assert watched(browser.page) == before + 1

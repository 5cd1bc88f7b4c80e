"""The tutorial, typed as it stands into an empty folder: it ends with a user's list on a page."""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys
import textwrap
import time
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests

TEXT = (Path(__file__).parents[1] / "docs" / "tutorial.rst").read_text(encoding="utf-8")
BLOCK = re.compile(
    r"\.\. code-block:: (\w+)\n(?:   :caption: (.+)\n)?\n((?:   .*\n|\n)+)", re.MULTILINE
)
PASSWORD = "not-a-secret-here"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


class Forms(HTMLParser):
    """The forms of a page: where each goes, what it holds, and its buttons with their words."""

    def __init__(self, html):
        super().__init__()
        self.forms, self.button = [], None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self.forms.append({"action": attrs.get("action", ""), "values": {}, "buttons": []})
        elif tag == "input" and self.forms and attrs.get("name"):
            self.forms[-1]["values"][attrs["name"]] = attrs.get("value") or ""
        elif tag == "button" and self.forms:
            self.button = {"words": "", "values": {}}
            self.forms[-1]["buttons"].append(self.button)
            if "name" in attrs:
                self.button["values"] = {attrs["name"]: attrs.get("value", "")}

    def handle_endtag(self, tag):
        if tag == "button":
            self.button = None

    def handle_data(self, data):
        if self.button is not None:
            self.button["words"] += data


class Browser:
    """A browser without script."""

    def __init__(self):
        self.session, self.page = requests.Session(), None
        self.session.trust_env = False

    def open(self, url):
        self.page = self.session.get(url, timeout=20)

    def sign_in(self, name, password):
        form = Forms(self.page.text).forms[0]
        self._send(form, {**form["values"], "username": name, "password": password})

    def press(self, words, after=0):
        """Press the first button with these words in what comes ``after`` so many characters."""
        forms = Forms(self.page.text[after:]).forms
        found = [(form, button) for form in forms for button in form["buttons"]]
        found = [(form, button) for form, button in found if words in button["words"]]
        assert found, f"{self.page.url} has no button {words!r}:\n{self.page.text}"
        form, button = found[0]
        self._send(form, {**form["values"], **button["values"]})

    def _send(self, form, values):
        url, headers = urljoin(self.page.url, form["action"]), {"Referer": self.page.url}
        self.page = self.session.post(url, data=values, headers=headers, timeout=20)


@contextmanager
def running(command, folder, environment, port):
    """Run a server of the tutorial until it is not needed any more."""
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", int(port))) == 0:
                    break
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait()
        process.stderr.close()


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
    site, box = free_port(), free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("DJANGO")},
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
    }
    text = TEXT.replace("8000", site).replace("8001", box)
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

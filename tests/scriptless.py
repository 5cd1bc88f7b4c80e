"""A browser without script, and servers to use it with: what a person does, in a few lines."""

from __future__ import annotations

import socket
import subprocess
import time
from contextlib import contextmanager
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests


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
        for _ in range(900):
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

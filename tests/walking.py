"""Walk through the example with whatever is installed: ``python -m tests.walking PYTHON FOLDER``.

``PYTHON`` has django-anilist installed, and ``FOLDER`` is a copy of ``example_project``, so that nothing of
this tree is there to be imported by mistake. Ends with an episode of alice's ticked off, or says what is missing.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from tests.ports import free_ports
from tests.scriptless import Browser, running

EPISODE = re.compile(r"Save episode (\d+) of Frieren")


def installed_only() -> dict[str, str]:
    """Return this environment without what leads back to this tree."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "DJANGO", "ANILIST"))
    }


def next_episode(browser: Browser) -> int:
    """Return which episode the page offers to tick off."""
    found = EPISODE.search(browser.page.text)
    assert found, f"{browser.page.url} offers no episode:\n{browser.page.text}"
    return int(found[1])


def walk(site: str) -> int:
    """Sign in as alice, connect, tick an episode off; return which one."""
    browser = Browser()
    browser.open(f"{site}/login/?next=/dashboard/")
    browser.sign_in("alice", "demo")
    for words in ("Continue to AniList", "alice", "Approve"):
        browser.press(words)
    before = next_episode(browser)
    browser.press("+1", after=browser.page.text.index("Frieren"))
    assert next_episode(browser) == before + 1
    return before


def main(python: str, folder: str) -> None:
    port, box = map(str, free_ports(2))
    command = [python, "manage.py", "demo", "--port", port, "--sandbox-port", box]
    with running(command, Path(folder), installed_only(), port):
        episode = walk(f"http://127.0.0.1:{port}")
    print(f"Connected alice and ticked off episode {episode} of Frieren.")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""A process that begins works of a site and kills them: ``python -m tests.killable``, one work a line.

The site comes by the environment, as in ``tests.processes``. A line is JSON: the name of a function here,
its arguments, and after how many seconds the work is killed. Each is done by a child of its own, and the
answer is how many seconds it took where it came to its end, or "killed".
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from typing import Any

from tests.processes import configure


def visit(method: str, cookies: dict[str, str], path: str) -> None:
    """Open a page, as a browser with these cookies."""
    from django.test import Client  # noqa: PLC0415  settings come first

    browser = Client()
    for name, value in cookies.items():
        browser.cookies[name] = value
    getattr(browser, method)(path, secure=True)


def task(name: str, **arguments: Any) -> None:
    """Do one of ``django_anilist.tasks``."""
    from django_anilist import tasks  # noqa: PLC0415  settings come first

    getattr(tasks, name)(**arguments)


def begun(work: str, arguments: dict[str, Any]) -> int:
    """Begin a work in a process of its own, and return its number."""
    child = os.fork()
    if child == 0:
        try:
            globals()[work](**arguments)
        finally:
            os._exit(0)
    return child


def ended_within(child: int, seconds: float) -> bool:
    """Wait so long for a child to end by itself."""
    limit = time.monotonic() + seconds
    while not os.waitpid(child, os.WNOHANG)[0]:
        if time.monotonic() > limit:
            return False
        time.sleep(0.0005)
    return True


def done(work: str, arguments: dict[str, Any], seconds: float) -> str:
    """Do a work for so long, and say how that ended."""
    start = time.monotonic()
    child = begun(work, arguments)
    if ended_within(child, seconds):
        return str(time.monotonic() - start)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "killed"


def main() -> None:
    configure()
    # What a child would import otherwise, each time anew.
    from django.test import Client  # noqa: PLC0415
    from django.urls import get_resolver  # noqa: PLC0415

    Client()
    assert get_resolver().url_patterns
    print("ready", flush=True)
    for line in sys.stdin:
        print(done(**json.loads(line)), flush=True)


if __name__ == "__main__":
    main()

"""A process that may be killed in a callback: ``python -m tests.calling_back``, the cookie and address on stdin.

The site comes by the environment, as in ``tests.processes``. It says "ready", and then waits for its line.
"""

from __future__ import annotations

import sys

from tests.processes import configure


def main() -> None:
    configure()

    from django.conf import settings  # noqa: PLC0415  settings come first
    from django.test import Client  # noqa: PLC0415

    browser = Client()
    print("ready", flush=True)
    session, url = sys.stdin.readline().split()
    browser.cookies[settings.SESSION_COOKIE_NAME] = session
    print("begun", flush=True)
    browser.get(url, secure=True)


if __name__ == "__main__":
    main()

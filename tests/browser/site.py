"""A site with the list button on its pages, for Chromium: ``python -m tests.browser.site PORT``.

Where AniList is comes by the environment.
"""

from __future__ import annotations

import json
import os
import sys

import django
from django.conf import settings
from django.core.management import call_command

from tests import settings as of_the_tests


def main(port: str) -> None:
    values = {name: value for name, value in vars(of_the_tests).items() if name.isupper()}
    values.update(json.loads(os.environ["SITE"]), DEBUG=True, ROOT_URLCONF="tests.browser.pages")
    values["INSTALLED_APPS"] = [*values["INSTALLED_APPS"], "django_htmx"]
    values["MIDDLEWARE"] = [*values["MIDDLEWARE"], "tests.browser.pages.csp"]
    settings.configure(**values)
    django.setup()

    from django_anilist import shared  # noqa: PLC0415  settings come first

    # A test presses more buttons in a minute than AniList would allow a site.
    shared.BUDGET_WINDOW = shared.BREAKER_PERIOD = 0.0
    call_command("migrate", verbosity=0)
    call_command("runserver", f"127.0.0.1:{port}", use_reloader=False)


if __name__ == "__main__":
    main(sys.argv[1])

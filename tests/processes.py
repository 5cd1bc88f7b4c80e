"""One process of a site, for tests that need several: ``python -m tests.processes THREADS``.

Where AniList is and what is shared comes by the environment; it says "ready", waits for a line, lets so
many threads open the same page at once, and prints what they got.
"""

from __future__ import annotations

import json
import os
import sys
import threading

import django
from django.conf import settings

from tests import settings as of_the_tests


def configure() -> None:
    values = {name: value for name, value in vars(of_the_tests).items() if name.isupper()}
    overrides = json.loads(os.environ["SITE"])
    settings.configure(**{**values, **overrides})
    django.setup()


def main(threads: int) -> None:
    configure()

    from django.contrib.auth.models import AnonymousUser  # noqa: PLC0415  settings come first
    from django.http import JsonResponse  # noqa: PLC0415
    from django.test import RequestFactory  # noqa: PLC0415

    from django_anilist.middleware import AniListMiddleware  # noqa: PLC0415

    site = AniListMiddleware(lambda request: JsonResponse(request.anilist.media(1)))
    found: list[int] = []

    def view() -> None:
        request = RequestFactory().get("/")
        request.user = AnonymousUser()
        found.append(json.loads(site(request).content)["id"])

    print("ready", flush=True)
    sys.stdin.readline()
    together = [threading.Thread(target=view) for _ in range(threads)]
    for thread in together:
        thread.start()
    for thread in together:
        thread.join()
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))

"""A sandbox in a process of its own that counts what it answers: ``python -m benchmarks.live.anilist``.

``GET /counts`` tells how many requests came to each address and how each status was answered, and how
far everybody is with each title, which is what a site's own rows are compared with.
"""

from __future__ import annotations

import argparse
import json
import os
import threading
from collections import Counter
from typing import Any

from django_anilist.sandbox import OAuthClient, Plan, Sandbox
from django_anilist.sandbox.app import App

ASKED = ("/graphql", "/api/v2/oauth/token")


class CountingApp(App):
    """The sandbox's application, with a count of its answers."""

    def __init__(self, box: Sandbox) -> None:
        super().__init__(box)
        self.asked: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()

    def __call__(self, environ: Any, start_response: Any) -> Any:
        path = environ["PATH_INFO"]
        if path == "/counts":
            start_response("200 OK", [("Content-Type", "application/json")])
            return [json.dumps(self.counts()).encode()]
        if path not in ASKED:
            return super().__call__(environ, start_response)
        self.asked[path] += 1

        def counted(status: str, *rest: Any) -> Any:
            self.statuses[status[:3]] += 1
            return start_response(status, *rest)

        return super().__call__(environ, counted)

    def counts(self) -> dict[str, Any]:
        store = self.box.store
        progress = {
            name: {entry.media_id: entry.progress for entry in store.entries_of(person)}
            for name, person in list(store.people.items())
        }
        ids = {name: person.id for name, person in list(store.people.items())}
        return {
            "asked": self.asked, "statuses": self.statuses, "progress": progress, "ids": ids
        }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--users", "--limit"):
        parser.add_argument(name, type=int, required=True)
    parser.add_argument("--window", type=float, required=True)
    options = parser.parse_args()
    client = OAuthClient(
        os.environ["ANILIST_CLIENT_ID"],
        os.environ["ANILIST_CLIENT_SECRET"],
        os.environ["ANILIST_REDIRECT_URI"],
    )
    box = Sandbox([client], limit=options.limit, plan=Plan(users=options.users))
    box.dials.window = options.window
    box.app = CountingApp(box)
    print(box.start().url, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()

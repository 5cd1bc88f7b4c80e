"""The same faults at other packages and at ours: ``python -m benchmarks.rivals``.

Prints the figures, and keeps them in ``docs/hardness/rivals.json``. ``--quick`` meets a few faults, in a
minute, and keeps nothing.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import Any

import jwt

from benchmarks.hardness import keep
from benchmarks.rivals import CLIENT_ID, CLIENT_SECRET
from tests.faults.graphql import VIEWER
from tests.faults.matrix import LIVES, NAMES, NEW_TOKEN, WAITING, Servers, servers
from tests.faults.oauth import grant
from tests.faults.server import Fault, answer

SITES = {
    "our_site": "django-anilist",
    "allauth_site": "django-allauth",
    "social_site": "social-auth-app-django",
    "oidc_site": "mozilla-django-oidc",
}
#: What a client without bounds reads until its memory is full; none of the others would live through it.
TOO_MUCH = {name for name in NAMES if name.startswith("endless") or "bomb" in name or "MiB" in name}
#: How many processes of each site share its faults: most of the time they wait.
SHARES = 4


def good() -> dict[str, Fault]:
    """Return what a token endpoint and a user endpoint say that all four understand."""
    claims = {
        "sub": "5001",
        "aud": CLIENT_ID,
        "email": "alice@example.com",
        "iat": int(time.time()),
    }
    token = grant(NEW_TOKEN, id_token=jwt.encode(claims, CLIENT_SECRET, "HS256"))
    user = {"data": {"Viewer": VIEWER}, "sub": "5001", "email": "alice@example.com"}
    return {
        "good_token": answer(json.dumps(token).encode()),
        "good_user": answer(json.dumps(user).encode()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    names = [name for name in NAMES if name not in TOO_MUCH]
    if quick:
        names = [*[name for name in names if name not in WAITING][::20], "drip a body"]
    with servers(**good()) as running, ThreadPoolExecutor(len(SITES) * SHARES) as pool:
        found = {site: _measured(pool, site, names, running) for site in SITES}
        results = {
            site: _joined([part.result() for part in parts]) for site, parts in found.items()
        }
    rows = list(_rows(results, len(names)))
    for row in rows:
        print(f"{row['figure']}: {row['measured']}")
    if not quick:
        keep("rivals", "The same faults at other packages", rows)


def _measured(pool: ThreadPoolExecutor, site: str, names: list[str], running: Servers) -> list[Any]:
    """Hand a site's faults to several processes, each its share of those that wait."""
    # Good tokens of odd lives are nothing that OpenID Connect knows: it wants an id token beside.
    met = [name for name in names if site != "oidc_site" or name not in LIVES]
    met.sort(key=lambda name: name in WAITING)
    cells = [[name, place] for name in met for place in ("token", "user")]
    return [
        pool.submit(_run, site, cells[share::SHARES], running, race=share == 0)
        for share in range(SHARES)
    ]


def _run(site: str, cells: list[list[str]], running: Servers, *, race: bool) -> dict[str, Any]:
    where = {**dataclasses.asdict(dataclasses.replace(running, running=[]))}
    asked = json.dumps({"servers": where, "cells": cells, "race": race})
    command = [sys.executable, "-m", "benchmarks.rivals.measuring", site]
    env = {**os.environ, "REQUESTS_CA_BUNDLE": running.ca_bundle}
    done = subprocess.run(  # noqa: S603  ourselves
        command, input=asked, capture_output=True, text=True, check=False, env=env
    )
    if done.returncode:
        raise RuntimeError(f"{site}: {done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _joined(parts: list[dict[str, Any]]) -> dict[str, Any]:
    return {key: [item for part in parts for item in part[key]] for key in ("cells", "through")}


def _rows(results: dict[str, dict[str, Any]], many: int) -> Any:
    for site, package in SITES.items():
        cells, through = results[site]["cells"], results[site]["through"]
        label = f"{package} {version(package)}"
        unhandled = [cell for cell in cells if cell[3]]
        kinds = len({cell[0] for cell in unhandled})
        drips = [cell[4] for cell in cells if cell[0].startswith("drip")]
        leaks = [cell for cell in cells if cell[5]]
        yield _row(
            f"{label}: unhandled exceptions",
            f"{len(unhandled)} of {len(cells)}",
            f"{kinds} of {many} faults, at the token endpoint and where it asks who somebody is",
        )
        yield _row(
            f"{label}: seconds that a slow drip holds a worker",
            f"{max(drips, default=0):.1f}",
            f"{len(drips)} drips; each would last for half a minute",
        )
        yield _row(
            f"{label}: callbacks with a token, a code or the client secret in the log at DEBUG",
            f"{len(leaks)} of {len(cells)}",
            ", ".join(sorted({secret for cell in leaks for secret in cell[5]})),
        )
        yield _row(
            f"{label}: exchanges of one code by eight callbacks at once",
            f"{min(through)} to {max(through)} of 8",
            f"{len(through)} rounds, on SQLite",
        )


def _row(figure: str, measured: str, note: str) -> dict[str, str]:
    ours = figure.startswith("django-anilist")
    goals = {"unhandled": "0", "drip": "at most 15.5", "log": "0", "exchanges": "1"}
    goal = next(goal for word, goal in goals.items() if word in figure) if ours else ""
    return {"figure": figure, "goal": goal, "measured": measured, "note": note}


if __name__ == "__main__":
    main()

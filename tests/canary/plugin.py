"""The canary as a fixture of every test, and its figures."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.canary import hooks
from tests.canary.watch import Watch

#: What was looked at in this run, by all workers.
totals: Counter[str] = Counter()


@contextmanager
def watching() -> Iterator[Watch]:
    """Learn and gather from here on; who did so before hears nothing meanwhile."""
    watch = Watch()
    watch.learn_settings()
    before, hooks.watches[:] = hooks.watches[:], [watch]
    try:
        yield watch
    finally:
        hooks.watches[:] = before


@pytest.fixture(autouse=True)
def canary() -> Iterator[Watch]:
    """Fail the test where it leaves a token, a code, a state, a client secret or a key anywhere."""
    with watching() as watch:
        yield watch


def pytest_configure() -> None:
    hooks.install()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Look before anything is torn down: rows are rolled back, files removed."""
    result = yield
    watch = getattr(item, "funcargs", {}).get("canary")
    if isinstance(watch, Watch):
        with watching():  # looking makes answers and records too
            hits = watch.hits() + (_in_the_database(watch) if _commits(item) else [])
        _count(watch, hits)
        if hits:
            pytest.fail("A secret got out:\n" + "\n".join(hits), pytrace=False)
    return result


def _commits(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    return bool(marker and marker.kwargs.get("transaction")) or "transactional_db" in getattr(
        item, "fixturenames", ()
    )


def _in_the_database(watch: Watch) -> list[str]:
    return [hit for place, data in watch.database_bytes() for hit in watch.look(place, data)]


def _count(watch: Watch, hits: list[str]) -> None:
    totals["tests"] += 1
    totals["secrets"] += len(watch.known)
    totals["bytes"] += watch.bytes
    totals["hits"] += len(hits)
    for place in ("records", "responses", "sessions", "statements", "printed", "exceptions"):
        totals[place] += len(getattr(watch, place))


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["canary"] = dict(totals)
    elif path := os.environ.get("CANARY_FIGURES"):
        Path(path).write_text(json.dumps(totals), encoding="utf-8")


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Add what a worker of pytest-xdist looked at."""
    totals.update(getattr(node, "workeroutput", {}).get("canary", {}))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    terminalreporter.write_line(
        f"canary: {totals['tests']:,} tests, {totals['secrets']:,} secrets, {totals['records']:,} "
        f"log records, {totals['responses']:,} answers, {totals['bytes']:,} bytes, "
        f"{totals['hits']} hits"
    )

"""What stands between two statements of a database: places to fail, and places to stop."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.db import OperationalError, connection

#: Every point is looked at where twenty rounds of each race are fought, as in CI; else every third.
_USUAL = 1 if int(os.environ.get("RACE_ROUNDS", "3")) >= 20 else 3
STRIDE = int(os.environ.get("POINT_STRIDE", _USUAL))

#: Is called with the text of a statement and what does it.
Around = Callable[[str, Callable[[], Any]], Any]


@contextmanager
def around_each(around: Around) -> Iterator[None]:
    """Let ``around`` do each statement of this thread, and each commit."""
    commit = connection._commit

    def execute(execute, sql, params, many, context):
        return around(sql, lambda: execute(sql, params, many, context))

    with (
        connection.execute_wrapper(execute),
        patch.object(connection, "_commit", lambda: around("COMMIT", commit)),
    ):
        yield


class Failing:
    """Fails the statement number ``at``: that one only, or all ``from then on``.

    Where the ``answer is lost``, the statement is done, and its sender hears of a failure; not so with
    ``BEGIN``, which a connection that is lost undoes.
    """

    def __init__(self, how: str, at: int) -> None:
        self.how, self.at = how, at
        self.asked: list[str] = []

    @property
    def failed(self) -> bool:
        return len(self.asked) > self.at

    def __call__(self, sql: str, do: Callable[[], Any]) -> Any:
        self.asked.append(sql)
        if not self.failed or (self.how != "from then on" and len(self.asked) > self.at + 1):
            return do()
        if self.how == "answer is lost" and not sql.startswith("BEGIN"):
            do()
        raise OperationalError("canary: the database has no time")


#: The ways in which a statement fails.
WAYS = ("once", "from then on", "answer is lost")


def failing_at_each(way: str, work: Callable[[Failing], Any]) -> Iterator[tuple[Failing, Any]]:
    """Do ``work`` with each of its statements failing, one after the other; yield what it returned."""
    at = 0
    while True:
        failing = Failing(way, at)
        found = work(failing)
        if not failing.failed:
            break
        yield failing, found
        at += STRIDE
    assert at > 0  # a work that asks nothing shows nothing

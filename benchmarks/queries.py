"""How often the database is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def queries_in(work: Callable[[], Any]) -> int:
    """Return how many queries ``work`` makes in this thread."""
    from django.db import connection  # noqa: PLC0415  settings come first
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)

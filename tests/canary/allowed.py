"""Where a secret belongs, to the letter; everywhere else it is a leak."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.html import escape

#: Tables of other packages, and of sites that made their own: tokens are imported from there.
_FOREIGN_TABLES = ("handmade_", "socialaccount_", "social_auth_")


def record(record: logging.LogRecord) -> bool:
    """Tell whether a log record is looked at: all but what a test says while it plays the browser.

    What the product sends is always a POST; a browser opens AniList's consent page by GET, and the
    address of that has the state in it.
    """
    if record.name != "urllib3.connectionpool" or not isinstance(record.args, tuple):
        return True
    return "GET" not in record.args or not any(
        str(part).startswith("/api/v2/oauth/authorize?") for part in record.args
    )


def headers(responses: Iterable[Any], ways_out: dict[str, str]) -> Iterator[str]:
    """Return all headers; of a redirect to AniList's consent page without the state in its address."""
    for response in responses:
        for name, value in response.headers.items():
            yield f"{name}: {ways_out.get(value, value)}"


def bodies(responses: Iterable[Any], ways_back: set[str]) -> Iterator[str]:
    """Return all bodies; the page that waits for a strict cookie without the address it goes on to."""
    for response in responses:
        if response.streaming or not getattr(response, "is_rendered", True):
            continue
        body = response.content.decode("latin-1")
        for url in ways_back:
            body = body.replace(escape(url), "")
        yield body


def statement(statement: tuple[Any, Any]) -> bool:
    """Tell whether a statement is looked at: all but those about tables that we import from."""
    return not any(table in str(statement[0]) for table in _FOREIGN_TABLES)

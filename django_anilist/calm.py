"""What decorates a page must never break it, and why it shows nothing must be told."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.urls import NoReverseMatch

from django_anilist.api.errors import QueryError
from django_anilist.api.values import clean_text

logger = logging.getLogger("django_anilist")

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


#: Whose message is for the developer, and holds nothing of a user's.
_PLAIN = (ImproperlyConfigured, NoReverseMatch, QueryError)


def told(error: Exception) -> str:
    """Return what a log may hold of an error: its kind, and on one line what it says, where harmless."""
    kind = type(error).__name__
    return f"{kind}: {clean_text(str(error), 300)}" if isinstance(error, _PLAIN) else kind


def calm(
    instead: Callable[[], _Result],
) -> Callable[[Callable[_Arguments, _Result]], Callable[_Arguments, _Result]]:
    """Make a function that returns ``instead()`` where it would raise, and logs why."""

    def decorate(shows: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
        @wraps(shows)
        def never_raises(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
            try:
                return shows(*args, **kwargs)
            except Exception as error:  # noqa: BLE001  a page must not fall over a decoration
                logger.warning("%s shows nothing: %s", shows.__name__, told(error))
                return instead()

        return never_raises

    return decorate

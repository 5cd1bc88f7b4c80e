"""What decorates a page must never break it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

logger = logging.getLogger("django_anilist")

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


def calm(
    instead: Callable[[], _Result],
) -> Callable[[Callable[_Arguments, _Result]], Callable[_Arguments, _Result]]:
    """Make a function that returns ``instead()`` where it would raise, and logs the kind of error."""

    def decorate(shows: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
        @wraps(shows)
        def never_raises(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
            try:
                return shows(*args, **kwargs)
            except Exception as error:  # noqa: BLE001  a page must not fall over a decoration
                logger.warning("%s shows nothing: %s", shows.__name__, type(error).__name__)
                return instead()

        return never_raises

    return decorate

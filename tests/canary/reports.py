"""What an error report would say of an exception: Django's own, and Sentry's."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import sentry_sdk
from django.test import override_settings
from django.views.debug import ExceptionReporter


class Memory(sentry_sdk.transport.Transport):
    """Keeps what would be sent to an error tracker."""

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self.kept: list[str] = []

    def capture_envelope(self, envelope: Any) -> None:
        self.kept += [repr(item.payload.json) for item in envelope.items]


def all_of(raised: Any, request: Any) -> Iterator[tuple[str, str]]:
    """Return every report of an exception, as ``sys.exc_info()`` gives it, each with its name."""
    for debug in (True, False):
        with override_settings(DEBUG=debug):
            reporter = ExceptionReporter(request, *raised)
            yield f"error report, HTML, DEBUG={debug}", reporter.get_traceback_html()
            yield f"error report, text, DEBUG={debug}", reporter.get_traceback_text()
    yield "Sentry event", sent_to_sentry(raised)


def sent_to_sentry(raised: Any) -> str:
    """Return the event with the variables of every frame, which Sentry sends along."""
    tracker = _tracker()
    with sentry_sdk.isolation_scope() as scope:
        scope.set_client(tracker)
        sentry_sdk.capture_exception(raised)
    kept, tracker.transport.kept = tracker.transport.kept, []
    return "\n".join(kept)


@lru_cache(maxsize=1)
def _tracker() -> Any:
    return sentry_sdk.Client(
        dsn="https://public@sentry.invalid/1", transport=Memory(), default_integrations=False
    )

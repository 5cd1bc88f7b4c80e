"""What the commands of this app have in common."""

from __future__ import annotations

import argparse
import re
from dataclasses import asdict
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from django_anilist.conf import AniListImproperlyConfigured
from django_anilist.progress import Bar

#: The largest number that a command takes: of days, a hundred years.
MOST = 36_500
#: How a shell calls the end of a program that ctrl-C stopped.
INTERRUPTED = 130


class WorkCommand(BaseCommand):
    """Works with a bar on ``stderr``, and is calm about ctrl-C and settings that are missing."""

    #: What to say after ctrl-C; ``%(last)s`` is the row to go on after.
    stopped = "Stopped. What is done is done; run it again to go on."

    def handle(self, *args: Any, **options: Any) -> None:
        write = partial(self.stderr.write, style_func=str, ending="")
        bar = Bar(write, on_terminal=self.stderr.isatty())
        try:
            with bar:
                self.work(bar, options)
        except AniListImproperlyConfigured as error:
            raise CommandError(str(error)) from None
        except OperationalError as error:  # also after it was asked again
            words = str(error).partition("\n")[0]
            raise CommandError(f"The database failed: {words}. Run it again to go on.") from None
        except KeyboardInterrupt:
            self.stderr.write(self.stopped % {"last": bar.last})
            raise SystemExit(INTERRUPTED) from None

    def work(self, bar: Bar, options: dict[str, Any]) -> None:
        """Do it; commands say how. Raises :class:`CommandError` where something is left to do."""

    def say(self, report: Any, **words: str) -> None:
        """Print a line for each field of ``report`` that ``words`` has a text for, unless it is 0."""
        numbers = asdict(report)
        for name, text in words.items():
            if numbers[name]:
                self.stdout.write(f"{text}: {numbers[name]}")
        if not any(numbers[name] for name in words):
            self.stdout.write("There was nothing to do.")


def positive(text: str) -> int:
    """Read a whole number from a command line: days, or rows."""
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 0 < int(text) <= MOST:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to {MOST}")
    return int(text)

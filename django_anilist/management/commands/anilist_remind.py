"""``manage.py anilist_remind``: mail users whose year with AniList ends soon. Run it daily."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import CommandError, CommandParser

from django_anilist import tasks
from django_anilist.management.work import WorkCommand, positive
from django_anilist.progress import Bar


def thresholds(text: str) -> list[int]:
    """Read days from a command line: ``30,7,1``."""
    try:
        return [positive(part.strip()) for part in text.split(",")]
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(f"{text!r} is no list of days like 30,7,1") from None


class Command(WorkCommand):
    help = (
        "Mail users before AniList ends their connection, once at each threshold however often "
        "this is run."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--days",
            type=thresholds,
            default=[30, 7, 1],
            metavar="D,D,D",
            help="how many days before the end (30,7,1)",
        )
        parser.add_argument("--dry-run", action="store_true", help="send nothing, only count")

    def work(self, bar: Bar, options: dict[str, Any]) -> None:
        report = tasks.remind(options["days"], dry_run=options["dry_run"], progress=bar)
        self.say(
            report,
            due="Users due for a reminder",
            mailed="Users mailed",
            no_address="Users without an e-mail address",
            failed="Users who could not be mailed",
        )
        if report.failed:
            raise CommandError("Run it again once mail can be sent.")

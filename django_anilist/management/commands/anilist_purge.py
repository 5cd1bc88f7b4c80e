"""``manage.py anilist_purge``: delete what is of no use to anybody any more."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from django_anilist import tasks
from django_anilist.management.work import WorkCommand, positive
from django_anilist.progress import Bar


class Command(WorkCommand):
    help = (
        "Delete authorization requests that nobody came back for, changes of list entries that are "
        "not offered again, and tokens that ended or were refused long ago. Nothing else."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dead-days",
            type=positive,
            default=90,
            metavar="N",
            help="delete tokens that have been dead for longer than this (90)",
        )

    def work(self, bar: Bar, options: dict[str, Any]) -> None:
        self.say(
            tasks.purge(options["dead_days"]),
            requests="Authorization requests deleted",
            changes="Changes of list entries forgotten",
            tokens="Dead tokens deleted",
            kept="Dead tokens kept, for people log in with AniList here",
        )

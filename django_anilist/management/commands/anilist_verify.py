"""``manage.py anilist_verify``: ask AniList which tokens it still accepts."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from django_anilist import tasks
from django_anilist.management.work import WorkCommand
from django_anilist.progress import Bar


class Command(WorkCommand):
    help = (
        "Ask AniList about every token, one request each, as slowly as its limit wants and after "
        "the requests of web pages. Tokens that AniList refuses are marked, never deleted."
    )
    stopped = "Stopped. Go on with: manage.py anilist_verify --after %(last)s"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--after",
            type=int,
            default=0,
            metavar="ROW",
            help="go on after this row: what a run that was stopped has told",
        )

    def work(self, bar: Bar, options: dict[str, Any]) -> None:
        bar.last = options["after"]
        report = tasks.verify(options["after"], bar)
        self.say(
            report,
            accepted="Tokens that AniList accepts",
            refused="Tokens that AniList refuses, now marked as refused",
            dead="Tokens not asked about: expired, refused before, or unreadable",
            other="Tokens of another account than their row says",
            unanswered="Tokens without an answer",
        )
        if report.stopped_after is not None:
            raise CommandError(
                "AniList does not answer. Go on later with: manage.py anilist_verify "
                f"--after {report.stopped_after}"
            )

"""``manage.py anilist_import_tokens``: bring tokens along that were kept somewhere else."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from django_anilist import tasks
from django_anilist.legacy import UnknownSourceError
from django_anilist.management.work import WorkCommand
from django_anilist.progress import Bar
from django_anilist.tasks import ImportReport

_LEFT = {
    "already": "Left alone, for their users are connected already",
    "expired": "Expired; their users must connect again",
    "cut_off": "Cut off by a column that is too short; their users must connect again",
    "malformed": "No tokens at all",
    "nobody": "Of nobody who is a user",
    "refused": "Refused by AniList; their users must connect again",
    "taken": "Of an account that another user has connected",
    "empty": "Places without a token",
    "unanswered": "Without an answer from AniList",
}


class Command(WorkCommand):
    help = (
        "Seal tokens that django-allauth, social-auth-app-django or a column of yours keeps, once "
        "AniList has said whose they are. Tells what it would do; --write does it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--from",
            dest="source",
            required=True,
            metavar="SOURCE",
            help="allauth, social, or APP.MODEL.FIELD: a column of text or JSON, or a key in sessions",
        )
        parser.add_argument(
            "--provider",
            default="anilist",
            metavar="NAME",
            help="what allauth or social calls AniList (anilist)",
        )
        parser.add_argument(
            "--user",
            default="",
            metavar="FIELD",
            help="the field of the model that leads to the user",
        )
        parser.add_argument("--write", action="store_true", help="do it; without, only tell")

    def work(self, bar: Bar, options: dict[str, Any]) -> None:
        try:
            report = tasks.import_tokens(
                options["source"],
                provider=options["provider"],
                user=options["user"],
                write=options["write"],
                progress=bar,
            )
        except UnknownSourceError as error:
            raise CommandError(str(error)) from None
        self.tell(report, write=options["write"])

    def tell(self, report: ImportReport, *, write: bool) -> None:
        done = "Imported" if write else "Would be imported with --write, if AniList accepts them"
        self.say(report, imported=done, **_LEFT)
        if report.stopped:
            raise CommandError("AniList does not answer. Run it again later: it goes on from here.")
        if write and report.imported:
            self.stdout.write("They are still in the clear where they were: clear that away now.")

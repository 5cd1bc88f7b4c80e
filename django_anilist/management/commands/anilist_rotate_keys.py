"""``manage.py anilist_rotate_keys``: seal every token with the newest key."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from django_anilist import tasks, upkeep
from django_anilist.management.work import WorkCommand, positive
from django_anilist.progress import Bar


class Command(WorkCommand):
    help = (
        "Seal AniList tokens with the first of ANILIST_TOKEN_KEYS. May run beside the site, be "
        "stopped and be run again. An older key may go once --check is content."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="change nothing, say how many tokens each key has; exit 1 unless all have the newest",
        )
        parser.add_argument(
            "--batch", type=positive, default=500, metavar="N", help="rows in a transaction (500)"
        )

    def work(self, bar: Bar, options: dict[str, Any]) -> None:
        if options["check"]:
            self.check_rows()
            return
        report = tasks.rotate_keys(options["batch"], bar)
        self.say(
            report,
            changed="Tokens sealed with the newest key",
            unreadable="Tokens left as they are, for no key opens them",
        )
        if report.left:
            raise CommandError(f"Tokens that do not have the newest key: {report.left}")

    def check_rows(self) -> None:
        found = upkeep.standing()
        for key_id, count in sorted(found.by_key.items()):
            newest = " (the newest)" if key_id == found.newest else ""
            self.stdout.write(f"Tokens of key {key_id}{newest}: {count}")
        if found.unreadable:
            self.stdout.write(
                f"Tokens that no key opens: {found.unreadable}. Their users must reconnect."
            )
        if found.stale or found.unreadable:
            raise CommandError("Keep the older keys: not every token has the newest one.")
        self.stdout.write("All tokens have the newest key: the older ones may go.")

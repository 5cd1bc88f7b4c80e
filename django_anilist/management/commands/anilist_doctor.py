"""``manage.py anilist_doctor``: what is wrong between this site and AniList, and what mends it."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from django_anilist.doctor import examine
from django_anilist.doctor.findings import ERROR, INFO, UNKNOWN, WARNING, Finding, Report

#: Lines longer than this are hard to read, however wide a terminal is.
_WIDEST = 100

_INTO = {
    "settings": "Put into the settings:",
    "urls": "Put into the URLconf:",
    "shell": "Run:",
    "anilist": "At AniList:",
    "network": "On the network:",
}

_VERDICTS = {
    "content": "All is well.",
    "problems": "There is something to mend.",
    "unsure": "Nothing is wrong as far as could be seen; not everything could be looked at.",
}


class Command(BaseCommand):
    help = (
        "Look over how this site is set up for AniList, and say what mends it. "
        "Exits with 0 where all is well, 1 where something is to mend, and 3 where nothing is, "
        "but not everything could be looked at."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--json", action="store_true", help="Say it to machines, in a fixed shape."
        )
        parser.add_argument("--offline", action="store_true", help="Ask AniList nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        report = examine(offline=options["offline"])
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), indent=2))
        else:
            self._say(report, brief=options["verbosity"] == 0)
        if report.exit_code:
            raise SystemExit(report.exit_code)

    def _say(self, report: Report, *, brief: bool) -> None:
        for found in report.findings:
            if not brief or found.level != INFO:
                self._say_finding(found)
        counts = Counter(found.level for found in report.findings)
        parts = [_counted(counts[level], level) for level in (ERROR, WARNING, UNKNOWN)]
        style = self.style.SUCCESS if report.verdict == "content" else self.style.WARNING
        ending = f" ({', '.join(filter(None, parts))})" if any(parts) else ""
        self.stdout.write(style(_VERDICTS[report.verdict] + ending))

    def _say_finding(self, found: Finding) -> None:
        styles = {ERROR: self.style.ERROR, WARNING: self.style.WARNING, UNKNOWN: self.style.NOTICE}
        head = f"{found.level.upper()} {found.id}"
        self.stdout.write(styles.get(found.level, self.style.HTTP_INFO)(head))
        width = min(shutil.get_terminal_size().columns, _WIDEST)
        self.stdout.write(textwrap.indent(textwrap.fill(found.text, max(width - 2, 20)), "  "))
        if found.remedy:
            self.stdout.write(f"  {_INTO[found.place]}")
            # Never wrapped: it is there to be copied.
            self.stdout.write(f"    {self.style.MIGRATE_LABEL(found.remedy)}")
        self.stdout.write("")


def _counted(number: int, level: str) -> str:
    many = "s" if number > 1 and level != UNKNOWN else ""
    return f"{number} {level}{many}" if number else ""

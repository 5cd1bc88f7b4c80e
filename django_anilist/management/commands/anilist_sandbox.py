"""``manage.py anilist_sandbox``: the sandbox, with this site's client registered at it."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from django.conf import settings as django_settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from django_anilist.conf import settings
from django_anilist.sandbox import OAuthClient
from django_anilist.sandbox.__main__ import add_options, run


class Command(BaseCommand):
    help = "Run a small AniList on this machine, to develop against. Not AniList."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        add_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        if not django_settings.DEBUG:
            raise CommandError("The sandbox lets everybody in: it needs DEBUG = True.")
        if not options["client"] and settings.client_id and settings.redirect_uri:
            secret = settings.client_secret.reveal()
            options["client"] = [OAuthClient(settings.client_id, secret, settings.redirect_uri)]
        if code := run(Namespace(**options)):
            raise SystemExit(code)

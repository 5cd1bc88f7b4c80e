"""This process's own look at the database of the site."""

from __future__ import annotations

import os

import django

from benchmarks.live.stage import Stage
from benchmarks.live.visitors import PASSWORD


def set_up(at: Stage, users: int) -> None:
    """Make the tables, and ``user0`` and so on, who can sign in."""
    os.environ.update(at.environment, DJANGO_SETTINGS_MODULE="benchmarks.live.settings")
    os.environ["LIVE_LOG_LEVEL"] = "ERROR"  # of this process, which only looks at rows
    django.setup()

    from django.contrib.auth.models import User  # noqa: PLC0415  settings come first
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    for number in range(users):
        User.objects.create_user(f"user{number}", password=PASSWORD)
    connection.close()


def accounts(at: Stage) -> list[str]:
    """Return AniList accounts that have no list yet."""
    return sorted(set(at.counts()["progress"]) - {"alice", "bob", "eve"})

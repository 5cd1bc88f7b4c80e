"""This process's own look at the database of the site."""

from __future__ import annotations

import os
from typing import Any

import django

from benchmarks.live.amounts import ALL_REVIEWS
from benchmarks.live.stage import Stage
from benchmarks.live.visitors import PASSWORD, REVIEWED, TITLES


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
    _fill_pages(User.objects.all()[0])
    connection.close()


def _fill_pages(author: Any) -> None:
    """Have as many reviews as the pages show at most: a page that grows takes memory that grows."""
    from example.models import Review  # noqa: PLC0415  settings come first

    each = -(-ALL_REVIEWS // len(TITLES))
    rows = [Review(user=author, anilist_id=title, text=REVIEWED) for title in TITLES] * each
    Review.objects.bulk_create(rows)


def accounts(at: Stage) -> list[str]:
    """Return AniList accounts that have no list yet."""
    return sorted(set(at.counts()["progress"]) - {"alice", "bob", "eve"})

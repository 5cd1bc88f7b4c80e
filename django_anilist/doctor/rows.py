"""The database: whether it can be asked, and is as new as the code."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import DatabaseError, connections, router
from django.db.migrations.executor import MigrationExecutor

from django_anilist.doctor.findings import SHELL, Finding, finding
from django_anilist.models import AniListToken


def look_at_rows() -> Iterator[Finding]:
    """Yield what is wrong with the tables. Of rows that no key opens the check W021 speaks."""
    alias = router.db_for_write(AniListToken)
    try:
        executor = MigrationExecutor(connections[alias])
        leaves = executor.loader.graph.leaf_nodes("django_anilist")
        waiting = [migration for migration, _ in executor.migration_plan(leaves)]
    except DatabaseError as error:
        text = f"The database {alias!r} cannot be asked ({type(error).__name__})."
        yield finding("D130", text, f"python manage.py dbshell --database {alias}", SHELL)
        return
    if waiting:
        names = ", ".join(f"{migration.app_label}.{migration.name}" for migration in waiting[:3])
        more = f" and {len(waiting) - 3} more" if len(waiting) > 3 else ""
        text = f"Migrations have not been applied: {names}{more}."
        yield finding("D131", text, f"python manage.py migrate --database {alias}", SHELL)

"""The database: whether it can be asked, and is as new as the code."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from django.db.migrations.recorder import MigrationRecorder

from django_anilist.doctor import rows


@pytest.mark.django_db
def test_a_database_as_new_as_the_code():
    assert list(rows.look_at_rows()) == []


@pytest.mark.django_db
def test_a_migration_that_waits():
    newest = MigrationRecorder.Migration.objects.filter(app="django_anilist").latest("id")
    newest.delete()
    (found,) = rows.look_at_rows()
    assert (found.id, found.remedy) == (
        "anilist.D131",
        "python manage.py migrate --database default",
    )
    assert newest.name in found.text


@pytest.mark.django_db
def test_many_that_wait_are_counted():
    MigrationRecorder.Migration.objects.all().delete()
    (found,) = rows.look_at_rows()
    assert "more." in found.text
    assert found.text.count(",") == 2


def test_a_database_that_is_down(monkeypatch):
    def down(connection):
        raise OperationalError("password canary-word refused")

    monkeypatch.setattr(rows, "MigrationExecutor", down)
    (found,) = rows.look_at_rows()
    assert (found.id, found.level, found.place) == ("anilist.D130", "unknown", "shell")
    assert "canary-word" not in str(found)

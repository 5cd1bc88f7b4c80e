"""What the system checks say, among the doctor's findings."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings as django_settings
from django.core.checks import ERROR as CHECK_ERROR
from django.core.checks import CheckMessage
from django.db import router

from django_anilist.checks import CHECKS, DATABASE_CHECKS, DEPLOY_CHECKS
from django_anilist.doctor.findings import ERROR, SETTINGS, SHELL, URLS, WARNING, Finding
from django_anilist.models import AniListToken


def look_at_checks() -> Iterator[Finding]:
    """Yield what the checks find; those for a live site only where ``DEBUG`` is off."""
    asked = CHECKS if django_settings.DEBUG else (*CHECKS, *DEPLOY_CHECKS)
    for check in asked:
        yield from map(_finding, check(None))
    for check in DATABASE_CHECKS:
        yield from map(_finding, check(None, databases=[router.db_for_read(AniListToken)]))


def _finding(message: CheckMessage) -> Finding:
    hint = message.hint or ""
    level = ERROR if message.is_serious(CHECK_ERROR) else WARNING
    return Finding(str(message.id), level, message.msg, hint, _place(hint))


def _place(hint: str) -> str:
    if hint.startswith("python "):
        return SHELL
    return URLS if hint.startswith("urlpatterns ") else SETTINGS

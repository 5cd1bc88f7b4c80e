"""The Django app."""

from __future__ import annotations

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class DjangoAniListConfig(AppConfig):
    """Registers the system checks; nothing else happens at start."""

    name = "django_anilist"
    verbose_name = _("AniList")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django_anilist.checks import CHECKS  # noqa: PLC0415  settings must be ready first

        for check in CHECKS:
            checks.register(check, "anilist")

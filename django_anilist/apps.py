"""The Django app."""

from __future__ import annotations

from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_delete
from django.utils.translation import gettext_lazy as _


class DjangoAniListConfig(AppConfig):
    """Registers the system checks, and forgets what AniList told a user whose token goes."""

    name = "django_anilist"
    verbose_name = _("AniList")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django_anilist import shared  # noqa: PLC0415  settings must be ready first
        from django_anilist.checks import (  # noqa: PLC0415
            CHECKS,
            DATABASE_CHECKS,
            DEPLOY_CHECKS,
        )

        for check in CHECKS:
            checks.register(check, "anilist")
        for check in DEPLOY_CHECKS:
            checks.register(check, "anilist", deploy=True)
        for check in DATABASE_CHECKS:
            # Not by our own tag too: asking for that must not open a connection.
            checks.register(check, checks.Tags.database)
        post_delete.connect(shared.purge_after_token, sender="django_anilist.AniListToken")

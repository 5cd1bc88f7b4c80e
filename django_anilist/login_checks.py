"""The system check of logging in with AniList."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error

from django_anilist.conf import AniListImproperlyConfigured, settings


def check_login(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """E007: what makes users for those who log in with AniList is a function."""
    try:
        settings.create_user  # noqa: B018  raises where it names none
    except AniListImproperlyConfigured:
        hint = 'ANILIST_CREATE_USER = "django_anilist.backends.create_user"'
        text = "ANILIST_CREATE_USER names no function that can be imported."
        return [Error(text, hint=hint, id="anilist.E007")]
    return []

"""Logging in with AniList."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.core.checks import CheckMessage, Error

from django_anilist import logins
from django_anilist.conf import AniListImproperlyConfigured, settings


def check_login(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """E008: what makes users is a function. W008: what makes users is not named in vain."""
    try:
        create_user = settings.create_user
    except AniListImproperlyConfigured:
        hint = 'ANILIST_CREATE_USER = "django_anilist.backends.create_user"'
        text = "ANILIST_CREATE_USER names no function that can be imported."
        return [Error(text, hint=hint, id="anilist.E008")]
    if create_user is None or logins.backend_path():
        return []
    text = "ANILIST_CREATE_USER is set, and nobody can log in with AniList."
    hint = (
        'AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend", '
        '"django_anilist.backends.AniListBackend"]'
    )
    return [checks.Warning(text, hint=hint, id="anilist.W008")]

"""The apps and the middleware that this app stands on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings as django_settings
from django.core.checks import CheckMessage, Error

_SESSION = "django.contrib.sessions.middleware.SessionMiddleware"
_AUTH = "django.contrib.auth.middleware.AuthenticationMiddleware"
_OURS = "django_anilist.middleware.AniListMiddleware"
_MIDDLEWARE = (_SESSION, _AUTH, _OURS)
_APPS = ("django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions")


def check_installation(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """E004: the apps and the middleware we stand on are there, in order."""
    found: list[CheckMessage] = [
        Error(f"{app} is not installed.", hint=f'INSTALLED_APPS += ["{app}"]', id="anilist.E004")
        for app in _APPS
        if not _installed(app)
    ]
    there = [name for name in django_settings.MIDDLEWARE if name in _MIDDLEWARE]
    if there != list(_MIDDLEWARE):
        text = "The middleware that AniList needs is missing or out of order."
        found.append(Error(text, hint=f"MIDDLEWARE = {_mended()}", id="anilist.E004"))
    return found


def _installed(app: str) -> bool:
    return any(
        entry == app or entry.startswith(f"{app}.") for entry in django_settings.INSTALLED_APPS
    )


def _mended() -> list[str]:
    """Return the site's middleware with ours in order: what needs a session comes after one."""
    there = list(django_settings.MIDDLEWARE)
    first = min((there.index(name) for name in _MIDDLEWARE[:2] if name in there), default=0)
    before = [name for name in there[:first] if name not in _MIDDLEWARE]
    after = [name for name in there[first:] if name not in _MIDDLEWARE]
    return [*before, _SESSION, _AUTH, *after, _OURS]

"""The apps and the middleware that this app stands on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings as django_settings
from django.core.checks import CheckMessage, Error
from django.utils.module_loading import import_string

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
        if not apps.is_installed(app)
    ]
    if [kind for _, kind in _standing() if kind] != list(_MIDDLEWARE):
        text = "The middleware that AniList needs is missing or out of order."
        found.append(Error(text, hint=f"MIDDLEWARE = {_mended()}", id="anilist.E004"))
    return found


def _standing() -> list[tuple[str, str]]:
    """Return the site's middleware by name, each with which of ours it is, or inherits from."""
    return [(name, _kind(name)) for name in django_settings.MIDDLEWARE if not _is_slip(name)]


def _is_slip(name: str) -> bool:
    """Tell whether ``name`` was to be ours, and is nobody's."""
    return name.startswith("django_anilist.") and not _kind(name)


def _kind(name: str) -> str:
    try:
        found = import_string(name)
    except ImportError:  # Django says so itself
        return ""
    if not isinstance(found, type):
        return ""
    return next((kind for kind in _MIDDLEWARE if issubclass(found, import_string(kind))), "")


def _mended() -> list[str]:
    """Return the site's middleware with ours in order: what needs a session comes after one."""
    there = _standing()
    if [kind for _, kind in there if kind in (_SESSION, _AUTH)] == [_SESSION, _AUTH]:
        ours = next((name for name, kind in there if kind == _OURS), _OURS)
        return [*(name for name, kind in there if kind != _OURS), ours]
    own = {kind: name for name, kind in there if kind}
    sessions, auth, ours = (own.get(kind, kind) for kind in _MIDDLEWARE)
    first = next((place for place, (_, kind) in enumerate(there) if kind in (_SESSION, _AUTH)), 0)
    before = [name for name, kind in there[:first] if not kind]
    after = [name for name, kind in there[first:] if not kind]
    return [*before, sessions, auth, *after, ours]

"""The session by which a user who comes back from AniList is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings as django_settings
from django.core import checks
from django.core.checks import CheckMessage

from django_anilist.answer_store import DjangoAnswerStore

_SIGNED = "django.contrib.sessions.backends.signed_cookies"
_CACHED = (
    "django.contrib.sessions.backends.cache",
    "django.contrib.sessions.backends.cached_db",
)


def check_cookie(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """W010: the session's cookie travels over TLS only. W011: no script reads the session's cookie.
    W012: no form of another site comes with the session's cookie.
    """
    found: list[CheckMessage] = []
    if not django_settings.SESSION_COOKIE_SECURE:
        text = (
            "SESSION_COOKIE_SECURE is off, so the session that connects AniList is open on its way."
        )
        hint = "SESSION_COOKIE_SECURE = True"
        found.append(checks.Warning(text, hint=hint, id="anilist.W010"))
    if not django_settings.SESSION_COOKIE_HTTPONLY:
        text = "SESSION_COOKIE_HTTPONLY is off, so a script can take the session that connects AniList."
        hint = "SESSION_COOKIE_HTTPONLY = True"
        found.append(checks.Warning(text, hint=hint, id="anilist.W011"))
    if str(django_settings.SESSION_COOKIE_SAMESITE).lower() not in ("lax", "strict"):
        text = "SESSION_COOKIE_SAMESITE is off, so forms of other sites come with the session."
        hint = 'SESSION_COOKIE_SAMESITE = "Lax"'
        found.append(checks.Warning(text, hint=hint, id="anilist.W012"))
    return found


def check_sessions(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """W014: a session is known to all processes, and gone when it has ended."""
    if django_settings.SESSION_ENGINE == _SIGNED:
        text = "Sessions live in signed cookies, so one that was stolen works after its end too."
    elif django_settings.SESSION_ENGINE in _CACHED and not _cache_is_shared():
        text = (
            "Sessions live in a cache that each process has for itself, so others do not know them."
        )
    else:
        return []
    hint = 'SESSION_ENGINE = "django.contrib.sessions.backends.db"'
    return [checks.Warning(text, hint=hint, id="anilist.W014")]


def _cache_is_shared() -> bool:
    alias = django_settings.SESSION_CACHE_ALIAS
    return alias not in django_settings.CACHES or DjangoAnswerStore(alias).shared

"""Where a site keeps things: its database and its cache."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings as django_settings
from django.core import checks
from django.core.checks import CheckMessage
from django.db import connections, router

from django_anilist.answer_store import DjangoAnswerStore
from django_anilist.conf import settings
from django_anilist.models import AniListToken

#: Writers that wait for less than this, in seconds, give up on a busy day.
_LEAST_TIMEOUT = 10


def check_sqlite(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """W013: where the database is SQLite, writers wait for their turn."""
    alias = router.db_for_write(AniListToken)
    if connections[alias].vendor != "sqlite" or _is_tuned(alias):
        return []
    return [
        checks.Warning(
            "SQLite is not set up for several writers at once, so some would fail when it is busy.",
            hint=f'DATABASES["{alias}"]["OPTIONS"] = {{"timeout": 20, "transaction_mode": "IMMEDIATE", '
            '"init_command": "PRAGMA journal_mode=WAL"}',
            id="anilist.W013",
        )
    ]


def _is_tuned(alias: str) -> bool:
    options: Mapping[str, Any] = connections[alias].settings_dict.get("OPTIONS") or {}
    waits = float(options.get("timeout", 0)) >= _LEAST_TIMEOUT
    return waits and str(options.get("transaction_mode")).upper() in ("IMMEDIATE", "EXCLUSIVE")


def check_cache(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """W015: what AniList answered is remembered for all processes together."""
    alias = settings.cache_alias
    if not alias or alias not in django_settings.CACHES or DjangoAnswerStore(alias).shared:
        return []
    backend = (
        '{"BACKEND": "django.core.cache.backends.redis.RedisCache", '
        '"LOCATION": "redis://127.0.0.1:6379"}'
    )
    alone = list(django_settings.CACHES) == ["default"]
    return [
        checks.Warning(
            f"The cache {alias!r} is each process's own, so each asks AniList for itself.",
            hint=f'CACHES = {{"default": {backend}}}'
            if alone
            else f'CACHES["{alias}"] = {backend}',
            id="anilist.W015",
        )
    ]

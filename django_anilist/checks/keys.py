"""The keys that seal tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cryptography.fernet import Fernet
from django.apps import AppConfig
from django.core import checks
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, router
from django.utils.encoding import force_bytes

from django_anilist import upkeep
from django_anilist.conf import settings
from django_anilist.models import AniListToken

_NEW_KEY = (
    'ANILIST_TOKEN_KEYS = [os.environ["ANILIST_TOKEN_KEY"]]'
    "  # made by: python manage.py anilist_generate_key"
)


def check_token_keys(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """E020: every key is a Fernet key, and none comes twice."""
    fault = _key_fault(settings.token_keys)
    return [Error(fault, hint=_NEW_KEY, id="anilist.E020")] if fault else []


def _key_fault(keys: object) -> str:
    if isinstance(keys, str | bytes) or not isinstance(keys, Sequence):
        return "ANILIST_TOKEN_KEYS is not a list of keys."
    raw = [force_bytes(key) for key in keys]
    if len(set(raw)) != len(raw):
        return "ANILIST_TOKEN_KEYS names a key twice."
    for key in raw:
        try:
            Fernet(key)
        except ValueError:
            return "ANILIST_TOKEN_KEYS holds what is no Fernet key."
    return ""


def check_derived_key(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """W020: tokens are sealed with a key of their own, not with one derived from ``SECRET_KEY``."""
    if settings.token_keys:
        return []
    text = "Tokens are sealed with a key derived from SECRET_KEY, so who has that opens them all."
    return [checks.Warning(text, hint=_NEW_KEY, id="anilist.W020")]


def check_lost_keys(
    app_configs: Sequence[AppConfig] | None,
    databases: Sequence[str] | None = None,
    **kwargs: Any,
) -> list[CheckMessage]:
    """W021: there is a key for every token that is kept."""
    database = router.db_for_read(AniListToken)
    if database not in (databases or ()):
        return []
    try:
        lost = upkeep.rows_by_lost_key(database)
    except (DatabaseError, ImproperlyConfigured):
        return []  # before the first migrate there is no table, and of bad keys E020 speaks
    if not lost:
        return []
    text = f"No key opens {sum(lost.values())} of the tokens that are kept: their users must reconnect."
    return [checks.Warning(text, hint=_lost_key_hint(lost), id="anilist.W021")]


def _lost_key_hint(lost: dict[str, int]) -> str:
    names = ", ".join(f"{key_id} ({rows})" for key_id, rows in sorted(lost.items()))
    if settings.token_keys:
        line = 'ANILIST_TOKEN_KEYS = [*ANILIST_TOKEN_KEYS, os.environ["ANILIST_OLD_TOKEN_KEY"]]'
    else:
        line = 'SECRET_KEY_FALLBACKS = [os.environ["OLD_SECRET_KEY"]]'
    if_kept = (
        "if you still have what these were sealed with; an old SECRET_KEY: SECRET_KEY_FALLBACKS"
    )
    return f"{line}  # {if_kept}: {names}"

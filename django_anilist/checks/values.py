"""Settings whose name or value makes no sense."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings as django_settings
from django.core import checks
from django.core.checks import CheckMessage, Error

from django_anilist.api.redis_store import open_nothing
from django_anilist.conf import NAMES, AniListImproperlyConfigured, settings

#: More seconds than anybody means.
_FOREVER = 2**31


def check_names(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """W002: no ``ANILIST_`` setting that we do not know, which is most likely a slip."""
    unknown = {name for name in dir(django_settings) if name.startswith("ANILIST_")} - NAMES
    return [
        checks.Warning(
            f"{name} is no setting of django-anilist.", hint=_nearest(name), id="anilist.W002"
        )
        for name in sorted(unknown)
    ]


def _nearest(name: str) -> str:
    names = [known.removeprefix("ANILIST_") for known in sorted(NAMES)]
    near = difflib.get_close_matches(name.removeprefix("ANILIST_"), names, n=1)
    if not near:
        return f"del {name}  # or remove the line that sets it"
    return f"ANILIST_{near[0]} = {name}; del {name}  # or rename it where it is set"


def check_values(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """E005: seconds are numbers, what is on or off says so, and the cache is one of ``CACHES``.

    E006: the budget can be shared.
    """
    found: list[CheckMessage] = [
        Error(f"{name} is no number of seconds.", hint=f"{name} = {usual}", id="anilist.E005")
        for name, (read, usual) in _SECONDS.items()
        if not _are_seconds(read)
    ]
    if not _are_seconds(lambda: list(settings.cache_seconds.values())):
        text = "ANILIST_CACHE_SECONDS is no dict of seconds by field name."
        hint = 'ANILIST_CACHE_SECONDS = {"Media": 3600}'
        found.append(Error(text, hint=hint, id="anilist.E005"))
    if settings.cache_alias and settings.cache_alias not in django_settings.CACHES:
        text = f"ANILIST_CACHE names {settings.cache_alias!r}, which is not in CACHES."
        found.append(Error(text, hint='ANILIST_CACHE = "default"', id="anilist.E005"))
    if settings.use_pkce not in (True, False):
        text = "ANILIST_USE_PKCE is neither True nor False; any text counts as True, even 'False'."
        found.append(Error(text, hint="ANILIST_USE_PKCE = False", id="anilist.E005"))
    return found + _of_budget()


def _of_budget() -> list[CheckMessage]:
    """Tell what is wrong with ANILIST_BUDGET, without a piece of it: it may hold a password."""
    if not settings.budget_url:
        if Path(settings.budget_path).is_absolute():
            return []
        text = "ANILIST_BUDGET is neither an address of Redis nor the absolute path of a file."
        hint = 'ANILIST_BUDGET = "redis://127.0.0.1:6379/0"  # or "", a file of this machine'
    else:
        try:
            open_nothing(settings.budget_url)
            return []
        except ImportError:
            text = "ANILIST_BUDGET is an address of Redis, and the redis package is not installed."
            hint = 'python -m pip install "django-anilist[redis]"'
        except Exception:  # noqa: BLE001  whatever the package makes of it
            text = "ANILIST_BUDGET is no address of Redis that can be read."
            quoted = "{urllib.parse.quote(password, safe=str())}"
            hint = f'ANILIST_BUDGET = f"redis://:{quoted}@10.0.0.5:6379/0"'
    return [Error(text, hint=hint, id="anilist.E006")]


_SECONDS: dict[str, tuple[Callable[[], Any], float]] = {
    "ANILIST_MAX_WAIT": (lambda: [settings.max_wait], 2.0),
    "ANILIST_DEADLINE": (lambda: [settings.deadline or -1], 2.0),  # nothing is answered in no time
    "ANILIST_STALE_FOR": (lambda: [settings.stale_for], 21_600),
}


def _are_seconds(read: Callable[[], Any]) -> bool:
    try:
        return all(0 <= float(value) < _FOREVER for value in read())
    except (AttributeError, TypeError, ValueError, OverflowError, AniListImproperlyConfigured):
        return False

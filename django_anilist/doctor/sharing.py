"""What all processes of a site should have in common: the budget, and what is remembered."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.core.cache import caches
from django.core.cache.backends.dummy import DummyCache
from django.core.exceptions import ImproperlyConfigured

from django_anilist import shared
from django_anilist.conf import is_loopback_host, settings
from django_anilist.doctor.findings import SETTINGS, SHELL, Finding, finding

_KEY = "django-anilist:doctor"
_USUAL_FILE = re.compile(r"django-anilist-(?P<user>\d+)-(?P<budget>\w+)\.budget")
#: For how long a budget that nobody touches counts as in use, in seconds.
_RECENTLY = 24 * 3600


def look_at_sharing() -> Iterator[Finding]:
    """Yield what processes, or machines, would not share."""
    yield from _budget()
    if settings.cache_alias in django_settings.CACHES:
        yield from _cache(settings.cache_alias)


def _budget() -> Iterator[Finding]:
    try:
        fault = shared.budget().fault()
    except ImproperlyConfigured:
        return  # a sandbox that may not be, says E003 or E030
    if fault and settings.budget_url:
        text = f"Redis does not serve the request budget ({fault}): each machine spends alone."
        yield finding("D121", text, 'ANILIST_BUDGET = "redis://127.0.0.1:6379/0"  # where Redis is')
    elif fault:
        path = settings.budget_path
        text = f"The budget's file {path} cannot be used ({fault}): each process spends alone."
        yield finding("D120", text, *_mend_file())
    elif users := _other_users():
        text = (
            f"Users {users} of this machine ask AniList too, each with a request budget of its own."
        )
        yield finding("D124", text, 'ANILIST_BUDGET = "redis://127.0.0.1:6379/0"  # where Redis is')


def _mend_file() -> tuple[str, str]:
    """Return the line for a file of the site's own choice, or the one where the usual is in the way."""
    if _USUAL_FILE.fullmatch(Path(settings.budget_path).name):
        return f"rm {settings.budget_path}  # as whoever owns it", SHELL
    return 'ANILIST_BUDGET = ""  # a file in the temporary folder', SETTINGS


def _other_users() -> str:
    """Return who else has asked AniList from here within a day, by the names of their budgets' files.

    Whoever runs as root looks in passing: a budget of root's, or seen by root, tells nothing.
    """
    usual = Path(settings.budget_path)
    mine = _USUAL_FILE.fullmatch(usual.name)
    if mine is None or mine["user"] == "0":
        return ""
    files = usual.parent.glob(f"django-anilist-*-{mine['budget']}.budget")
    recent = (file for file in files if file.stat().st_mtime > time.time() - _RECENTLY)
    users = {found["user"] for file in recent if (found := _USUAL_FILE.fullmatch(file.name))}
    return ", ".join(sorted(users - {"0", mine["user"]}))


def _cache(alias: str) -> Iterator[Finding]:
    if fault := _cache_fault(alias):
        text = f"The cache {alias!r} keeps nothing ({fault}), so AniList is asked each time."
        yield finding("D122", text, 'ANILIST_CACHE = ""  # until the cache serves again')
        return
    place = django_settings.CACHES[alias].get("LOCATION", "")
    parts = urlsplit(place if isinstance(place, str) else "")
    elsewhere = parts.hostname and not is_loopback_host(parts.hostname)
    if elsewhere and parts.scheme in ("redis", "rediss") and not settings.budget_url:
        text = "If several machines serve this site, each has a request budget of its own."
        port = f":{parts.port}" if parts.port else ""
        yield finding("D123", text, f'ANILIST_BUDGET = "{parts.scheme}://{parts.hostname}{port}"')


def _cache_fault(alias: str) -> str:
    """Return why the cache does not serve, in a word; ``""`` where it does, or need not."""
    word = secrets.token_hex(8)
    try:
        cache = caches[alias]
        cache.set(_KEY, word, 10)
        kept = cache.get(_KEY) == word
    except Exception as error:  # noqa: BLE001  whatever a backend raises when its server is gone
        return type(error).__name__
    return "" if kept or isinstance(cache, DummyCache) else "nothing comes back"

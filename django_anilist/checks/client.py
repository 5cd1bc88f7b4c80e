"""A system check for every mistake a site can make with this app, each with the line that mends it."""

from __future__ import annotations

import difflib
import importlib.util
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.apps import AppConfig
from django.conf import settings as django_settings
from django.core import checks
from django.core.checks import CheckMessage, Error
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils.encoding import force_bytes

from django_anilist.answer_store import DjangoAnswerStore
from django_anilist.conf import NAMES, is_loopback_host, is_loopback_origin, settings

#: More seconds than anybody means.
_FOREVER = 2**31
_PLACEHOLDERS = ("changeme", "xxx", "your-", "your_", "<", "todo")

_MIDDLEWARE = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_anilist.middleware.AniListMiddleware",
)
_APPS = ("django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions")


def check_client(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """E001: the client id and secret are there, and are not the words of an example."""
    return [
        Error(
            f"{name} is missing or a placeholder.",
            hint=f'{name} = "..."  # from https://anilist.co/settings/developer',
            id="anilist.E001",
        )
        for name, value in (
            ("ANILIST_CLIENT_ID", settings.client_id),
            ("ANILIST_CLIENT_SECRET", settings.client_secret.reveal()),
        )
        if not value or value.lower().startswith(_PLACEHOLDERS)
    ]


def check_redirect_uri(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """E002: the redirect URI leads to our callback, over TLS, and is set outside ``DEBUG``."""
    return [Error(text, hint=_redirect_hint(), id="anilist.E002") for text in _redirect_faults()]


def _redirect_faults() -> Iterator[str]:
    if not settings.redirect_uri:
        if not django_settings.DEBUG:
            yield "ANILIST_REDIRECT_URI is missing."
        return
    try:
        parts = urlsplit(settings.redirect_uri)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme not in ("http", "https") or not host:
        yield "ANILIST_REDIRECT_URI is no absolute URL."
    elif parts.scheme == "http" and not (django_settings.DEBUG or is_loopback_host(host)):
        yield "ANILIST_REDIRECT_URI is not https, so the authorization code could be read on its way."
    elif not _is_our_callback(parts.path):
        yield "ANILIST_REDIRECT_URI does not lead to the callback of django_anilist."


def _is_our_callback(path: str) -> bool:
    try:
        return resolve(path).view_name == "anilist:callback" or path == reverse("anilist:callback")
    except (Resolver404, NoReverseMatch):
        return False


def _redirect_hint() -> str:
    try:
        path = reverse("anilist:callback")
    except NoReverseMatch:
        return 'Add path("anilist/", include("django_anilist.urls")) to your URLconf.'
    return f'ANILIST_REDIRECT_URI = "https://example.com{path}"  # with the name of your site'


def check_sandbox(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """E003: the sandbox is on this machine. E030: there is none outside ``DEBUG``."""
    found: list[CheckMessage] = []
    if settings.sandbox_url and not is_loopback_origin(settings.sandbox_url):
        hint = 'ANILIST_SANDBOX_URL = "http://127.0.0.1:8001"'
        found.append(
            Error("ANILIST_SANDBOX_URL does not name this machine.", hint=hint, id="anilist.E003")
        )
    if settings.sandbox_url and not django_settings.DEBUG:
        found.append(
            Error(
                "ANILIST_SANDBOX_URL is set though DEBUG is off: users would meet a stand-in.",
                hint="Remove ANILIST_SANDBOX_URL from the settings of the live site.",
                id="anilist.E030",
            )
        )
    return found


def check_installation(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """E004: the apps and the middleware we stand on are there, in order."""
    found: list[CheckMessage] = [
        Error(f"{app} is not installed.", hint=f'INSTALLED_APPS += ["{app}"]', id="anilist.E004")
        for app in _APPS
        if not _installed(app)
    ]
    places = [
        django_settings.MIDDLEWARE.index(name) if name in django_settings.MIDDLEWARE else -1
        for name in _MIDDLEWARE
    ]
    if -1 in places or places != sorted(places):
        lines = ", ".join(f'"{name}"' for name in _MIDDLEWARE)
        found.append(
            Error(
                "The middleware that AniList needs is missing or out of order.",
                hint=f"MIDDLEWARE = [..., {lines}, ...]",
                id="anilist.E004",
            )
        )
    return found


def _installed(app: str) -> bool:
    return any(
        entry == app or entry.startswith(f"{app}.") for entry in django_settings.INSTALLED_APPS
    )


def check_token_keys(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """E020: every key is a Fernet key, and none comes twice."""
    fault = _key_fault(settings.token_keys)
    if not fault:
        return []
    hint = (
        "python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())' "
        'makes one: ANILIST_TOKEN_KEYS = ["..."]'
    )
    return [Error(fault, hint=hint, id="anilist.E020")]


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
    return f"Did you mean ANILIST_{near[0]}?" if near else f"Remove {name}."


def check_values(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """E005: seconds are numbers, and the cache is one of ``CACHES``. E006: Redis can be spoken to."""
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
    if settings.budget_url and importlib.util.find_spec("redis") is None:
        text = "ANILIST_BUDGET is an address of Redis, and the redis package is not installed."
        hint = 'python -m pip install "django-anilist[redis]"'
        found.append(Error(text, hint=hint, id="anilist.E006"))
    return found


_SECONDS: dict[str, tuple[Callable[[], Any], float]] = {
    "ANILIST_MAX_WAIT": (lambda: [settings.max_wait], 2.0),
    "ANILIST_DEADLINE": (lambda: [settings.deadline], 2.0),
    "ANILIST_STALE_FOR": (lambda: [settings.stale_for], 21_600),
}


def _are_seconds(read: Callable[[], Any]) -> bool:
    try:
        return all(0 <= float(value) < _FOREVER for value in read())
    except (AttributeError, TypeError, ValueError):
        return False


def check_cache(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """W015: what AniList answered is remembered for all processes together."""
    alias = settings.cache_alias
    if not alias or alias not in django_settings.CACHES or DjangoAnswerStore(alias).shared:
        return []
    return [
        checks.Warning(
            f"The cache {alias!r} is each process's own, so each asks AniList for itself.",
            hint='CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", '
            '"LOCATION": "redis://127.0.0.1:6379"}}',
            id="anilist.W015",
        )
    ]


CHECKS = (
    check_client,
    check_redirect_uri,
    check_sandbox,
    check_installation,
    check_token_keys,
    check_names,
    check_values,
)
#: Asked by ``check --deploy`` only: in development one process is all there is.
DEPLOY_CHECKS = (check_cache,)

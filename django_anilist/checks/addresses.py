"""Where AniList is, and the way there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error

from django_anilist.checks.developing import developing
from django_anilist.conf import is_loopback_origin, settings


def check_sandbox(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """E003: the sandbox is on this machine. E030: there is no sandbox outside ``DEBUG``."""
    found: list[CheckMessage] = []
    if settings.sandbox_url and not is_loopback_origin(settings.sandbox_url):
        text = "ANILIST_SANDBOX_URL is not where a sandbox on this machine is."
        with_scheme = f"http://{settings.sandbox_url}"
        wanted = with_scheme if is_loopback_origin(with_scheme) else "http://127.0.0.1:8001"
        hint = f'ANILIST_SANDBOX_URL = "{wanted}"'
        found.append(Error(text, hint=hint, id="anilist.E003"))
    if settings.sandbox_url and not developing():
        text = "ANILIST_SANDBOX_URL is set though DEBUG is off: users would meet a stand-in."
        hint = 'ANILIST_SANDBOX_URL = ""  # or remove it from the settings of the live site'
        found.append(Error(text, hint=hint, id="anilist.E030"))
    return found


def check_ways(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """E007: the proxy has an address that can be spoken to, and the authorities are in a file."""
    found: list[CheckMessage] = []
    if settings.proxy and not _is_proxy(settings.proxy):
        text = "ANILIST_PROXY is no address of an HTTP proxy."
        hint = 'ANILIST_PROXY = "http://127.0.0.1:3128"  # or None'
        found.append(Error(text, hint=hint, id="anilist.E007"))
    if settings.ca_bundle and not Path(settings.ca_bundle).exists():
        text = "ANILIST_CA_BUNDLE names a file that is not there."
        hint = "ANILIST_CA_BUNDLE = None  # the public authorities"
        found.append(Error(text, hint=hint, id="anilist.E007"))
    return found


def _is_proxy(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except (TypeError, ValueError, AttributeError):
        return False

"""Where AniList sends users back to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.apps import AppConfig
from django.conf import settings as django_settings
from django.core import checks
from django.core.checks import CheckMessage, Error
from django.urls import NoReverseMatch, Resolver404, get_script_prefix, resolve, reverse

from django_anilist.checks.developing import developing
from django_anilist.conf import is_loopback_host, settings

_INCLUDE = 'urlpatterns += [path("anilist/", include("django_anilist.urls"))]'


def check_redirect_uri(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """E002: the redirect URI leads to our callback, over TLS, and is set outside ``DEBUG``."""
    return [Error(text, hint=_hint(), id="anilist.E002") for text in _faults()]


def check_plain_redirect_uri(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """W003: under ``DEBUG`` too, the code comes back over TLS, or to this machine."""
    parts = _parts()
    if not django_settings.DEBUG or parts.scheme != "http" or is_loopback_host(_host(parts)):
        return []
    return [
        checks.Warning(
            "ANILIST_REDIRECT_URI is not https, so the authorization code could be read on its way.",
            hint=f'ANILIST_REDIRECT_URI = "{parts._replace(scheme="https").geturl()}"',
            id="anilist.W003",
        )
    ]


def redirect_uri_to_register() -> str:
    """Return the redirect URI that would work, as far as the settings tell; ``""`` without our URLs.

    The host is that of ``ANILIST_REDIRECT_URI``, else the first plain name in ``ALLOWED_HOSTS``.
    """
    try:
        path = reverse("anilist:callback")
    except NoReverseMatch:
        return ""
    parts = _parts()
    place = parts.netloc.rpartition("@")[2] if _host(parts) else _likeliest_host()
    plain = parts.scheme == "http" and is_loopback_host(_host(parts))
    return f"{'http' if plain else 'https'}://{place}{path}"


def _faults() -> Iterator[str]:
    if not settings.redirect_uri:
        if not developing():
            yield "ANILIST_REDIRECT_URI is missing."
        return
    parts = _parts()
    host = _host(parts)
    if parts.scheme not in ("http", "https") or not host:
        yield "ANILIST_REDIRECT_URI is no absolute URL."
    elif parts.username is not None or parts.fragment:
        yield "ANILIST_REDIRECT_URI holds a user name or a fragment, which no redirect URI may."
    elif parts.scheme == "http" and not (django_settings.DEBUG or is_loopback_host(host)):
        yield "ANILIST_REDIRECT_URI is not https, so the authorization code could be read on its way."
    elif not _is_our_callback(parts.path):
        yield "ANILIST_REDIRECT_URI does not lead to the callback of django_anilist."


def _parts() -> SplitResult:
    """Return the redirect URI in parts, empty ones where it makes no sense."""
    try:
        parts = urlsplit(settings.redirect_uri)
        parts.port  # noqa: B018  raises where the port is none
    except ValueError:
        return urlsplit("")
    return parts


def _host(parts: SplitResult) -> str:
    return parts.hostname or ""


def _is_our_callback(path: str) -> bool:
    """Tell whether ``path``, below where the site lives, is our callback in any language."""
    prefix = get_script_prefix()
    try:
        if path == reverse("anilist:callback"):
            return True
        found = resolve(f"/{path[len(prefix) :]}")
    except (Resolver404, NoReverseMatch):
        return False
    return path.startswith(prefix) and found.view_name == "anilist:callback"


def _likeliest_host() -> str:
    plain = (name for name in django_settings.ALLOWED_HOSTS if name.strip(".*") == name != "")
    return next(plain, "example.com")


def _hint() -> str:
    wanted = redirect_uri_to_register()
    if not wanted:
        return f"{_INCLUDE}  # in the URLconf"
    prefix = _parts().path.removesuffix(urlsplit(wanted).path)
    if _host(_parts()) and prefix not in ("", _parts().path) and get_script_prefix() == "/":
        return f'FORCE_SCRIPT_NAME = "{prefix}"  # where a proxy serves the site below that path'
    return f'ANILIST_REDIRECT_URI = "{wanted}"  # and register the same at AniList'

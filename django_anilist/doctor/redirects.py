"""The way back from AniList: the redirect URL, and what a proxy in front makes of it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from django.conf import settings as django_settings
from django.http.request import validate_host

from django_anilist.checks.redirects import redirect_uri_to_register
from django_anilist.conf import settings
from django_anilist.doctor.findings import ANILIST, Finding, finding

_SSL_HEADER = 'SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")'
#: What Django lets in under ``DEBUG`` where ``ALLOWED_HOSTS`` is empty.
_LOCAL_NAMES = [".localhost", "127.0.0.1", "[::1]"]


def look_at_redirects() -> Iterator[Finding]:
    """Yield what is wrong with the way back, and first of all what it must be."""
    wanted = redirect_uri_to_register()
    if not wanted:
        return  # our pages are not there, says E002
    text = "This redirect URL must stand at https://anilist.co/settings/developer, to the letter."
    if settings.sandbox_url:
        text = (
            "This redirect URL is the one that the sandbox takes from the settings when it starts."
        )
    yield finding("D101", text, wanted, ANILIST)
    parts = urlsplit(wanted)
    if settings.redirect_uri:
        yield from _hosts(parts)
        yield from _schemes(parts)
    elif django_settings.DEBUG and not settings.sandbox_url:
        text = f"ANILIST_REDIRECT_URI is missing, so AniList is told {settings.site_origin} as Referer."
        yield finding("D106", text, f'ANILIST_REDIRECT_URI = "{wanted}"')


def _allowed() -> list[str]:
    allowed = list(django_settings.ALLOWED_HOSTS)
    return allowed or (_LOCAL_NAMES if django_settings.DEBUG else [])


def _is_inner(name: str) -> bool:
    """Tell whether ``name`` is one that only a proxy beside the site would use."""
    name = name.strip(".[]")
    try:
        return ipaddress.ip_address(name).is_private
    except ValueError:
        return "." not in name and name != "*"


def _hears_the_proxy(host: str) -> bool:
    """Tell whether the site lets in inner names only: then a proxy replaces ``host`` by one of them."""
    allowed = _allowed()
    if validate_host(host, allowed):
        return False
    live = not django_settings.DEBUG and not django_settings.USE_X_FORWARDED_HOST
    return live and bool(allowed) and all(map(_is_inner, allowed))


def _host(parts: SplitResult) -> str:
    """Return the host as ``ALLOWED_HOSTS`` has it."""
    return f"[{parts.hostname}]" if ":" in str(parts.hostname) else str(parts.hostname)


def _hosts(parts: SplitResult) -> Iterator[Finding]:
    host = _host(parts)
    if _hears_the_proxy(host):
        text = f"Users come to {host}, and ALLOWED_HOSTS lets in what a proxy calls the site only."
        yield finding("D105", text, f'USE_X_FORWARDED_HOST = True; ALLOWED_HOSTS = ["{host}"]')
    elif not validate_host(host, _allowed()):
        text = f"AniList sends users back to {host}, which ALLOWED_HOSTS does not let in."
        yield finding("D102", text, f'ALLOWED_HOSTS = [*ALLOWED_HOSTS, "{host}"]')


def _schemes(parts: SplitResult) -> Iterator[Finding]:
    if parts.scheme != "https" or django_settings.DEBUG:
        return
    header = django_settings.SECURE_PROXY_SSL_HEADER
    if header and not str(header[0]).startswith("HTTP_"):
        text = f"No request has a header {header[0]} for Django, which puts HTTP_ before each name."
        yield finding("D103", text, _SSL_HEADER)
    elif not header and (_named_proxy() or _hears_the_proxy(_host(parts))):
        text = "A proxy is in front, and Django is not told that users come to it over https."
        yield finding("D103", text, _SSL_HEADER)
    elif not header:
        text = (
            "If a proxy ends TLS for this site, and drops this header from users' requests, say so."
        )
        yield finding("D104", text, _SSL_HEADER)


def _named_proxy() -> bool:
    return bool(django_settings.USE_X_FORWARDED_HOST or django_settings.USE_X_FORWARDED_PORT)

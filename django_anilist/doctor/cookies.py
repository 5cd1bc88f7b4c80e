"""Whether the session's cookie is there when a user comes back from AniList."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings as django_settings

from django_anilist.conf import settings
from django_anilist.doctor.findings import Finding, finding


def look_at_cookies() -> Iterator[Finding]:
    """Yield why a browser would not send the session's cookie to the redirect URL."""
    try:
        parts = urlsplit(settings.redirect_uri)
        host = parts.hostname or ""
    except ValueError:
        return  # says E002
    domain, path = django_settings.SESSION_COOKIE_DOMAIN, django_settings.SESSION_COOKIE_PATH
    if host and domain and not _covers_host(domain, host):
        text = f"The session's cookie is for {domain}, and AniList sends users back to {host}."
        yield finding("D110", text, "SESSION_COOKIE_DOMAIN = None")
    if host and not _covers_path(path, parts.path):
        text = f"The session's cookie is for {path}, and AniList sends users back to {parts.path}."
        yield finding("D111", text, 'SESSION_COOKIE_PATH = "/"')
    if parts.scheme == "http" and django_settings.SESSION_COOKIE_SECURE:
        text = "The session's cookie is for https only, and ANILIST_REDIRECT_URI is http."
        yield finding("D112", text, _over_tls(host))
    same_site = str(django_settings.SESSION_COOKIE_SAMESITE or "").lower()  # None is not the text
    if same_site == "none" and not django_settings.SESSION_COOKIE_SECURE:
        text = "Browsers drop the session's cookie: its SameSite is None, and it is not Secure."
        yield finding("D113", text, "SESSION_COOKIE_SECURE = True")
    if same_site == "strict":
        text = (
            "SESSION_COOKIE_SAMESITE is Strict, so the way back from AniList takes one page more."
        )
        yield finding("D114", text)


def _covers_host(domain: str, host: str) -> bool:
    """RFC 6265 section 5.1.3."""
    domain = domain.lstrip(".").lower()
    return host == domain or host.endswith(f".{domain}")


def _covers_path(cookie: str, path: str) -> bool:
    """RFC 6265 section 5.1.4."""
    return path == cookie or path.startswith(f"{cookie.rstrip('/')}/")


def _over_tls(host: str) -> str:
    if django_settings.DEBUG:
        return "SESSION_COOKIE_SECURE = False  # on a developer's machine"
    return f'ANILIST_REDIRECT_URI = "{settings.redirect_uri.replace("http:", "https:", 1)}"'

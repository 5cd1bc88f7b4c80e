"""The settings of this app: one property each, read from Django's settings on every access."""

from __future__ import annotations

import hashlib
import ipaddress
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.urls import reverse
from django.utils.module_loading import import_string

from django_anilist import __version__
from django_anilist.api import endpoints
from django_anilist.api.endpoints import Endpoints
from django_anilist.api.oauth import OAuthClient
from django_anilist.api.redis_store import is_redis_url
from django_anilist.api.secrets import Secret

#: Where AniList's covers, banners and avatars live.
IMAGE_ORIGIN = "https://s4.anilist.co"


class AniListImproperlyConfigured(ImproperlyConfigured):
    """A setting of this app is missing or wrong; the message is the line that mends it."""


class Settings:
    """Django's settings, with our defaults."""

    @property
    def client_id(self) -> str:
        """The client id from https://anilist.co/settings/developer, a small number."""
        return str(self._get("ANILIST_CLIENT_ID", "") or "").strip()

    @property
    def client_secret(self) -> Secret:
        """The client secret that belongs to the client id."""
        return Secret(str(self._get("ANILIST_CLIENT_SECRET", "") or "").strip())

    @property
    def redirect_uri(self) -> str:
        """The redirect URL registered with AniList, to the letter; ``""`` where none is set."""
        return str(self._get("ANILIST_REDIRECT_URI", "") or "").strip()

    @property
    def token_keys(self) -> Sequence[Any]:
        """Fernet keys that seal tokens, the newest first, or a callable that returns them."""
        keys = self._get("ANILIST_TOKEN_KEYS", ())
        found: Sequence[Any] = keys() if callable(keys) else keys
        return found

    @property
    def budget_url(self) -> str:
        """The Redis by which several machines share AniList's request budget; ``""`` for none."""
        chosen = str(self._get("ANILIST_BUDGET", "") or "")
        return chosen if is_redis_url(chosen) else ""

    @property
    def budget_path(self) -> str:
        """The file by which this machine's processes share AniList's request budget.

        One for each system user, not each site: AniList counts by IP address. A sandbox has its own.
        """
        chosen = str(self._get("ANILIST_BUDGET", "") or "")
        if chosen and not is_redis_url(chosen):
            return chosen
        user = os.getuid() if hasattr(os, "getuid") else 0
        return str(Path(tempfile.gettempdir()) / f"django-anilist-{user}-{self.budget_name}.budget")

    @property
    def budget_name(self) -> str:
        """What tells the budget of AniList itself from that of a sandbox."""
        return hashlib.sha256(self.endpoints.graphql.encode()).hexdigest()[:8]

    @property
    def max_wait(self) -> float:
        """The longest a web request waits for its turn to ask AniList, in seconds."""
        return self._seconds("ANILIST_MAX_WAIT", 2.0)

    @property
    def deadline(self) -> float:
        """The longest a web request waits for AniList to answer one query, in seconds."""
        return self._seconds("ANILIST_DEADLINE", 2.0)

    @property
    def cache_alias(self) -> str:
        """The name in ``CACHES`` of where AniList's answers are remembered; ``""`` for nowhere."""
        return str(self._get("ANILIST_CACHE", "default") or "")

    @property
    def cache_seconds(self) -> Mapping[str, float]:
        """How long answers that hold a field are remembered, in seconds, by the field's name."""
        chosen: Mapping[str, Any] = self._get("ANILIST_CACHE_SECONDS", None) or {}
        return {name: float(seconds) for name, seconds in chosen.items()}

    @property
    def stale_for(self) -> float:
        """How much longer an answer serves while AniList cannot be asked, in seconds."""
        return self._seconds("ANILIST_STALE_FOR", 6 * 3600)

    @property
    def use_pkce(self) -> bool:
        """Whether to send PKCE (RFC 7636) along. AniList ignores it so far."""
        return cast("bool", self._get("ANILIST_USE_PKCE", False))

    @property
    def create_user(self) -> Callable[..., Any] | None:
        """What makes a user for an AniList account that logs in and nobody here has; or ``None``."""
        path = self._get("ANILIST_CREATE_USER", None)
        try:
            found: Callable[..., Any] | None = import_string(str(path)) if path else None
        except ImportError:
            found = None
        if path and not callable(found):
            raise AniListImproperlyConfigured(
                'ANILIST_CREATE_USER names no function: "django_anilist.backends.create_user" is one'
            )
        return found

    @property
    def sandbox_url(self) -> str:
        """The origin of a local sandbox that stands in for AniList; ``""`` for AniList itself."""
        return str(self._get("ANILIST_SANDBOX_URL", "") or "").strip().rstrip("/")

    @property
    def proxy(self) -> str | None:
        """The URL of an HTTP proxy to reach AniList through. The environment is not asked."""
        return self._get("ANILIST_PROXY", None) or None

    @property
    def ca_bundle(self) -> str | None:
        """The path of a PEM file of authorities to trust instead of the public ones."""
        bundle = self._get("ANILIST_CA_BUNDLE", None)
        return str(bundle) if bundle else None

    @property
    def endpoints(self) -> Endpoints:
        """AniList's addresses, or the sandbox's. A sandbox outside ``DEBUG`` is refused."""
        if not self.sandbox_url:
            return endpoints.ANILIST
        if not django_settings.DEBUG:
            raise AniListImproperlyConfigured(
                "ANILIST_SANDBOX_URL is for development: remove it, or set DEBUG = True"
            )
        if not is_loopback_origin(self.sandbox_url):
            raise AniListImproperlyConfigured(
                'ANILIST_SANDBOX_URL must name this machine: "http://127.0.0.1:8001"'
            )
        return endpoints.sandbox(self.sandbox_url)

    @property
    def site_origin(self) -> str:
        """This site's scheme and host, which AniList is told in every request."""
        parts = urlsplit(self.redirect_uri)
        host = parts.netloc.rpartition("@")[2]
        return f"{parts.scheme}://{host}" if host else "http://localhost"

    @property
    def user_agent(self) -> str:
        """This library and this site, so that AniList knows whom to ask."""
        return f"django-anilist/{__version__} (+{self.site_origin})"

    @property
    def image_origins(self) -> tuple[str, ...]:
        """Where a page of ours may take images from."""
        sandbox = self.sandbox_url if django_settings.DEBUG else ""
        return (IMAGE_ORIGIN, sandbox) if sandbox else (IMAGE_ORIGIN,)

    def oauth_client(self, request: HttpRequest) -> OAuthClient:
        """Return this site as AniList knows it, or raise :class:`AniListImproperlyConfigured`.

        Only under ``DEBUG`` may the redirect URI be built from the request: elsewhere a forged
        ``Host`` header would become part of it.
        """
        if not self.client_id or not self.client_secret:
            raise AniListImproperlyConfigured(
                "Set ANILIST_CLIENT_ID and ANILIST_CLIENT_SECRET to the id and the secret shown at "
                "https://anilist.co/settings/developer"
            )
        redirect_uri = self.redirect_uri
        if not redirect_uri and django_settings.DEBUG:
            redirect_uri = request.build_absolute_uri(reverse("anilist:callback"))
        if not redirect_uri:
            raise AniListImproperlyConfigured(
                'Set ANILIST_REDIRECT_URI = "https://<your site>'
                + reverse("anilist:callback")
                + '"'
            )
        return OAuthClient(self.client_id, self.client_secret, redirect_uri)

    def _seconds(self, name: str, usual: float) -> float:
        try:
            return float(self._get(name, usual))
        except (TypeError, ValueError, OverflowError):
            raise AniListImproperlyConfigured(f"{name} must be a number of seconds") from None

    @staticmethod
    def _get(name: str, default: Any) -> Any:
        return getattr(django_settings, name, default)


#: Every setting there is; the system check for typing mistakes compares with these.
NAMES = frozenset(
    {
        "ANILIST_BUDGET",
        "ANILIST_CACHE",
        "ANILIST_CACHE_SECONDS",
        "ANILIST_CA_BUNDLE",
        "ANILIST_CLIENT_ID",
        "ANILIST_CLIENT_SECRET",
        "ANILIST_CREATE_USER",
        "ANILIST_DEADLINE",
        "ANILIST_MAX_WAIT",
        "ANILIST_PROXY",
        "ANILIST_REDIRECT_URI",
        "ANILIST_SANDBOX_URL",
        "ANILIST_STALE_FOR",
        "ANILIST_TOKEN_KEYS",
        "ANILIST_USE_PKCE",
    }
)

settings = Settings()


def is_loopback_origin(url: str) -> bool:
    """Tell whether ``url`` is ``http(s)://`` and a name or address of this machine, no more."""
    try:
        parts = urlsplit(url)
        plain = not (parts.username or parts.path.strip("/") or parts.query or parts.fragment)
        parts.port  # noqa: B018  raises where the port is none
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and plain and is_loopback_host(parts.hostname or "")


def is_loopback_host(host: str) -> bool:
    """Tell whether ``host`` is ``localhost`` or an address of the loopback network."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

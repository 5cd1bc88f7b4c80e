"""What stands between this site and AniList, each kind with what mends it."""

from __future__ import annotations

import os
from collections.abc import Callable

from django_anilist.api.errors import AniListError, RateLimited, Unavailable
from django_anilist.conf import settings
from django_anilist.doctor.findings import (
    ANILIST,
    NETWORK,
    SETTINGS,
    SHELL,
    Finding,
    finding,
)


def named(error: AniListError, host: str) -> Finding:
    """Return what ``error``, met on the way to ``host``, means for whoever runs the site."""
    if isinstance(error, RateLimited):
        text = f"The request budget is spent: ask again in {error.retry_after:g} s."
        return finding("D157", text)
    reason = error.reason if isinstance(error, Unavailable) else ""
    return _BY_REASON.get(reason, _unusable)(host, reason)


def _unusable(host: str, reason: str) -> Finding:
    said = {"switched-off": "is switched off", "server": "has a fault of its own"}
    text = f"{host} {said.get(reason, 'gives no usable answer')}, and that will pass."
    return finding("D156", text)


def _dns(host: str, reason: str) -> Finding:
    text = f"The name {host} cannot be looked up."
    return finding("D151", text, *_through_proxy(f"getent hosts {host.partition(':')[0]}", SHELL))


def _connection(host: str, reason: str) -> Finding:
    what = "gives no answer in time" if reason == "timeout" else "cannot be connected to"
    remedy = f"Let this machine connect to {host}, if it has no way out."
    return finding("D152", f"{host} {what}.", *_through_proxy(remedy, NETWORK))


def _tls(host: str, reason: str) -> Finding:
    text = f"What answers as {host} has no certificate that can be trusted."
    if settings.ca_bundle:
        return finding("D153", text, "ANILIST_CA_BUNDLE = None  # the public authorities")
    line = 'ANILIST_CA_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"'
    return finding("D153", text, f"{line}  # with that of a proxy that opens TLS, if there is one")


def _proxy(host: str, reason: str) -> Finding:
    text = f"The proxy of ANILIST_PROXY does not lead to {host}."
    return finding("D154", text, "ANILIST_PROXY = None  # or the address of one that does")


def _forbidden(host: str, reason: str) -> Finding:
    text = f"{host} refuses this site, which calls itself {settings.user_agent}."
    return finding("D155", text, "Ask AniList why: https://anilist.co/forum", ANILIST)


def _through_proxy(remedy: str, place: str) -> tuple[str, str]:
    """Return what mends a way that is closed: the proxy that others use here, where there is one."""
    for name in ("HTTPS_PROXY", "https_proxy"):
        if os.environ.get(name) and not settings.proxy:
            return f'ANILIST_PROXY = os.environ["{name}"]', SETTINGS
    return remedy, place


_BY_REASON: dict[str, Callable[[str, str], Finding]] = {
    "dns": _dns,
    "connection": _connection,
    "timeout": _connection,
    "tls": _tls,
    "proxy": _proxy,
    "forbidden": _forbidden,
}

"""Look a site over: beyond the system checks, and with AniList itself asked.

``examine`` finds; ``manage.py anilist_doctor`` says it to people and machines. Nothing found ever holds
a secret.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured

from django_anilist.conf import settings
from django_anilist.doctor.checked import look_at_checks
from django_anilist.doctor.cookies import look_at_cookies
from django_anilist.doctor.findings import Finding, Report, finding
from django_anilist.doctor.online import look_online
from django_anilist.doctor.redirects import look_at_redirects
from django_anilist.doctor.rows import look_at_rows
from django_anilist.doctor.sharing import look_at_sharing

_LOOKS: dict[str, Callable[[], Iterator[Finding]]] = {
    "the settings": look_at_checks,
    "the redirect URL": look_at_redirects,
    "the cookies": look_at_cookies,
    "what is shared": look_at_sharing,
    "the database": look_at_rows,
}


def examine(*, offline: bool = False) -> Report:
    """Return all that there is to say of this site; ``offline`` asks AniList nothing.

    Never raises: what cannot be looked at is a finding. What ``SILENCED_SYSTEM_CHECKS`` names is left
    out. At most two requests go to AniList.
    """
    looks = dict(_LOOKS) if offline else {**_LOOKS, "AniList": look_online}
    found = [each for about, look in looks.items() for each in _found(about, look)]
    asked = "" if offline else _asked()
    if not asked:
        found.append(finding("D150", "AniList was not asked."))
    silenced = django_settings.SILENCED_SYSTEM_CHECKS
    return Report.of((each for each in found if each.id not in silenced), asked)


def _found(about: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from look()
    except Exception as error:  # noqa: BLE001  a doctor who faints helps nobody
        # By its name only: its text may hold a setting.
        text = f"{about[0].upper()}{about[1:]} could not be looked at ({type(error).__name__})."
        yield finding("D100", text)


def _asked() -> str:
    try:
        return settings.endpoints.graphql
    except ImproperlyConfigured:
        return ""

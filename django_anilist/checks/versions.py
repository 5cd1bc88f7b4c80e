"""What this app stands on, without known holes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import django
from django.apps import AppConfig
from django.core import checks
from django.core.checks import CheckMessage
from django.utils.version import get_version_tuple

#: The first release of each branch of Django without the holes known today.
_DJANGO = {(5, 2): "5.2.17", (6, 0): "6.0.8"}
#: The same of other packages. requests: CVE-2024-47081, which gave credentials to other hosts.
_OTHERS = {"requests": "2.32.4", "urllib3": "2.7.0"}


def check_versions(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """W040: Django and what speaks HTTP for us have no known holes."""
    return [
        checks.Warning(
            f"{name} {found} has known security holes, mended in {least}.",
            hint=f'python -m pip install "{name}{pin}"',
            id="anilist.W040",
        )
        for name, found, least, pin in _outdated()
    ]


def _outdated() -> Iterator[tuple[str, str, str, str]]:
    branch = django.VERSION[:2]
    least = _DJANGO.get(branch) if branch >= min(_DJANGO) else _DJANGO[min(_DJANGO)]
    found = django.get_version()
    if least and _older(found, least):
        yield "Django", found, least, f"~={least}"
    for name, least in _OTHERS.items():
        try:
            found = version(name)
        except PackageNotFoundError:
            continue  # brought along without its metadata
        if _older(found, least):
            yield name, found, least, f">={least}"


def _older(found: str, least: str) -> bool:
    return get_version_tuple(found) < get_version_tuple(least)

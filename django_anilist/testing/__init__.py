"""What a site needs to test its own views: AniList without AniList.

With pytest, ask for the fixture ``anilist``; with Django's own tests, mix
:class:`AniListTestMixin` into a test case, which then has ``self.anilist``. Both are an
:class:`AniListKit`. It needs the ``sandbox`` extra.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["AniListKit", "AniListTestMixin", "RealAniListError"]

_HOMES = {"AniListKit": "kit", "AniListTestMixin": "cases", "RealAniListError": "network"}


def __getattr__(name: str) -> Any:
    """Import the parts when they are used: pytest loads the plugin before there are settings."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

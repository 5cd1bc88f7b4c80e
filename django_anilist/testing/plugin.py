"""The pytest plugin: the fixture ``anilist``, and no way to AniList itself for any test."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from django_anilist.testing.network import blocked

if TYPE_CHECKING:
    from django_anilist.testing.kit import AniListKit


@pytest.fixture(autouse=True)
def _no_real_anilist() -> Iterator[None]:
    with blocked():
        yield


@pytest.fixture
def anilist(db: Any) -> Iterator[AniListKit]:
    """AniList for one test: nobody is connected, and nothing leaves the process."""
    # Imported here: a plugin is loaded before Django has its settings.
    kit = import_module("django_anilist.testing.kit").AniListKit()
    with kit:
        yield kit

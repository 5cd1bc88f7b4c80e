"""A user of the sandbox."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]

#: The kinds of favourites, in the words of AniList's ``Favourites``.
KINDS = ("anime", "manga", "characters", "staff", "studios")


def _options() -> Row:
    return {
        "titleLanguage": "ROMAJI",
        "displayAdultContent": False,
        "airingNotifications": True,
        "profileColor": "blue",
        "timezone": "+00:00",
        "activityMergeTime": 720,
        "staffNameLanguage": "ROMAJI_WESTERN",
        "restrictMessagesToFollowing": False,
        "notificationOptions": [],
        "disabledListActivity": [],
    }


def _list() -> Row:
    return {
        "customLists": [],
        "sectionOrder": [],
        "splitCompletedSectionByFormat": False,
        "advancedScoringEnabled": False,
        "advancedScoring": [],
        "theme": None,
    }


def _lists() -> Row:
    return {
        "scoreFormat": "POINT_10",
        "rowOrder": "score",
        "animeList": _list(),
        "mangaList": _list(),
    }


@dataclass
class Person:
    """A user; ``options`` and ``lists`` are AniList's ``UserOptions`` and ``MediaListOptions``."""

    name: str
    id: int
    about: str | None = None
    options: Row = field(default_factory=_options)
    lists: Row = field(default_factory=_lists)
    following: list[int] = field(default_factory=list)
    favourites: dict[str, list[int]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    unread: int = 0
    previous_names: list[Row] = field(default_factory=list)
    chart: Row = field(default_factory=lambda: {"settings": {}, "highlights": {}})
    created: int | None = 1_600_000_000
    updated: int = 1_700_000_000
    donator_badge: str | None = None
    private: bool = False
    deleted: bool = False

    @property
    def score_format(self) -> str:
        return str(self.lists["scoreFormat"])

    @property
    def title_language(self) -> str:
        """``ROMAJI``, ``ENGLISH`` or ``NATIVE``; the older words mean the same."""
        return str(self.options["titleLanguage"]).removesuffix("_STYLISED")

    def list_options(self, kind: str) -> Row:
        """Return the options of the list of ``ANIME`` or ``MANGA``."""
        found: Row = self.lists[f"{kind.lower()}List"]
        return found

    def custom_lists(self, kind: str) -> list[str]:
        return list(self.list_options(kind)["customLists"] or [])

"""What the fields of ``User`` answer."""

from __future__ import annotations

from typing import Any

from django_anilist.sandbox.lists import find_person
from django_anilist.sandbox.store import Person


def one(root: Any, info: Any, id: int | None = None, name: str | None = None, **_: Any) -> Person:
    """Answer ``User``."""
    return find_person(info.context.store, id, name)


def _avatar(person: Person, info: Any) -> dict[str, str]:
    url = f"{info.context.origin}/images/avatar/{person.name}.svg"
    return {"large": url, "medium": url}


def _options(person: Person, info: Any) -> dict[str, Any]:
    own = info.context.viewer is person
    return {
        "titleLanguage": person.title_language,
        "displayAdultContent": False,
        "airingNotifications": True,
        "profileColor": "blue",
        "timezone": "+00:00" if own else None,
    }


def _list_options(person: Person, info: Any) -> dict[str, Any]:
    kind = {
        "customLists": person.custom_lists,
        "sectionOrder": [],
        "splitCompletedSectionByFormat": False,
        "advancedScoringEnabled": False,
        "advancedScoring": [],
    }
    found = {"scoreFormat": person.score_format, "rowOrder": "score"}
    return {**found, "animeList": kind, "mangaList": kind}


def _unread(person: Person, info: Any) -> int | None:
    return 0 if info.context.viewer is person else None


FIELDS = {
    "about": lambda person, info, **_: None,
    "bannerImage": lambda person, info: None,
    "siteUrl": lambda person, info: f"https://anilist.co/user/{person.name}",
    "avatar": _avatar,
    "options": _options,
    "mediaListOptions": _list_options,
    "unreadNotificationCount": _unread,
    "createdAt": lambda person, info: 1_600_000_000,
    "updatedAt": lambda person, info: 1_700_000_000,
}

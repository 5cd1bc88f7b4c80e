"""Somebody's account at AniList, as much of it as a site keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django_anilist.api.errors import BadResponse
from django_anilist.api.oauth import is_account_id
from django_anilist.api.values import SCORE_FORMATS, clean_text, image_url
from django_anilist.conf import settings


@dataclass(frozen=True)
class Account:
    """An AniList account, as much of it as a row keeps. Only the id identifies it."""

    id: int
    name: str = ""
    avatar: str = ""
    score_format: str = ""

    @classmethod
    def from_viewer(cls, viewer: dict[str, Any]) -> Account:
        """Read AniList's ``Viewer``; raise :class:`BadResponse` where it holds no proper id."""
        if not is_account_id(viewer.get("id")):
            raise BadResponse("AniList's Viewer holds no id")
        avatar, options = _object(viewer, "avatar"), _object(viewer, "mediaListOptions")
        score_format = options.get("scoreFormat")
        return cls(
            id=viewer["id"],
            name=clean_text(viewer.get("name")),
            avatar=image_url(avatar.get("large"), settings.image_origins),
            score_format=score_format if score_format in SCORE_FORMATS else "",
        )

    def profile(self) -> dict[str, str]:
        """Return the fields of a row that follow the account."""
        return {"name": self.name, "avatar": self.avatar, "score_format": self.score_format}


def _object(value: dict[str, Any], name: str) -> dict[str, Any]:
    found = value.get(name)
    return found if isinstance(found, dict) else {}

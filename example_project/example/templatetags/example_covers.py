"""Covers: from AniList's own hosts only, over a box of their colour."""

from __future__ import annotations

import re
from typing import Any

from django import template

from django_anilist.api.values import image_url
from django_anilist.conf import settings

register = template.Library()

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@register.inclusion_tag("example/cover.html")
def cover(media: dict[str, Any]) -> dict[str, str]:
    """``{% cover media %}``"""
    image = media.get("coverImage") or {}
    colour = str(image.get("color") or "")
    return {
        "url": image_url(image.get("large"), settings.image_origins),
        "colour": colour if _COLOUR.fullmatch(colour) else "#8895a3",
    }

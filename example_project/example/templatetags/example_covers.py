"""Covers: from AniList's own hosts only, over a box of their colour."""

from __future__ import annotations

from typing import Any

from django import template

from django_anilist.api.values import colour, image_url
from django_anilist.conf import settings

register = template.Library()


@register.inclusion_tag("example/cover.html")
def cover(media: dict[str, Any]) -> dict[str, str]:
    """``{% cover media %}``"""
    image = media.get("coverImage") or {}
    return {
        "url": image_url(image.get("large"), settings.image_origins),
        "colour": colour(image.get("color")) or "#8895a3",
    }

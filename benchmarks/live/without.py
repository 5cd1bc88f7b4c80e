"""The example site with its AniList parts removed: nothing is asked, and every tag is empty.

What the views need of titles is a constant, so that the pages have the same rows of their own.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.template import Library

from django_anilist.templatetags import anilist

_MEDIA = {
    "id": 1,
    "type": "ANIME",
    "title": {"userPreferred": "Cowboy Bebop"},
    "relations": {"edges": []},
}
_ANSWERS = {"Page": {"media": [_MEDIA] * 12}, "Media": _MEDIA}


class Middleware:
    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        request.anilist = SimpleNamespace(execute=lambda *asked, **options: _ANSWERS)
        return self.get_response(request)


def _empty(*arguments: object, **options: object) -> str:
    return ""


def _plain(value: Any, argument: object = None) -> Any:
    """Return the title of a medium, and anything else as it is."""
    return (
        value["title"]["userPreferred"] if isinstance(value, dict) and "title" in value else value
    )


register = Library()
for _name in anilist.register.tags:
    register.simple_tag(_empty, name=_name)
for _name in anilist.register.filters:
    register.filter(_name, _plain)

"""The same tags and filters for Jinja2 templates, as functions and filters.

``"OPTIONS": {"extensions": ["django_anilist.jinja.AniListExtension"]}`` in ``TEMPLATES``; then
``{{ anilist_connect_button() }}``, ``{% set watching = anilist_list(status="CURRENT") %}`` and
``{{ media|anilist_title }}``. What they show is rendered by Django's own engine.

A loop is not looked through here: ``{{ anilist_attach(rows) }}`` before it makes its media one request.
"""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, pass_context
from jinja2.ext import Extension

from django_anilist import template_filters
from django_anilist.templatetags import anilist

TAGS = (
    anilist.anilist_attach,
    anilist.anilist_avatar,
    anilist.anilist_card,
    anilist.anilist_connect_button,
    anilist.anilist_cover,
    anilist.anilist_disconnect_button,
    anilist.anilist_list,
    anilist.anilist_list_button,
    anilist.anilist_media,
    anilist.anilist_next_airing,
    anilist.anilist_notice,
    anilist.anilist_profile,
    anilist.anilist_progress,
    anilist.anilist_status,
    anilist.anilist_viewer,
)


class AniListExtension(Extension):
    """Adds our tags as global functions, and our filters, to a Jinja2 environment."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        functions: dict[str, Any] = {tag.__name__: pass_context(tag) for tag in TAGS}
        environment.globals.update(functions)
        environment.filters.update({each.__name__: each for each in template_filters.ALL})

"""Who this site is at AniList."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error

from django_anilist.conf import settings

_PLACEHOLDERS = ("changeme", "xxx", "your-", "your_", "<", "todo", "...")


def check_client(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """E001: the client id and secret are there, and are not the words of an example."""
    return [
        Error(
            f"{name} is missing or a placeholder.",
            hint=f'{name} = os.environ["{name}"]  # from https://anilist.co/settings/developer',
            id="anilist.E001",
        )
        for name, value in (
            ("ANILIST_CLIENT_ID", settings.client_id),
            ("ANILIST_CLIENT_SECRET", settings.client_secret.reveal()),
        )
        if not value or value.lower().startswith(_PLACEHOLDERS)
    ]

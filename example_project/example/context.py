"""What every page of this site may know."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def sandbox(request: HttpRequest) -> dict[str, bool]:
    """Tell whether there is a sandbox whose weather can be made."""
    return {"weather_on": bool(settings.ANILIST_SANDBOX_URL)}

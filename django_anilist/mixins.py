"""Class-based views that need a connected AniList account."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from django_anilist.decorators import anilist_required


class AniListRequiredMixin:
    """Let only users with a usable AniList connection in; stands before ``View``."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        go = super().dispatch  # type: ignore[misc]

        async def asynchronous(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            return await go(request, *args, **kwargs)

        view: Any = asynchronous if getattr(self, "view_is_async", False) else go
        return anilist_required(view)(request, *args, **kwargs)  # type: ignore[no-any-return]

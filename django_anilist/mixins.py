"""Class-based views that need a connected AniList account."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator

from django_anilist.decorators import anilist_required


class AniListRequiredMixin:
    """Let only users with a usable AniList connection in; stands before ``View``."""

    @method_decorator(anilist_required)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc,no-any-return]

"""Views that need a connected AniList account."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse

from django_anilist.answers import reconnect, sign_in
from django_anilist.conf import AniListImproperlyConfigured
from django_anilist.gateway import AniList

_View = TypeVar("_View", bound=Callable[..., Any])


def anilist_required(view: _View) -> _View:
    """Let only users with a usable AniList connection in; send others to sign in or to connect.

    They come back to the same page. Works for functions, synchronous or not; for classes there is
    ``django_anilist.mixins.AniListRequiredMixin``.
    """
    if isinstance(view, type):
        raise TypeError(f"{view.__name__} is a class: it takes AniListRequiredMixin")
    if iscoroutinefunction(view):

        @wraps(view)
        async def asynchronous(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            client = client_of(request)
            status = await client.astatus()
            user = await request.auser()
            refusal = refuse(request, user.is_authenticated, status.usable, status)
            return refusal or await view(request, *args, **kwargs)

        return asynchronous  # type: ignore[return-value]

    @wraps(view)
    def synchronous(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        status = client_of(request).status
        refusal = refuse(request, request.user.is_authenticated, status.usable, status)
        return refusal or view(request, *args, **kwargs)

    return synchronous  # type: ignore[return-value]


def client_of(request: HttpRequest) -> AniList:
    """Return ``request.anilist``, or say which line of the settings is missing."""
    try:
        return request.anilist  # type: ignore[attr-defined,no-any-return]
    except AttributeError:
        raise AniListImproperlyConfigured(
            'Add "django_anilist.middleware.AniListMiddleware" to MIDDLEWARE, '
            "after AuthenticationMiddleware"
        ) from None


def refuse(
    request: HttpRequest, signed_in: bool, connected: bool, status: str
) -> HttpResponse | None:
    """Return the answer to a user who may not go on, or ``None`` to one who may."""
    if not signed_in:
        return sign_in(request)
    return None if connected else reconnect(request, status)

"""A strict content security policy: nothing inline, and images from AniList besides our own."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from django_anilist.conf import settings


class ContentSecurityPolicyMiddleware:
    """Set the policy on every page.

    No ``form-action``: browsers apply it to redirects too, and the form that connects AniList ends
    at AniList.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        images = " ".join(("'self'", *settings.image_origins))
        response.headers["Content-Security-Policy"] = (
            f"default-src 'self'; img-src {images}; frame-ancestors 'none'; base-uri 'none'"
        )
        return response

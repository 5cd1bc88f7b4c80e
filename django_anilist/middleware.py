"""``request.anilist``, and the answers to what a view could not get from AniList."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject

from django_anilist.answers import answer_to
from django_anilist.api.errors import TokenRejected
from django_anilist.gateway import AniList, mark_refused
from django_anilist.shared import forget_again


class AniListHttpRequest(HttpRequest):
    """What a view is handed, for type checkers: ``def view(request: AniListHttpRequest)``."""

    anilist: AniList


class AniListMiddleware:
    """Give each request ``request.anilist``: AniList as whoever is signed in.

    It is lazy: unused, it costs no query and does not touch the session. Where a view raises one of
    our errors, the user is sent to connect again (``ReconnectRequired``) or told to wait
    (``RateLimited``, ``Unavailable``). Stands after ``AuthenticationMiddleware``.
    """

    sync_capable = True
    async_capable = True

    def __init__(
        self, get_response: Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]
    ) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        # The same call serves both: in an asynchronous stack it returns what is to be awaited.
        request.anilist = SimpleLazyObject(lambda: AniList.for_request(request))  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        # Where each request is a transaction, it took back what was written of AniList, too.
        forget_again()
        if isinstance(exception, TokenRejected):
            mark_refused(request.anilist)  # type: ignore[attr-defined]
        return answer_to(request, exception)

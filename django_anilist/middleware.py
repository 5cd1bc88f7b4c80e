"""``request.anilist``, and the answers to what a view could not get from AniList."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject

from django_anilist.answers import answer_to
from django_anilist.api.errors import TokenRejected
from django_anilist.gateway import AniList, mark_refused
from django_anilist.shared import put_off


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
        request.anilist = SimpleLazyObject(lambda: AniList.for_request(request))  # type: ignore[attr-defined]
        response = self.get_response(request)
        if isinstance(response, Awaitable):  # in an asynchronous stack
            return _awaited(response)
        if (memory := put_off()) is not None:
            memory.forget_again()
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, TokenRejected):
            # where each request is a transaction, it took the mark back
            mark_refused(request.anilist)  # type: ignore[attr-defined]
        return answer_to(request, exception)


async def _awaited(response: Awaitable[HttpResponseBase]) -> HttpResponseBase:
    found = await response
    if (memory := put_off()) is not None:
        await sync_to_async(memory.forget_again)()
    return found

"""How a site uses this package, for type checkers to read. It is never run."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.http import HttpResponse
from django.shortcuts import render

from django_anilist import tasks
from django_anilist.api.errors import AniListError, NotFound, RateLimited
from django_anilist.api.lists import MediaList
from django_anilist.api.results import Answer
from django_anilist.api.values import FuzzyDate, score_to_raw
from django_anilist.decorators import anilist_required
from django_anilist.gateway import AniList
from django_anilist.middleware import AniListHttpRequest
from django_anilist.models import AniListToken, Status


@anilist_required
def dashboard(request: AniListHttpRequest) -> HttpResponse:
    watching: MediaList = request.anilist.media_list(type="ANIME", status="CURRENT")
    stale: bool = watching.stale
    return render(request, "dashboard.html", {"watching": watching, "stale": stale})


def title(request: AniListHttpRequest, pk: int) -> HttpResponse:
    try:
        media: Answer = request.anilist.media(pk)
    except NotFound:
        return HttpResponse(status=404)
    except RateLimited as error:
        seconds: float = error.retry_after
        return HttpResponse(headers={"Retry-After": str(seconds)}, status=503)
    return render(request, "title.html", {"media": media, "age": media.age})


async def asynchronous(request: AniListHttpRequest) -> HttpResponse:
    many = await request.anilist.amedia_many([1, 5, 21])
    missing: list[int] = [number for number, medium in many.items() if medium is None]
    return HttpResponse(str(missing))


@anilist_required
async def asynchronous_and_connected(request: AniListHttpRequest) -> HttpResponse:
    viewer: Answer = await request.anilist.aviewer()
    return HttpResponse(viewer["name"])


def task(user: User) -> bool:
    client = AniList.for_user(user, max_wait=30.0)
    row: AniListToken | None = client.account
    usable: bool = client.status is Status.CONNECTED and row is not None
    try:
        client.save_media_list_entry(media_id=1, score_raw=score_to_raw(8.5, "POINT_10_DECIMAL"))
    except AniListError:
        return False
    client.save_media_list_entry(media_id=1, started_at=FuzzyDate(2026, 11).to_input())
    client.save_media_list_entry(mediaid=1)  # type: ignore[call-arg]
    client.media_list(statuz="CURRENT")  # type: ignore[call-arg]
    return usable


def nightly() -> int:
    return tasks.remind(days=[30, 7, 1]).mailed

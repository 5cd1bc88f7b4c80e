"""A site that uses AniList in every way, as a user of the package would write it."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template
from django.urls import path

from django_anilist.api.errors import QueryError
from django_anilist.decorators import anilist_required
from tests.urls import urlpatterns as ours

_PROFILE = "<h1>{{ viewer.name }}</h1><img src='{{ viewer.avatar.large }}'>"
_LIST = """{% load anilist %}{% for entry in entries %}{% anilist_card entry %}
{{ entry.media|anilist_title }} {{ entry|anilist_score }} {% anilist_progress entry %}
{% anilist_next_airing entry.media %}{% endfor %}"""
_PAGE = """{% load anilist %}{% anilist_viewer as viewer %}{{ viewer.name }}{% anilist_status %}
{% anilist_profile user %}{% anilist_list status="CURRENT" %}{% anilist_media 1 %}
{% anilist_card 2 %}{% anilist_list_button 1 %}{% anilist_notice %}"""


def _shown(request: HttpRequest, text: str, **context: object) -> HttpResponse:
    page = Template(text).render(RequestContext(request, context))
    return HttpResponse(page)


def _refused() -> HttpResponse:
    """AniList said no to what the view asked: the README leaves that to the view."""
    return HttpResponse("AniList said no", status=422)


@anilist_required
def query(request: HttpRequest) -> HttpResponse:
    try:
        return _shown(request, _PROFILE, viewer=request.anilist.viewer())
    except QueryError:
        return _refused()


@anilist_required
async def async_query(request: HttpRequest) -> HttpResponse:
    try:
        viewer = await request.anilist.aviewer()
    except QueryError:
        return _refused()
    return await sync_to_async(_shown)(request, _PROFILE, viewer=viewer)


@anilist_required
def media_list(request: HttpRequest) -> HttpResponse:
    try:
        return _shown(request, _LIST, entries=request.anilist.media_list())
    except QueryError:
        return _refused()


@anilist_required
async def async_media_list(request: HttpRequest) -> HttpResponse:
    try:
        entries = await request.anilist.amedia_list()
    except QueryError:
        return _refused()
    return await sync_to_async(_shown)(request, _LIST, entries=entries)


def page(request: HttpRequest) -> HttpResponse:
    return _shown(request, _PAGE)


async def async_page(request: HttpRequest) -> HttpResponse:
    return await sync_to_async(_shown)(request, _PAGE)


urlpatterns = [
    path("query/", query),
    path("async/query/", async_query),
    path("list/", media_list),
    path("async/list/", async_media_list),
    path("page/", page),
    path("async/page/", async_page),
    *ours,
]

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def plain(request: HttpRequest) -> HttpResponse:
    """A page that does not use AniList."""
    return HttpResponse("plain")


urlpatterns = [
    path("", plain),
    path("anilist/", include("django_anilist.urls")),
    path("admin/", admin.site.urls),
]

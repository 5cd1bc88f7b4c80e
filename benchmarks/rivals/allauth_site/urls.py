from allauth.socialaccount.providers.oauth2.urls import default_urlpatterns
from django.urls import include, path

from benchmarks.rivals.allauth_site.provider import AniListProvider

urlpatterns = [
    path("accounts/", include(default_urlpatterns(AniListProvider))),
    path("accounts/", include("allauth.urls")),
]

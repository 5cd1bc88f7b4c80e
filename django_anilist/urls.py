"""``path("anilist/", include("django_anilist.urls"))``."""

from __future__ import annotations

from django.urls import path

from django_anilist import views

app_name = "anilist"

urlpatterns = [
    path("", views.account, name="account"),
    path("authorize/", views.authorize, name="authorize"),
    path("callback/", views.callback, name="callback"),
    path("disconnect/", views.disconnect, name="disconnect"),
    path("problem/<slug:outcome>/", views.problem, name="problem"),
]

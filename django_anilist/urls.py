"""``path("anilist/", include("django_anilist.urls"))``."""

from __future__ import annotations

from django.urls import path

from django_anilist import entry_views, views

app_name = "anilist"

urlpatterns = [
    path("", views.account, name="account"),
    path("authorize/", views.authorize, name="authorize"),
    path("login/", views.login, name="login"),
    path("callback/", views.callback, name="callback"),
    path("dismiss/<slug:kind>/", entry_views.dismiss_notice, name="dismiss"),
    path("disconnect/", views.disconnect, name="disconnect"),
    path("problem/<slug:outcome>/", views.problem, name="problem"),
    path("save-entry/", entry_views.save_entry, name="save-entry"),
]

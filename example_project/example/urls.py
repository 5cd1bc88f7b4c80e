from django.conf import settings
from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path

from example import views, weather

WITH_ANILIST = "django_anilist.backends.AniListBackend" in settings.AUTHENTICATION_BACKENDS

urlpatterns = [
    path("", views.home, name="home"),
    path("dashboard/", views.dashboard, name="dashboard"),
    path("title/<int:pk>/", views.title, name="title"),
    path("title/<int:pk>/review/", views.review, name="review"),
    path("reviews/", views.reviews, name="reviews"),
    path("weather/", weather.weather, name="weather"),
    path(
        "login/",
        auth.LoginView.as_view(extra_context={"with_anilist": WITH_ANILIST}),
        name="login",
    ),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("anilist/", include("django_anilist.urls")),
    path("admin/", admin.site.urls),
]

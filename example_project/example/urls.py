from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path

from example import views

urlpatterns = [
    path("", views.home, name="home"),
    path("dashboard/", views.dashboard, name="dashboard"),
    path("dashboard/watched/", views.watched, name="watched"),
    path("title/<int:pk>/", views.title, name="title"),
    path("login/", auth.LoginView.as_view(), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("anilist/", include("django_anilist.urls")),
    path("admin/", admin.site.urls),
]

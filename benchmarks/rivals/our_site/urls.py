from django.urls import include, path

urlpatterns = [path("anilist/", include("django_anilist.urls"))]

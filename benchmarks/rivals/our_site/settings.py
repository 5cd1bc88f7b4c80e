"""What django-anilist needs, with its own deadlines."""

from benchmarks.rivals import APPS, CLIENT_ID, CLIENT_SECRET, MIDDLEWARE

START = "/anilist/login/"
CALLBACK = "/anilist/callback/"
SETTINGS = {
    "ROOT_URLCONF": "benchmarks.rivals.our_site.urls",
    "INSTALLED_APPS": [*APPS, "django_anilist"],
    "MIDDLEWARE": [*MIDDLEWARE, "django_anilist.middleware.AniListMiddleware"],
    "AUTHENTICATION_BACKENDS": ["django_anilist.backends.AniListBackend"],
    "ANILIST_CREATE_USER": "django_anilist.backends.create_user",
    "ANILIST_CLIENT_ID": CLIENT_ID,
    "ANILIST_CLIENT_SECRET": CLIENT_SECRET,
    "ANILIST_REDIRECT_URI": "https://testserver/anilist/callback/",
}

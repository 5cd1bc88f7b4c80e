"""What social-auth-app-django needs; its middleware makes pages of its errors."""

from benchmarks.rivals import APPS, CLIENT_ID, CLIENT_SECRET, MIDDLEWARE

START = "/login/anilist/"
CALLBACK = "/complete/anilist/"
SETTINGS = {
    "ROOT_URLCONF": "benchmarks.rivals.social_site.urls",
    "INSTALLED_APPS": [*APPS, "social_django"],
    "MIDDLEWARE": [*MIDDLEWARE, "social_django.middleware.SocialAuthExceptionMiddleware"],
    "AUTHENTICATION_BACKENDS": ["benchmarks.rivals.social_site.backend.AniListOAuth2"],
    "SOCIAL_AUTH_ANILIST_KEY": CLIENT_ID,
    "SOCIAL_AUTH_ANILIST_SECRET": CLIENT_SECRET,
    "SOCIAL_AUTH_LOGIN_ERROR_URL": "/failed/",
    "LOGIN_REDIRECT_URL": "/in/",
}

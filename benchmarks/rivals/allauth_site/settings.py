"""What django-allauth needs, with its own timeout of five seconds."""

from benchmarks.rivals import APPS, CLIENT_ID, CLIENT_SECRET, MIDDLEWARE

START = "/accounts/anilist/login/"
CALLBACK = "/accounts/anilist/login/callback/"
SETTINGS = {
    "ROOT_URLCONF": "benchmarks.rivals.allauth_site.urls",
    "INSTALLED_APPS": [
        *APPS,
        "allauth",
        "allauth.account",
        "allauth.socialaccount",
        "benchmarks.rivals.allauth_site",
    ],
    "MIDDLEWARE": [*MIDDLEWARE, "allauth.account.middleware.AccountMiddleware"],
    "AUTHENTICATION_BACKENDS": ["allauth.account.auth_backends.AuthenticationBackend"],
    "ACCOUNT_EMAIL_VERIFICATION": "none",
    "SOCIALACCOUNT_STORE_TOKENS": True,
    "SOCIALACCOUNT_PROVIDERS": {
        "anilist": {"APPS": [{"client_id": CLIENT_ID, "secret": CLIENT_SECRET}]}
    },
}

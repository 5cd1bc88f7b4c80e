"""The example site. Without ``EXAMPLE_PRODUCTION`` it is for a developer's own machine."""

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
PRODUCTION = bool(os.environ.get("EXAMPLE_PRODUCTION"))

DEBUG = not PRODUCTION
SECRET_KEY = os.environ["SECRET_KEY"] if PRODUCTION else "for-development-only"
ALLOWED_HOSTS = os.environ["ALLOWED_HOSTS"].split(",") if PRODUCTION else ["127.0.0.1", "localhost"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "example",  # before django_anilist, whose base.html it replaces
    "django_anilist",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "example.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_anilist.middleware.AniListMiddleware",
]

ROOT_URLCONF = "example.urls"
WSGI_APPLICATION = "example.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "example.context.sandbox",
            ]
        },
    }
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("EXAMPLE_DATABASE", PROJECT / "db.sqlite3"),
        # Writers wait for their turn, as long as a user would.
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = PROJECT / "static"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"

# AniList. "manage.py demo" points these at its sandbox.
ANILIST_CLIENT_ID = os.environ.get("ANILIST_CLIENT_ID", "1001")
ANILIST_CLIENT_SECRET = os.environ.get("ANILIST_CLIENT_SECRET", "only-for-the-sandbox")
ANILIST_REDIRECT_URI = os.environ.get(
    "ANILIST_REDIRECT_URI", "http://127.0.0.1:8000/anilist/callback/"
)
ANILIST_BUDGET = os.environ.get("ANILIST_BUDGET", "")
ANILIST_SANDBOX_URL = os.environ.get("ANILIST_SANDBOX_URL", "")

# With EXAMPLE_LOGIN_WITH_ANILIST, people may come from AniList without an account here.
if os.environ.get("EXAMPLE_LOGIN_WITH_ANILIST"):
    AUTHENTICATION_BACKENDS = [
        "django.contrib.auth.backends.ModelBackend",
        "django_anilist.backends.AniListBackend",
    ]
    ANILIST_CREATE_USER = "django_anilist.backends.create_user"

if PRODUCTION:
    # Apart from the database: who has one of the two still has no token.
    ANILIST_TOKEN_KEYS = os.environ["ANILIST_TOKEN_KEYS"].split(",")
    # Shared by all processes, so that what one asked of AniList the others know.
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": PROJECT / "cache",
            "OPTIONS": {"MAX_ENTRIES": 10_000},
        }
    }
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

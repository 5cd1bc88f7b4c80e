"""The example site's settings, with PostgreSQL and Redis, and every log line on standard error."""

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "example_project"))

from example.settings import *  # noqa: F403
from example.settings import MIDDLEWARE, TEMPLATES

_database = urlsplit(os.environ["LIVE_DATABASE"])
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _database.path.lstrip("/"),
        "USER": _database.username,
        "PASSWORD": _database.password or "",
        "HOST": _database.hostname,
        "PORT": _database.port,
    }
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": os.environ["LIVE_REDIS"],
        "OPTIONS": {"pool_class": "benchmarks.live.pool.OnePool"},
    }
}
ANILIST_BUDGET = os.environ["LIVE_REDIS"]
ANILIST_TOKEN_KEYS = [os.environ["LIVE_TOKEN_KEY"]]
ROOT_URLCONF = "benchmarks.live.urls"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
_level = os.environ.get("LIVE_LOG_LEVEL", "DEBUG")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"level": {"format": "{levelname} {name} {message}", "style": "{"}},
    "handlers": {"all": {"class": "logging.StreamHandler", "formatter": "level"}},
    "root": {"handlers": ["all"], "level": _level},
    # Django's own default is INFO, and two places to print to.
    "loggers": {"django": {"handlers": [], "level": _level}},
}

if os.environ.get("LIVE_WITHOUT_ANILIST"):
    MIDDLEWARE = [
        "benchmarks.live.without.Middleware" if "django_anilist" in name else name
        for name in MIDDLEWARE
    ]
    TEMPLATES[0]["OPTIONS"]["libraries"] = {"anilist": "benchmarks.live.without"}

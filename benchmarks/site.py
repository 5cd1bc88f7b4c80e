"""A site for the benchmarks: Django's settings, set by hand, with a database of its own."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path
from typing import Any

import django
from django.conf import settings


def set_up(**more: Any) -> None:
    """Configure Django, once for a process."""
    if settings.configured:
        return
    folder = Path(tempfile.mkdtemp(prefix="anilist-benchmark-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    settings.configure(
        **{
            "DEBUG": True,
            "SECRET_KEY": "only-for-benchmarks",
            "ALLOWED_HOSTS": ["*"],
            "ROOT_URLCONF": "benchmarks.urls",
            "USE_TZ": True,
            "DATABASES": {
                "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "db.sqlite3"}
            },
            "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
            "INSTALLED_APPS": [
                "django.contrib.admin",
                "django.contrib.auth",
                "django.contrib.contenttypes",
                "django.contrib.messages",
                "django.contrib.sessions",
                "django.contrib.staticfiles",
                "django_anilist",
            ],
            "MIDDLEWARE": [
                "django.contrib.sessions.middleware.SessionMiddleware",
                "django.contrib.auth.middleware.AuthenticationMiddleware",
                "django.contrib.messages.middleware.MessageMiddleware",
                "django_anilist.middleware.AniListMiddleware",
            ],
            "TEMPLATES": [
                {
                    "BACKEND": "django.template.backends.django.DjangoTemplates",
                    "APP_DIRS": True,
                    "OPTIONS": {
                        "context_processors": [
                            "django.template.context_processors.request",
                            "django.contrib.auth.context_processors.auth",
                            "django.contrib.messages.context_processors.messages",
                        ]
                    },
                }
            ],
            "STATIC_URL": "/static/",
            "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
            "ANILIST_CLIENT_ID": "1001",
            "ANILIST_CLIENT_SECRET": "only-for-benchmarks",
            "ANILIST_BUDGET": str(folder / "budget"),
            # What is measured is how long it takes; a busy machine is no outage.
            "ANILIST_DEADLINE": 600,
            "ANILIST_MAX_WAIT": 600,
            **more,
        }
    )
    django.setup()


def make_tables() -> None:
    """Make the tables of the database, where there are none."""
    from django.core.management import call_command  # noqa: PLC0415  settings come first

    call_command("migrate", verbosity=0)

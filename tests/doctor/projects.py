"""Small real projects, with a settings file to break and to mend."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet

ROOT = Path(__file__).resolve().parents[2]
KEY, OLD_KEY = Fernet.generate_key().decode(), Fernet.generate_key().decode()

MANAGE = """
import os, sys
from django.core.management import execute_from_command_line
os.environ["DJANGO_SETTINGS_MODULE"] = "site_settings"
execute_from_command_line(sys.argv)
"""

URLS = """
from django.urls import include, path
urlpatterns = [path("anilist/", include("django_anilist.urls"))]
"""

#: What is right on a developer's machine and on a live site alike.
SETTINGS = """
import os
from pathlib import Path
PROJECT = Path(__file__).parent
SECRET_KEY = "only-for-tests"
USE_TZ = True
ROOT_URLCONF = "site_urls"
LOGIN_URL = "/admin/login/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django_anilist",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_anilist.middleware.AniListMiddleware",
]
DATABASES = {"default": {
    "ENGINE": "django.db.backends.sqlite3", "NAME": PROJECT / "db.sqlite3",
    "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE"},
}}
ANILIST_CLIENT_ID = "1001"
ANILIST_CLIENT_SECRET = os.environ["ANILIST_CLIENT_SECRET"]
ANILIST_BUDGET = str(PROJECT / "budget")
SILENCED_SYSTEM_CHECKS = ["anilist.W040"]  # whatever versions the tests run with
"""

LIVE = """
DEBUG = False
ALLOWED_HOSTS = ["anime.example"]
SESSION_COOKIE_SECURE = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CACHES = {"default": {
    "BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": PROJECT / "cache",
}}
ANILIST_TOKEN_KEYS = [os.environ["ANILIST_TOKEN_KEY"]]
ANILIST_REDIRECT_URI = "https://anime.example/anilist/callback/"
"""

WORKSHOP = """
DEBUG = True
ALLOWED_HOSTS = []
ANILIST_SANDBOX_URL = os.environ["SANDBOX"]
ANILIST_REDIRECT_URI = "http://127.0.0.1:8000/anilist/callback/"
"""

#: A token that was sealed by the key in force.
KEEP_A_TOKEN = """
from django.contrib.auth.models import User
from django_anilist.accounts import Account
from django_anilist import tokens
from django_anilist.api.oauth import Grant
from django_anilist.api.secrets import Secret
user = User.objects.create_user("alice")
tokens.save(user, Account(50), Grant(Secret("only-a-word"), 31_000_000, 50))
"""


@dataclass
class Project:
    """One project in ``folder``; ``live`` is asked offline, the other asks the sandbox."""

    folder: Path
    live: bool = True
    sandbox: str = ""
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        (self.folder / "manage.py").write_text(MANAGE)
        (self.folder / "site_urls.py").write_text(URLS)
        self.settings = self.folder / "site_settings.py"
        self.settings.write_text(SETTINGS + (LIVE if self.live else WORKSHOP))
        self.environment = {
            **{name: value for name, value in os.environ.items() if "PROXY" not in name.upper()},
            "PYTHONPATH": str(ROOT),
            "ANILIST_CLIENT_ID": "1001",
            "ANILIST_CLIENT_SECRET": "only-for-the-sandbox",
            "ANILIST_TOKEN_KEY": KEY,
            "ANILIST_OLD_TOKEN_KEY": OLD_KEY,
            "SANDBOX": self.sandbox,
            **self.environment,
        }

    def manage(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-W", "error", "manage.py", *arguments],
            cwd=self.folder,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def put(self, line: str, file: str = "site_settings.py") -> None:
        with (self.folder / file).open("a") as settings:
            settings.write(f"\n{line}\n")

    def examined(self, *options: str) -> tuple[dict[str, Any], int]:
        """Return what the doctor tells machines, and the exit code."""
        offline = ["--offline"] if self.live else []
        done = self.manage("anilist_doctor", "--json", *offline, *options)
        assert "Traceback" not in done.stderr
        return json.loads(done.stdout), done.returncode

    def follow(self, finding: dict[str, str]) -> None:
        """Do what a remedy says, to the letter."""
        if finding["place"] == "shell":
            command = finding["remedy"].split()
            assert command[:2] == ["python", "manage.py"]
            assert self.manage(*command[2:]).returncode == 0
        else:
            self.put(
                finding["remedy"],
                {"urls": "site_urls.py"}.get(finding["place"], "site_settings.py"),
            )

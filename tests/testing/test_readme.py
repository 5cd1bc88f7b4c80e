"""What the README says about testing runs as it stands: a site of its own, the plugin, two workers."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from django_anilist.testing import AniListKit

README = Path(__file__).resolve().parents[2] / "README.rst"

SITE = """
SECRET_KEY = "for-tests"
INSTALLED_APPS = [
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
    "django.contrib.messages", "django_anilist",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_anilist.middleware.AniListMiddleware",
]
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
    "OPTIONS": {"context_processors": [
        "django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
    ]},
}]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "site_urls"
USE_TZ = True
"""

URLS = """
from django.http import HttpResponse
from django.urls import include, path
from django_anilist.decorators import anilist_required

@anilist_required
def dashboard(request):
    watching = request.anilist.media_list(type="ANIME", status="CURRENT")
    return HttpResponse(", ".join(entry["media"]["title"]["userPreferred"] for entry in watching))

urlpatterns = [path("dashboard/", dashboard), path("anilist/", include("django_anilist.urls"))]
"""


def section() -> str:
    text = README.read_text(encoding="utf-8")
    return text.split("Test your own views\n===", 1)[1].split("\nGood to know\n", 1)[0]


def blocks() -> list[str]:
    found = re.findall(r"\.\. code-block:: python\n\n((?:    .*\n|\n)+)", section())
    return [textwrap.dedent(block) for block in found]


@pytest.mark.slow
def test_the_readmes_tests_run_as_they_stand(tmp_path):
    (tmp_path / "site_settings.py").write_text(SITE)
    (tmp_path / "site_urls.py").write_text(URLS)
    for number, block in enumerate(blocks()):
        (tmp_path / f"test_readme_{number}.py").write_text(block)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-n",
        "2",
        "-W",
        "error",
        "--ds",
        "site_settings",
        "-p",
        "no:cacheprovider",
    ]
    found = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False, env=None
    )
    assert "3 passed" in found.stdout, found.stdout + found.stderr


def test_the_first_is_of_six_lines():
    assert len(blocks()[0].strip().splitlines()) == 6


def test_every_method_the_readme_names_is_there():
    names = set(re.findall(r"``(\w+)(?:\(|``)", section().split("=====  ", 1)[1]))
    assert "reply" in names
    words = {"alice", "bob", "eve", "html", "timeout", "server", "connection", "with", "django_db"}
    for name in names - words:
        assert name == "requests" or callable(getattr(AniListKit, name))

"""What the documentation says about testing runs as it stands: a site of its own, the plugin, two workers."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.documents import DOCS, ROOT, blocks

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


def shown() -> list[str]:
    """Return the README's test, and those that testing.rst begins with."""
    readme = [text for kind, text in blocks(ROOT / "README.rst") if "def test_" in text]
    page = [text for kind, text in blocks(DOCS / "testing.rst") if kind == "python"]
    return [*readme, *page[:2]]


@pytest.mark.slow
def test_the_tests_that_are_shown_run_as_they_stand(tmp_path):
    (tmp_path / "site_settings.py").write_text(SITE)
    (tmp_path / "site_urls.py").write_text(URLS)
    for number, block in enumerate(shown()):
        (tmp_path / f"test_shown_{number}.py").write_text(block)
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
    assert "4 passed" in found.stdout, found.stdout + found.stderr


def test_the_first_is_of_six_lines():
    assert len(shown()[0].strip().splitlines()) == 6

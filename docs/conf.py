"""How the documentation is built: ``python -m sphinx -W docs build/docs``."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from docutils import nodes

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import django_anilist

settings.configure(
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "django.contrib.sessions",
        "django_anilist",
    ],
    SECRET_KEY="only-to-read-the-docstrings",  # noqa: S106
    ANILIST_CLIENT_ID="1",
)
django.setup()

project = "django-anilist (unofficial)"
author = copyright = "The django-anilist contributors"  # noqa: A001
version = release = django_anilist.__version__
extensions = ["sphinx.ext.autodoc"]
autodoc_member_order = "bysource"
autodoc_typehints = "description"
html_theme = "furo"
html_title = f"django-anilist {release}"
html_static_path: list[str] = []
nitpicky = False

#: A file beside this one, or above: as a forge shows it, so that the same link works there and here.
_FILE = re.compile(r"(?:\.\./)?([\w-]+)\.rst(#[\w-]+)?")


def link_to_pages(app: Any, doctree: Any) -> None:
    """Let links to files of this folder lead to the pages made of them."""
    for node in doctree.findall(nodes.reference):
        found = _FILE.fullmatch(node.get("refuri", ""))
        if found and found[1] in app.env.found_docs:
            node["refuri"] = app.builder.get_target_uri(found[1]) + (found[2] or "")


def setup(app: Any) -> None:
    app.connect("doctree-read", link_to_pages)

"""Look into a wheel: what a site needs is there, and nothing of ours that it does not."""

import sys
import zipfile

NEEDED = (
    "django_anilist/py.typed",
    "django_anilist/migrations/0001_initial.py",
    "django_anilist/templates/django_anilist/base.html",
    "django_anilist/templates/django_anilist/tags/avatar.html",
    "django_anilist/static/django_anilist/anilist.css",
    "django_anilist/sandbox/schema.graphql",
    "django_anilist/sandbox/templates/consent.html",
    "django_anilist/sandbox/static/sandbox.css",
)
UNWANTED = ("tests", "example_project", "docs", ".ci")

names = set(zipfile.ZipFile(sys.argv[1]).namelist())
missing = [name for name in NEEDED if name not in names]
surplus = [name for name in names if name.startswith(UNWANTED)]
print(f"{len(names)} files; missing: {missing or 'none'}; surplus: {surplus or 'none'}")
sys.exit(bool(missing or surplus))

"""Look into a wheel and a source archive: what is needed is there, and nothing that is not."""

import sys
import tarfile
import zipfile

LANGUAGES = ("de", "en", "es", "fr", "ja", "pt_BR")
NEEDED_BY_A_SITE = (
    "django_anilist/py.typed",
    "django_anilist/api/budget.lua",
    "django_anilist/doctor/report.schema.json",
    "django_anilist/migrations/0001_initial.py",
    "django_anilist/templates/django_anilist/base.html",
    "django_anilist/templates/django_anilist/tags/avatar.html",
    "django_anilist/templates/django_anilist/parts/icon.html",
    "django_anilist/static/django_anilist/anilist.css",
    "django_anilist/static/django_anilist/wait.js",
    *(f"django_anilist/locale/{name}/LC_MESSAGES/django.mo" for name in LANGUAGES),
    "django_anilist/sandbox/schema.graphql",
    "django_anilist/sandbox/templates/consent.html",
    "django_anilist/sandbox/static/sandbox.css",
)
NEEDED_BY_A_PACKAGER = (
    *NEEDED_BY_A_SITE,
    *(f"django_anilist/locale/{name}/LC_MESSAGES/django.po" for name in LANGUAGES),
    "CHANGELOG.rst",
    "LICENSE",
    "setup.cfg",
    "tests/conftest.py",
    "tests/faults/server.py",
    "example_project/manage.py",
)
NOT_FOR_A_SITE = ("tests", "example_project", "benchmarks", "docs", ".ci")
NOT_FOR_ANYBODY = (".pyc", ".sqlite3")


def report(archive: str, names: set[str], needed: tuple[str, ...], unwanted: set[str]) -> bool:
    """Say what is wrong with an archive; tell whether nothing is."""
    missing = [name for name in needed if name not in names]
    surplus = sorted(unwanted) + [name for name in names if name.endswith(NOT_FOR_ANYBODY)]
    kind = archive.rsplit("/", 1)[-1]
    print(f"{kind}: {len(names)} files; missing: {missing or 'none'}; surplus: {surplus or 'none'}")
    return not missing and not surplus


def wheel(archive: str) -> bool:
    with zipfile.ZipFile(archive) as file:
        names = set(file.namelist())
    unwanted = {name for name in names if name.startswith(NOT_FOR_A_SITE)}
    return report(archive, names, NEEDED_BY_A_SITE, unwanted)


def source(archive: str) -> bool:
    with tarfile.open(archive) as file:
        names = {name.partition("/")[2] for name in file.getnames()}
    return report(archive, names, NEEDED_BY_A_PACKAGER, set())


fine = [wheel(name) if name.endswith(".whl") else source(name) for name in sys.argv[1:]]
sys.exit(not (fine and all(fine)))

"""Picture every page: ``python -m tests.browser.screenshots FOLDER``, or ``--few`` for ``docs/``.

Our own pages need nothing but Chromium and playwright. Where the demo runs as well
(``python example_project/manage.py demo``), its pages are pictured too. ``--few`` needs Pillow, which
makes the pictures a third as large.
"""

from __future__ import annotations

import argparse
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
from django.db import connection
from playwright.sync_api import sync_playwright

from tests.browser.accessibility import Look, opened
from tests.browser.conftest import CHROMIUM, QUIET

SITE, BOX = "http://127.0.0.1:8000", "http://127.0.0.1:8001"
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
#: What ``docs/`` shows: each kind of page once, by the name it has there, with its theme.
FEW = {
    "connect": ("connect", "light"),
    "connected": ("connected", "light"),
    "reconnect-expired": ("reconnect", "dark"),
    "account-rejected": ("refused", "light"),
    "disconnect": ("account", "dark"),
    "problem-denied": ("denied", "light"),
    "problem-taken": ("taken", "light"),
    "problem-busy": ("busy", "light"),
    "problem-unavailable": ("down", "dark"),
}


@contextmanager
def database() -> Iterator[None]:
    """Lend the site a database that is gone afterwards."""
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    yield
    connection.creation.destroy_test_db(name, verbosity=0)


def own_pages(browser: Any, folder: Path, *, few: bool) -> None:
    """Picture our pages in our own dress, from left to right and from right to left."""
    from tests.browser.own import PAGES, running  # noqa: PLC0415  needs Django set up

    with database(), running() as site:
        for name in FEW if few else PAGES:
            page = PAGES[name]
            address, cookies = site.open(page)
            for look, picture in pictures(name, few=few):
                with opened(browser, address, look, cookies) as shown:
                    if page.press:
                        shown.locator(page.press).click()
                    shown.screenshot(path=folder / f"{picture}.png", full_page=True)
                if few:
                    shrink(folder / f"{picture}.png")


def shrink(path: Path) -> None:
    """Leave a picture 64 colours, which flat pages look the same in."""
    from PIL import Image  # noqa: PLC0415  for docs/ only

    with Image.open(path) as picture:
        picture.convert("RGB").quantize(64, dither=Image.Dither.NONE).save(path, optimize=True)


def pictures(name: str, *, few: bool) -> list[tuple[Look, str]]:
    """Return the looks that a page is pictured in, and what each picture is called."""
    if few:
        picture, theme = FEW[name]
        return [(Look(theme=theme, width=480, height=300), picture)]
    return [
        (Look(locale, theme, *size), f"{name}-{locale}-{theme}-{kind}")
        for locale in ("en", "ar")
        for theme in ("light", "dark")
        for kind, size in SIZES.items()
    ]


def demo_addresses(page: Any) -> dict[str, str]:
    """Sign in, and return the demo's addresses worth a picture by name."""
    page.goto(f"{SITE}/login/")
    page.get_by_label("Name").fill("staff")
    page.get_by_label("Password").fill("demo")
    page.get_by_role("button", name="Sign in").click()
    return {
        "demo-home": f"{SITE}/",
        "demo-dashboard": f"{SITE}/dashboard/",
        "demo-title": f"{SITE}/title/154587/",
        "demo-missing": f"{SITE}/title/9999999/",
        "demo-account": f"{SITE}/anilist/",
        "demo-authorize": f"{SITE}/anilist/authorize/?next=/dashboard/",
        "demo-busy": f"{SITE}/anilist/problem/busy/?wait=42",
        "admin-list": f"{SITE}/admin/django_anilist/anilisttoken/",
        "admin-health": f"{SITE}/admin/django_anilist/anilisttoken/health/",
        "admin-change": f"{SITE}/admin/django_anilist/anilisttoken/1/change/",
        "sandbox": BOX,
        "sandbox-apps": f"{BOX}/settings/apps",
        "sandbox-explore": f"{BOX}/explore",
    }


def connect(page: Any, folder: Path, kind: str) -> None:
    """Connect as alice, picturing AniList's side on the way."""
    page.goto(f"{SITE}/anilist/authorize/")
    page.get_by_role("button", name="Continue to AniList").click()
    page.screenshot(path=folder / f"sandbox-login-{kind}.png", full_page=True)
    page.get_by_role("button", name="alice", exact=True).click()
    page.screenshot(path=folder / f"sandbox-consent-{kind}.png", full_page=True)
    page.get_by_role("button", name="Approve").click()


def demo_pages(browser: Any, folder: Path) -> None:
    """Picture the demo, as staff."""
    for size, (width, height) in SIZES.items():
        for scheme in ("light", "dark"):
            viewport = {"width": width, "height": height}
            context = browser.new_context(viewport=viewport, color_scheme=scheme)
            page = context.new_page()
            kind = f"{size}-{scheme}"
            addresses = demo_addresses(page)
            connect(page, folder, kind)
            for name, address in addresses.items():
                page.goto(address)
                page.wait_for_load_state("networkidle")
                page.screenshot(path=folder / f"{name}-{kind}.png", full_page=True)
            context.close()


def demo_runs() -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", 8000)) == 0


def main(folder: Path, *, few: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET])
        own_pages(browser, folder, few=few)
        if not few and demo_runs():
            demo_pages(browser, folder)
        browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--few", action="store_true", help="only those that docs/ shows")
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    django.setup()
    main(arguments.folder, few=arguments.few)

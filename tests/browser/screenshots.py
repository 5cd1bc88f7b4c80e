"""Picture every page: ``python -m tests.browser.screenshots FOLDER``, or ``--few`` for ``docs/``.

``--few docs/screenshots`` makes those that ``docs/`` shows again: ``pages/`` are our own pages, the others
the example site's. It needs Pillow, which makes the pictures a third as large.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django
from django.db import connection
from playwright.sync_api import sync_playwright

from tests.browser.accessibility import Look, opened
from tests.browser.conftest import CHROMIUM, QUIET, Demo, running_demo

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
#: The example site's pages that ``docs/`` shows, by the name they have there: address, theme and width.
FEW_OF_DEMO = {
    "demo": ("/dashboard/", "light", 1024),
    "home": ("/", "light", 960),
    "title": ("/title/154587/", "dark", 720),
    "weather": ("/weather/", "light", 960),
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
                        shown.locator(page.press).first.click()
                    shown.screenshot(path=folder / f"{picture}.png", full_page=True)
                if few:
                    shrink(folder / f"{picture}.png")


def shrink(path: Path, colours: int = 64) -> None:
    """Leave a picture so many colours; flat pages look the same in 64, those with covers need more."""
    from PIL import Image  # noqa: PLC0415  for docs/ only

    with Image.open(path) as picture:
        picture.convert("RGB").quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)


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


def sign_in(page: Any, demo: Demo) -> None:
    page.goto(f"{demo.site}/login/")
    page.get_by_label("Name").fill("staff")
    page.get_by_label("Password").fill("demo")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()


def demo_addresses(demo: Demo) -> dict[str, str]:
    """Return the demo's addresses worth a picture by name."""
    return {
        "demo-home": f"{demo.site}/",
        "demo-dashboard": f"{demo.site}/dashboard/",
        "demo-title": f"{demo.site}/title/154587/",
        "demo-missing": f"{demo.site}/title/9999999/",
        "demo-reviews": f"{demo.site}/reviews/",
        "demo-weather": f"{demo.site}/weather/",
        "demo-form": f"{demo.site}/anilist/save-entry/?media=154587",
        "demo-account": f"{demo.site}/anilist/",
        "demo-authorize": f"{demo.site}/anilist/authorize/?next=/dashboard/",
        "demo-busy": f"{demo.site}/anilist/problem/busy/?wait=42",
        "admin-list": f"{demo.site}/admin/django_anilist/anilisttoken/",
        "admin-health": f"{demo.site}/admin/django_anilist/anilisttoken/health/",
        "admin-change": f"{demo.site}/admin/django_anilist/anilisttoken/1/change/",
        "sandbox": demo.box,
        "sandbox-apps": f"{demo.box}/settings/apps",
    }


def connect(page: Any, demo: Demo, picture: Any = lambda name: None) -> None:
    """Connect as alice, picturing AniList's side on the way."""
    page.goto(f"{demo.site}/anilist/authorize/")
    page.get_by_role("button", name="Continue to AniList").click()
    picture("sandbox-login")
    page.get_by_role("button", name="alice", exact=True).click()
    picture("sandbox-consent")
    page.get_by_role("button", name="Approve").click()
    page.get_by_role("status").first.wait_for()


def demo_pages(browser: Any, folder: Path, demo: Demo) -> None:
    """Picture the demo, as staff."""
    for size, (width, height) in SIZES.items():
        for scheme in ("light", "dark"):
            look = Look(theme=scheme, width=width, height=height)
            with opened(browser, "about:blank", look) as page:
                picture = _camera(page, folder, f"{size}-{scheme}")
                sign_in(page, demo)
                connect(page, demo, picture)
                for name, address in demo_addresses(demo).items():
                    page.goto(address)
                    picture(name)


def _camera(page: Any, folder: Path, kind: str) -> Any:
    def picture(name: str) -> None:
        page.wait_for_load_state("networkidle")
        page.screenshot(path=folder / f"{name}-{kind}.png", full_page=True)

    return picture


def few_demo_pages(browser: Any, folder: Path, demo: Demo) -> None:
    """Picture what ``docs/`` shows of the demo: the top of each page, as alice sees it."""
    with opened(browser, "about:blank", Look()) as page:
        sign_in(page, demo)
        connect(page, demo)
        cookies = page.context.cookies()
    for name, (path, theme, width) in FEW_OF_DEMO.items():
        look = Look(theme=theme, width=width, height=720)
        with opened(browser, demo.site + path, look, cookies) as page:
            page.wait_for_load_state("networkidle")
            page.screenshot(path=folder / f"{name}.png")
        shrink(folder / f"{name}.png", 160)


def main(folder: Path, *, few: bool) -> None:
    own = folder / "pages" if few else folder
    own.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, TemporaryDirectory() as place:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET])
        own_pages(browser, own, few=few)
        with running_demo(Path(place)) as demo:
            (few_demo_pages if few else demo_pages)(browser, folder, demo)
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

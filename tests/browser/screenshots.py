"""Picture every page of the demo: ``python -m tests.browser.screenshots FOLDER``.

Needs a running demo (``python example_project/manage.py demo``), Chromium and playwright.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.browser.conftest import CHROMIUM, QUIET

SITE, BOX = "http://127.0.0.1:8000", "http://127.0.0.1:8001"
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
PROBLEMS = (
    "denied",
    "state",
    "code",
    "other-account",
    "taken",
    "busy",
    "unavailable",
    "unknown",
    "client",
)


def pages_of(page: Any) -> dict[str, str]:
    """Sign in, connect, and return the addresses worth a picture by name."""
    page.goto(f"{SITE}/login/")
    page.get_by_label("Name").fill("staff")
    page.get_by_label("Password").fill("demo")
    page.get_by_role("button", name="Sign in").click()
    found = {
        "home": f"{SITE}/",
        "dashboard": f"{SITE}/dashboard/",
        "title": f"{SITE}/title/154587/",
        "missing": f"{SITE}/title/9999999/",
        "account": f"{SITE}/anilist/",
        "authorize": f"{SITE}/anilist/authorize/?next=/dashboard/",
        "admin-list": f"{SITE}/admin/django_anilist/anilisttoken/",
        "admin-health": f"{SITE}/admin/django_anilist/anilisttoken/health/",
        "admin-change": f"{SITE}/admin/django_anilist/anilisttoken/1/change/",
        "sandbox": BOX,
        "sandbox-apps": f"{BOX}/settings/apps",
    }
    return {**found, **{f"problem-{name}": f"{SITE}/anilist/problem/{name}/" for name in PROBLEMS}}


def connect(page: Any, folder: Path, kind: str) -> None:
    """Connect as alice, picturing AniList's side on the way."""
    page.goto(f"{SITE}/anilist/authorize/")
    page.screenshot(path=folder / f"connect-{kind}.png", full_page=True)
    page.get_by_role("button", name="Continue to AniList").click()
    page.screenshot(path=folder / f"sandbox-login-{kind}.png", full_page=True)
    page.get_by_role("button", name="alice", exact=True).click()
    page.screenshot(path=folder / f"sandbox-consent-{kind}.png", full_page=True)
    page.get_by_role("button", name="Approve").click()


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET])
        for size, (width, height) in SIZES.items():
            for scheme in ("light", "dark"):
                viewport = {"width": width, "height": height}
                context = browser.new_context(viewport=viewport, color_scheme=scheme)
                page = context.new_page()
                kind = f"{size}-{scheme}"
                addresses = pages_of(page)
                connect(page, folder, kind)
                for name, address in addresses.items():
                    page.goto(address)
                    page.wait_for_load_state("networkidle")
                    page.screenshot(path=folder / f"{name}-{kind}.png", full_page=True)
                context.close()
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

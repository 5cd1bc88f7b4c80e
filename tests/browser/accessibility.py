"""What every page must be: without a violation of axe's rules or of the policy, and never too wide.

For any address: ``with opened(browser, address, look) as page: assert complaints(page, WIDTHS) == []``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

#: A desktop, the same at a zoom of 200 % (WCAG 2.2, 1.4.4), and at 400 % or a small phone (1.4.10).
WIDTHS = (1280, 640, 320)
#: A picture for whatever AniList would show: a face on a plain ground.
FACE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64"
fill="#b9d7ea"/><circle cx="32" cy="26" r="12" fill="#355c7d"/><path d="M8 64a24 24 0 0 1 48 0z"
fill="#355c7d"/></svg>"""
#: Listens before the page's first line, so that no violation of the policy is missed.
LISTEN = """
window.refusedByPolicy = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.refusedByPolicy.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`));
"""
REFUSED = "window.refusedByPolicy"
#: Waits until the page is drawn as it is now.
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
TOO_WIDE = """
() => document.documentElement.scrollWidth > document.documentElement.clientWidth
"""
#: What is cut off where it cannot be scrolled to.
CUT_OFF = """
() => [...document.body.querySelectorAll("*")].filter((element) =>
  element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 1
  && getComputedStyle(element).overflowX === "hidden").map((element) => element.outerHTML.slice(0, 120))
"""


@dataclass(frozen=True)
class Look:
    """How somebody looks at a page."""

    locale: str = "en"
    theme: str = "light"
    width: int = 1280
    height: int = 800
    script: bool = True
    forced_colors: bool = False

    def __str__(self) -> str:
        return f"{self.locale}-{self.theme}-{self.width}"

    @property
    def context(self) -> dict[str, Any]:
        """What Playwright calls it."""
        return {
            "locale": self.locale,
            "color_scheme": self.theme,
            "viewport": {"width": self.width, "height": self.height},
            "java_script_enabled": self.script,
            "forced_colors": "active" if self.forced_colors else "none",
        }


@contextmanager
def opened(
    browser: Any, address: str, look: Look, cookies: Sequence[Mapping[str, str]] = ()
) -> Iterator[Any]:
    """Open an address as somebody with ``cookies`` sees it, and close it again."""
    context = browser.new_context(**look.context)
    try:
        context.add_cookies(list(cookies))
        context.add_init_script(LISTEN)
        context.route("https://s4.anilist.co/**", _picture)
        page = context.new_page()
        page.goto(address)
        yield page
    finally:
        context.close()


def complaints(page: Any, widths: Sequence[int] = ()) -> list[str]:
    """Return what is wrong with the page, at each of ``widths``, in words for a developer."""
    found = []
    for width in widths or [page.viewport_size["width"]]:
        page.set_viewport_size({**page.viewport_size, "width": width})
        page.evaluate(DRAWN)
        found += [f"cut off at {width}: {what}" for what in page.evaluate(CUT_OFF)]
        if page.evaluate(TOO_WIDE):
            found.append(f"scrolls sideways at {width}")
    found += axe_violations(page)
    return found + [f"refused by the policy: {what}" for what in page.evaluate(REFUSED)]


def axe_violations(page: Any) -> list[str]:
    """Return what axe-core finds, all its rules and best practices on: rule, and where."""
    page.evaluate(_axe())
    result = page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{violation['id']} ({violation['impact']}): {json.dumps(node['target'])} {node['html'][:120]}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]


def _axe() -> str:
    package = find_spec("axe_playwright_python")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("axe_playwright_python")
    return Path(package.origin).with_name("axe.min.js").read_text(encoding="utf-8")


def _picture(route: Any) -> None:
    route.fulfill(body=FACE, content_type="image/svg+xml")

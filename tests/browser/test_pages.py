"""Every page of ours in a real browser: whoever looks at it, and however."""

import pytest

from tests.browser.accessibility import WIDTHS, Look, complaints, opened
from tests.browser.conftest import ROOT
from tests.browser.own import PAGES, Page, running

expect = pytest.importorskip("playwright.sync_api").expect
FEW = pytest.importorskip("tests.browser.screenshots").FEW

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

#: Those we speak, and ``ar`` for what is read from right to left.
LOCALES = ("en", "de", "es", "fr", "ja", "pt-BR", "ar")
BACKGROUND = "getComputedStyle(document.body).backgroundColor"
INK = "getComputedStyle(document.querySelector('h1')).color"
LIGHT, DARK = "rgb(243, 245, 248)", "rgb(17, 23, 30)"


@pytest.fixture(scope="module")
def site():
    with pytest.MonkeyPatch.context() as patch, running() as site:
        # Playwright keeps an event loop in this thread, in which nothing of ours runs.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield site


@pytest.fixture
def open_page(chromium, site, transactional_db):
    """A function that opens a page of ours, as a context manager."""

    def open_page(page, look=Look()):  # noqa: B008  frozen
        address, cookies = site.open(page)
        return opened(chromium, address, look, cookies)

    return open_page


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_nothing_wrong_with_it(open_page, name, locale):
    with open_page(PAGES[name], Look(locale)) as page:
        if PAGES[name].press:
            page.locator(PAGES[name].press).first.click()
        assert complaints(page, WIDTHS) == []
        assert page.locator("h1").count() == 1
        page.emulate_media(color_scheme="dark")
        assert page.evaluate(BACKGROUND) == DARK
        assert complaints(page) == []


@pytest.mark.parametrize("name", ["connect", "account-rejected", "connected", "problem-busy"])
def test_a_page_has_nothing_wrong_in_the_colours_of_the_system(open_page, name):
    with open_page(PAGES[name], Look(forced_colors=True)) as page:
        assert complaints(page) == []


def test_the_checks_find_what_is_wrong(open_page):
    with open_page(PAGES["connect"], Look(width=320)) as page:
        page.evaluate("document.querySelector('h1').setAttribute('style', 'color: #eee')")
        page.evaluate("document.querySelector('button').setAttribute('aria-hidden', 'true')")
        page.evaluate("document.querySelector('ul').style.width = '50rem'")
        found = "\n".join(complaints(page))
    assert "refused by the policy: style-src" in found
    assert "scrolls sideways" in found
    assert "aria-hidden-focus" in found


def test_what_is_read_from_right_to_left_begins_at_the_right(open_page):
    with open_page(PAGES["account-connected"], Look("ar", width=390)) as page:
        assert page.locator("html").get_attribute("dir") == "rtl"
        avatar, name = (
            page.locator(where).bounding_box() for where in (".anilist-avatar", ".anilist-who a")
        )
        assert avatar["x"] > name["x"]
        card = page.locator(".anilist-card").bounding_box()
        assert card["x"] + card["width"] - avatar["x"] - avatar["width"] < 40


@pytest.mark.parametrize(("theme", "colour"), [("light", LIGHT), ("dark", DARK)])
def test_colours_are_what_the_reader_prefers(open_page, theme, colour):
    with open_page(PAGES["connect"], Look(theme=theme)) as page:
        assert page.evaluate(BACKGROUND) == colour


@pytest.mark.parametrize(("theme", "colour"), [("dark", LIGHT), ("light", DARK)])
def test_a_site_that_names_its_color_scheme_has_its_way(open_page, theme, colour):
    own = {"dark": "light", "light": "dark"}[theme]
    with open_page(PAGES["connect"], Look(theme=theme)) as page:
        page.evaluate(f"document.documentElement.style.colorScheme = '{own}'")
        assert page.evaluate(BACKGROUND) == colour


def test_a_property_of_the_site_wins_wherever_it_stands(open_page):
    with open_page(PAGES["connect"], Look(theme="dark")) as page:
        page.evaluate("document.styleSheets[0].insertRule(':root { --anilist-paper: #010203 }', 0)")
        assert page.evaluate(BACKGROUND) == "rgb(1, 2, 3)"


def test_on_paper_it_is_dark_on_white_and_has_no_buttons(open_page):
    with open_page(PAGES["account-connected"], Look(theme="dark")) as page:
        page.emulate_media(media="print", color_scheme="dark")
        assert page.evaluate(INK) == "rgb(27, 36, 48)"
        assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
        assert page.get_by_role("link", name="Reconnect").is_hidden()
        assert page.get_by_text("Alice Liddell").is_visible()


# Waiting


def test_the_wait_is_counted_down_in_silence_and_its_end_is_said(open_page):
    with open_page(Page("/anilist/problem/denied/")) as page:
        page.clock.install(time=0)
        page.clock.pause_at(1_000)  # from here it moves by hand
        page.goto(page.url.replace("denied/", "busy/?wait=65"))
        timer = page.get_by_role("timer")
        expect(timer).to_have_text("You can try again in 1:05.")
        page.clock.run_for(6_000)
        expect(timer).to_have_text("You can try again in 0:59.")
        page.clock.run_for(60_000)
        expect(page.get_by_role("status")).to_have_text("You can try again now.")
        page.clock.resume()  # what looks for complaints waits by it, too
        assert complaints(page) == []


def test_without_script_the_wait_is_a_sentence_and_trying_again_a_link(open_page):
    busy = Page("/anilist/problem/busy/?wait=42&back=/anilist/", "connected")
    with open_page(busy, Look(script=False)) as page:
        expect(page.get_by_text("You can try again in 42 seconds.")).to_be_visible()
        page.get_by_role("link", name="Try again").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Your AniList connection")


def test_without_script_disconnecting_asks_once_more(open_page):
    with open_page(PAGES["account-connected"], Look(script=False)) as page:
        button = page.get_by_role("button", name="Yes, disconnect")
        assert button.is_hidden()
        page.locator("summary").press("Enter")
        button.press("Enter")
        expect(page.get_by_role("status")).to_have_text("Disconnected from AniList.")


# HTMX


@pytest.mark.parametrize("version", [2, 4])
def test_a_part_that_htmx_could_not_load_says_so_and_the_page_stays(open_page, version):
    with open_page(Page(f"/htmx/{version}/", "visitor")) as page:
        note = page.locator("#part").get_by_role("alert")
        expect(note).to_contain_text("You can try again in 13 seconds.")
        expect(page.get_by_role("heading", level=1)).to_have_text("A page with parts")
        link = note.get_by_role("link", name="Try again")
        assert link.get_attribute("href").endswith(f"/htmx/{version}/")


@pytest.mark.parametrize("version", [2, 4])
def test_a_form_that_htmx_could_not_send_leads_to_the_page_and_back(open_page, version):
    with open_page(Page(f"/htmx/{version}/", "visitor")) as page:
        expect(page.locator("#part").get_by_role("alert")).to_be_visible()  # it moves the button
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("AniList is not reachable")
        page.get_by_role("link", name="Try again").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("A page with parts")


# What docs/ shows


def test_docs_shows_each_kind_of_page_in_a_small_picture():
    pictures = {path.stem: path for path in (ROOT / "docs/screenshots/pages").iterdir()}
    assert set(pictures) == {picture for picture, _ in FEW.values()}
    assert max(path.stat().st_size for path in pictures.values()) < 20_000
    assert set(FEW) <= set(PAGES)

"""The example site's pages, with our tags on them: whoever looks at them, and however they move."""

import re
import sqlite3
from contextlib import closing

import pytest

from tests.browser.accessibility import DRAWN, WIDTHS, Look, complaints, opened
from tests.browser.conftest import ROOT
from tests.browser.test_demo import (
    approve,
    connect_by_keyboard,
    move_to,
    press_on,
    sign_in,
    to_consent,
)

expect = pytest.importorskip("playwright.sync_api").expect
FEW_OF_DEMO = pytest.importorskip("tests.browser.screenshots").FEW_OF_DEMO

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

THEMES = ("light", "dark")
FRIEREN = "/title/154587/"
FORM = "/anilist/save-entry/?media=154587"
MISSING = "/title/9999999/"
#: What a visitor sees, and what somebody who is connected sees.
FOR_VISITORS = ("/", FRIEREN, "/reviews/", "/login/", MISSING)
FOR_MEMBERS = (
    *("/", FRIEREN, "/reviews/", "/dashboard/", "/dashboard/?type=MANGA", "/weather/", FORM),
    *("/anilist/", MISSING),
)
MEMBERS = pytest.mark.parametrize("path", FOR_MEMBERS)
#: A line of Playwright's accessibility tree with a control, its name, and where a link leads.
CONTROL = re.compile(
    r'- (?:\')?(button|link|textbox|combobox|spinbutton)(?: "(.*?)")?(?: \[.*?\])*:?[^\n]*\n?(?:\s+- /url: (.*))?'
)
#: Adds up how far what is on the page moves by itself. https://web.dev/articles/cls
SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifted += entry.value;
}).observe({type: "layout-shift", buffered: true});
"""
SEEN = "[...document.images].filter(({complete, naturalWidth}) => complete && naturalWidth).length"


@pytest.fixture(scope="module")
def member(chromium, demo):
    """The cookies of alice, who is connected."""
    context = chromium.new_context()
    page = context.new_page()
    sign_in(page, demo)
    page.goto(f"{demo.site}/anilist/authorize/")
    to_consent(page)
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("status")).to_have_text("Connected to AniList as alice.")
    cookies = context.cookies(demo.site)
    context.close()
    return cookies


def unfold(page):
    """Open the form of the first list button, where there is one."""
    summary = page.locator(".anilist-entry details:not([open]) summary")
    if summary.count():
        summary.first.click()


def controls(page):
    """Return role, name and address of what can be used, as a screen reader has it."""
    return CONTROL.findall(page.locator("body").aria_snapshot())


# Nothing wrong with any page


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("path", FOR_VISITORS)
def test_a_visitors_page_has_nothing_wrong_with_it(chromium, demo, path, theme):
    with opened(chromium, demo.site + path, Look(theme=theme)) as page:
        assert complaints(page, WIDTHS) == []
        assert page.locator("h1").count() == 1


@pytest.mark.parametrize("theme", THEMES)
@MEMBERS
def test_a_members_page_has_nothing_wrong_with_it(chromium, demo, member, path, theme):
    with opened(chromium, demo.site + path, Look(theme=theme), member) as page:
        unfold(page)
        assert complaints(page, WIDTHS) == []
        assert page.locator("h1").count() == 1


@pytest.mark.parametrize("theme", THEMES)
def test_a_refused_form_has_nothing_wrong_with_it(chromium, demo, member, theme):
    with opened(chromium, demo.site + FORM, Look(theme=theme), member) as page:
        page.evaluate("document.querySelector('.anilist-form').noValidate = true")
        page.get_by_label("Score").fill("77")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator(".errorlist")).to_be_visible()
        expect(page.get_by_label("Score")).to_have_value("77")
        assert complaints(page, WIDTHS) == []


@pytest.mark.parametrize("theme", THEMES)
def test_a_change_that_is_offered_again_has_nothing_wrong_with_it(chromium, demo, theme):
    """eve revokes the access between opening the form and sending it."""
    with opened(chromium, f"{demo.site}/login/", Look(theme=theme)) as page:
        sign_in(page, demo, "staff")
        page.goto(f"{demo.site}/anilist/authorize/")
        to_consent(page, "eve")
        approve(page)
        page.goto(demo.site + FORM)
        page.get_by_label("Notes").fill(f"Seen by {theme}.\nTwice.")
        demo.revoke("eve")
        page.get_by_role("button", name="Save", exact=True).click()
        asked = "AniList asks you to connect again"
        expect(page.get_by_role("heading", level=1)).to_have_text(asked)
        assert complaints(page, WIDTHS) == []
        page.set_viewport_size({"width": 1280, "height": 800})
        page.get_by_role("button", name="Continue to AniList").click()
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Save")
        expect(page.get_by_role("main")).to_contain_text(f"Seen by {theme}.")
        assert complaints(page, WIDTHS) == []
        page.get_by_role("button", name="Yes, save it").click()
        expect(page.get_by_role("status").first).to_contain_text("Saved: ")


def test_an_empty_list_says_so_and_has_a_way_on(chromium, demo):
    with opened(chromium, f"{demo.site}/login/", Look()) as page:
        sign_in(page, demo, "staff")
        page.goto(f"{demo.site}/anilist/authorize/")
        to_consent(page, "eve")
        approve(page)
        page.goto(f"{demo.site}/dashboard/?type=MANGA")
        expect(page.get_by_role("heading", name="Nothing here yet")).to_be_visible()
        assert complaints(page, WIDTHS) == []
        page.get_by_role("link", name="See what is trending").click()
        expect(page.get_by_role("heading", name="Trending now")).to_be_visible()


@pytest.mark.parametrize("path", FOR_VISITORS)
def test_a_page_has_nothing_wrong_in_the_colours_of_the_system(chromium, demo, path):
    with opened(chromium, demo.site + path, Look(forced_colors=True)) as page:
        assert complaints(page) == []


# By ear


@MEMBERS
def test_every_control_has_a_name_of_its_own(chromium, demo, member, path):
    with opened(chromium, demo.site + path, Look(), member) as page:
        unfold(page)
        found = controls(page)
    assert [control for control in found if not control[1]] == []
    elsewhere = {}
    for role, name, address in found:
        elsewhere.setdefault((role, name), []).append(address)
    assert {
        control: addresses
        for control, addresses in elsewhere.items()
        if len(set(addresses)) > 1 or (control[0] != "link" and len(addresses) > 1)
    } == {}


def test_a_control_without_a_name_would_be_heard(chromium, demo, member):
    with opened(chromium, demo.site + FRIEREN, Look(), member) as page:
        assert ("button", "", "") not in controls(page)
        page.evaluate("document.querySelector('.anilist-plus').removeAttribute('aria-label')")
        page.evaluate("document.querySelector('.anilist-plus').replaceChildren()")
        assert ("button", "", "") in controls(page)


def test_the_list_button_says_what_it_is_about(chromium, demo, member):
    with opened(chromium, demo.site + FRIEREN, Look(), member) as page:
        unfold(page)
        names = [f"{role} {name}" for role, name, _ in controls(page)]
        tree = page.get_by_role("main").aria_snapshot()
    first = next(place for place, name in enumerate(names) if "Save episode" in name)
    assert re.fullmatch(
        r"button \+1: Save episode \d+ of Frieren: Beyond Journey’s End", names[first]
    )
    assert names[first + 1 : first + 6] == [
        "combobox Status",
        "spinbutton Progress",
        "spinbutton Score",
        "textbox Notes",
        "button Save",
    ]
    assert "Change my entry (Frieren: Beyond Journey’s End)" in tree


# By keyboard


def test_the_keyboard_alone_is_enough_from_home_to_a_saved_entry(page, demo):
    connect_by_keyboard(page, demo, "bob")
    expect(page.get_by_role("status")).to_have_text("Connected to AniList as bob.")
    press_on(page, "My list")
    press_on(page, "+1")
    expect(page.get_by_role("status").first).to_contain_text("Saved: episode")
    title = page.get_by_role("status").first.inner_text().split(" of ", 1)[1].rstrip(".")
    press_on(page, title)
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    move_to(page, f"Change my entry ({title})")
    page.keyboard.press("Space")
    move_to(page, "Score")
    expect(page.get_by_label("Score")).to_be_visible()
    given = choose_another(page)
    press_on(page, "Save")
    expect(page.get_by_role("status").first).to_contain_text("Saved: ")
    unfold(page)
    expect(page.get_by_label("Score")).to_have_value(given)


def choose_another(page):
    """Change the field that has the focus by keyboard, and return its new value."""
    before = page.evaluate("document.activeElement.value")
    page.keyboard.press("ArrowDown")
    if page.evaluate("document.activeElement.value") == before:
        page.keyboard.press("ArrowUp")
    given = page.evaluate("document.activeElement.value")
    assert given != before
    return given


def test_the_first_stop_leads_past_the_menu(chromium, demo, member):
    with opened(chromium, f"{demo.site}/dashboard/", Look(), member) as page:
        move_to(page, "Skip to the content")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('main') !== null")


def test_a_banner_is_put_away_by_keyboard_and_without_script(chromium, demo):
    """eve's connection ends in five days."""
    with opened(chromium, f"{demo.site}/login/", Look(script=False)) as page:
        sign_in(page, demo, "staff")
        page.goto(f"{demo.site}/anilist/authorize/")
        to_consent(page, "eve")
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_role("status").first).to_contain_text("Connected")
        with closing(sqlite3.connect(demo.database, timeout=20)) as database, database:
            soon = "UPDATE django_anilist_anilisttoken SET expires_at = datetime('now', '+5 days')"
            database.execute(f"{soon} WHERE name = 'eve'")
        page.goto(f"{demo.site}/reviews/")
        banner = page.get_by_text("Your AniList connection ends on")
        expect(banner).to_be_visible()
        page.get_by_role("button", name="Hide this message").press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Reviews")
        expect(banner).to_have_count(0)


# What moves


@pytest.mark.parametrize("path", ["/dashboard/", "/weather/", "/", "/reviews/", FRIEREN])
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_moves_while_covers_load(chromium, demo, member, path, width):
    with opened(chromium, "about:blank", Look(width=width), member) as page:
        held = []
        page.add_init_script(SHIFTS)
        page.route(f"{demo.box}/images/**", lambda route: held.append(route))  # Playwright marks it
        page.goto(demo.site + path, wait_until="domcontentloaded")
        while not held:
            page.wait_for_timeout(50)
        assert page.evaluate(SEEN) == 0
        for route in held[:]:
            route.continue_()
        page.unroute_all()
        page.wait_for_function(f"() => {SEEN} > 0")
        page.wait_for_load_state("networkidle")
        page.evaluate(DRAWN)
        assert page.evaluate("window.shifted") == 0
        page.evaluate("document.querySelector('main').style.paddingTop = '20rem'")
        page.wait_for_function("() => window.shifted > 0")


# What docs/ shows


def test_docs_shows_the_site_in_small_pictures():
    pictures = {
        path.stem: path.stat().st_size for path in (ROOT / "docs/screenshots").glob("*.png")
    }
    assert set(pictures) == set(FEW_OF_DEMO)
    assert max(pictures.values()) < 60_000
    everything = (ROOT / "docs/screenshots").rglob("*.png")
    assert sum(path.stat().st_size for path in everything) < 300_000

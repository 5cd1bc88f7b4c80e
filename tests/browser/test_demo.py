"""The demo in a real browser: connect, use, disconnect; say no; reconnect after a revocation."""

import re

import pytest

from tests.browser.accessibility import WIDTHS, Look, complaints, opened

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

#: The text or the label of what has the focus, and the line round it.
WORDS = """(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()"""
OUTLINE = "getComputedStyle(document.activeElement).outlineStyle"
WATCHED = "Save episode {} of Frieren"


def approve(page):
    """Say yes, and wait until the site has heard of it."""
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("status").first).to_contain_text("Connected to AniList")


def sign_in(page, demo, name="alice"):
    page.goto(f"{demo.site}/login/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill("demo")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your anime list, on this shelf too")


def to_consent(page, user="alice"):
    """From our page to AniList's question."""
    page.get_by_role("button", name="Continue to AniList").click()
    page.get_by_role("button", name=re.compile(f"^({user}|Approve)$")).first.wait_for()
    if page.get_by_role("button", name=user, exact=True).is_visible():
        page.get_by_role("button", name=user, exact=True).click()
    expect(page.get_by_text("You are signed in as")).to_contain_text(user)


def episode(page):
    """The progress that the page shows for Frieren."""
    row = page.locator(".row", has_text="Frieren")
    expect(row).to_contain_text(re.compile(r"Watching:\s*\d+ of"))  # rows come a piece at a time
    return int(re.search(r"Watching:\s*(\d+) of", row.inner_text())[1])


def move_to(page, words):
    """Move by Tab to what has these words or this label, and see that it is seen."""
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate(WORDS) == words:
            assert page.evaluate(OUTLINE) != "none"
            return
    raise AssertionError(f"Tab never came to {words!r}")


def press_on(page, words, key="Enter"):
    """Move by Tab to the button or link with these words, and press it."""
    move_to(page, words)
    with page.expect_navigation():
        page.keyboard.press(key)


def connect_by_keyboard(page, demo, name):
    """From the home page to a connected account, by Tab and Enter alone."""
    page.goto(demo.site)
    press_on(page, "Sign in to begin")
    move_to(page, "Name")
    page.keyboard.type(name)
    move_to(page, "Password")
    page.keyboard.type("demo")
    for words in ("Sign in", "Connect AniList", "Continue to AniList", name, "Approve"):
        press_on(page, words)


def disconnect(page, demo):
    page.goto(f"{demo.site}/anilist/")
    page.locator("summary", has_text="Disconnect").click()
    page.get_by_role("button", name="Yes, disconnect").click()
    expect(page.get_by_role("status")).to_have_text("Disconnected from AniList.")


def test_a_user_connects_ticks_off_an_episode_and_disconnects(page, demo):
    page.goto(demo.site)
    page.get_by_role("link", name="Sign in to begin").click()
    sign_in(page, demo)
    page.get_by_role("link", name="Connect AniList", exact=True).click()
    to_consent(page)
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("status")).to_have_text("Connected to AniList as alice.")
    assert "code=" not in page.url

    page.get_by_role("link", name="My list", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My list")
    before, asked = episode(page), demo.last_requests()
    page.get_by_role("button", name=WATCHED.format(before + 1)).click()
    said = page.get_by_role("status").first
    expect(said).to_contain_text(f"Saved: episode {before + 1} of Frieren")
    assert episode(page) == before + 1
    assert demo.saves_since(asked) == 1

    page.reload()
    assert demo.saves_since(asked) == 1
    disconnect(page, demo)
    expect(page.get_by_text("You are not connected.")).to_be_visible()


def test_a_double_click_does_not_skip_an_episode(page, demo):
    sign_in(page, demo)
    page.goto(f"{demo.site}/dashboard/")
    to_consent(page)
    page.get_by_role("button", name="Approve").click()
    before = episode(page)
    page.get_by_role("button", name=WATCHED.format(before + 1)).dblclick()
    expect(page.get_by_role("status").first).to_contain_text(
        f"Saved: episode {before + 1} of Frieren"
    )
    page.goto(f"{demo.site}/dashboard/")
    assert episode(page) == before + 1
    disconnect(page, demo)


def test_saying_no_is_a_calm_page_with_a_way_back(page, demo):
    sign_in(page, demo, "bob")
    page.goto(f"{demo.site}/anilist/authorize/")
    to_consent(page, "bob")
    page.get_by_role("button", name="Deny").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You said no, and that is fine")
    page.get_by_role("link", name="Try again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Connect AniList")


def test_after_a_revocation_the_user_reconnects_and_is_asked_about_the_change(page, demo):
    sign_in(page, demo)
    page.goto(f"{demo.site}/dashboard/")
    to_consent(page)
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My list")
    demo.revoke("alice")

    page.reload()  # what AniList said a moment ago still serves
    following = episode(page) + 1
    page.get_by_role("button", name=WATCHED.format(following)).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("AniList asks you to connect again")
    page.get_by_role("button", name="Continue to AniList").click()
    page.get_by_role("button", name="Approve").click()
    question = page.get_by_role("heading", level=1)
    expect(question).to_contain_text(f"Save episode {following} of Frieren")
    page.get_by_role("button", name="Yes, save it").click()
    expect(page).to_have_url(f"{demo.site}/dashboard/")
    assert episode(page) == following
    disconnect(page, demo)


def test_the_keyboard_alone_is_enough_from_home_to_a_connected_account_and_back(page, demo):
    connect_by_keyboard(page, demo, "alice")
    expect(page.get_by_role("status")).to_have_text("Connected to AniList as alice.")
    press_on(page, "Account")
    move_to(page, "Disconnect")
    page.keyboard.press("Space")
    press_on(page, "Yes, disconnect", "Space")
    expect(page.get_by_role("status")).to_have_text("Disconnected from AniList.")


@pytest.mark.parametrize(
    "path", ["/", "/login/", "/title/154587/", "/anilist/problem/busy/?wait=5"]
)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_has_anything_wrong_with_it(chromium, demo, path, theme):
    with opened(chromium, demo.site + path, Look(theme=theme)) as page:
        assert complaints(page, WIDTHS) == []

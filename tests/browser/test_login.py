"""Logging in with AniList in a real browser: who gets in, who does not, and nobody as somebody else."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from tests.browser.accessibility import WIDTHS, Look, complaints, opened
from tests.browser.conftest import running_demo

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ON = {"EXAMPLE_LOGIN_WITH_ANILIST": "1"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with running_demo(tmp_path_factory.mktemp("login"), **ON) as running:
        yield running


@pytest.fixture(scope="module")
def strict_demo(tmp_path_factory):
    strict = {"DJANGO_SETTINGS_MODULE": "tests.browser.strict_settings"}
    with running_demo(tmp_path_factory.mktemp("strict"), **ON, **strict) as running:
        yield running


@pytest.fixture
def change(demo):
    """A function that asks or changes the database of the site, and returns the rows."""

    def execute(statement):
        with closing(sqlite3.connect(demo.database, timeout=20)) as database, database:
            return database.execute(statement).fetchall()

    return execute


def heading(page):
    return expect(page.get_by_role("heading", level=1))


def to_consent(page, demo, name, next_url=""):
    """From the site's login page to AniList's question."""
    page.goto(f"{demo.site}/login/?next={next_url}")
    page.get_by_role("link", name="Sign in with AniList").click()
    page.get_by_role("button", name="Continue to AniList").click()
    page.get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_text("You are signed in as")).to_contain_text(name)


def log_in(page, demo, name, next_url=""):
    to_consent(page, demo, name, next_url)
    page.get_by_role("button", name="Approve").click()


def sign_out(page):
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()
    page.context.clear_cookies()  # AniList's, too: somebody else sits down


def connect(page, demo, name):
    """Sign in with the password and connect the AniList account ``name``."""
    page.goto(f"{demo.site}/login/?next=/anilist/authorize/")
    page.get_by_label("Name").fill("bob")
    page.get_by_label("Password").fill("demo")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Continue to AniList").click()
    page.get_by_role("button", name=name, exact=True).click()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("status").first).to_have_text(f"Connected to AniList as {name}.")


def test_a_new_user_comes_from_anilist_and_keeps_their_only_way_in(page, demo, change):
    log_in(page, demo, "eve", "/dashboard/")
    expect(page).to_have_url(f"{demo.site}/dashboard/")
    expect(page.get_by_role("status").first).to_have_text("Signed in as eve.")
    heading(page).to_have_text("My list")
    assert change("SELECT username, email FROM auth_user WHERE username LIKE 'e%'") == [("eve", "")]

    page.goto(f"{demo.site}/anilist/")
    expect(page.get_by_role("heading", name="AniList is your only way in")).to_be_visible()
    expect(page.locator("summary", has_text="Disconnect")).to_have_count(0)
    sign_out(page)

    log_in(page, demo, "eve")
    expect(page.get_by_role("status").first).to_have_text("Signed in as eve.")
    assert len(change("SELECT id FROM auth_user WHERE username LIKE 'eve%'")) == 1


def test_a_known_user_and_then_one_made_inactive(page, demo, change):
    """bob of the site is bob of AniList, because he said so here, signed in."""
    connect(page, demo, "bob")
    sign_out(page)
    log_in(page, demo, "bob")
    expect(page.get_by_role("status").first).to_have_text("Signed in as bob.")
    assert len(change("SELECT id FROM auth_user WHERE username LIKE 'bob%'")) == 1
    sign_out(page)

    change("UPDATE auth_user SET is_active = 0 WHERE username = 'bob'")
    log_in(page, demo, "bob")
    heading(page).to_have_text("Your account on this site is not active")
    expect(page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Try again")).to_have_count(0)
    change("UPDATE auth_user SET is_active = 1 WHERE username = 'bob'")


def test_a_user_called_like_somebody_else_is_not_them(page, demo, change):
    """alice has an account on this site, and never connected it."""
    log_in(page, demo, "alice")
    expect(page.get_by_role("status").first).to_have_text("Signed in as alice.")
    owners = change(
        "SELECT auth_user.username, anilist_id FROM auth_user JOIN django_anilist_anilisttoken "
        "ON user_id = auth_user.id WHERE name = 'alice'"
    )
    ((username, number),) = owners
    assert username == f"alice-{number}"


def test_saying_no_is_a_calm_page_with_a_way_back(page, demo):
    to_consent(page, demo, "eve")
    page.get_by_role("button", name="Deny").click()
    heading(page).to_have_text("You said no, and that is fine")
    page.get_by_role("link", name="Try again").click()
    heading(page).to_have_text("Sign in with AniList")


def test_a_strict_session_cookie_costs_no_click(page, strict_demo):
    """AniList is another site: here, by its other name."""
    page.goto(f"{strict_demo.site}/login/?next=/dashboard/")
    page.get_by_role("link", name="Sign in with AniList").click()
    page.get_by_role("button", name="Continue to AniList").click()
    page.goto(page.url.replace("127.0.0.1", "localhost", 1))
    page.get_by_role("button", name="eve", exact=True).click()
    came = []
    page.on("request", lambda sent: came.append(sent.url) if "/callback/" in sent.url else None)
    page.get_by_role("button", name="Approve").click()
    expect(page).to_have_url(f"{strict_demo.site}/dashboard/")
    expect(page.get_by_role("status").first).to_have_text("Signed in as eve.")
    assert ["again=1" in url for url in came] == [False, True]


@pytest.mark.parametrize("path", ["/login/", "/anilist/login/", "/anilist/problem/last-way-in/"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_has_anything_wrong_with_it(chromium, demo, path, theme):
    with opened(chromium, demo.site + path, Look(theme=theme)) as page:
        assert complaints(page, WIDTHS) == []

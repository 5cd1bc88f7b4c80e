"""The list button in a real browser: with script and without, and saved once whatever is pressed."""

from __future__ import annotations

import json
import re
import signal

import pytest

from django_anilist.api.values import SCORE_FORMATS
from django_anilist.sandbox import OAuthClient, Sandbox
from django_anilist.sandbox.populate import add_person
from tests.browser.conftest import PATIENCE, start, wait_for
from tests.list_entries import FRIEREN, entry_of, saves
from tests.ports import free_ports
from tests.settings import ANILIST_CLIENT_ID, ANILIST_CLIENT_SECRET

expect = pytest.importorskip("playwright.sync_api").expect
pytest.importorskip("django_htmx")

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

#: How a page can be: without script in the browser, without HTMX, with either version of it.
WAYS = ["no script", "no htmx", "htmx 2", "htmx 4"]
HTMX = WAYS[2:]
#: What somebody types or picks in each format, and the raw score that is.
SCORES = {
    "POINT_100": ("73", 73),
    "POINT_10_DECIMAL": ("7.3", 73),
    "POINT_10": ("7", 70),
    "POINT_5": ("4", 70),
    "POINT_3": ("2", 60),
}


class Site:
    """The running site, the sandbox it speaks to, and pages of it in one browser."""

    def __init__(self, address, box):
        self.address, self.box = address, box

    def enter(self, page, name="alice"):
        """Sign in and connect, as a person does."""
        page.goto(f"{self.address}/enter/{name}/")
        page.goto(f"{self.address}/anilist/authorize/")
        page.get_by_role("button", name="Continue to AniList").click()
        approve(page, name)
        expect(page.get_by_role("status")).to_have_text(f"Connected to AniList as {name}.")

    def open(self, page, way="no htmx"):
        page.goto(f"{self.address}/title/{FRIEREN}/?htmx={way[-1] if way in HTMX else ''}")


def approve(page, name="alice"):
    """Say yes on AniList's own page, which may ask first who one is."""
    page.get_by_role("button", name=re.compile(f"^({name}|Approve)$")).first.wait_for()
    if page.get_by_role("button", name=name, exact=True).is_visible():
        page.get_by_role("button", name=name, exact=True).click()
    page.get_by_role("button", name="Approve").click()


def plus(page, episode):
    return page.get_by_role("button", name=f"Save episode {episode} of Frieren")


def saved(page, episode):
    """Wait for the page to say so, and for HTMX to know the new button, 20 ms after the browser does.

    A button pressed in between is an ordinary form's.
    """
    words = f"Saved: episode {episode} of Frieren: Beyond Journey’s End."
    expect(page.get_by_role("status").filter(has_text=words).first).to_be_visible()
    expect(page.locator(".htmx-added")).to_have_count(0)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder, port = tmp_path_factory.mktemp("site"), free_ports(1)[0]
    address = f"http://127.0.0.1:{port}"
    callback = f"{address}/anilist/callback/"
    client = OAuthClient(ANILIST_CLIENT_ID, ANILIST_CLIENT_SECRET, callback)
    output = folder / "output.txt"
    database = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(folder / "db.sqlite3"),
        "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE"},
    }
    with Sandbox([client]) as box:
        values = {
            "DATABASES": {"default": database},
            "ANILIST_SANDBOX_URL": box.url,
            "ANILIST_REDIRECT_URI": callback,
            "ANILIST_BUDGET": str(folder / "budget"),
            "ANILIST_CACHE": "",  # each test changes AniList behind the site's back
            "ANILIST_DEADLINE": 20,
            "ANILIST_MAX_WAIT": 20,
        }
        process = start(["-m", "tests.browser.site", str(port)], output, SITE=json.dumps(values))
        try:
            wait_for(process, address, output)
            yield Site(address, box)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE)
        said = output.read_text()
        assert "Traceback" not in said, said


@pytest.fixture
def site(running):
    running.box.reset()
    return running


@pytest.fixture
def plain(chromium):
    """A page of a browser that runs no script."""
    context = chromium.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.fixture
def pages(page, plain):
    page.set_default_timeout(30_000)
    return lambda way: plain if way == "no script" else page


@pytest.mark.parametrize("way", WAYS)
def test_one_more_episode_is_one_click(site, pages, way):
    page = pages(way)
    site.enter(page)
    site.open(page, way)
    plus(page, 12).click()
    saved(page, 12)
    expect(page.get_by_text("12 of 28")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("A title")
    assert saves(site.box) == [{"mediaId": FRIEREN, "progress": 12}]


#: Clicks once more after the next click, by the page's own clock: it is no slower than HTMX.
CLICK_TWICE = """([x, y, milliseconds]) => document.addEventListener(
  "click",
  () => setTimeout(() => document.elementFromPoint(x, y).click(), milliseconds),
  {once: true, capture: true})"""


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("milliseconds", [0, 150])
def test_a_double_click_is_saved_once(site, pages, way, milliseconds):
    page = pages(way)
    site.enter(page)
    site.open(page, way)
    site.box.dials.slow = 4.0 if way not in HTMX else 0.0
    place = plus(page, 12).bounding_box()
    at = (place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    if way in HTMX:
        page.evaluate(CLICK_TWICE, [*at, milliseconds])
        page.mouse.click(*at)
    else:
        page.mouse.click(*at)
        page.wait_for_timeout(milliseconds)
        page.mouse.click(*at)
    saved(page, 12)
    site.box.dials.slow = 0.0
    expect(plus(page, 13)).to_be_visible()
    site.open(page, way)
    expect(plus(page, 13)).to_be_visible()
    assert saves(site.box) == [{"mediaId": FRIEREN, "progress": 12}]


#: Clicks in the same place once the answer is there, as the second half of a slow double click does.
CLICK_AGAIN = """([x, y]) => {
  for (const name of ["htmx:afterOnLoad", "htmx:after:request"])
    document.addEventListener(
      name, () => setTimeout(() => {
        document.elementFromPoint(x, y).click();
        document.body.title = "clicked again";
      }, 100), {once: true});
}"""


@pytest.mark.parametrize("way", HTMX)
def test_the_second_half_of_a_slow_double_click_does_not_meet_the_next_episode(site, page, way):
    site.enter(page)
    site.open(page, way)
    place = plus(page, 12).bounding_box()
    at = [place["x"] + place["width"] / 2, place["y"] + place["height"] / 2]
    page.evaluate("window.scrollTo(0, 0)")
    page.evaluate(CLICK_AGAIN, at)
    page.mouse.click(*at)
    expect(page.locator("body")).to_have_attribute("title", "clicked again")
    saved(page, 12)
    page.wait_for_load_state("networkidle")
    page.reload()
    expect(plus(page, 13)).to_be_visible()
    assert [save["progress"] for save in saves(site.box)] == [12]


@pytest.mark.parametrize("way", HTMX)
def test_htmx_changes_the_button_in_its_place_and_the_keyboard_stays_there(site, page, way):
    site.enter(page)
    site.open(page, way)
    page.evaluate("window.here = true")
    plus(page, 12).focus()
    for episode in (12, 13, 14):
        page.keyboard.press("Enter")
        saved(page, episode)
        expect(plus(page, episode + 1)).to_be_focused()
    assert page.evaluate("window.here")
    assert [save["progress"] for save in saves(site.box)] == [12, 13, 14]


@pytest.mark.parametrize("score_format", SCORE_FORMATS)
def test_a_score_comes_back_as_it_was_given_in_each_format(site, chromium, score_format):
    typed, raw = SCORES[score_format]
    name = score_format.lower().replace("_", "-")
    number = 5500 + SCORE_FORMATS.index(score_format)
    add_person(site.box.store, name, number, score_format)
    context = chromium.new_context()
    page = context.new_page()
    site.enter(page, name)
    site.open(page)
    page.get_by_text("Add to my list").click()
    page.get_by_label("Status").select_option("Watching")
    score = page.get_by_label("Score")
    (score.select_option if raw in (60, 70) and typed != "7" else score.fill)(typed)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("Saved: ")
    assert entry_of(site.box, name).score_raw == raw
    site.open(page)
    page.get_by_text("Change my entry").click()
    expect(page.get_by_label("Score")).to_have_value(typed)
    page.get_by_label("Notes").fill("one\ntwo")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("Saved: ")
    assert saves(site.box)[1:] == [{"mediaId": FRIEREN, "notes": "one\ntwo"}]
    context.close()


@pytest.mark.parametrize("way", WAYS)
def test_revoked_in_the_middle_the_change_is_offered_again_and_saved_once(site, pages, way):
    page = pages(way)
    site.enter(page)
    site.open(page, way)
    site.box.revoke("alice")
    plus(page, 12).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("AniList asks you to connect again")
    page.get_by_role("button", name="Continue to AniList").click()
    approve(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Save episode 12 of Frieren")
    assert entry_of(site.box, "alice").progress == 11
    offer = page.url
    tab = page.context.new_page()
    tab.goto(offer)

    page.get_by_role("button", name="Yes, save it").click()
    saved(page, 12)
    assert entry_of(site.box, "alice").progress == 12

    page.go_back()
    expect(page.get_by_text("That change was made already")).to_be_visible()
    tab.get_by_role("button", name="Yes, save it").click()
    saved(tab, 12)
    assert [save["progress"] for save in saves(site.box)] == [12]


def test_a_button_that_the_back_button_brought_up_saves_nothing_twice(site, page):
    site.enter(page)
    site.open(page)
    plus(page, 12).click()
    saved(page, 12)
    page.goto(f"{site.address}/anilist/")
    page.go_back()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("A title")
    if plus(page, 12).is_visible():
        plus(page, 12).click()
        saved(page, 12)
    assert [save["progress"] for save in saves(site.box)] == [12]


@pytest.mark.parametrize("way", HTMX)
def test_an_outage_is_told_in_the_button_and_what_was_typed_stays(site, page, way):
    site.enter(page)
    site.open(page, way)
    page.get_by_text("Change my entry").click()
    page.get_by_label("Notes").fill("mine")
    site.box.dials.switched_off = True
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("AniList is not reachable")
    expect(page.get_by_label("Notes")).to_have_value("mine")
    site.box.dials.switched_off = False
    page.get_by_role("link", name="Try again").click()
    page.get_by_role("button", name="Yes, save it").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved: Frieren")
    assert entry_of(site.box, "alice").details["notes"] == "mine"
    assert len(saves(site.box)) == 1


@pytest.mark.parametrize("way", WAYS[1:])
def test_a_mistake_is_pointed_at_and_what_was_typed_stays(site, page, way):
    site.enter(page)
    site.open(page, way)
    page.get_by_text("Change my entry").click()
    page.evaluate("for (const form of document.forms) form.noValidate = true")
    page.get_by_label("Score").fill("8.55")
    page.get_by_label("Notes").fill("one\ntwo")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Your scores go up to 10, in steps of 0.1.")).to_be_visible()
    expect(page.get_by_label("Score")).to_be_focused()
    expect(page.get_by_label("Notes")).to_have_value("one\ntwo")
    page.get_by_label("Score").fill("8.5")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Saved: ").first).to_be_visible()
    wanted = {"mediaId": FRIEREN, "scoreRaw": 85, "notes": "one\ntwo"}
    assert saves(site.box) == [wanted]

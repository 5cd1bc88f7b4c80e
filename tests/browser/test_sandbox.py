"""The sandbox's own pages in a real browser, and three people who connect at the same time."""

import re

import pytest

from django_anilist.sandbox import Sandbox
from tests.browser.test_demo import disconnect, sign_in, to_consent

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

#: Who is signed in at the site, and who at the sandbox.
THREE = {"alice": "alice", "bob": "bob", "staff": "eve"}
AUTHORIZE = "/api/v2/oauth/authorize?client_id=1001&response_type=code&redirect_uri=http://127.0.0.1:8000/anilist/callback/"
SIZES = {"phone": (390, 844), "desktop": (1280, 900)}


@pytest.fixture(scope="module")
def box():
    with Sandbox(limit=30) as box:
        yield box


def test_three_browsers_at_once_are_not_mixed_up(chromium, demo):
    contexts = {name: chromium.new_context() for name in THREE}
    pages = {name: context.new_page() for name, context in contexts.items()}
    for name, page in pages.items():
        sign_in(page, demo, name)
        page.goto(f"{demo.site}/anilist/authorize/")
    for name, page in pages.items():
        to_consent(page, THREE[name])
    for name, page in reversed(pages.items()):
        (cookie,) = (c for c in contexts[name].cookies(demo.box) if c["name"] == "sandbox_user")
        assert (cookie["sameSite"], cookie["httpOnly"]) == ("Lax", True)
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_role("status")).to_have_text(f"Connected to AniList as {THREE[name]}.")
    for name, page in pages.items():
        page.goto(f"{demo.site}/anilist/")
        expect(page.get_by_role("main")).to_contain_text(THREE[name])
        disconnect(page, demo)
    for context in contexts.values():
        context.close()


def test_the_way_back_from_another_site_is_known(page, demo):
    """``localhost`` is another site than ``127.0.0.1``, as anilist.co is: cookies are ``SameSite``."""
    sign_in(page, demo)
    page.goto(f"{demo.site}/anilist/authorize/?next=/dashboard/")
    page.get_by_role("button", name="Continue to AniList").click()
    page.goto(page.url.replace("127.0.0.1", "localhost", 1))
    page.get_by_role("button", name="alice", exact=True).click()
    expect(page).to_have_url(re.compile("^http://localhost:"))
    page.get_by_role("button", name="Approve").click()
    expect(page).to_have_url(f"{demo.site}/dashboard/")
    disconnect(page, demo)


def test_one_browsers_answer_is_good_for_no_other(chromium, demo):
    first, second = (chromium.new_context().new_page() for _ in range(2))
    for page in (first, second):
        sign_in(page, demo)
        page.goto(f"{demo.site}/anilist/authorize/?next=/dashboard/")
        to_consent(page)
    approval = first.request.post(first.url, form={"answer": "approve"}, max_redirects=0)
    second.goto(approval.headers["location"])
    expect(second.get_by_role("main")).not_to_contain_text("Connected to AniList")
    second.goto(f"{demo.site}/anilist/")
    expect(second.get_by_text("You are not connected.")).to_be_visible()
    second.goto(f"{demo.site}/anilist/authorize/?next=/dashboard/")
    to_consent(second)
    second.get_by_role("button", name="Approve").click()
    expect(second).to_have_url(f"{demo.site}/dashboard/")
    disconnect(second, demo)
    for page in (first, second):
        page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_every_page_fits_and_complains_of_nothing(chromium, box, tmp_path, size, scheme):
    width, height = SIZES[size]
    viewport = {"width": width, "height": height}
    context = chromium.new_context(viewport=viewport, color_scheme=scheme)
    page, complaints = context.new_page(), []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    for address in (
        "/",
        "/explore",
        "/explore/Media",
        AUTHORIZE,
        "/settings/apps",
        "/api/v2/oauth/pin",
    ):
        page.goto(box.url + address)
        if address == AUTHORIZE and page.get_by_role("button", name="alice").is_visible():
            page.get_by_role("button", name="alice").click()
            expect(page.get_by_role("button", name="Approve")).to_be_visible()
        expect(page.get_by_role("note")).to_contain_text("This is not AniList")
        fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        assert page.evaluate(fits), address
        picture = page.screenshot(path=tmp_path / f"{size}-{scheme}.png", full_page=True)
        assert len(picture) > 5000
    context.close()
    assert complaints == []


def test_the_explorer_answers_without_a_network(page, box):
    page.goto(f"{box.url}/explore")
    page.get_by_role("textbox", name="Query").fill("{ Viewer { name } }")
    page.get_by_role("combobox").select_option("bob")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("region", name="Answer")).to_contain_text('"name": "bob"')
    page.get_by_role("link", name="Mutation").click()
    page.get_by_role("link", name="MediaList", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("MediaList")


def test_a_dial_is_turned_on_the_page(page, box):
    page.goto(box.url)
    page.get_by_label("HTTP status").fill("503")
    page.get_by_label("State comes back").select_option("missing")
    page.get_by_role("button", name="Set the dials").click()
    expect(page.get_by_text("status: 503")).to_be_visible()
    expect(page.get_by_text("state: missing")).to_be_visible()
    page.get_by_role("button", name="Reset everything").click()
    expect(page.get_by_text("Nothing: every dial")).to_be_visible()

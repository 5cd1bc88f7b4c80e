"""The admin in a real browser, under the example site's strict content security policy."""

import re

import pytest

from tests.browser.test_demo import approve, sign_in, to_consent

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

LIST = "/admin/django_anilist/anilisttoken/"


@pytest.fixture
def staff(page, demo):
    """Somebody who works here, connected and on the list of tokens."""
    page.goto(demo.site)
    sign_in(page, demo, "staff")
    page.goto(f"{demo.site}/anilist/authorize/")
    to_consent(page)
    approve(page)
    page.goto(f"{demo.site}{LIST}")
    return page


def test_staff_verify_a_token_read_its_page_and_the_health_of_the_site(staff, demo):
    staff.locator("input.action-select").first.check()
    staff.select_option("select[name=action]", "verify_now")
    staff.locator("button[name=index]").click()
    expect(staff.get_by_role("heading", name="Verify now")).to_be_visible()
    staff.get_by_role("button", name="Verify now").click()
    expect(staff.locator(".messagelist")).to_have_text("Alice: accepted by AniList.")

    staff.locator("th.field-user a, td.field-user a").first.click()
    expect(staff.get_by_text("It is kept sealed")).to_be_visible()
    expect(staff.get_by_text("Verify now: accepted by AniList")).to_be_visible()

    staff.goto(f"{demo.site}{LIST}")
    staff.get_by_role("link", name="AniList health").click()
    expect(staff.get_by_text("AniList can be asked.")).to_be_visible()
    staff.wait_for_load_state()  # the style sheet may come after the words
    assert staff.locator(".anilist-chart-bar").count() >= 1
    fill = staff.locator(".anilist-chart-bar").first.evaluate("bar => getComputedStyle(bar).fill")
    assert re.fullmatch(r"rgb\(.*\)", fill)
    assert fill != "rgb(0, 0, 0)"  # the style sheet was let through
    for width in (390, 1280):
        staff.set_viewport_size({"width": width, "height": 800})
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert staff.evaluate(overflow) == 0

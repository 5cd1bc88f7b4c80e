"""The health page: how this site gets on with AniList."""

import datetime
import re

import pytest
from django.core.cache import cache
from django.utils import timezone

from django_anilist import conf, last_hour, shared, tokens
from django_anilist.admin import health
from django_anilist.api.breaker import REASONS
from django_anilist.api.budget import USUAL_LIMIT
from django_anilist.api.errors import Unavailable
from django_anilist.api.turns import Asker, Heard
from django_anilist.gateway import AniList
from django_anilist.last_hour import Failure
from tests.admin.conftest import HEALTH, connected

pytestmark = pytest.mark.django_db

FRIEREN = 154587


def text_of(client):
    answer = client.get(HEALTH)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def test_a_quiet_site_is_well(admin_client):
    text = text_of(admin_client)
    for words in (
        "AniList can be asked.",
        f"{USUAL_LIMIT} of {USUAL_LIMIT} a minute",
        "0 requests were sent",
        "None in the last hour.",
        "https://graphql.anilist.co",
    ):
        assert words in text
    assert "sandbox, which stands in" not in text


def test_what_was_asked_is_counted_and_drawn(admin_client, sandbox):
    client = AniList.anonymous()
    client.media(FRIEREN)
    client.media(FRIEREN)
    text = text_of(admin_client)
    assert "1 request was sent, at most 1 in one minute." in text
    assert text.count("<rect ") == 1
    assert "1 request</title>" in text
    assert "1 of 2 calls (50 %)" in text
    assert "(1 sent)" in text
    assert "This is the sandbox, which stands in for AniList." in text


def test_an_outage_is_told_in_words_with_what_anilist_says(admin_client, sandbox, monkeypatch):
    monkeypatch.setattr(shared, "BREAKER_PERIOD", 30.0)
    sandbox.dials.switched_off = True
    with pytest.raises(Unavailable):
        AniList.anonymous().media(FRIEREN)
    text = text_of(admin_client)
    assert "AniList is not asked for the moment: AniList has switched its API off." in text
    assert "temporarily disabled" in text
    assert "Unavailable (switched-off)" in text
    sandbox.dials.switched_off = False


@pytest.mark.parametrize("use_tz", [True, False])
def test_errors_are_dated_in_the_sites_time(settings, use_tz):
    settings.USE_TZ = use_tz
    at = datetime.datetime(2026, 11, 26, 19, 0, tzinfo=datetime.timezone.utc).timestamp()
    with timezone.override("Asia/Tokyo"):
        when = health._moment(Failure(at, "Media", "web", "BadResponse"))
    assert (when.day, when.hour) == (27, 4)


def test_every_reason_of_the_breaker_has_its_words():
    assert set(health.OUTAGES) == set(REASONS)


def test_a_lock_out_is_told(admin_client, monkeypatch):
    monkeypatch.setattr(shared, "BUDGET_WINDOW", 60.0)
    budget = shared.budget()
    budget.answered(budget.ask(Asker(1)), Heard(lock_out=60))
    assert "AniList has locked this address out until" in text_of(admin_client)


def test_a_spent_budget_is_told(admin_client, monkeypatch):
    monkeypatch.setattr(shared, "BUDGET_WINDOW", 60.0)
    while shared.budget().look().left:
        shared.budget().ask(Asker(1))
    assert "The request budget is spent; the next request may leave at" in text_of(admin_client)


def test_tokens_are_counted_by_status_and_lead_to_the_list(admin_client, alice, bob):
    connected(alice, 7)
    tokens.reject(connected(bob, 8))
    text = text_of(admin_client)
    for status in ("connected", "rejected", "expired"):
        assert f'?status={status}"' in text
    found = dict(health.report(type(tokens.for_user(alice)).objects.all())["statuses"])
    assert [found[status] for status in ("connected", "rejected", "expired")] == [1, 1, 0]


@pytest.mark.parametrize("alias", ["default", ""])
def test_it_says_where_only_one_process_is_counted(admin_client, settings, alias, tmp_path):
    settings.ANILIST_CACHE = alias
    assert "Only this process is counted" in text_of(admin_client)
    settings.ANILIST_CACHE = "default"
    backend = "django.core.cache.backends.filebased.FileBasedCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": tmp_path}}
    assert "Only this process is counted" not in text_of(admin_client)
    cache.clear()


def test_every_setting_is_shown_and_secrets_are_stars(admin_client, settings):
    settings.ANILIST_CLIENT_SECRET = "canary-secret"
    settings.ANILIST_TOKEN_KEYS = lambda: ["canary-key"]
    settings.ANILIST_BUDGET = "redis://user:canary-pass/word@redis.example:6379/0?password=canary"
    settings.ANILIST_PROXY = "http://user:canary-pass@proxy.example:3128"
    shown = {setting.name: setting.value for setting in health.in_force()}
    assert set(shown) == conf.NAMES
    assert shown["ANILIST_CLIENT_SECRET"] == shown["ANILIST_TOKEN_KEYS"] == health.STARS
    assert shown["ANILIST_BUDGET"] == (
        f"redis://{health.STARS}@redis.example:6379/0?password={health.STARS}"
    )
    assert shown["ANILIST_PROXY"] == f"http://{health.STARS}@proxy.example:3128"
    assert shown["ANILIST_CLIENT_ID"] == "1001"
    assert "canary" not in str(shown)


def test_a_function_is_shown_by_its_name(settings):
    settings.ANILIST_CREATE_USER = "django_anilist.backends.create_user"
    assert health.shown("ANILIST_CREATE_USER") == "django_anilist.backends.create_user"


def test_a_zero_and_a_no_are_values_and_nothing_is_a_dash(settings):
    settings.ANILIST_MAX_WAIT, settings.ANILIST_USE_PKCE = 0, False
    shown = {setting.name: setting.value for setting in health.in_force()}
    assert (shown["ANILIST_MAX_WAIT"], shown["ANILIST_USE_PKCE"]) == ("0.0", "False")
    assert shown["ANILIST_PROXY"] == "-"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ANILIST_SANDBOX_URL", "http://127.0.0.1:1"),
        ("ANILIST_MAX_WAIT", "soon"),
        ("ANILIST_TOKEN_KEYS", ["no key"]),
        ("ANILIST_TOKEN_KEYS", lambda: 1 / 0),
    ],
)
def test_wrong_settings_show_on_the_page_instead_of_breaking_it(
    admin_client, settings, name, value
):
    setattr(settings, name, value)
    assert name in text_of(admin_client)


def test_numbers_of_a_drawing_are_not_written_as_in_prose(admin_client, sandbox, settings):
    settings.LANGUAGE_CODE, settings.USE_THOUSAND_SEPARATOR = "de", True
    settings.NUMBER_GROUPING = 1
    AniList.anonymous().media(FRIEREN)
    (drawing,) = re.findall(r'<svg class="anilist-chart".*?</svg>', text_of(admin_client))
    numbers = re.findall(r' (?:x|y|height|width|x2|y1)="([^"]*)"', drawing)
    assert numbers
    assert all(number.isdecimal() for number in numbers)


@pytest.mark.parametrize(("permissions", "status"), [(("view",), 200), ((), 403)])
def test_who_may_see_tokens_may_see_it(staff, permissions, status):
    assert staff(*permissions).get(HEALTH).status_code == status


def test_it_costs_no_request_and_few_queries(admin_client, sandbox, django_assert_max_num_queries):
    with django_assert_max_num_queries(5):
        text_of(admin_client)
    assert sandbox.requests == []
    assert last_hour.here().total().minutes == {}

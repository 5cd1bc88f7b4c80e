"""The example site, with a session cookie that browsers hold back on the way from AniList."""

from tests.browser.patient_settings import *  # noqa: F403

SESSION_COOKIE_SAMESITE = "Strict"

"""The checks speak through the doctor, too."""

from __future__ import annotations

import pytest

from django_anilist.doctor.checked import look_at_checks

pytestmark = pytest.mark.django_db


def found():
    return {each.id: each for each in look_at_checks()}


@pytest.mark.parametrize(
    ("name", "value", "id", "level", "place"),
    [
        ("ANILIST_CLIENT_ID", "", "E001", "error", "settings"),
        ("ROOT_URLCONF", "tests.no_urls", "E002", "error", "urls"),
        ("SESSION_COOKIE_SAMESITE", None, "W012", "warning", "settings"),
        ("ANILIST_TOKEN_KEYS", [], "W020", "warning", "settings"),
    ],
)
def test_a_message_is_a_finding(settings, name, value, id, level, place):
    setattr(settings, name, value)
    message = found()[f"anilist.{id}"]
    assert (message.level, message.place) == (level, place)
    assert message.remedy


def test_what_is_to_be_installed_goes_into_a_terminal(settings, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "redis", None)
    settings.ANILIST_BUDGET = "redis://127.0.0.1"
    assert found()["anilist.E006"].place == "shell"

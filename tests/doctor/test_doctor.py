"""The doctor never faints, asks little, and keeps secrets to itself."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
from django.core import mail

from django_anilist import doctor, shared
from django_anilist.doctor import examine, findings
from django_anilist.doctor.findings import KINDS, Finding, Report, finding

DOCS = Path(__file__).resolve().parents[2] / "docs" / "doctor.rst"
SCHEMA = json.loads(Path(doctor.__file__).with_name("report.schema.json").read_text("utf-8"))

pytestmark = pytest.mark.django_db


def ids(report):
    return [found.id.removeprefix("anilist.") for found in report.findings]


def test_offline_nothing_is_asked(sandbox):
    report = examine(offline=True)
    assert sandbox.requests == []
    assert (report.asked, "D150" in ids(report)) == ("", True)


def test_online_two_requests_are_sent_and_one_of_them_within_the_budget(sandbox):
    before = shared.budget().look().left
    report = examine()
    assert {"D158", "D161"} <= set(ids(report))
    assert [request.path for request in sandbox.requests] == ["/graphql", "/api/v2/oauth/token"]
    assert sandbox.requests[0].headers["Referer"] == "https://testserver/"
    assert "Authorization" not in sandbox.requests[0].headers
    assert shared.budget().look().left >= before - 1


def test_a_look_that_fails_is_a_finding_and_the_others_go_on(monkeypatch):
    def faint():
        yield finding("D101", "Something.", "https://site.test/")
        raise RuntimeError("canary-word")

    monkeypatch.setitem(doctor._LOOKS, "the cookies", faint)
    report = examine(offline=True)
    (fainted,) = [found for found in report.findings if found.id == "anilist.D100"]
    assert fainted.text == "The cookies could not be looked at (RuntimeError)."
    assert {"D101", "D150"} <= set(ids(report))


def test_every_look_may_fail(monkeypatch):
    def faint():
        raise RuntimeError
        yield

    for about in doctor._LOOKS:
        monkeypatch.setitem(doctor._LOOKS, about, faint)
    report = examine(offline=True)
    assert ids(report).count("D100") == len(doctor._LOOKS)
    assert report.exit_code == 3


def test_what_a_site_silences_is_left_out(settings):
    settings.SESSION_COOKIE_SAMESITE = None
    settings.SILENCED_SYSTEM_CHECKS = ["anilist.W012", "anilist.D101"]
    assert not {"W012", "D101"} & set(ids(examine(offline=True)))


def test_a_developer_is_not_told_what_concerns_the_live_site(settings):
    assert "W020" in ids(examine(offline=True))
    settings.DEBUG = True
    assert "W020" not in ids(examine(offline=True))


def test_a_sandbox_that_may_not_be_is_not_asked(settings, sandbox, monkeypatch):
    monkeypatch.delattr(mail, "outbox")  # which says that tests run
    settings.DEBUG = False
    report = examine()
    assert sandbox.requests == []
    assert {"E030", "D150"} <= set(ids(report))


def test_nothing_secret_is_told(settings, sandbox):
    settings.SECRET_KEY = settings.ANILIST_CLIENT_SECRET = "canary-word"
    settings.ANILIST_TOKEN_KEYS = ["canary-word"]
    settings.ANILIST_PROXY = "canary-word"
    settings.ANILIST_BUDGET = "redis://:canary-word@127.0.0.1:1"
    settings.ANILIST_REDIRECT_URI = "https://bob:canary-word@testserver/anilist/callback/"
    assert "canary-word" not in json.dumps(examine().as_json())


# The report


@pytest.mark.parametrize(
    ("levels", "verdict", "code"),
    [
        ([], "content", 0),
        (["info"], "content", 0),
        (["info", "unknown"], "unsure", 3),
        (["warning"], "problems", 1),
        (["unknown", "error"], "problems", 1),
    ],
)
def test_the_verdict_follows_the_gravest(levels, verdict, code):
    report = Report.of(Finding(f"anilist.D{n}", level, "x") for n, level in enumerate(levels))
    assert (report.verdict, report.exit_code) == (verdict, code)


def test_the_gravest_comes_first_and_nothing_comes_twice():
    levels = ["info", "unknown", "warning", "error", "error"]
    report = Report.of(Finding("anilist.D100", level, "x") for level in levels)
    assert [found.level for found in report.findings] == ["error", "warning", "unknown", "info"]


def test_every_kind_fits_the_published_shape():
    report = Report.of(finding(id, what, "a line") for id, (_, what) in KINDS.items())
    jsonschema.validate(report.as_json(), SCHEMA)
    assert SCHEMA["properties"]["version"]["const"] == report.as_json()["version"]


def test_the_shape_knows_every_level_and_place_and_no_other():
    shape = SCHEMA["properties"]["findings"]["items"]["properties"]
    assert set(shape["level"]["enum"]) == set(findings._GRAVITY)
    places = {findings.SETTINGS, findings.URLS, findings.SHELL, findings.ANILIST, findings.NETWORK}
    assert set(shape["place"]["enum"]) == {"", *places}


@pytest.mark.parametrize(
    "wrong",
    [
        {"verdict": "fine"},
        {"version": 2},
        {"asked": None},
        {"findings": [{"id": "D1"}]},
        {"more": 1},
    ],
)
def test_the_shape_refuses_what_is_not_said(wrong):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**Report(()).as_json(), **wrong}, SCHEMA)


def test_the_docs_list_every_kind_and_no_other():
    rows = re.findall(
        r"^   \* - ``anilist\.(D\d{3})``\n     - (\w+)\n     - ((?:.+\n?(?!   \*))+)",
        DOCS.read_text(encoding="utf-8"),
        re.M,
    )
    told = {id: (level, " ".join(what.split())) for id, level, what in rows}
    assert told == {
        id: (
            level,
            what.replace("ALLOWED_HOSTS", "``ALLOWED_HOSTS``").replace(
                "SameSite=None", "``SameSite=None``"
            ),
        )
        for id, (level, what) in KINDS.items()
    }
    assert [id for id, *_ in rows] == sorted(KINDS)


def test_the_docs_name_every_exit_code():
    text = DOCS.read_text(encoding="utf-8")
    for levels in ([], ["error"], ["unknown"]):
        report = Report.of(Finding("anilist.D100", level, "x") for level in levels)
        assert re.search(rf"^{report.exit_code}\s+``{report.verdict}``", text, re.M)

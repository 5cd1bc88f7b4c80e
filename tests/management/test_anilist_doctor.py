"""``manage.py anilist_doctor`` says what was found, to people and to machines."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import call_command

from django_anilist.doctor.findings import Finding, Report
from django_anilist.management.commands import anilist_doctor

LONG = (
    "This is a sentence that goes on for so long that no terminal shows it in a single line. " * 2
)
REMEDY = f'SETTING = "{"x" * 150}"'
FINDINGS = [
    Finding("anilist.D102", "error", LONG.strip(), REMEDY, "settings"),
    Finding("anilist.E002", "error", "No pages.", "urlpatterns += []", "urls"),
    Finding("anilist.D159", "warning", "The clock.", "timedatectl set-ntp true", "shell"),
    Finding("anilist.D157", "unknown", "The budget is spent."),
    Finding("anilist.D101", "info", "Register this.", "https://site.test/", "anilist"),
]


@pytest.fixture
def doctor(monkeypatch):
    """Let the doctor find this and no more; returns what the command says, and its exit code."""

    def say(*arguments, findings=FINDINGS, **options):
        asked = []

        def examine(offline):
            asked.append(offline)
            return Report.of(findings, "" if offline else "https://graphql.anilist.co")

        monkeypatch.setattr(anilist_doctor, "examine", examine)
        out, code = io.StringIO(), 0
        try:
            call_command("anilist_doctor", *arguments, stdout=out, **options)
        except SystemExit as ending:
            code = ending.code
        return out.getvalue(), code, asked

    return say


def test_people_read_what_is_wrong_where_the_remedy_goes_and_how_it_stands(doctor, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    said, code, _ = doctor("--no-color")
    lines = said.splitlines()
    assert code == 1
    assert "ERROR anilist.D102" in lines
    for heading, remedy in (
        ("  Put into the settings:", REMEDY),
        ("  Put into the URLconf:", "urlpatterns += []"),
        ("  Run:", "timedatectl set-ntp true"),
        ("  At AniList:", "https://site.test/"),
    ):
        assert lines[lines.index(heading) + 1] == f"    {remedy}"
    assert lines[-1] == "There is something to mend. (2 errors, 1 warning, 1 unknown)"
    assert all(len(line) <= 60 for line in lines if REMEDY not in line)


def test_a_remedy_is_never_wrapped_and_lines_stay_readable(doctor, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    said, *_ = doctor("--no-color")
    assert f"    {REMEDY}\n" in said
    assert max(len(line) for line in said.splitlines() if REMEDY not in line) <= 100


def test_colours_are_for_terminals(doctor):
    assert "\x1b[" in doctor("--force-color")[0]
    assert "\x1b[" not in doctor()[0]


def test_brief_leaves_out_what_is_well(doctor):
    assert "D101" not in doctor("-v", "0")[0]


@pytest.mark.parametrize(
    ("count", "code", "said"),
    [
        (0, 1, "something to mend"),
        (3, 3, "not everything could be looked at. (1 unknown)"),
        (4, 0, "All is well."),
    ],
)
def test_the_exit_code_and_the_last_line_agree(doctor, count, code, said):
    text, found, _ = doctor(findings=FINDINGS[count:])
    assert (found, said in text.splitlines()[-1]) == (code, True)


def test_machines_get_one_object_and_nothing_else(doctor):
    said, code, _ = doctor("--json")
    report = json.loads(said)
    assert (code, report["verdict"]) == (1, "problems")
    assert [found["id"] for found in report["findings"]] == [found.id for found in FINDINGS]


@pytest.mark.parametrize(("arguments", "offline"), [([], False), (["--offline"], True)])
def test_offline_is_handed_on(doctor, arguments, offline):
    assert doctor(*arguments)[2] == [offline]


def test_a_site_whose_checks_fail_can_be_looked_over(settings, db, capsys):
    settings.ANILIST_CLIENT_ID = ""
    with pytest.raises(SystemExit):
        call_command("anilist_doctor", "--offline")
    assert "anilist.E001" in capsys.readouterr().out

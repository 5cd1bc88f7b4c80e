"""The page of figures is what its script makes of the figures that were measured."""

from __future__ import annotations

import json
import re

import pytest

from benchmarks.hardness import ABOUT, FOLDER, PAGE, Row, coverage_rows, keep, page
from benchmarks.live.amounts import MEMORY
from benchmarks.live.judging import Sample, _memory, _steady
from benchmarks.live.secrets_seen import Secrets, Watch
from benchmarks.live.times import Times

TABLES = {path.stem: json.loads(path.read_text("utf-8")) for path in FOLDER.glob("*.json")}
STATE, CODE = "kT-3n_s8QmZ2Lw0Xc7Vb", "def50200" + 40 * "ab"


def test_the_page_is_made_of_the_figures():
    assert PAGE.read_text("utf-8") == page(), "run: python -m benchmarks.hardness"


def test_the_page_can_be_found():
    assert re.search(r"^   hardness$", (PAGE.parent / "index.rst").read_text("utf-8"), re.M)


@pytest.mark.parametrize("name", TABLES)
def test_each_table_says_what_it_means_and_what_measures_it(name):
    about = ABOUT.get(name)
    words, command = (
        (about.words, about.command) if about else (TABLES[name]["words"], TABLES[name]["command"])
    )
    assert (words[-1], command.split()[0]) in ((".", "python"), (".", "PYTHONPATH=."))
    assert f"``{command}``" in PAGE.read_text("utf-8")


@pytest.mark.parametrize("name", TABLES)
def test_each_figure_has_its_goal_and_what_was_measured(name):
    assert TABLES[name]["rows"]
    for row in TABLES[name]["rows"]:
        assert row["figure"]
        assert str(row["measured"])
        assert {"figure", "goal", "measured", "note"} <= set(row)


def test_a_table_is_kept_and_shown_as_it_was_written(tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks.hardness.FOLDER", tmp_path / "hardness")
    monkeypatch.setattr("benchmarks.hardness.PAGE", tmp_path / "hardness.rst")
    keep(
        "soak", "Ten minutes of use", [Row("a_b_ *c*", "0", "1|2", "as ``x_*`` says", failed=True)]
    )
    shown = (tmp_path / "hardness.rst").read_text("utf-8")
    assert "Ten minutes of use\n------------------\n" in shown
    assert "   * - a_b\\_ \\*c\\*\n     - 0\n     - 1\\|2\n     - as ``x_*`` says\n" in shown
    assert "failed" not in (tmp_path / "hardness" / "soak.json").read_text("utf-8")


@pytest.mark.parametrize(
    ("over_all", "least", "failed"), [(98, 100, 0), (96.9, 100, 1), (98, 99.5, 1)]
)
def test_coverage_is_told_over_all_and_of_the_least(over_all, least, failed):
    files = {"a.py": 100.0, "b.py": least, "other.py": 3.0}
    report = {
        "totals": {"percent_covered": over_all},
        "files": {name: {"summary": {"percent_covered": value}} for name, value in files.items()},
    }
    rows = coverage_rows(report, ["*/a.py", "*/b.py"])
    assert rows[1].measured == f"{least:.2f} %"
    assert sum(row.failed for row in rows) == failed


# What the soak judges by


def samples(calls, memory, descriptors=10, threads=9):
    return Sample(calls, memory, [descriptors], [threads])


def test_memory_that_grows_with_use_fails():
    warming = [samples(1000 * n, 90 + n) for n in range(10)]
    steady = [*warming, *(samples(1000 * n, 100 + n % 2) for n in range(10, 40))]
    growing = [*warming, *(samples(1000 * n, 100 + n / 5) for n in range(10, 40))]
    assert not _memory("gunicorn", steady).failed
    assert _memory("gunicorn", growing).failed
    assert _memory("gunicorn", growing).measured == "2.00"


def test_memory_is_measured_as_the_docs_advise():
    advice = (PAGE.parent / "operating.rst").read_text("utf-8")
    assert (
        "    Environment=" + " ".join(f"{name}={value}" for name, value in MEMORY.items()) in advice
    )


def test_use_that_is_too_short_tells_nothing_of_memory():
    row = _memory("gunicorn", [samples(1000 * n, 100 + n) for n in range(20)])
    assert (row.failed, "too short" in row.measured) == (False, True)


@pytest.mark.parametrize(("last", "failed"), [(12, False), (13, True), (7, True), (9, False)])
def test_descriptors_that_come_or_go_fail(last, failed):
    samples = [[10, 20], [10, 20], [10, 20], [11, 20], [last, 20], [last, 20]]
    assert _steady("descriptors", 2, [each for each in samples for _ in range(4)]).failed is failed
    assert not _steady("descriptors", 2, samples).failed  # too few to tell


def test_a_secret_is_found_in_whatever_surrounds_it():
    secrets = Secrets("client-secret-of-40-characters", "a-key-of-fernet-with-its-end=")
    secrets.learn(
        f"http://127.0.0.1/callback/?code={CODE}&state={STATE}&other=not-a-secret-of-ours"
    )
    for word in (CODE, STATE, "client-secret-of-40-characters", "a-key-of-fernet-with-its-end"):
        assert secrets.are_in(f"POST /token {{'it': '{word}'}} 200")
    assert secrets.are_in("Authorization: Bearer eyJ0eXAiOiJKV1QiLCJhbGci")
    assert not secrets.are_in("GET /?other=not-a-secret-of-ours " + STATE[:-1])


def test_what_a_server_prints_is_searched():
    lines = [
        "DEBUG django.template Exception while resolving variable",
        "Traceback (most recent call last):",
        "ERROR django.request Service Unavailable: /title/1/",
        f"DEBUG urllib3 GET /callback/?state={STATE}",
        "INFO all is well",
    ]
    secrets = Secrets()
    watch = Watch(iter(lines), secrets)
    secrets.learn(f"/?state={STATE}")
    watch.run()
    assert (watch.lines, watch.errors, len(watch.leaks)) == (5, [], 1)
    more = [
        "ERROR django.request Internal Server Error: /",
        "Traceback (most recent call last):",
        "[2026-01-01 00:00:00 +0000] [12] [ERROR] Worker died",
    ]
    watch = Watch(iter(more), secrets)
    watch.run()
    assert len(watch.errors) == 3


def test_percentiles_of_pages():
    times = Times([float(n) for n in range(1, 101)], {200: 100}, seconds=2.0)
    assert times.per_second == 50
    assert times.text == "50 pages/s; 50, 95, 99 ms"

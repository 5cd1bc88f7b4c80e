"""``.ci/security.py``: what counts as a finding, and when a tool may be skipped."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

PATH = Path(__file__).resolve().parents[1] / ".ci" / "security.py"


@pytest.fixture
def security(monkeypatch, tmp_path):
    spec = importlib.util.spec_from_file_location("ci_security", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(sys, "argv", ["security.py"])
    return module


def answers(value):
    def said(*command):
        if isinstance(value, Exception):
            raise value
        return value

    return said


def audited(*vulnerabilities):
    row = {"name": "left", "version": "1", "vulns": [{"id": id} for id in vulnerabilities]}
    return {"dependencies": [row, {"name": "right", "skip_reason": "not found"}]}


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (audited(), []),
        (audited("CVE-1"), ["left 1: CVE-1"]),
        (RuntimeError("ConnectionError: no route"), "the advisory service does not answer"),
        (RuntimeError("usage: pip-audit"), ["broke: usage: pip-audit"]),
        (
            {"dependencies": [{"name": "right", "skip_reason": "not found"}]},
            "the package index in use has no advisories, so none was looked at",
        ),
    ],
    ids=["clean", "a hole", "unreachable", "broken", "no advisories"],
)
def test_an_audit_is_skipped_only_where_nobody_can_be_asked(security, monkeypatch, said, found):
    monkeypatch.setattr(security, "said", answers(said))
    assert security.findings(security.pip_audit) == found


def test_workflows_are_looked_at_where_there_are_any(security, monkeypatch, tmp_path):
    monkeypatch.setattr(security, "said", answers([{"ident": "unpinned", "desc": "an action"}]))
    assert security.findings(security.zizmor) == "there are no workflows"
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    assert security.findings(security.zizmor) == ["unpinned: an action"]


@pytest.mark.parametrize(
    ("found", "code"),
    [([], 0), (["a hole"], 1), ("cannot look", 0)],
    ids=["none", "one", "skipped"],
)
def test_a_finding_ends_with_1_and_a_skipped_tool_says_so(
    security, monkeypatch, capsys, found, code
):
    monkeypatch.setattr(security, "TOOLS", {"tool": lambda: found})
    monkeypatch.setattr(security, "findings", lambda tool: tool())
    assert security.main() == code
    assert ("SKIPPED" in capsys.readouterr().out) is isinstance(found, str)

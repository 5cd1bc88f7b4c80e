"""What others get is what stands here: archives that build equal, and workflows that can be trusted."""

from __future__ import annotations

import importlib.util
import io
import re
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
RELEASE = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")


@pytest.fixture
def build():
    """The program that builds the archives."""
    spec = importlib.util.spec_from_file_location("build_program", ROOT / ".ci" / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def archive(path, names, *, when, owner, mode):
    """Write a source archive as somebody's machine would."""
    with tarfile.open(path, "w:gz") as packed:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size, member.mtime, member.mode = len(name), when, mode
            member.uid, member.uname = len(owner), owner
            packed.addfile(member, io.BytesIO(name.encode()))
    return path


def test_a_source_archive_does_not_tell_who_packed_it_and_when(build, tmp_path):
    alices = archive(tmp_path / "a.tar.gz", ["x", "y"], when=1.5, owner="alice", mode=0o600)
    bobs = archive(tmp_path / "b.tar.gz", ["y", "x"], when=9e8, owner="bob", mode=0o664)
    assert alices.read_bytes() != bobs.read_bytes()
    for path in (alices, bobs):
        build.rewrite(path, 1_700_000_000)
    assert alices.read_bytes() == bobs.read_bytes()
    with tarfile.open(alices) as packed:
        assert packed.extractfile("y").read() == b"y"


def test_a_program_in_a_source_archive_can_still_be_run(build, tmp_path):
    path = archive(tmp_path / "a.tar.gz", ["run"], when=0, owner="alice", mode=0o700)
    build.rewrite(path, 0)
    with tarfile.open(path) as packed:
        assert packed.getmember("run").mode == 0o755


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_run_only_what_nobody_can_exchange(path):
    used = re.findall(r"uses: (.+)", path.read_text(encoding="utf-8"))
    assert used
    for action in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v[\d.]+", action)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_may_do_nothing_that_a_job_does_not_ask_for(path):
    text = path.read_text(encoding="utf-8")
    assert "\npermissions: {}\n" in text
    granted = set(re.findall(r"^ {6}([\w-]+: (?:read|write))", text, re.MULTILINE))
    assert granted <= {"contents: read", "id-token: write"}


def test_only_who_publishes_may_speak_for_the_project():
    building, publishing = RELEASE.split("\n  publish:\n")
    assert "id-token" not in building
    assert "checkout" not in publishing  # what was built is what is published


def test_a_release_is_built_once_checked_and_lists_its_parts():
    for step in (
        "python .ci/build.py dist",
        "twine check --strict",
        "check_wheel.py",
        ".ci/sbom dist",
    ):
        assert RELEASE.count(step) == 1


def test_the_workflow_runs_what_everybody_runs():
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    assert "- run: .ci/run\n" in text

"""The command serves, and says in a sentence why it cannot."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

import django_anilist.sandbox
from django_anilist.sandbox.__main__ import _sandbox, main, parser

PACKAGE = Path(django_anilist.sandbox.__file__).parent


def test_the_schema_is_a_true_part_of_anilists():
    checker = Path(__file__).resolve().parents[3] / "shared/bin/check-schema"
    if not checker.exists():
        pytest.skip("AniList's whole schema is not beside this repository")
    found = subprocess.run(
        [sys.executable, checker, PACKAGE / "schema.graphql"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout.startswith("0 differences")


def run(*arguments):
    command = [sys.executable, "-m", "django_anilist.sandbox", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.fact("2b.1")
def test_what_is_usual_is_what_anilist_does():
    usual = parser().parse_args([])
    assert (usual.host, usual.limit, usual.state, usual.dial) == ("127.0.0.1", 30, None, [])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_until_it_is_told_to_stop(number):
    process = run(
        "--port", "0", "--client", "7,word,http://site.test/", "--dial", "html=on", "--limit", "0"
    )
    address = process.stdout.readline().split()[-1]
    answer = requests.post(f"{address}/graphql", json={}, timeout=60)
    assert answer.text.startswith("<!DOCTYPE")
    process.send_signal(number)
    assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == 0


def test_a_taken_port_is_said_in_a_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = run("--port", str(taken.getsockname()[1]))
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors.strip().endswith("is taken; choose another with --port.")
    assert output == ""


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "example.com"])
def test_it_listens_on_this_machine_only(host, capsys):
    assert main(["--host", host]) == 2
    assert capsys.readouterr().err.startswith("The sandbox answers on this machine only")


def test_reset_forgets_what_was_kept(tmp_path, capsys):
    path = tmp_path / "anilist.json"
    path.write_text("{}")
    assert main(["--state", str(path)]) == 2
    assert "holds no data of this sandbox" in capsys.readouterr().err
    _sandbox(parser().parse_args(["--state", str(path), "--reset"]))
    assert not path.exists()


def test_the_data_is_kept_also_where_the_terminal_is_closed(tmp_path):
    path = tmp_path / "anilist.json"
    process = run("--port", "0", "--state", str(path))
    process.stdout.readline()
    process.send_signal(signal.SIGHUP)
    assert process.communicate(timeout=60) == ("", "")
    assert path.exists()


@pytest.mark.parametrize("name", ["missing/anilist.json", "."])
def test_a_file_that_cannot_be_kept_is_said_before_anything_is_lost(tmp_path, capsys, name):
    assert main(["--state", str(tmp_path / name)]) == 2
    assert capsys.readouterr().err.endswith("no file can be kept there\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--dial", "nonsense=1"], ["--dial", "html"], ["--client", "7"], ["--dial", "status=1000"],
        ["--port", "70000"], ["--users", "-1"], ["--entries", "1000000000"], ["--limit", "many"],
    ],
)  # fmt: skip
def test_wrong_arguments_are_said_in_a_sentence(arguments):
    process = run(*arguments)
    _, errors = process.communicate(timeout=60)
    assert process.returncode in (1, 2)
    assert "Traceback" not in errors

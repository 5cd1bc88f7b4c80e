"""What is promised to an installer, a package index and a newcomer agrees with what is there."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import django_anilist

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.rst").read_text(encoding="utf-8")

setup = configparser.ConfigParser()
setup.read(ROOT / "setup.cfg", encoding="utf-8")


def requirements(section: str, name: str) -> list[Requirement]:
    return [Requirement(line) for line in setup[section][name].split("\n") if line.strip()]


def floors(section: str, name: str) -> set[tuple[str, str]]:
    """Return the names of what is asked for, each with the lowest version that is allowed."""
    return {
        (requirement.name, specifier.version)
        for requirement in requirements(section, name)
        for specifier in requirement.specifier
        if specifier.operator == ">="
    }


def versions(topic: str) -> list[str]:
    found = re.findall(
        rf"^{re.escape(topic)} :: ([\d.]+\d)$", setup["metadata"]["classifiers"], re.M
    )
    return [version for version in found if "." in version]


def test_the_version_has_three_numbers():
    assert re.fullmatch(r"\d+\.\d+\.\d+", django_anilist.__version__)


def test_the_lowest_versions_we_test_are_the_lowest_we_allow():
    lines = (ROOT / ".ci" / "lowest.txt").read_text(encoding="utf-8").splitlines()
    pins = {tuple(line.split("==")) for line in lines if not line.startswith("#")}
    promised = floors("options", "install_requires") | floors("options.extras_require", "sandbox")
    assert {name for name, _ in pins} == {name for name, _ in promised}
    for name, version in promised:
        (pin,) = [pinned for named, pinned in pins if named == name]
        assert f"{pin}.".startswith(f"{version}.")  # 43 is 43.0.0


@pytest.mark.parametrize("name", ["Django", "requests", "urllib3", "cryptography", "nh3", "orjson"])
def test_no_dependency_has_a_ceiling(name):
    """A ceiling of ours would keep a site from its own security updates."""
    (found,) = [
        requirement
        for requirement in requirements("options", "install_requires")
        if requirement.name == name
    ]
    assert [specifier.operator for specifier in found.specifier] == [">="]


def test_the_readme_names_the_versions_that_the_classifiers_name():
    pythons, djangos = versions("Programming Language :: Python"), versions("Framework :: Django")
    *others, last = djangos
    assert f"Python {pythons[0]} to {pythons[-1]}, Django {', '.join(others)} and {last}" in README
    assert setup["options"]["python_requires"] == f">={pythons[0]}"


def test_the_readme_holds_the_two_commands_to_the_letter():
    lines = [line.strip() for line in README.splitlines()]
    demo = 'python -m pip install -e ".[sandbox]" && python example_project/manage.py demo'
    test = 'python -m pip install -e ".[test]" && python -m pytest'
    assert (lines.count(demo), lines.count(test)) == (1, 1)


def test_every_file_that_is_no_module_is_in_the_wheel():
    """By the patterns of setup.cfg; .ci/run looks into the wheel itself."""
    package = ROOT / "django_anilist"
    patterns = setup["options.package_data"]["django_anilist"].split()
    listed = {path for pattern in patterns for path in package.glob(pattern) if path.is_file()}
    there = {
        path for path in package.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")
    }
    assert there == listed


def test_it_says_that_it_is_unofficial():
    assert "unofficial" in setup["metadata"]["description"]
    assert "Unofficial: not made or endorsed by AniList" in README
    assert "Unofficial" in (django_anilist.__doc__ or "")


#: A token of AniList's or the sandbox's, a Fernet key where one is set, a private key, a client secret.
SECRETS = re.compile(
    r"eyJ[\w-]{40,}\.eyJ|[\"'=][\w-]{43}=[\"'\s]|BEGIN [A-Z ]*PRIVATE KEY|[\"'=][A-Za-z0-9]{40}[\"'\s]"
)


def texts() -> dict[str, str]:
    """Return the texts that are published, by their paths."""
    kinds = (".py", ".rst", ".md", ".cfg", ".toml", ".txt", ".html", ".json", ".js", ".ini", ".lua")
    folders = ("django_anilist", "tests", "example_project", "benchmarks", "docs", ".ci")
    there = [ROOT.glob("*"), *((ROOT / folder).rglob("*") for folder in folders)]
    files = [
        path for found in there for path in found if path.suffix in kinds or path.name == "run"
    ]
    return {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
        for path in files
        if path.is_file() and not path.name.startswith("test_readme_")
    }


def test_no_key_or_token_is_published_here():
    assert SECRETS.search('KEY = "' + "a" * 43 + '="\n')
    found = {path: SECRETS.findall(text) for path, text in texts().items()}
    assert "README.rst" in found
    assert {path: secrets for path, secrets in found.items() if secrets} == {}


def test_every_exception_from_the_security_rules_has_a_reason():
    """ruff's "S" are bandit's rules, and bandit has a few of its own; the line says why one does not hold."""
    assert '"S"' in (ROOT / "ruff.toml").read_text(encoding="utf-8")
    silenced = [
        line
        for path, text in texts().items()
        if path.startswith("django_anilist") and path.endswith(".py")
        for line in text.splitlines()
        if re.search(r"# noqa: S\d|# nosec", line)
    ]
    assert silenced
    reason = r"# noqa: S\d+  \w|# \w[\w ]+  # nosec B\d+$"
    assert [line for line in silenced if not re.search(reason, line)] == []
    assert [line for line in silenced if line.rstrip().endswith("nosec")] == []


def test_it_says_how_to_report_a_weakness():
    security = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert "## Reporting" in security
    assert "privately" in security

"""What is promised to an installer, a package index and a newcomer agrees with what is there."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import django_anilist
from django_anilist.templatetags.anilist import register

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


@pytest.mark.parametrize("name", ["Django", "requests", "urllib3", "cryptography", "nh3"])
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


def test_the_readme_lists_every_tag_and_filter_and_no_other():
    table = README.split("tag or filter ", 1)[1].split("No tag raises", 1)[0]
    named = re.findall(r"^``(\|?anilist_\w+)``  +\S", table, re.M)
    assert sorted(named) == sorted([*register.tags, *(f"|{name}" for name in register.filters)])


@pytest.mark.parametrize("document", ["README.rst", "CONTRIBUTING.rst", "docs/pages.rst"])
def test_what_a_document_links_to_is_there(document):
    text = (ROOT / document).read_text(encoding="utf-8")
    links = re.findall(r"<([^>\s:]+\.\w+)>`_|^\.\. image:: (\S+)", text, re.M)
    for link in filter(None, sum(links, ())):
        assert (ROOT / document).parent.joinpath(link).is_file(), link

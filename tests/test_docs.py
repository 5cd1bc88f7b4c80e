"""The documentation and the code name the same things, both ways, and no link leads nowhere."""

from __future__ import annotations

import ast
import inspect
import re
from importlib import import_module

import pytest
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand
from django.dispatch import Signal
from django.urls import reverse

from django_anilist import conf, signals
from django_anilist.api import errors
from django_anilist.doctor.findings import KINDS
from django_anilist.gateway import AniList
from django_anilist.models import Status
from django_anilist.problems import PROBLEMS
from django_anilist.sandbox import dials
from django_anilist.templatetags.anilist import register
from django_anilist.testing import AniListKit
from django_anilist.testing.network import RealAniListError
from tests.documents import (
    DOCS,
    EVERYTHING,
    FOR_SITES,
    ROOT,
    anchors,
    first_words,
    links,
    literals,
    rows,
    sections,
    tables,
    terms,
    text_of,
    tree,
)
from tests.test_checks import table as table_of_checks

PACKAGE = ROOT / "django_anilist"
COMMANDS = sorted(path.stem for path in (PACKAGE / "management/commands").glob("anilist_*.py"))
documents = pytest.mark.parametrize("path", FOR_SITES, ids=lambda path: path.name)
SIGNALS = {name for name, value in vars(signals).items() if isinstance(value, Signal)}


def public(kind):
    return {name for name in dir(kind) if not name.startswith("_")}


# Links


@pytest.mark.parametrize("path", EVERYTHING, ids=lambda path: path.name)
def test_every_link_leads_to_a_file_and_a_section_that_are_there(path):
    for link in links(path):
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        assert target.is_file(), link
        assert not anchor or anchor in anchors(target), link


def test_every_link_of_the_security_page_leads_to_a_file():
    found = re.findall(r"\]\(([^):]+)\)", text_of(ROOT / "SECURITY.md"))
    assert found
    assert [link for link in found if not (ROOT / link).is_file()] == []


def test_the_readme_leads_to_every_page():
    reached, coming = set(), [ROOT / "README.rst"]
    while coming:
        path = coming.pop()
        reached.add(path)
        found = {(path.parent / link.partition("#")[0]).resolve() for link in links(path)}
        coming += [one for one in found - reached if one.suffix == ".rst" and one.is_file()]
    assert set(FOR_SITES) <= reached


# Tables of names, both ways


def test_every_setting_has_its_row_and_its_default():
    found = {
        name: ast.literal_eval(default)
        for name, default, _ in rows(DOCS / "settings.rst", "Setting")
    }
    assert found == {
        name: pytest.approx(value) if value else found[name] for name, value in defaults().items()
    }
    assert not any(found[name] for name, value in defaults().items() if not value)
    assert set(found) == conf.NAMES


def defaults():
    """Return what ``conf`` takes for each setting that a site does not have."""
    calls = [
        node
        for node in ast.walk(ast.parse(inspect.getsource(conf)))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", "") in ("_get", "_seconds")
        and isinstance(node.args[0], ast.Constant)
    ]
    return {call.args[0].value: eval(ast.unparse(call.args[1]), {}) for call in calls}


def test_every_tag_and_filter_has_its_row():
    there = [*register.tags, *(f"|{name}" for name in register.filters)]
    assert sorted(first_words(DOCS / "tags.rst", "tag or filter")) == sorted(there)


def test_every_signal_is_in_the_reference():
    named = re.findall(
        r"autodata:: django_anilist\.signals\.(\w+)", text_of(DOCS / "reference.rst")
    )
    assert sorted(named) == sorted(SIGNALS)


def test_every_error_has_its_row():
    there = {
        name
        for name, value in vars(errors).items()
        if inspect.isclass(value) and issubclass(value, errors.AniListError)
    }
    assert sorted(first_words(DOCS / "views.rst", "error")) == sorted(there)


def test_every_standing_has_its_row():
    found = {word: yes == "yes" for word, yes, _ in rows(DOCS / "views.rst", "status")}
    assert found == {status.value: status.usable for status in Status}


def test_every_method_of_the_client_has_its_row():
    named = set(first_words(DOCS / "views.rst", "method"))
    made_by = {"for_user", "for_request", "for_page", "anonymous"}
    twins = {name for name in public(AniList) if name[0] == "a" and name[1:] in public(AniList)}
    assert named == public(AniList) - twins - made_by - {"status", "account", "lane"}


def test_every_method_of_the_test_kit_has_its_row():
    assert set(first_words(DOCS / "testing.rst", "method")) == public(AniListKit) - {
        "start",
        "stop",
    }


def test_every_dial_has_its_row():
    assert first_words(DOCS / "testing.rst", "dial") == dials.names()


def test_every_reason_of_an_outage_has_its_row():
    told = set(
        re.findall(r"``([\w-]+)``", inspect.getdoc(errors.Unavailable).split("``retry_after``")[0])
    )
    assert set(first_words(DOCS / "troubleshooting.rst", "reason")) == told - {"reason"}


def test_every_command_has_its_row_and_its_section():
    path = DOCS / "commands.rst"
    assert sorted(first_words(path, "command")) == COMMANDS
    assert {title for title in sections(path) if title.startswith("anilist_")} == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_is_in_its_section(name):
    named = terms(sections(DOCS / "commands.rst")[name])
    parser = load_command_class("django_anilist", name).create_parser("manage.py", name)
    usual = BaseCommand().create_parser("manage.py", name)
    options = {option for action in parser._actions for option in action.option_strings}
    assert set(named) == options - {o for action in usual._actions for o in action.option_strings}


# Messages


def said(node):
    """Return a message as it stands in the code, with dots for what differs."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(said(part) for part in node.values)
    if isinstance(node, ast.BinOp):
        return said(node.left) + (said(node.right) if isinstance(node.op, ast.Add) else "")
    return "…"


def as_written(message):
    """Return a message as the documentation has it: dots for what differs, also for ``%s``."""
    return re.sub(r"(…|%[.\d]*\w|%\(\w+\)\w)+", "…", " ".join(message.split()))


#: Raised for our own use only, or caught and told in other words.
INNER = {"decoding.py", "deadline.py", "locked_file.py", "lockfile.py"}
MISTAKES = {
    "AniListImproperlyConfigured", "ArgumentTypeError", "AssertionError", "CommandError", "LookupError",
    "OperationalError", "TypeError", "UnknownSourceError", "ValueError",
}  # fmt: skip


def calls():
    """Return what the package logs and raises: the name that is called, and the call."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(text_of(path))) if "sandbox" not in path.parts else ():
            call = node.exc if isinstance(node, ast.Raise) else node
            if not isinstance(call, ast.Call) or not call.args:
                continue
            name = getattr(call.func, "id", getattr(call.func, "attr", ""))
            mistake = isinstance(node, ast.Raise) and name in MISTAKES and path.name not in INNER
            if mistake or getattr(getattr(call.func, "value", None), "id", "") == "logger":
                yield name, call


def messages():
    """Return each message that a developer may meet, in a log or as an error that is not AniList's."""
    found = {as_written(said(call.args[name == "log"])) for name, call in calls()}
    found |= {str(problem.title) for problem in PROBLEMS.values()}
    found.add(as_written(str(RealAniListError("%s"))))
    return {message for message in found if re.search(r"\w", message)}


def test_every_message_has_a_remedy_and_every_remedy_is_for_one():
    found = messages()
    assert len(found) > 60
    assert set(terms(tree(DOCS / "troubleshooting.rst"))) == found


# Names in the text


@documents
def test_every_setting_that_is_named_is_one(path):
    text = re.sub(r'os\.environ\["\w+"\]', "", text_of(path))
    assert set(re.findall(r"\bANILIST_[A-Z_]*[A-Z]\b", text)) <= conf.NAMES


@documents
def test_every_check_and_finding_that_is_named_is_one(path):
    assert set(re.findall(r"\banilist\.([EWD]\d{3})\b", text_of(path))) <= {
        *table_of_checks(),
        *KINDS,
    }


#: Names of ours that are neither tags, signals nor commands.
OTHERS = {
    "anilist_id",
    "anilist_media",
    "anilist_required",
    "anilist_token",
    "anilist_tokens",
    "anilist_account",
}


@documents
def test_every_name_of_ours_in_the_text_is_one(path):
    if path.name == "threats.rst":  # names tests, which tests/test_threats.py looks at
        return
    named = {
        name for literal in literals(path) for name in re.findall(r"\banilist_[a-z_]+\b", literal)
    }
    assert named <= {*register.tags, *register.filters, *SIGNALS, *COMMANDS, *OTHERS}


@documents
def test_every_dotted_name_of_ours_is_there(path):
    for name in re.findall(r"\bdjango_anilist(?:\.\w+)+", text_of(path)):
        assert is_there(name), name


def is_there(name):
    """Tell whether a dotted name is a module of ours, or something in one."""
    module, _, rest = name.rpartition(".")
    try:
        import_module(name)
    except ImportError:
        return is_in(module, rest)
    return True


def is_in(module, name):
    try:
        return hasattr(import_module(module), name)
    except ImportError:
        owner, _, kind = module.rpartition(".")
        return hasattr(getattr(import_module(owner), kind), name)


@documents
def test_every_file_of_ours_that_is_named_is_there(path):
    for literal in literals(path):
        for name in re.findall(
            r"\b(?:django_anilist|docs|tests|benchmarks|example_project)/[\w/.-]+\w", literal
        ):
            folders = (ROOT, PACKAGE / "templates", PACKAGE / "static")
            assert any((folder / name).exists() for folder in folders), name


@documents
def test_every_page_of_ours_that_is_named_has_its_url(path):
    for name in set(re.findall(r"\banilist:([a-z-]+)\b", text_of(path))) - {"problem"}:
        assert reverse(f"anilist:{name}")


def test_commands_that_the_text_names_exist():
    named = {one for path in FOR_SITES for one in re.findall(r"manage\.py (\w+)", text_of(path))}
    ours = {path.stem for path in (ROOT / "example_project").rglob("management/commands/*.py")}
    assert named <= {*get_commands(), *ours, "runserver"}


def test_the_readme_is_short():
    assert len(text_of(ROOT / "README.rst").splitlines()) <= 140


# How to take part

CONTRIBUTING = ROOT / "CONTRIBUTING.rst"


def test_every_module_and_folder_is_on_the_map_once():
    there = [
        path.stem
        for folder in (PACKAGE, PACKAGE / "api")
        for path in folder.iterdir()
        if path.suffix == ".py" or path.is_dir()
    ]
    apart = {"__init__", "__pycache__", "api"}
    on_map = [
        name for table in tables(CONTRIBUTING) for row in table[1:] for name in row[0].split()
    ]
    assert sorted(on_map) == sorted(name for name in there if name not in apart)


def test_every_file_that_contributors_are_sent_to_is_there():
    named = [
        one
        for one in literals(CONTRIBUTING)
        if re.fullmatch(r"[\w.]+/[\w/.-]*|\w+\.(py|rst|cfg)", one)
    ]
    assert len(named) > 30
    missing = [one for one in named if not any((place / one).exists() for place in (ROOT, PACKAGE))]
    # An example of a name, and a name that no file may have.
    assert set(missing) == {"tests/test_x.py", "django_anilist/x.py", "utils.py"}

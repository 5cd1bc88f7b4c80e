"""What the documentation shows can be typed as it stands."""

from __future__ import annotations

import ast
import configparser
import inspect
import json
import re
import shlex
from collections import defaultdict
from importlib import import_module
from importlib.util import find_spec
from types import SimpleNamespace

import django
import pytest
from cryptography.fernet import Fernet
from django.contrib import admin
from django.core.checks import ERROR
from django.core.management import get_commands, load_command_class
from django.template import engines
from django.test.utils import override_script_prefix
from django.urls import include, path
from jinja2 import Environment

from django_anilist.checks import CHECKS
from django_anilist.conf import NAMES
from django_anilist.gateway import AniList
from django_anilist.jinja import AniListExtension
from django_anilist.sandbox.__main__ import parser as sandbox_parser
from django_anilist.testing import AniListKit
from tests.documents import EVERYTHING, ROOT, blocks, literals

#: What nothing here can read.
UNREAD = {"css", "ini", "javascript", "nginx"}

setup = configparser.ConfigParser()
setup.read(ROOT / "setup.cfg", encoding="utf-8")


def shown(*languages):
    """Return the blocks of the documentation in one of ``languages``, each with a name for a test."""
    return [
        pytest.param(text, id=f"{page.name}-{number}")
        for page in EVERYTHING
        for number, (language, text) in enumerate(blocks(page))
        if language in languages
    ]


def test_every_block_is_in_a_language_that_is_tried():
    known = {"", "python", "django", "jinja", "console", "json", *UNREAD}
    assert {language for page in EVERYTHING for language, _ in blocks(page)} <= known


# Python


@pytest.mark.parametrize("text", shown("python"))
def test_python_compiles(text):
    compile(text, "shown", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@pytest.mark.parametrize("text", shown("python"))
def test_what_python_imports_is_there(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] in (
            "django",
            "django_anilist",
        ):
            if node.module == "django.tasks" and django.VERSION < (6,):
                continue
            module = import_module(node.module)
            for alias in node.names:
                assert hasattr(module, alias.name) or find_spec(f"{node.module}.{alias.name}")


@pytest.mark.parametrize("text", shown("python"))
def test_what_python_calls_of_ours_takes_these_arguments(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            kind = {
                "request": AniList,
                "client": AniList,
                "public": AniList,
                "kit": AniListKit,
            }.get(owner(node.func.value))
            if kind is not None:
                method = getattr(kind, node.func.attr)
                given = [None] * (len(node.args) + ("self" in inspect.signature(method).parameters))
                inspect.signature(method).bind(*given, **{word.arg: None for word in node.keywords})


def owner(node):
    """Return whose method is called: the client of a request or a task, or the kit of a test."""
    if isinstance(node, ast.Attribute) and node.attr == "anilist":
        return {"request": "request", "self": "kit"}.get(getattr(node.value, "id", ""))
    return {"anilist": "kit"}.get(getattr(node, "id", ""))


class Environ(defaultdict):
    """An environment that holds a key under every name that asks for one."""

    def __missing__(self, name):
        return Fernet.generate_key().decode() if "KEY" in name else "1001"


def is_settings(text):
    names = [
        node.id
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    return bool(names) and all(name.isupper() for name in names)


SETTINGS = [shown_one for shown_one in shown("python") if is_settings(shown_one.values[0])]


@pytest.mark.parametrize("text", SETTINGS)
def test_settings_are_settings_that_no_check_finds_fault_with(text, settings):
    settings.DEBUG = True
    found = {
        "os": SimpleNamespace(environ=Environ()),
        "INSTALLED_APPS": list(settings.INSTALLED_APPS),
        "MIDDLEWARE": [name for name in settings.MIDDLEWARE if "anilist" not in name],
        "TEMPLATES": [dict(one) for one in settings.TEMPLATES],
        "BASE_DIR": ROOT,
    }
    exec(compile(text, "shown", "exec"), found)
    if "AniListMiddleware" not in text:
        found["MIDDLEWARE"] = settings.MIDDLEWARE
    for name, value in found.items():
        if name.isupper() and name not in ("INSTALLED_APPS", "DATABASES", "CACHES", "BASE_DIR"):
            setattr(settings, name, value)
    assert {name for name in found if name.startswith("ANILIST_")} <= NAMES
    with override_script_prefix(found.get("FORCE_SCRIPT_NAME", "") + "/"):
        told = [message for check in CHECKS for message in check(None)]
    assert [message for message in told if message.level >= ERROR] == []


URLS = [one for one in shown("python") if re.search(r"\bpath\(", one.values[0])]


@pytest.mark.parametrize("text", URLS)
def test_urls_lead_to_pages_of_ours(text):
    def including(name):
        return include(name) if name.startswith("django_anilist") else include(([], name))

    text = re.sub(r"^from .*\n", "", text, flags=re.M)
    names = {
        "path": path,
        "include": including,
        "admin": admin,
        "urlpatterns": [],
        "views": SimpleNamespace(shelf=print),
    }
    exec(compile(text, "shown", "exec"), names)
    patterns = names["urlpatterns"] or eval(text, names)
    assert any(getattr(one, "namespace", "") == "anilist" for one in patterns)


# Templates


@pytest.mark.parametrize("text", shown("django"))
def test_a_template_loads(text):
    engines["django"].from_string(text)


@pytest.mark.parametrize("text", shown("jinja"))
def test_a_jinja_template_loads(text):
    environment = Environment(extensions=[AniListExtension], autoescape=True)
    for name in re.findall(r"anilist_\w+(?=\()", text):
        assert name in environment.globals
    environment.from_string(text)


def in_sentences():
    return sorted({literal for page in EVERYTHING for literal in literals(page)})


@pytest.mark.parametrize(
    "text", [one for one in in_sentences() if re.match(r"(\{%|\{\{).*anilist_", one)]
)
def test_a_tag_in_a_sentence_loads(text):
    engines["django"].from_string("{% load anilist %}" + text)


@pytest.mark.parametrize("text", shown("json"))
def test_json_is_json(text):
    json.loads(text)


# Commands


def lines(text):
    """Return the commands of a block, each as words."""
    for line in text.splitlines():
        without = re.sub(r"\s+#.*|^\$ |^[\d*]+(?: +[\d*]+){4} +", "", line)
        for command in without.split("&&"):
            words = shlex.split(command)
            while words and re.fullmatch(r"[A-Z_]+=\w*", words[0]):
                words.pop(0)
            if words:
                yield words


@pytest.mark.parametrize("text", shown("", "console"))
def test_a_shell_can_run_it(text):
    for words in lines(text):
        assert can_run(words), words


@pytest.mark.parametrize(
    "text",
    [
        one
        for one in in_sentences()
        if re.match(r"(python (-m )?)?(manage\.py|pip|django\w+) \w", one)
    ],
)
def test_a_command_in_a_sentence_can_be_run(text):
    for words in lines(text):
        assert can_run([word for word in words if word != "..."]), words


#: What comes with an extra that the same line installs.
OF_OTHER_EXTRAS = ("sphinx",)


def can_run(words):
    """Tell whether there is such a command; arguments of ours that make no sense end the test."""
    if words[:2] == ["python", "-m"]:
        return words[2] == "pip" or is_module(words[2:])
    words = words[words[0] == "python" :]
    if words[0] == "pip":
        return True
    if words[0].endswith("manage.py"):
        return is_managed(words[1:])
    return words[0] in (".", "cd", "tox") or (ROOT / words[0]).is_file()


def is_module(words):
    name, *arguments = words
    if name == "django_anilist.sandbox":
        sandbox_parser().parse_args(arguments)
    if name == "pytest":
        paths = [word for word in arguments if word.startswith("tests")]
        return all((ROOT / one.partition("::")[0]).exists() for one in paths)
    return find_spec(name) is not None or name in OF_OTHER_EXTRAS


def is_managed(words):
    name, *arguments = words
    if (ROOT / f"example_project/example/management/commands/{name}.py").is_file():
        return True
    if name.startswith("anilist_"):
        load_command_class("django_anilist", name).create_parser("manage.py", name).parse_args(
            arguments
        )
    return name in get_commands() or name == "runserver"


def test_every_extra_that_is_named_is_one():
    pattern = r'(?:django-anilist|-e "?\.)\[([\w,]+)\]'
    found = {
        name
        for page in EVERYTHING
        for names in re.findall(pattern, page.read_text("utf-8"))
        for name in names.split(",")
    }
    assert "sandbox" in found
    assert found <= set(setup["options.extras_require"])

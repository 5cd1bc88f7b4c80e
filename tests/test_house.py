"""The rules of the house, each as a test."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.db.models import URLField

from django_anilist import models
from django_anilist.checks import CHECKS, DATABASE_CHECKS, DEPLOY_CHECKS

PACKAGE = Path(__file__).resolve().parents[1] / "django_anilist"

#: Imports point down: a module may import those above it in this list, never those below.
LAYERS = [
    "", "api", "api.errors", "api.secrets", "api.endpoints", "api.values", "api.arguments", "api.results", "api.decoding",
    "api.complexity", "api.documents", "api.queries", "api.deadline", "api.adapter", "api.events", "api.transport", "api.replies",
    "api.turns", "api.breaker", "api.others", "api.budget", "api.locked_file", "api.lockfile", "api.redis_store", "api.pacing", "api.retrying",
    "api.kept", "api.memory", "api.local_answers", "api.flights", "api.lifetimes", "api.caching", "api.patience", "api.lists", "api.oauth",
    "api.conversation", "api.merging", "api.batching", "api.many_media", "api.client",
    "conf", "crypto", "accounts", "models", "signals", "tokens", "standing", "access", "answer_store", "last_hour", "shared", "twins", "gateway", "verification", "pending", "backends", "logins", "redirects", "flow",
    "problems", "answers", "responses", "calm", "display", "page", "showing", "listing", "notices", "nodes", "template_filters",
    "entries", "entry_forms", "entry_words", "list_button",
    "middleware", "decorators", "mixins", "views", "entry_views", "urls", "progress", "asking", "upkeep", "legacy",
    "importing", "reminding", "tasks",
    "admin.dates", "admin.chart", "admin.filters", "admin.columns", "admin.actions", "admin.health", "admin",
    "templatetags", "templatetags.anilist", "jinja",
    "checks.developing", "checks.client", "checks.login", "checks.redirects", "checks.addresses", "checks.installation", "checks.cookies",
    "checks.keys", "checks.values", "checks.storage", "checks.versions", "checks",
    "doctor.findings", "doctor.checked", "doctor.redirects", "doctor.cookies", "doctor.sharing", "doctor.rows",
    "doctor.trouble", "doctor.online", "doctor",
    "apps", "management", "management.work", "management.commands", "management.commands.anilist_doctor",
    "management.commands.anilist_generate_key", "management.commands.anilist_import_tokens",
    "management.commands.anilist_purge", "management.commands.anilist_remind",
    "management.commands.anilist_rotate_keys", "management.commands.anilist_verify",
]  # fmt: skip

OUR_MODELS = (models.AniListToken, models.AuthorizationRequest, models.EntryChange)

#: What Django calls; none of these knows another.
EDGES = (
    "views",
    "entry_views",
    "middleware",
    "decorators",
    "mixins",
    "admin",
    "templatetags.anilist",
)


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


SOURCES = {
    name_of(path): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(PACKAGE.rglob("*.py"))
    if "migrations" not in path.parts
}
#: What is no part of a running site.
BESIDE = ("sandbox", "testing", "management.commands.anilist_sandbox")
PRODUCT = {name: tree for name, tree in SOURCES.items() if not name.startswith(BESIDE)}


def imports(tree: ast.AST) -> set[str]:
    """Return the absolute names of what a module imports."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return found


def own_imports(name: str) -> set[str]:
    """Return the modules of the package that the module ``name`` imports."""
    found = {
        found.removeprefix("django_anilist").lstrip(".")
        for found in imports(SOURCES[name])
        if found.startswith("django_anilist")
    }
    return {module for module in found if module in SOURCES}


def uses(word: str) -> set[str]:
    """Return the product's modules in whose code (not texts) ``word`` is a name or an attribute."""
    return {
        name
        for name, tree in PRODUCT.items()
        for node in ast.walk(tree)
        if word in (getattr(node, "id", None), getattr(node, "attr", None))
    }


def called(node: ast.Call) -> str:
    """Return the last part of the name of what is called: ``f`` of ``f()`` and of ``module.f()``."""
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def test_every_module_has_its_layer():
    assert set(PRODUCT) == set(LAYERS)


@pytest.mark.parametrize("name", PRODUCT)
def test_imports_point_down(name):
    above = set(LAYERS[: LAYERS.index(name)])
    assert own_imports(name) - {"api", "", "templatetags"} <= above


@pytest.mark.parametrize("name", [name for name in PRODUCT if name.startswith("api")])
def test_the_api_knows_no_django(name):
    assert not [
        found for found in imports(PRODUCT[name]) if found.split(".")[0] in ("django", "asgiref")
    ]
    assert all(module.startswith("api") for module in own_imports(name))


def test_importing_the_api_loads_no_django():
    modules = [f"django_anilist.{name}" for name in PRODUCT if name.startswith("api")]
    code = f"import sys, {', '.join(modules)}; print([m for m in sys.modules if m.split('.')[0] == 'django'])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_importing_the_package_loads_nothing_heavy():
    code = "import sys, django_anilist; print([m for m in sys.modules if m in ('django', 'requests', 'graphql')])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_imports_stand_at_the_top():
    inside = {
        name
        for name, tree in SOURCES.items()
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert inside <= {"apps"}  # ready() may: settings are not there before


def test_only_the_transport_speaks_http():
    def importers(library):
        return {
            name
            for name, tree in PRODUCT.items()
            if library in {found.split(".")[0] for found in imports(tree)}
        }

    assert importers("requests") == {"api.transport", "api.adapter"}
    assert importers("urllib3") == {"api.transport", "api.adapter", "api.deadline"}
    assert importers("httpx") | importers("aiohttp") == set()
    for name in ("http.client", "urllib.request"):
        assert {found for found in PRODUCT if name in imports(PRODUCT[found])} <= {
            "api.transport",
            "api.deadline",
        }


def test_only_conf_reads_our_settings():
    readers = {
        name
        for name, tree in PRODUCT.items()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and node.attr.startswith("ANILIST_"))
        or (
            isinstance(node, ast.Call)
            and called(node) == "getattr"
            and str(getattr(node.args[1], "value", "")).startswith("ANILIST_")
        )
    }
    assert readers == set()
    assert uses("_get") == {"conf"}


def test_only_tokens_and_upkeep_seal_unseal_and_write_rows():
    """One row as its user comes and goes, and all rows by the batch: too much for one module."""
    assert {name for name in PRODUCT if "crypto" in own_imports(name)} == {"tokens", "upkeep"}
    writers = {
        name
        for name, tree in PRODUCT.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr == "objects"
        and isinstance(node.value, ast.Name)
        and node.value.id == "AniListToken"
    }
    assert writers == {"tokens", "upkeep"}
    for write in ("save", "delete", "asave", "adelete", "update_or_create", "bulk_create"):
        writers = {
            name
            for name, tree in PRODUCT.items()
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and node.attr == write
            and getattr(node.value, "id", "") != "tokens"
        }
        # The rows of pending and flow are AuthorizationRequests, those of entries EntryChanges.
        assert writers <= {"tokens", "upkeep", "pending", "flow", "entries"}


def test_only_the_gateway_builds_clients():
    for word in ("RequestsTransport", "Client", "AniList", "PacedTransport", "CachingTransport"):
        built = {
            name
            for name, tree in PRODUCT.items()
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and called(node) == word
        }
        assert built <= {"gateway", "shared"}


def test_only_the_flow_uses_the_session():
    assert uses("session") == {"flow"}


@pytest.mark.parametrize("name", EDGES)
def test_what_django_calls_knows_nothing_of_each_other(name):
    allowed = {"decorators"} if name == "mixins" else set()  # the same, for classes
    assert own_imports(name).isdisjoint(set(EDGES) - {name} - allowed)


def test_the_product_knows_no_sandbox():
    found = {module for name in PRODUCT for module in own_imports(name)}
    assert not [module for module in found if module.startswith(("sandbox", "testing"))]
    for name in (name for name in SOURCES if name.startswith("sandbox")):
        assert all(module.startswith("sandbox") for module in own_imports(name))


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=name_of)
def test_modules_are_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 250


@pytest.mark.parametrize("name", SOURCES)
def test_functions_are_short(name):
    functions = [
        node
        for node in ast.walk(SOURCES[name])
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert [node.name for node in functions if node.end_lineno - node.lineno >= 40] == []


def test_there_is_no_module_for_everything():
    assert not {"utils", "helpers", "common", "misc"} & {name.split(".")[-1] for name in SOURCES}


def test_every_full_page_extends_our_base():
    folder = PACKAGE / "templates" / "django_anilist"
    for page in folder.glob("*.html"):
        # once_more.html has a code in its address: a site's base could load what reads it.
        if page.name not in ("base.html", "once_more.html"):
            assert page.read_text().startswith('{% extends "django_anilist/base.html" %}')


def test_no_page_has_script_or_style_in_it():
    for page in PACKAGE.rglob("*.html"):
        text = page.read_text().replace("<script src=\"{% static 'django_anilist/", "")
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", text)


def test_every_check_tells_its_ids():
    told = [
        found
        for check in (*CHECKS, *DEPLOY_CHECKS, *DATABASE_CHECKS)
        for found in re.findall(r"[EW]\d{3}", check.__doc__)
    ]
    assert len(told) == len(set(told))
    used = [
        set(re.findall(r"anilist\.([EW]\d{3})", ast.unparse(function)))
        for name in SOURCES
        if name.startswith("checks")
        for function in SOURCES[name].body
        if isinstance(function, ast.FunctionDef)
    ]
    assert sorted(told) == sorted(found for ids in used for found in ids)


def test_nothing_calls_mark_safe_on_what_comes_from_outside():
    # Our own rendered templates, and what nh3 has cleaned.
    assert uses("mark_safe") == {"showing", "display"}


def test_no_model_keeps_the_sites_own_secrets():
    """Whoever reads the database or its admin must not learn them."""
    fields = {field.name for model in OUR_MODELS for field in model._meta.get_fields()}
    assert "sealed" in fields
    assert [
        name for name in fields if re.search(r"secret|password|access_token|refresh", name)
    ] == []


def test_no_model_holds_an_address_to_fetch():
    """Addresses that are kept are shown, or sent to a browser; none is asked from here."""
    kept = {
        f.name for m in OUR_MODELS for f in m._meta.get_fields() if re.search("url|uri", f.name)
    }
    assert kept == {"next_url", "redirect_uri"}
    assert not [f for m in OUR_MODELS for f in m._meta.get_fields() if isinstance(f, URLField)]


def test_nothing_runs_what_it_reads():
    dangerous = {"pickle", "marshal", "shelve", "yaml", "subprocess", "dill"}
    for name, tree in SOURCES.items():
        assert dangerous.isdisjoint(found.split(".")[0] for found in imports(tree)), name
        calls = {called(node) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        assert {"eval", "exec", "system", "popen", "__import__"}.isdisjoint(calls), name

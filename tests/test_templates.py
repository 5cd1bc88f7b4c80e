"""Our pages in another dress: any template can be replaced, and what it leaves out is missed by none."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

from django_anilist import tokens
from django_anilist.accounts import Account
from django_anilist.api.oauth import Grant
from django_anilist.api.secrets import Secret
from django_anilist.problems import Wait

PACKAGE = Path(__file__).resolve().parents[1] / "django_anilist"
TEMPLATES = PACKAGE / "templates"
STYLE = (PACKAGE / "static" / "django_anilist" / "anilist.css").read_text(encoding="utf-8")
SCRIPT = (PACKAGE / "static" / "django_anilist" / "wait.js").read_text(encoding="utf-8")
#: A full page of ours by its template.
ADDRESSES = {
    "account": "/anilist/",
    "authorize": "/anilist/authorize/",
    "problem": "/anilist/problem/busy/?wait=42",
}
BARE = "<html><body>The site's own.{% block content %}{% endblock %}</body></html>"


@pytest.fixture
def replace(settings):
    """A function that puts a template of the site's before ours."""
    mine = {}
    engine = settings.TEMPLATES[0]
    loaders = [
        ("django.template.loaders.locmem.Loader", mine),
        "django.template.loaders.app_directories.Loader",
    ]
    options = {**engine["OPTIONS"], "loaders": loaders}
    settings.TEMPLATES = [{**engine, "APP_DIRS": False, "OPTIONS": options}]

    def replace(name, text):
        mine[f"django_anilist/{name}"] = text

    return replace


@pytest.fixture
def page(alice, alice_client, sandbox):
    """A function that opens a page of ours as alice, who is connected."""
    tokens.save(alice, Account(7, "Alice"), Grant(Secret("canary-token"), 31_536_000, 7))
    return lambda name: alice_client.get(ADDRESSES[name], secure=True).content.decode()


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_page_stands_in_the_sites_own_base(replace, page, name):
    replace("base.html", BARE)
    text = page(name)
    assert text.startswith("<html><body>The site's own.")
    assert "<h1>" in text


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_page_can_be_the_sites_own(replace, page, name):
    replace(
        f"{name}.html",
        "{% extends 'django_anilist/base.html' %}{% block content %}Mine{% endblock %}",
    )
    text = page(name)
    assert "Mine" in text
    assert "<h1>" not in text


def source(name):
    return (TEMPLATES / "django_anilist" / f"{name}.html").read_text(encoding="utf-8")


#: But for what only the unconnected see, and what stands outside the page's body.
BLOCKS = [
    (name, block)
    for name in ADDRESSES
    for block in re.findall(r"{% block (\w+) %}", source(name))
    if block not in ("visitor", "title", "extra_head")
]


@pytest.mark.parametrize(("name", "block"), BLOCKS)
def test_each_block_of_a_page_can_be_replaced_alone(replace, page, name, block):
    replace(f"ours/{name}.html", source(name))
    inner = f"{{% block {block} %}}Mine{{% endblock %}}"
    replace(f"{name}.html", f"{{% extends 'django_anilist/ours/{name}.html' %}}{inner}")
    text = page(name)
    assert text.count("Mine") == 1
    assert ("<h1>" in text) == (block not in ("content", "standing"))


@pytest.mark.parametrize("part", sorted(path.name for path in TEMPLATES.glob("*/parts/*.html")))
def test_each_part_can_be_replaced(replace, part):
    replace(f"parts/{part}", "Mine")
    assert get_template(f"django_anilist/parts/{part}").render({}) == "Mine"


def test_the_pages_are_written_from_the_right_where_that_is_the_way(settings, page):
    assert '<html lang="en-us" dir="ltr">' in page("account")
    settings.LANGUAGE_CODE = "he"
    assert '<html lang="he" dir="rtl">' in page("account")


def test_dates_are_written_as_the_language_writes_them(settings, page):
    settings.LANGUAGE_CODE = "de"
    dates = re.findall(r'<time datetime="\d{4}-\d\d-\d\d">(.*?)</time>', page("account"))
    assert len(dates) == 2
    assert all(re.fullmatch(r"\d+\. \w+ \d{4}", date) for date in dates)


# Waiting


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (1, "You can try again in 1 second."),
        (42, "You can try again in 42 seconds."),
        (90, "You can try again in 90 seconds."),
        (91, "You can try again in 2 minutes."),
        (3600, "You can try again in 60 minutes."),
        (600_000, "You can try again in 10,000 minutes."),
    ],
)
def test_a_wait_is_told_in_words(settings, seconds, text):
    settings.USE_THOUSAND_SEPARATOR = True
    assert Wait(seconds).text == text


def test_the_script_replaces_the_place_that_the_sentence_has(page):
    """The sentence stays whole for those who translate it."""
    assert "{time}" in Wait(1).counting
    assert 'replace("{time}"' in SCRIPT
    assert f'data-counting="{Wait(1).counting}"' in page("problem")


# The style


def test_the_stylesheet_is_small():
    assert len(STYLE.encode()) < 12 * 1024


def test_the_stylesheet_fetches_nothing_and_fights_nobody():
    assert not re.search(r"url\(|@import|@font-face|!important", STYLE)


def test_the_stylesheet_knows_no_left_and_no_right():
    code = re.sub(r"/\*.*?\*/", "", STYLE, flags=re.DOTALL)
    assert not re.search(
        r"\b(left|right)\b|(?<![-\w])(width|height|margin-top|margin-bottom):", code
    )


def test_what_moves_moves_only_for_those_who_want_it():
    calm = re.split(r"@media \(prefers-reduced-motion: no-preference\)", STYLE)[0]
    assert not re.search(r"animation|transition|scroll-behavior", calm)


def test_the_docs_name_the_blocks_of_each_page():
    docs = (PACKAGE.parent / "docs" / "pages.rst").read_text(encoding="utf-8")
    table = re.split(r"^(?=``\w+\.html``)", docs, flags=re.M)[1:]
    named = {
        row.split("``")[1]: set(re.findall(r"``(\w+)``", row.split("\n=")[0])) for row in table
    }
    for name in ("account", "authorize", "login", "problem", "save_entry"):
        text = (TEMPLATES / "django_anilist" / f"{name}.html").read_text(encoding="utf-8")
        blocks = set(re.findall(r"{% block (\w+) %}", text))
        assert named[f"{name}.html"] == blocks - {"title", "content", "extra_head"}

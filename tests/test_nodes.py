"""Two hundred media that a template names one by one are one request."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group
from django.template import Context, Node, Template, engines
from django.template.library import Library

from django_anilist import nodes
from tests.tagging import ask, rendered

NAMED = "{% anilist_media row.anilist_id as m %}{{ m|anilist_title }};"
LOOP = f"{{% for row in rows %}}{NAMED}{{% endfor %}}"


class Row(SimpleNamespace):
    """A row of the site that is about a medium."""


def rows(*ids):
    return [Row(anilist_id=number) for number in ids]


@pytest.fixture
def two_hundred(anilist):
    """Two hundred rows, each about another medium."""
    media = [anilist.add_media(f"Title {number}") for number in range(200)]
    return [Row(anilist_id=medium["id"]) for medium in media]


def titles(count=200, first=0):
    return "".join(f"Title {number};" for number in range(first, first + count))


@pytest.fixture
def remembering(anilist, settings):
    settings.ANILIST_CACHE = "default"


@pytest.mark.parametrize("with_request", [True, False])
def test_a_loop_over_two_hundred_rows_is_one_request(anilist, two_hundred, rf, with_request):
    request = rf.get("/") if with_request else None
    assert rendered(LOOP, request, rows=two_hundred) == titles()
    anilist.assert_requests(1)


def test_a_loop_shown_again_is_no_request_where_answers_are_remembered(
    anilist, remembering, two_hundred, rf
):
    rendered(LOOP, rf.get("/"), rows=two_hundred)
    assert rendered(LOOP, rf.get("/"), rows=two_hundred) == titles()
    anilist.assert_requests(1)


@pytest.mark.parametrize(
    "tag",
    [
        "{% anilist_media row.anilist_id %}",
        "{% anilist_media id=row.anilist_id %}",
        "{% anilist_media id=row.anilist_id as m %}{{ m.title.romaji }}",
        "{% anilist_card row.anilist_id %}",
        "{% anilist_card media=row.anilist_id %}",
        '{% anilist_cover row.anilist_id size="small" %}{% anilist_card row.anilist_id %}',
        "{% anilist_next_airing row.anilist_id %}{% anilist_media row.anilist_id %}",
        "{% if row %}{% anilist_media row.anilist_id %}{% endif %}",
        "{% with id=row.anilist_id %}{% anilist_media id %}{% endwith %}",
        "{% with row.anilist_id as id %}{% with here=id %}{% anilist_media here %}{% endwith %}{% endwith %}",
    ],
)
def test_every_way_to_name_a_medium_asks_once(anilist, rf, tag):
    found = rendered(
        f"{{% for row in rows %}}{tag}{{% endfor %}}", rf.get("/"), rows=rows(1, 6, 19)
    )
    assert all(title in found for title in ("Cowboy Bebop", "TRIGUN", "MONSTER")) or "cover" in tag
    anilist.assert_requests(1)


def test_forty_list_buttons_are_one_request(anilist, alice, alice_client, settings, two_hundred):
    settings.ROOT_URLCONF = "tests.tagging"
    anilist.connect(alice)
    source = "{% for row in rows %}{% anilist_list_button row.anilist_id %}{% endfor %}"
    html = ask(alice_client, source, rows=two_hundred[:40]).content.decode()
    assert html.count("Add to my list") == 40
    anilist.assert_requests(1)


@pytest.mark.parametrize(
    ("source", "requests"),
    [
        (
            "{% anilist_media row.anilist_id as m %}{% anilist_card m %}{% anilist_list_button m %}",
            2,
        ),
        (
            "{% anilist_media row.anilist_id as m %}{% anilist_cover m %}{% anilist_next_airing m %}",
            1,
        ),
        ("{% anilist_card row.anilist_id %}{% anilist_list_button row.anilist_id %}", 2),
        ("{% anilist_list_button row.anilist_media %}{% anilist_card row.anilist_media %}", 2),
    ],
)
def test_a_medium_that_is_kept_goes_on_to_other_tags(
    anilist, alice, alice_client, settings, source, requests
):
    settings.ROOT_URLCONF = "tests.tagging"
    anilist.connect(alice)
    loop = f"{{% anilist_attach rows %}}{{% for row in rows %}}{source}{{% endfor %}}"
    html = ask(alice_client, loop, rows=rows(1, 6, 19)).content.decode()
    assert html.count("s4.anilist.co/images/cover") == 3
    assert html.count("Add to my list") == (3 if "button" in source else 0)
    anilist.assert_requests(requests)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("{% for row in rows reversed %}{% anilist_media row.anilist_id %};{% endfor %}", "1"),
        ("{% for n, row in pairs %}{% anilist_media row.anilist_id %};{% endfor %}", "0"),
        ("{% for n , row in pairs %}{% anilist_media row.anilist_id %};{% endfor %}", "0"),
        ("{% for key, id in known.items %}{% anilist_media id %};{% endfor %}", "0"),
        ("{% for id in known.values %}{% anilist_media id %};{% endfor %}", "0"),
        ("{% for row in rows|slice:':2' %}{% anilist_media row.anilist_id %};{% endfor %}", "0"),
        ("{% for group in groups %}{% for row in group %}{% anilist_media row.anilist_id %};{% endfor %}{% endfor %}", "0"),
        ("{% for group in groups %}{{ forloop.counter }}{% with g=group %}{% for row in g %}{% anilist_media row.anilist_id %};{% endfor %}{% endwith %}{% endfor %}", "0"),
        ("{% for row in none %}{% empty %}{% anilist_media 1 %};{% anilist_media 6 %};{% endfor %}", None),
        ("{% for row in rows %}{% for row in none %}{% empty %}{% anilist_media row.anilist_id %};{% endfor %}{% endfor %}", None),
        ("{% autoescape off %}{% for row in rows %}{% anilist_media row.anilist_id %};{% endfor %}{% endautoescape %}", "0"),
    ],
)  # fmt: skip
def test_every_kind_of_loop_shows_all_its_rows(anilist, rf, source, found):
    context = {
        "rows": rows(1, 6),
        "pairs": list(enumerate(rows(1, 6))),
        "known": {"a": 1, "b": 6},
        "groups": [rows(1), rows(6)],
        "none": [],
    }
    expected = ["Cowboy Bebop", "TRIGUN"]
    html = rendered(source, rf.get("/"), **context)
    shown = [part.strip("12") for part in html.split(";") if part]
    assert shown == (expected[::-1] if found == "1" else expected)
    anilist.assert_requests(2 if found is None else 1)


def test_a_generator_loses_no_row_and_asks_one_by_one(anilist, rf):
    assert rendered(LOOP, rf.get("/"), rows=iter(rows(1, 6, 19))) == "Cowboy Bebop;TRIGUN;MONSTER;"
    anilist.assert_requests(3)


def test_an_included_template_asks_one_by_one_unless_the_rows_were_attached(anilist, rf):
    part = Template("{% load anilist %}{% anilist_media row.anilist_id %};")
    source = "{% for row in rows %}{% include part %}{% endfor %}"
    context = {"rows": rows(1, 6, 19), "part": part}
    assert rendered(source, rf.get("/"), **context) == "Cowboy Bebop;TRIGUN;MONSTER;"
    anilist.assert_requests(3)
    source = "{% anilist_attach rows %}" + source
    assert rendered(source, rf.get("/"), **context) == "Cowboy Bebop;TRIGUN;MONSTER;"
    anilist.assert_requests(4)


def test_an_included_list_button_asks_once_for_rows_that_were_attached(
    anilist, alice, alice_client, settings
):
    settings.ROOT_URLCONF = "tests.tagging"
    anilist.connect(alice)
    part = Template("{% load anilist %}{% anilist_list_button row.anilist_media %}")
    source = "{% anilist_attach rows %}{% for row in rows %}{% include part %}{% endfor %}"
    html = ask(alice_client, source, rows=rows(1, 6, 19), part=part).content.decode()
    assert html.count("Add to my list") == 3
    anilist.assert_requests(2)


def test_a_loop_in_an_included_template_asks_once(anilist, rf):
    part = Template("{% load anilist %}" + LOOP)
    source = "{% for some in groups %}{% include part with rows=some only %}{% endfor %}"
    groups = [rows(1, 6), rows(19, 20)]
    html = rendered(source, rf.get("/"), groups=groups, part=part)
    assert html == "Cowboy Bebop;TRIGUN;MONSTER;NARUTO;"
    anilist.assert_requests(2)


def test_a_loop_that_runs_twice_looks_at_its_rows_twice(anilist, rf):
    source = (
        "{% for some in groups %}{% for row in some %}{% anilist_media row.anilist_id %};"
        "{% endfor %}{% endfor %}"
    )
    template = Template(f"{{% load anilist %}}{source}")
    for numbers, found in (((1, 6), "Cowboy Bebop;TRIGUN;"), ((19, 20), "MONSTER;NARUTO;")):
        context = Context({"groups": [rows(number) for number in numbers], "request": rf.get("/")})
        assert template.render(context) == found
    anilist.assert_requests(2)


def test_an_inner_loop_over_other_rows_each_time_is_looked_through_with_the_outer(anilist, rf):
    source = (
        "{% for name in names %}{% for row in rows %}{% anilist_media row.anilist_id %};"
        "{% endfor %}{% endfor %}"
    )
    html = rendered(source, rf.get("/"), rows=rows(1, 6), names="ab")
    assert html == "Cowboy Bebop;TRIGUN;" * 2
    anilist.assert_requests(1)


def test_no_more_than_so_many_rows_are_looked_at(anilist, rf, monkeypatch):
    monkeypatch.setattr(nodes, "MAX_ROWS", 2)
    nested = (
        "{% for some in groups %}{% for row in some %}{% anilist_media row.anilist_id %};"
        "{% endfor %}{% endfor %}"
    )
    html = rendered(nested, rf.get("/"), groups=[rows(1, 6), rows(19)])
    assert html == "Cowboy Bebop;TRIGUN;MONSTER;"
    anilist.assert_requests(2)
    assert rendered(LOOP, rf.get("/"), rows=rows(1, 6, 19)) == "Cowboy Bebop;TRIGUN;MONSTER;"
    anilist.assert_requests(5)


class Hostile:
    def __len__(self):
        raise RuntimeError("no")


@pytest.mark.parametrize("inner", [5, [3], [None], Hostile(), "ab", {1: 2}])
def test_rows_that_cannot_be_looked_through_cost_requests_only(anilist, rf, inner):
    source = (
        "{% for row in rows %}{% anilist_media row.id %};"
        "{% if row.inner_is_fine %}{% for a, b in row.inner %}{% anilist_media a %};{% endfor %}"
        "{% endif %}{% endfor %}"
    )
    odd = {"id": 6, "inner": inner, "inner_is_fine": False}
    fine = {"id": 1, "inner": [(19, 0), (20, 0)], "inner_is_fine": True}
    html = rendered(source, rf.get("/"), rows=[fine, odd])
    assert html == "Cowboy Bebop;MONSTER;NARUTO;TRIGUN;"


def test_a_queryset_is_evaluated_once(anilist, rf, db, django_assert_num_queries):
    Group.objects.bulk_create(Group(name=str(number)) for number in (1, 6, 19))
    source = "{% for group in groups %}{% anilist_media group.name %};{% endfor %}"
    with django_assert_num_queries(1):
        html = rendered(source, rf.get("/"), groups=Group.objects.order_by("pk"))
    assert html == "Cowboy Bebop;TRIGUN;MONSTER;"
    anilist.assert_requests(1)


def test_a_queryset_made_by_the_template_is_one_more_query_and_still_one_request(
    anilist, rf, db, django_assert_num_queries
):
    Group.objects.bulk_create(Group(name=str(number)) for number in (1, 6, 19))
    source = "{% for group in groups.all %}{% anilist_media group.name %};{% endfor %}"
    with django_assert_num_queries(2):
        rendered(source, rf.get("/"), groups=Group.objects)
    anilist.assert_requests(1)


def test_what_is_there_already_is_not_asked_for(anilist, alice, alice_client, settings):
    settings.ROOT_URLCONF = "tests.tagging"
    anilist.connect(alice)
    anilist.set_list(alice, CURRENT=[1, 6])
    source = (
        "{% anilist_list as all %}{% for entry in all %}{% anilist_card entry %}"
        "{% anilist_cover entry.media %}{% anilist_list_button entry %}{% endfor %}{% anilist_media 19 %}"
    )
    html = ask(alice_client, source).content.decode()
    assert html.count("Save episode 1 of ") == 2
    asked = [request.json["variables"] for request in anilist.requests]
    assert asked[-1] == {"ids0": [19]}
    anilist.assert_requests(2)


def test_an_unescaped_page_prints_titles_and_names_as_text(anilist, alice, alice_client, settings):
    settings.ROOT_URLCONF = "tests.tagging"
    anilist.connect(alice)
    anilist.add_media("<b>", id=7)
    source = "{% autoescape off %}{% anilist_media 7 %} {% anilist_viewer %}{% endautoescape %}"
    assert ask(alice_client, source).content == b"&lt;b&gt; alice"


LIBRARY = Library()


class Twice(Node):
    def __init__(self, body):
        self.body = body

    def render(self, context):
        return self.body.render(context) * 2


@LIBRARY.tag("for")
def _twice(parser, token):
    """A site's own loop, which is written in another way."""
    body = parser.parse(("endfor",))
    parser.delete_first_token()
    return Twice(body)


@pytest.mark.parametrize("loop", ["{% for twice %}", "{% for x in %}", "{% for x in a|b|c: %}"])
def test_a_loop_of_another_kind_is_let_be(anilist, rf, loop, monkeypatch):
    engine = engines["django"].engine
    monkeypatch.setattr(engine, "template_builtins", [*engine.template_builtins, LIBRARY])
    assert (
        rendered(f"{loop}{{% anilist_media 1 %}};{{% endfor %}}", rf.get("/"))
        == "Cowboy Bebop;" * 2
    )

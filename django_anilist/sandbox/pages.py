"""The sandbox's own pages: what runs, who is in it, its dials, and an explorer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from graphql import GraphQLEnumType, GraphQLUnionType
from werkzeug.exceptions import NotFound
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from django_anilist.sandbox import graph, images
from django_anilist.sandbox.asked import Asked
from django_anilist.sandbox.consent import signed_in
from django_anilist.sandbox.dials import CHOICES
from django_anilist.sandbox.labels import GROUPS
from django_anilist.sandbox.web import json_of, json_response, page, refuse_cross_site

if TYPE_CHECKING:
    from django_anilist.sandbox.server import Sandbox

_EXAMPLE = """query ($search: String) {
  Page(perPage: 5) {
    pageInfo { total hasNextPage }
    media(search: $search, sort: [POPULARITY_DESC]) {
      id
      title { userPreferred }
      nextAiringEpisode { episode timeUntilAiring }
    }
  }
}"""


def home(box: Sandbox, request: Request, said: str = "") -> Response:
    """Show everything at a glance, and what was wrong with a form."""
    return page(
        box, "home.html", 400 if said else 200, groups=GROUPS, choices=CHOICES, said=said,
        out_of_order=box.out_of_order(),
        budget=box.limiter.told(box.dials.limit, box.dials.window), last=list(box.requests)[:-21:-1],
    )  # fmt: skip


def dials(box: Sandbox, request: Request) -> Response:
    """Tell the dials as JSON, or set some of them."""
    if request.method == "GET":
        return json_response(vars(box.dials))
    refuse_cross_site(request)
    given = json_of(request) if request.is_json else request.form
    try:
        box.dials.set_all(given)
    except ValueError as error:
        if request.is_json:
            return json_response({"error": str(error)}, 400)
        return home(box, request, f"No dial was turned: {error}.")
    return redirect("/", 303)


def act(box: Sandbox, request: Request, action: str) -> Response:
    """Revoke or expire a user's tokens, or put everything back."""
    refuse_cross_site(request)
    if action == "reset":
        box.reset()
    elif (name := request.form.get("user", "")) in box.store.people:
        getattr(box, action)(name)
    return redirect("/", 303)


def apps(box: Sandbox, request: Request) -> Response:
    """Show which apps may use an account, and let its owner revoke."""
    person = signed_in(box, request)
    if request.method == "POST" and person:
        refuse_cross_site(request)
        box.revoke(person.name)
        return redirect("/settings/apps", 303)
    tokens = box.store.tokens_of(person.name) if person else ()
    clients = {token.client_id for token in tokens if not token.revoked}
    return page(box, "apps.html", person=person, connected=sorted(clients))


def explore(box: Sandbox, request: Request) -> Response:
    """Answer a query typed in by hand, as any user; it costs no budget and is not counted."""
    form = request.form
    query, variables = form.get("query", _EXAMPLE), form.get("variables", "")
    found, said = None, ""
    if request.method == "POST":
        refuse_cross_site(request)
        try:
            given = json.loads(variables or "{}")
            viewer = box.store.people.get(form.get("user", ""))
            asked = Asked(box.store, viewer, box.url)
            found = graph.answer(asked, {"query": query, "variables": given})
        except (ValueError, RecursionError) as error:
            said = f"The variables are no JSON: {error}"
    content = json.dumps(found.content, indent=2, ensure_ascii=False) if found else said
    return page(
        box, "explore.html", query=query, variables=variables, user=form.get("user", ""),
        found=found, content=content, roots=("Query", "Mutation"),
    )  # fmt: skip


def type_page(box: Sandbox, request: Request, name: str) -> Response:
    """Show a type of the schema, with links to the types around it."""
    kind: Any = graph.schema().type_map.get(name)
    if kind is None:
        raise NotFound
    members = [member.name for member in kind.types] if isinstance(kind, GraphQLUnionType) else []
    words = list(kind.values) if isinstance(kind, GraphQLEnumType) else []
    fields = {} if isinstance(kind, GraphQLEnumType) else getattr(kind, "fields", {})
    return page(box, "type.html", kind=kind, fields=fields, members=members, words=words)


def image(box: Sandbox, request: Request, kind: str, name: str) -> Response:
    """Draw a cover or a portrait."""
    drawing = images.draw(box.store, kind, name)
    response = Response(drawing, mimetype="image/svg+xml", status=200 if drawing else 404)
    response.headers["Cache-Control"] = "max-age=3600"
    return response


def stylesheet(box: Sandbox, request: Request) -> Response:
    """Send the pages' only other file."""
    return Response(images.stylesheet(), mimetype="text/css")

"""The pages of the site in ``tests.browser.site``.

``/enter/NAME/`` signs somebody in, ``/title/ID/`` has the button of a medium; ``?htmx=2`` and
``?htmx=4`` load that version of HTMX into it.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import get_user_model, login
from django.http import HttpResponse
from django.template import engines
from django.urls import include, path

TITLE = """{% extends "django_anilist/base.html" %}{% load anilist static %}
{% block title %}A title{% endblock %}
{% block extra_head %}{% if library %}
<meta name="htmx-config" content='{"includeIndicatorStyles": false, "allowEval": false}'>
<script src="{% static library %}" defer></script>
{% endif %}{% endblock %}
{% block content %}<h1>A title</h1>{% anilist_list_button number %}{% endblock %}"""


def csp(get_response):
    """The strictest policy that a site may have."""

    def answer(request):
        response = get_response(request)
        policy = f"default-src 'self'; img-src 'self' {settings.ANILIST_SANDBOX_URL}"
        response.headers["Content-Security-Policy"] = policy
        return response

    return answer


def enter(request, name):
    user, _ = get_user_model().objects.get_or_create(username=name)
    login(request, user)
    return HttpResponse("In.")


def title(request, number):
    version = request.GET.get("htmx")
    library = f"django_htmx/htmx-{version}.min.js" if version else ""
    context = {"number": number, "library": library}
    return HttpResponse(engines["django"].from_string(TITLE).render(context, request))


urlpatterns = [
    path("enter/<slug:name>/", enter),
    path("title/<int:number>/", title),
    path("anilist/", include("django_anilist.urls")),
]

"""A small site with a page for whatever a test wants shown, and every tag and filter once."""

from __future__ import annotations

from django.http import HttpResponse
from django.template import Template
from django.template.context import RequestContext, make_context
from django.urls import include, path

#: Every tag and filter, as a designer would use it.
TAGS = {
    "connect_button": "{% anilist_connect_button %}",
    "disconnect_button": "{% anilist_disconnect_button %}",
    "avatar": "{% anilist_avatar user size=64 %}",
    "status": "{% anilist_status %}",
    "status of another": "{% anilist_status member %}",
    "profile": "{% anilist_profile member %}",
    "notice": "{% anilist_notice %}",
    "viewer": "{% anilist_viewer as viewer %}{{ viewer.name|default:'nobody' }}",
    "list": '{% anilist_list status="CURRENT" %}',
    "list as": (
        '{% anilist_list status="CURRENT" as watching %}{% for entry in watching %}'
        "{{ entry.media|anilist_title }} {{ entry|anilist_score }};{% empty %}nothing{% endfor %}"
    ),
    "list of another": "{% anilist_list user=member %}",
    "media": "{% anilist_media 1 as m %}{% if m %}{{ m|anilist_title }}{% else %}none{% endif %}",
    "media printed": "{% anilist_media 1 %}",
    "attach": (
        "{% anilist_attach rows %}"
        "{% for row in rows %}{{ row.anilist_media|anilist_title }};{% endfor %}"
    ),
    "card": "{% anilist_card 21 %}",
    "cover": '{% anilist_cover 1 size="large" %}',
    "list_button": "{% anilist_list_button 1 %}",
    "progress": "{% anilist_progress entry %}",
    "next_airing": "{% anilist_next_airing 21 %}",
    "title": "{{ media|anilist_title }}",
    "score": "{{ media.averageScore|anilist_score }}",
    "date": "{{ media.startDate|anilist_date }}",
    "html": "{{ media.description|anilist_html }}",
    "url": '<a href="{{ media|anilist_url }}">x</a>',
}

MEDIA = {
    "id": 5,
    "title": {"romaji": "Bees & Co"},
    "averageScore": 82,
    "startDate": {"year": 2024, "month": 5, "day": None},
    "description": "<i>Buzz</i> ~!They win.!~",
    "siteUrl": "https://anilist.co/anime/5",
    "episodes": 12,
}
ENTRY = {"mediaId": 5, "progress": 7, "media": MEDIA}

#: What the page shows, and what there is to show.
showing = {"source": "", "context": {}}


def rendered(source, request=None, **context):
    """Return ``source`` with our tags in it, rendered."""
    made = make_context(context, request)
    return Template("{% load anilist %}" + source).render(made).strip()


def shown(request):
    """A view of the site."""
    template = Template("{% load anilist %}" + showing["source"])
    return HttpResponse(template.render(RequestContext(request, showing["context"])))


async def ashown(request):
    """The same as an asynchronous view, where nothing may use the database."""
    return shown(request)


def ask(client, source, **context):
    """Return the answer of a page that shows ``source``."""
    showing.update(source=source, context=context)
    return client.get("/page/?of=2")


urlpatterns = [
    path("page/", shown),
    path("apage/", ashown),
    path("anilist/", include("django_anilist.urls")),
]

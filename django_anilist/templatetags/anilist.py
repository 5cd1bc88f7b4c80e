"""``{% load anilist %}``: AniList on the site's own pages.

A tag never raises. What cannot be shown is left out, and a page says once that AniList does not answer.
All that a page asks for goes as few requests as can be: media wanted inside ``{% for %}`` go as one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django import template
from django.template import Context
from django.utils.html import escape
from django.utils.safestring import SafeString

from django_anilist import list_button, listing, notices, showing, template_filters
from django_anilist.api.values import clean_text
from django_anilist.calm import calm
from django_anilist.nodes import looking_ahead, printing
from django_anilist.page import READER, Page

register = template.Library()

_html = calm(SafeString)


# Who somebody is


@register.simple_tag(takes_context=True)
@_html
def anilist_connect_button(context: Context, next: str = "") -> SafeString:
    """A link to connect AniList and come back: ``{% anilist_connect_button %}``.

    Says *Connect*, or *Reconnect* where the token is dead; nothing for the connected. ``next`` is
    where to come back to, this page unless given.
    """
    return showing.connect_button(Page.of(context), next)


@register.simple_tag(takes_context=True)
@_html
def anilist_disconnect_button(context: Context, next: str = "") -> SafeString:
    """A button that makes this site forget the connection: ``{% anilist_disconnect_button %}``.

    Nothing for who is not connected. ``next`` is where to go then, this page unless given.
    """
    return showing.disconnect_button(Page.of(context), next)


@register.simple_tag(takes_context=True)
@_html
def anilist_avatar(context: Context, user: Any, size: int = 40) -> SafeString:
    """The AniList avatar of a user, ``size`` pixels wide: ``{% anilist_avatar user size=64 %}``.

    For many users on a page, load them with ``select_related("anilist_token")``.
    """
    return showing.avatar(Page.of(context), user, int(size))


@register.simple_tag(takes_context=True)
@_html
def anilist_status(context: Context, user: Any = READER) -> SafeString:
    """How a user stands with AniList, as a small badge: ``{% anilist_status %}``.

    The user is whoever is signed in, unless given: ``{% anilist_status member %}``.
    """
    return showing.status(Page.of(context), user)


@register.simple_tag(takes_context=True)
@_html
def anilist_profile(context: Context, user: Any) -> SafeString:
    """A user's AniList name, avatar and figures: ``{% anilist_profile member %}``.

    Nothing for who is not connected; name and avatar only while AniList does not answer.
    """
    return showing.profile(Page.of(context), user)


@register.simple_tag(takes_context=True)
@_html
def anilist_notice(context: Context, next: str = "") -> SafeString:
    """One banner with what the reader should know just now: ``{% anilist_notice %}``.

    That their connection ended, is refused or ends soon, or that AniList does not answer. It can be
    put away for a while. Last on a page, it also knows what the tags before it met.
    """
    return notices.notice(Page.of(context), next)


@register.simple_tag(takes_context=True)
@calm(lambda: None)
def anilist_viewer(context: Context) -> Any:
    """AniList's ``User`` of who is signed in: ``{% anilist_viewer as viewer %}{{ viewer.name }}``.

    ``None`` for who is not connected, and where AniList does not answer; the name without ``as``.
    """
    page = Page.of(context)
    if not page.calmly(lambda: bool(page.client), instead=False):
        return None
    return page.calmly(page.client.viewer, instead=None)


# Lists


@register.simple_tag(takes_context=True)
@calm(lambda: listing.Listing(Page.of({})))
def anilist_list(
    context: Context,
    status: str | None = None,
    *,
    type: str = "ANIME",
    sort: str | None = None,
    limit: int | None = None,
    user: Any = READER,
) -> listing.Listing:
    """A list as cards: ``{% anilist_list status="CURRENT" sort="UPDATED_TIME_DESC" limit=12 %}``.

    Or as entries to go through: ``{% anilist_list status="CURRENT" as watching %}`` and then
    ``{% for entry in watching %}{{ entry.media|anilist_title }} {{ entry|anilist_score }}{% endfor %}``;
    ``watching.failed``, ``.stale``, ``.connected`` and ``.total`` tell how it went. ``type="MANGA"``
    is what is read; ``user=member`` shows the list of somebody else of the site.
    """
    return listing.listing(
        Page.of(context), status=status, type=type, sort=sort, limit=limit, user=user
    )


# Media


@register.simple_tag(takes_context=True)
@calm(dict)
def anilist_media(context: Context, id: Any) -> Any:
    """A medium by its id: ``{% anilist_media 15125 as m %}{% if m %}{{ m|anilist_title }}{% endif %}``.

    False where AniList has none, or does not answer; its title where there is no ``as``. Inside
    ``{% for %}`` over a list or a queryset all media of the loop are one request; in a template that
    the loop includes they are not: ``anilist_attach`` makes them one. Adult media are none, unless the
    viewer allows them.
    """
    return Page.of(context).media(id)


@register.simple_tag(takes_context=True)
@_html
def anilist_attach(context: Context, rows: Iterable[Any], field: str = "anilist_id") -> SafeString:
    """Give rows of the site their media: ``{% anilist_attach reviews field="anilist_id" %}``.

    Each row then has ``anilist_media`` (``None`` where there is none): one request for all. Rows are a
    list or a queryset that the template goes through afterwards.
    """
    showing.attach(Page.of(context), rows, field)
    return SafeString()


@register.simple_tag(takes_context=True)
@_html
def anilist_card(context: Context, media: Any) -> SafeString:
    """A medium with cover, title, length and score: ``{% anilist_card media %}``.

    Takes a medium, its id, or an entry of a list, whose progress and score it then shows as well.
    """
    return showing.card(Page.of(context), media)


@register.simple_tag(takes_context=True)
@_html
def anilist_cover(context: Context, media: Any, size: str = "medium") -> SafeString:
    """The cover of a medium: ``{% anilist_cover media size="large" %}``; also ``small``, ``medium``.

    It takes its room before it is loaded, in the cover's own colour.
    """
    return showing.cover(Page.of(context), media, size)


@register.simple_tag(takes_context=True)
@_html
def anilist_list_button(context: Context, media: Any, next: str = "") -> SafeString:
    """The viewer's entry of a medium, with *+1* and a form: ``{% anilist_list_button media %}``.

    Works without script; with HTMX on the page it changes in place. The score is in the viewer's own
    format. ``next`` is where to go after saving, this page unless given.
    """
    return list_button.list_button(Page.of(context), media, next)


@register.simple_tag(takes_context=True)
@_html
def anilist_progress(context: Context, entry: Any) -> SafeString:
    """How far somebody is: ``{% anilist_progress entry %}`` shows *7 of 12* and a bar."""
    return showing.progress(Page.of(context), entry)


@register.simple_tag(takes_context=True)
@_html
def anilist_next_airing(context: Context, media: Any) -> SafeString:
    """When the next episode comes: ``{% anilist_next_airing media %}`` shows *Episode 5 in 3 days*."""
    return showing.next_airing(Page.of(context), media)


def _expect(own: bool) -> Callable[[Context, Iterable[object]], None]:
    def expect(context: Context, wanted: Iterable[object]) -> None:
        Page.of(context).expect(wanted, own=own)

    return expect


register.tags["anilist_list"] = printing(register.tags["anilist_list"], listing.shown)
register.tags["anilist_media"] = printing(
    register.tags["anilist_media"], template_filters.anilist_title
)
register.tags["anilist_viewer"] = printing(
    register.tags["anilist_viewer"], lambda viewer: escape(clean_text((viewer or {}).get("name")))
)
for _name in ("anilist_media", "anilist_card", "anilist_cover", "anilist_next_airing"):
    register.tags[_name] = looking_ahead(register.tags[_name], _expect(own=False))
register.tags["anilist_list_button"] = looking_ahead(
    register.tags["anilist_list_button"], _expect(own=True)
)


for _filter in template_filters.ALL:
    register.filter(_filter.__name__, _filter)

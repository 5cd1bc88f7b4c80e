"""``{% load anilist %}``: connect buttons, avatars and titles on the site's own pages.

A tag never raises: what cannot be shown is left out.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django import template
from django.contrib.auth.models import AnonymousUser
from django.template import Context
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from django_anilist import tokens
from django_anilist.api.values import title_of
from django_anilist.models import AniListToken, Status
from django_anilist.redirects import address, current_page

logger = logging.getLogger("django_anilist")
register = template.Library()


def _never_raises(tag: Callable[..., SafeString]) -> Callable[..., SafeString]:
    @wraps(tag)
    def calm(*args: Any, **kwargs: Any) -> SafeString:
        try:
            return tag(*args, **kwargs)
        except Exception as error:  # noqa: BLE001  a page must not fall over a decoration
            logger.warning("{%% %s %%} shows nothing: %s", tag.__name__, type(error).__name__)
            return SafeString("")

    return calm


def _render(name: str, context: dict[str, Any]) -> SafeString:
    return mark_safe(render_to_string(f"django_anilist/tags/{name}.html", context))  # noqa: S308


def _account_of(user: Any) -> AniListToken | None:
    """Return the row of ``user``; the one loaded by ``select_related("anilist_token")`` is used."""
    if user is None or not user.is_authenticated:
        return None
    row: AniListToken | None = getattr(user, "anilist_token", None)
    return row


def _user_of(context: Context) -> Any:
    return context.get("user") or getattr(context.get("request"), "user", AnonymousUser())


@register.simple_tag(takes_context=True)
@_never_raises
def anilist_connect_button(context: Context, next: str = "") -> SafeString:
    """A link to connect AniList and come back: ``{% anilist_connect_button %}``.

    Says *Connect*, or *Reconnect* where the token is dead; nothing for the connected. ``next`` is
    where to come back to, this page unless given.
    """
    row = _account_of(_user_of(context))
    status, _ = tokens.open_token(row)
    if status is Status.CONNECTED:
        return SafeString("")
    request = context.get("request")
    url = address("authorize", next=next or (current_page(request) if request else ""))
    return _render("connect_button", {"url": url, "status": status, "account": row})


@register.simple_tag
@_never_raises
def anilist_avatar(user: Any, size: int = 40) -> SafeString:
    """The AniList avatar of a user, ``size`` pixels wide: ``{% anilist_avatar user size=64 %}``.

    For many users on a page, load them with ``select_related("anilist_token")``.
    """
    return _render("avatar", {"account": _account_of(user), "size": int(size)})


@register.simple_tag(takes_context=True)
@_never_raises
def anilist_status(context: Context, user: Any = None) -> SafeString:
    """How a user stands with AniList, as a small badge: ``{% anilist_status %}``.

    The user is whoever is signed in, unless given: ``{% anilist_status member %}``.
    """
    row = _account_of(user or _user_of(context))
    return _render("status", {"account": row, "status": tokens.open_token(row)[0]})


@register.filter
def anilist_title(media: Any, prefer: str = "userPreferred") -> SafeString:
    """The best title of a medium, escaped: ``{{ media|anilist_title }}``.

    ``{{ media|anilist_title:"english" }}`` prefers a language; the others follow where it is missing.
    """
    return escape(title_of(media, prefer))

"""What staff may do to tokens: each action asks first, is bounded, and says how every row went."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_anilist import logins, tasks, tokens
from django_anilist.api.errors import (
    AniListError,
    RateLimited,
    ReconnectRequired,
    TokenRejected,
)
from django_anilist.conf import AniListImproperlyConfigured
from django_anilist.models import AniListToken
from django_anilist.verification import LEAST, verify

logger = logging.getLogger("django_anilist")

#: The longest an action takes, in seconds.
SECONDS = 15.0
#: The most rows it takes at once.
MOST_ROWS = 100

TEMPLATE = "admin/django_anilist/anilisttoken/confirm_action.html"


@dataclass(frozen=True)
class Outcome:
    """How it went for a row: what to say of it, and how loudly. ``done``: it stands in the history."""

    words: str | Promise
    level: int = messages.SUCCESS
    done: bool = True


NO_TIME = Outcome(_("left out, since the time was up"), messages.WARNING, done=False)
ACCEPTED = Outcome(_("accepted by AniList"))
REFUSED = Outcome(_("refused by AniList, so the user must connect again"), messages.WARNING)
DEAD = Outcome(
    _("not asked, since the token is dead: the user must connect again"), messages.WARNING, False
)
NO_TURN = Outcome(_("not asked, since the request budget is spent"), messages.WARNING, done=False)
NO_ANSWER = Outcome(
    _("not known, since AniList gave no answer; nothing was changed"), messages.WARNING, False
)
SETTINGS = Outcome(
    _("not done, since the settings are wrong: see manage.py check"), messages.ERROR, False
)
DISCONNECTED = Outcome(_("disconnected"))
LAST_WAY_IN = Outcome(
    _("left connected, since the user could not sign in any more: deleting the token does it"),
    messages.WARNING,
    done=False,
)
GONE = Outcome(_("not there any more"), messages.INFO, done=False)
MARKED = Outcome(_("marked, so the user is asked to connect again"))
MARKED_BEFORE = Outcome(_("marked before"), messages.INFO, done=False)
SENT = Outcome(_("sent a mail"))
NO_ADDRESS = Outcome(_("not sent, since the user has no mail address"), messages.WARNING, False)
NOT_SENT = Outcome(_("not sent, since the mail server did not take it"), messages.ERROR, False)


@dataclass(frozen=True)
class Deed:
    """An action: its words on the page that asks first, and how it is done to one row.

    ``one`` is given the row and the seconds that are left for all of them.
    """

    name: str
    title: str | Promise
    text: str | Promise
    one: Callable[[AniListToken, float], Outcome]
    cannot_be_undone: bool = False


def _verify(row: AniListToken, seconds: float) -> Outcome:
    try:
        verify(row, seconds)
    except TokenRejected:
        return DEAD if row.rejected_at else REFUSED
    except ReconnectRequired:
        return DEAD
    except RateLimited:
        return NO_TURN
    except AniListError:
        return NO_ANSWER
    return ACCEPTED


def _disconnect(row: AniListToken, seconds: float) -> Outcome:
    if logins.is_last_way_in(row.user):
        return LAST_WAY_IN
    return DISCONNECTED if tokens.delete(row.user) else GONE


def _mark(row: AniListToken, seconds: float) -> Outcome:
    return MARKED if tokens.reject(row) else MARKED_BEFORE


def _remind(row: AniListToken, seconds: float) -> Outcome:
    try:
        return SENT if tasks.remind_one(row) else NO_ADDRESS
    except (AniListImproperlyConfigured, NoReverseMatch):
        raise
    except Exception as error:  # noqa: BLE001  mail backends raise whatever they like
        logger.error("A mail could not be sent: %s", type(error).__name__)
        return NOT_SENT


VERIFY = Deed(
    "verify_now",
    _("Verify now"),
    _(
        "AniList is asked once for each of these, after what pages ask. It takes at most 15 seconds; "
        "what is not done by then is left out."
    ),
    _verify,
)
DISCONNECT = Deed(
    "disconnect",
    _("Disconnect"),
    _(
        "This site forgets the tokens and all it remembers for these users. It cannot be undone: they "
        "would have to connect again. AniList cannot be told; users revoke access there themselves."
    ),
    _disconnect,
    cannot_be_undone=True,
)
MARK = Deed(
    "mark_for_reconnect",
    _("Mark for reconnect"),
    _(
        "The tokens are kept and no longer used, as if AniList had refused them, and these users are "
        "asked to connect again. It cannot be undone."
    ),
    _mark,
    cannot_be_undone=True,
)
REMIND = Deed(
    "send_reconnect_mail",
    _("Send reconnect mail"),
    _("Each of these users gets one mail that asks them to connect again."),
    _remind,
)


@admin.action(description=_("Verify now"), permissions=["act"])
def verify_now(model_admin: Any, request: HttpRequest, rows: Any) -> HttpResponse | None:
    return asked_first(model_admin, request, rows, VERIFY)


@admin.action(description=_("Disconnect"), permissions=["act"])
def disconnect(model_admin: Any, request: HttpRequest, rows: Any) -> HttpResponse | None:
    return asked_first(model_admin, request, rows, DISCONNECT)


@admin.action(description=_("Mark for reconnect"), permissions=["act"])
def mark_for_reconnect(model_admin: Any, request: HttpRequest, rows: Any) -> HttpResponse | None:
    return asked_first(model_admin, request, rows, MARK)


@admin.action(description=_("Send reconnect mail"), permissions=["act"])
def send_reconnect_mail(model_admin: Any, request: HttpRequest, rows: Any) -> HttpResponse | None:
    return asked_first(model_admin, request, rows, REMIND)


ACTIONS = (verify_now, send_reconnect_mail, mark_for_reconnect, disconnect)


def asked_first(
    model_admin: Any, request: HttpRequest, queryset: QuerySet[AniListToken], deed: Deed
) -> HttpResponse | None:
    """Return the page that asks; do the deed once it was said yes to."""
    rows = list(queryset.select_related("user")[: MOST_ROWS + 1])
    if len(rows) > MOST_ROWS:
        text = gettext("Choose at most %(number)d at a time. Nothing was done.")
        model_admin.message_user(request, text % {"number": MOST_ROWS}, messages.WARNING)
        return None
    if request.POST.get("post") == "yes":
        _do(model_admin, request, rows, deed)
        return None
    context = {
        **model_admin.admin_site.each_context(request),
        "title": deed.title,
        "deed": deed,
        "rows": rows,
        "opts": model_admin.opts,
        "action_checkbox_name": ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, TEMPLATE, context)


def _do(model_admin: Any, request: HttpRequest, rows: list[AniListToken], deed: Deed) -> None:
    """Do ``deed`` to each of ``rows`` while there is time, and say how each went."""
    end = time.monotonic() + SECONDS
    found: dict[Outcome, list[str]] = {}
    for row in rows:
        outcome = _one(deed, row, end - time.monotonic())
        found.setdefault(outcome, []).append(str(row))
        if outcome is DISCONNECTED:
            model_admin.log_deletions(request, [row])
        elif outcome.done:
            model_admin.log_change(request, row, f"{deed.title}: {outcome.words}")
    for outcome, names in found.items():
        text = gettext("%(names)s: %(outcome)s.")
        words = {"names": ", ".join(names), "outcome": outcome.words}
        model_admin.message_user(request, text % words, outcome.level)


def _one(deed: Deed, row: AniListToken, seconds: float) -> Outcome:
    if seconds < LEAST:
        return NO_TIME
    try:
        return deed.one(row, seconds)
    except (AniListImproperlyConfigured, NoReverseMatch):
        return SETTINGS

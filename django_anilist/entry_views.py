"""Where the list button leads: a change made once, and offered again where it had to wait."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from django_anilist import answers, entries, notices
from django_anilist.api.errors import (
    DEFAULT_RETRY_AFTER,
    OutcomeUnknown,
    QueryError,
    RateLimited,
    ReconnectRequired,
    Unavailable,
    ValidationFailed,
)
from django_anilist.api.results import Answer
from django_anilist.api.values import title_of
from django_anilist.entry_forms import EntryForm
from django_anilist.list_button import button
from django_anilist.page import Page, media_id_of
from django_anilist.redirects import address, current_page, safe_next
from django_anilist.responses import SeeOther, SignedInRequest, private

#: AniList's names of what the form calls otherwise.
_FIELDS = {"scoreRaw": "score"}


@private("same-origin")
@require_http_methods(["GET", "POST"])
@transaction.non_atomic_requests
@csrf_protect
@login_required
def save_entry(request: SignedInRequest) -> HttpResponse:
    """Change an entry of the viewer's list (POST), or show the form for it (GET).

    ``?media=ID`` shows the form for a medium, ``?change=NAME`` offers a change again that AniList
    could not take; nothing is written without a POST.
    """
    name = request.POST.get("change") or request.GET.get("change")
    if name:
        return _parked(request, name)
    if request.method == "GET":
        return _form_page(request, _medium(request, request.GET.get("media")))
    form = EntryForm(request.POST)
    if not form.is_valid():
        return _refused(request, form)
    wanted = form.changes()
    if not wanted:
        return _done(request, form.cleaned_data["media_id"], {}, None)
    media_id = form.cleaned_data["media_id"]
    return _save(request, form.cleaned_data["submission"], {"media_id": media_id, **wanted}, form)


@require_POST
@csrf_protect
def dismiss_notice(request: HttpRequest, kind: str) -> HttpResponse:
    """Put a notice away for a while, in this browser."""
    if kind not in notices.KINDS:
        raise Http404
    response = SeeOther(_back(request) or current_page(request) or "/")
    notices.dismiss(request, response, kind)
    return response


def _parked(request: SignedInRequest, name: str) -> HttpResponse:
    """Offer a change again, or make it where the user said yes."""
    found = entries.parked(request.user, name)
    if found is None:
        messages.info(request, _("That change was made already, or is too old to be made now."))
        return SeeOther(_back(request) or address("account"))
    submission, wanted = found
    if request.method == "POST":
        return _save(request, submission, wanted)
    media = _medium(request, wanted.get("media_id"))
    context = {
        "question": _question(media, wanted),
        "change": name,
        "next": _back(request),
    }
    return render(request, "django_anilist/save_entry.html", context)


def _save(
    request: SignedInRequest,
    submission: str,
    wanted: dict[str, Any],
    form: EntryForm | None = None,
) -> HttpResponse:
    page = Page.of({"request": request})
    again = ""
    if submission:
        name = entries.reference(request.user, submission)
        again = address("save-entry", change=name, next=_back(request))
    try:
        entry = entries.make(page.client, request.user, submission, wanted)
    except ReconnectRequired as error:
        return answers.reconnect(request, error.status, back=again or _back(request))
    except OutcomeUnknown:
        return answers.problem(request, "unknown")
    except (RateLimited, Unavailable) as error:
        outcome = "busy" if isinstance(error, RateLimited) else "unavailable"
        wait = math.ceil(error.retry_after or DEFAULT_RETRY_AFTER)
        return answers.problem(request, outcome, wait, again=again)
    except QueryError as error:
        return _refused(request, _blamed(form or EntryForm(wanted), error))
    return _done(request, wanted["media_id"], wanted, entry)


def _done(
    request: SignedInRequest, media_id: int, wanted: Mapping[str, Any], entry: Answer | None
) -> HttpResponse:
    """Show what AniList said."""
    page = Page.of({"request": request})
    if answers.wants_json(request):
        return JsonResponse({"saved": True, "entry": entry})
    media = (entry and entry.get("media")) or page.own(media_id) or {"id": media_id}
    if answers.is_htmx(request):
        media = {**media, "mediaListEntry": entry} if entry else media
        return HttpResponse(button(page, media, _back(request)))
    if wanted:
        text = _("Saved: %(what)s.") % {"what": _change(media, entry or wanted, wanted)}
        messages.success(request, text, fail_silently=True)
    return SeeOther(_back(request) or address("account"))


def _refused(request: SignedInRequest, form: EntryForm) -> HttpResponse:
    """Show what was wrong, with everything that was typed."""
    if answers.wants_json(request):
        fields = {name: list(found) for name, found in form.errors.items()}
        return JsonResponse({"error": "invalid", "fields": fields}, status=400)
    media = _medium(request, form.data.get("media_id"))
    if answers.is_htmx(request):
        page = Page.of({"request": request})
        return HttpResponse(button(page, media, _back(request), form))
    return _form_page(request, media, form, 400)


def _blamed(form: EntryForm, error: QueryError) -> EntryForm:
    """Return the form, with words of ours for what AniList did not accept."""
    form.is_valid()
    fields = error.fields if isinstance(error, ValidationFailed) else {}
    names = {_FIELDS.get(name, name) for name in fields} & form.fields.keys()
    for name in names:
        form.add_error(name, _("AniList does not accept this value."))
    if not names:
        form.add_error(None, _("AniList did not take this. Nothing was changed."))
    return form


def _form_page(
    request: SignedInRequest,
    media: Mapping[str, Any],
    form: EntryForm | None = None,
    status: int = 200,
) -> HttpResponse:
    page = Page.of({"request": request})
    shown = button(page, media, _back(request) or current_page(request), form, opened=True)
    context = {"title": title_of(media), "button": shown}
    return render(request, "django_anilist/save_entry.html", context, status=status)


def _medium(request: SignedInRequest, number: object) -> Mapping[str, Any]:
    """Return the medium with the viewer's entry; what is known of it where AniList is silent."""
    media_id = media_id_of(number)
    if media_id is None:
        raise Http404
    return Page.of({"request": request}).own(media_id) or {"id": media_id}


def _question(media: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    return _("Save %(what)s?") % {"what": _change(media, wanted, wanted)}


def _change(media: Mapping[str, Any], entry: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    """Name a change: ``episode 7 of Frieren``, or just the title."""
    facts = {"title": title_of(media), "progress": entry.get("progress")}
    if "progress" not in wanted:
        return str(facts["title"])
    if media.get("type") == "MANGA":
        return _("chapter %(progress)s of %(title)s") % facts
    return _("episode %(progress)s of %(title)s") % facts


def _back(request: HttpRequest) -> str:
    return safe_next(request, request.POST.get("next") or request.GET.get("next"))

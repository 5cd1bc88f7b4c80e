"""Where the list button leads: a change made once, and offered again where it had to wait."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from django_anilist import answers, entries, entry_words, notices
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
from django_anilist.entry_forms import ARGUMENTS, EntryForm, typed
from django_anilist.list_button import ID, button, overtaken, score_format
from django_anilist.page import Page, media_id_of
from django_anilist.problems import PROBLEMS
from django_anilist.redirects import MAX_LENGTH, address, current_page, safe_next
from django_anilist.responses import SeeOther, SignedInRequest, outside_transactions, private

_Wanted = Mapping[str, Any]  # arguments of save_media_list_entry
#: AniList's names of what the form calls otherwise.
_FIELDS = {"scoreRaw": "score", **{name: name for name in ARGUMENTS}}


def _signed_in(view: Callable[..., HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Send visitors to sign in, and back to the page they were on: their session may have ended."""

    @wraps(view)
    def signed_in(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request)
        if request.method == "GET":
            return answers.sign_in(request, request.get_full_path())
        media = media_id_of(request.POST.get("media_id"))
        page = address("save-entry", media=media) if media else address("account")
        return answers.sign_in(request, _back(request) or page)

    return signed_in


@login_not_required  # but by our own words, which lead back to a page
@private("same-origin")
@require_http_methods(["GET", "POST"])
@outside_transactions
@csrf_protect
@_signed_in
def save_entry(request: SignedInRequest) -> HttpResponse:
    """Change an entry of the viewer's list (POST), or show the form for it (GET).

    ``?media=ID`` shows the form for a medium, ``?change=NAME`` offers a change again that AniList
    could not take; nothing is written without a POST.
    """
    name = request.POST.get("change") or request.GET.get("change")
    if name:
        return _parked(request, name)
    if request.method == "GET":
        return _form(request)
    page = Page.of({"request": request})
    form = EntryForm(request.POST, score_format=score_format(page))
    if not form.is_valid():
        return _refused(request, form, request.POST.dict())
    media_id, changes = form.cleaned_data["media_id"], form.changes()
    wanted = {"media_id": media_id, **changes}
    unchanged = overtaken(page, request.POST, wanted) if changes else _("Nothing was changed.")
    if unchanged:
        return _done(request, media_id, {}, None, unchanged)
    change = entries.Change.of(request.user, form.cleaned_data["submission"], wanted)
    return _save(request, change, request.POST.dict())


@login_not_required
@require_POST
@csrf_protect
def dismiss_notice(request: HttpRequest, kind: str) -> HttpResponse:
    """Put a notice away for a while, in this browser."""
    if kind not in notices.KINDS:
        raise Http404
    response = SeeOther(_back(request) or current_page(request) or "/")
    notices.dismiss(request, response, kind)
    return response


def _form(request: SignedInRequest) -> HttpResponse:
    """Show the form for a medium to whoever can use it."""
    page = Page.of({"request": request})
    media_id = media_id_of(request.GET.get("media"))
    if media_id is None:
        raise Http404
    if not page.client:
        return answers.reconnect(request, page.client.status)
    media = page.own(media_id)
    if media:
        return _form_page(request, media)
    if page.trouble is None:
        raise Http404
    return answers.answer_to(request, page.trouble) or answers.problem(request, "unavailable")


def _parked(request: SignedInRequest, name: str) -> HttpResponse:
    """Offer a change again, or make it where the user said yes."""
    change = entries.parked(request.user, name)
    if change is None or (change.made and request.method == "GET"):
        if answers.wants_json(request):
            return JsonResponse({"error": "gone"}, status=410)
        text = _("That change was made already, or is too old to be made now.")
        messages.info(request, text, fail_silently=True)
        return SeeOther(_back(request) or address("account"))
    page = Page.of({"request": request})
    if request.method == "POST":
        return _save(request, change, typed(change.wanted, score_format(page)))
    media = page.own(change.wanted["media_id"]) or {"id": change.wanted["media_id"]}
    context = {
        "question": entry_words.question(media, change.wanted),
        "details": list(entry_words.details(media, change.wanted, score_format(page))),
        "change": name,
        "next": _back(request),
    }
    return render(request, "django_anilist/save_entry.html", context)


def _save(request: SignedInRequest, change: entries.Change, given: dict[str, Any]) -> HttpResponse:
    """Make a change; ``given`` is what the form holds, should it have to be shown again."""
    page = Page.of({"request": request})
    try:
        entry = entries.make(page.client, change)
    except ReconnectRequired as error:
        return answers.reconnect(request, error.status, back=_again(request, change))
    except OutcomeUnknown:
        return _problem(request, "unknown")
    except (RateLimited, Unavailable) as error:
        outcome = "busy" if isinstance(error, RateLimited) else "unavailable"
        wait = math.ceil(error.retry_after or DEFAULT_RETRY_AFTER)
        return _problem(request, outcome, wait, again=_again(request, change))
    except QueryError as error:
        return _refused(request, EntryForm(given), given, error)
    return _done(request, change.wanted["media_id"], change.wanted, entry)


def _problem(
    request: HttpRequest, outcome: str, wait: int | None = None, *, again: str = ""
) -> HttpResponse:
    """Say what went wrong; HTMX says so in the button that was pressed, with all that was typed."""
    pressed = re.search(rf"{ID}[0-9a-f]+$", request.headers.get("HX-Target", ""))
    if not answers.is_htmx(request) or pressed is None:
        return answers.problem(request, outcome, wait, again=again)
    context = {"problem": PROBLEMS[outcome], "again": again}
    response = render(request, "django_anilist/tags/entry_problem.html", context)
    response.headers["HX-Retarget"] = f"#{pressed[0]} > .anilist-entry-said"
    response.headers["HX-Reswap"] = "innerHTML"
    return response


def _again(request: HttpRequest, change: entries.Change) -> str:
    """Return where the change is offered again, short enough to be gone back to."""
    offer = address("save-entry", change=change.reference, next=_back(request))
    short = address("save-entry", change=change.reference)
    return offer if len(offer) <= MAX_LENGTH else short


def _done(
    request: SignedInRequest, media_id: int, wanted: _Wanted, entry: Answer | None, text: str = ""
) -> HttpResponse:
    """Show what AniList said; where this was sent twice, what it says now."""
    page = Page.of({"request": request})
    if not wanted and not answers.is_scripted(request):
        messages.info(request, text, fail_silently=True)
        return SeeOther(_back(request) or address("account"))
    look = page.own_now if wanted else page.own
    media = (entry and entry.get("media")) or look(media_id) or {"id": media_id}
    shown = entry or media.get("mediaListEntry")
    if wanted:
        text = entry_words.told(media, shown or wanted, wanted)
    if answers.wants_json(request):
        return JsonResponse({"saved": bool(wanted), "entry": shown})
    if answers.is_htmx(request):
        media = {**media, "mediaListEntry": shown}
        return HttpResponse(button(page, media, _back(request), said=text))
    messages.success(request, text, fail_silently=True)
    return SeeOther(_back(request) or address("account"))


def _refused(
    request: SignedInRequest,
    form: EntryForm,
    given: dict[str, Any],
    error: QueryError | None = None,
) -> HttpResponse:
    """Show what was wrong, with everything that was typed."""
    if answers.wants_json(request):
        fields = {name: list(found) for name, found in _blamed(form, error).errors.items()}
        return JsonResponse({"error": "invalid", "fields": fields}, status=400)
    page = Page.of({"request": request})
    media_id = media_id_of(given.get("media_id"))
    if media_id is None:
        raise Http404
    media = page.own(media_id) or {"id": media_id}
    form = _blamed(EntryForm.over(media, score_format(page), given), error)
    form.point_at_mistake()
    if answers.is_htmx(request):
        return HttpResponse(button(page, media, _back(request), form))
    return _form_page(request, media, form, 400)


def _blamed(form: EntryForm, error: QueryError | None) -> EntryForm:
    """Return the form, with words of ours for what AniList did not accept."""
    form.is_valid()
    if error is None:
        return form
    fields = error.fields if isinstance(error, ValidationFailed) else {}
    names = {_FIELDS[name] for name in fields if name in _FIELDS}
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


def _back(request: HttpRequest) -> str:
    return safe_next(request, request.POST.get("next") or request.GET.get("next"))

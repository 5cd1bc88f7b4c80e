"""The pages a browser comes to on its way to AniList and back. Thin: ``flow`` does the work."""

from __future__ import annotations

from typing import Any

from django.conf import settings as django_settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required, login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from django_anilist import answers, flow, logins, tokens
from django_anilist.api.errors import LastWayIn, RateLimited
from django_anilist.conf import settings
from django_anilist.problems import PROBLEMS
from django_anilist.redirects import address, once_more, safe_next
from django_anilist.responses import SeeOther, SignedInRequest, outside_transactions, private


@private("same-origin")
@require_http_methods(["GET", "POST"])
@outside_transactions
@csrf_protect
@login_required
def authorize(request: SignedInRequest) -> HttpResponse:
    """Say what connecting means (GET), and send the browser to AniList (POST).

    A plain link must not start anything: it could be somebody else's (RFC 9700 section 2.1).
    """
    settings.oauth_client(request)
    next_url = safe_next(request, request.POST.get("next") or request.GET.get("next"))
    if request.method == "POST":
        return SeeOther(flow.start(request, request.user, next_url))
    flow.prepare(request)
    return render(
        request, "django_anilist/authorize.html", {**_standing(request), "next": next_url}
    )


@login_not_required
@private("same-origin")
@require_http_methods(["GET", "POST"])
@outside_transactions
@csrf_protect
def login(request: HttpRequest) -> HttpResponse:
    """Say what logging in with AniList means (GET), and send the browser there (POST).

    404 unless the backend is in ``AUTHENTICATION_BACKENDS``. Who is signed in already is not sent to
    ``next`` by a mere link: a page that they may not see could send them back here for ever.
    """
    if not logins.backend_path():
        raise Http404
    next_url = safe_next(request, request.POST.get("next") or request.GET.get("next"))
    if request.user.is_authenticated:
        return SeeOther((request.method == "POST" and next_url) or address("account"))
    settings.oauth_client(request)
    if request.method == "POST":
        return SeeOther(flow.start(request, None, next_url))
    context = {"next": next_url, "apps_page": settings.endpoints.apps}
    return render(request, "django_anilist/login.html", context)


@login_not_required
@private("no-referrer")
@require_GET
@outside_transactions
def callback(request: HttpRequest) -> HttpResponse:
    """Take the browser back from AniList, and send it on.

    No page is ever shown at this address, but for one that loads nothing and goes on by itself, where
    ``SESSION_COOKIE_SAMESITE`` is ``"Strict"``.
    """
    if "prefetch" in request.headers.get("Sec-Purpose", ""):
        return HttpResponse(status=409)
    if url := once_more(request):
        return render(request, "django_anilist/once_more.html", {"url": url})
    finish = flow.finish(request)
    next_url = safe_next(request, finish.next_url)
    if finish.token is None:
        wait = int(finish.error.retry_after) if isinstance(finish.error, RateLimited) else None
        return SeeOther(address("problem", finish.outcome, next=next_url, wait=wait))
    text = _("Signed in as %(name)s.") if finish.login else _("Connected to AniList as %(name)s.")
    messages.success(request, text % {"name": finish.token}, fail_silently=True)
    return SeeOther(next_url or (_after_login() if finish.login else address("account")))


def _after_login() -> str:
    """Return where this site sends people who signed in; Django's own default leads nowhere."""
    chosen = django_settings.is_overridden("LOGIN_REDIRECT_URL")  # type: ignore[misc]
    return resolve_url(django_settings.LOGIN_REDIRECT_URL) if chosen else address("account")


@login_not_required
@private("same-origin")
@require_POST
@outside_transactions
@csrf_protect
def disconnect(request: HttpRequest) -> HttpResponse:
    """Forget the token. AniList cannot be told from here, so say where the user can tell it.

    Whose session has ended signs in and is shown the account: only a POST disconnects.
    """
    if not request.user.is_authenticated:
        return answers.sign_in(request, address("account"))
    try:
        flow.disconnect(request.user)
    except LastWayIn as error:
        return SeeOther(address("problem", error.outcome))
    messages.success(request, _("Disconnected from AniList."), fail_silently=True)
    return SeeOther(safe_next(request, request.POST.get("next")) or address("account"))


@private("same-origin")
@require_GET
@login_required
def account(request: SignedInRequest) -> HttpResponse:
    """Show who the user is on AniList, since when and until when, and how to change that.

    Who could not come back is told so, instead of being offered to disconnect.
    """
    last = PROBLEMS["last-way-in"] if logins.is_last_way_in(request.user) else None
    context = {**_standing(request), "last_way_in": last}
    return render(request, "django_anilist/account.html", context)


@login_not_required
@private("same-origin")
@require_GET
def problem(request: HttpRequest, outcome: str) -> HttpResponse:
    """Say calmly why connecting did not work, and what to do now.

    Trying again leads to connecting, or to ``back``, the page that something else failed on.
    """
    if outcome not in PROBLEMS:
        raise Http404
    wait = request.GET.get("wait", "")
    seconds = (
        min(int(wait), 3600) if wait.isascii() and wait.isdecimal() and len(wait) < 9 else None
    )
    back = safe_next(request, request.GET.get("back"))
    next_url = safe_next(request, request.GET.get("next"))
    may_log_in = not request.user.is_authenticated and logins.backend_path()
    again = back or address("login" if may_log_in else "authorize", next=next_url)
    return answers.problem(request, outcome, seconds, again=again)


def _standing(request: SignedInRequest) -> dict[str, Any]:
    """Return how the user stands with AniList, for a template."""
    row = tokens.for_user(request.user)
    return {
        "account": row,
        "status": tokens.open_token(row)[0],
        "apps_page": settings.endpoints.apps,
    }

"""What a site does with AniList: read a list, change it, show a title to everybody."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from django_anilist.api.errors import NotFound, QueryError
from django_anilist.api.values import title_of
from django_anilist.decorators import anilist_required

#: The order of the dashboard, and what each status is called there.
SECTIONS = {
    "CURRENT": "Watching",
    "REPEATING": "Watching again",
    "PLANNING": "Planned",
    "PAUSED": "Paused",
    "COMPLETED": "Completed",
    "DROPPED": "Dropped",
}


def home(request: HttpRequest) -> HttpResponse:
    return render(request, "example/home.html")


@anilist_required
def dashboard(request: Any) -> HttpResponse:
    entries = request.anilist.media_list(type="ANIME")
    sections = [
        (name, [entry for entry in entries if entry["status"] == status])
        for status, name in SECTIONS.items()
    ]
    return render(request, "example/dashboard.html", {"sections": sections})


class WatchedForm(forms.Form):
    """An episode that was watched. It names the episode, so a second press saves the same again."""

    media_id = forms.IntegerField(min_value=1)
    episode = forms.IntegerField(min_value=1, max_value=100_000)


@require_POST
@anilist_required
def watched(request: Any) -> HttpResponse:
    form = WatchedForm(request.POST)
    if form.is_valid():
        _save(request, **form.cleaned_data)
    else:
        messages.error(request, "That was not an episode.")
    return redirect("dashboard")


def _save(request: Any, media_id: int, episode: int) -> None:
    try:
        entry = request.anilist.save_media_list_entry(media_id=media_id, progress=episode)
    except QueryError:
        messages.error(request, "AniList did not take that. Nothing was changed.")
    else:
        messages.success(request, f"Saved: episode {entry['progress']}.")


def title(request: Any, pk: int) -> HttpResponse:
    """A page for everybody; who is connected sees their own progress."""
    try:
        media = request.anilist.media(pk)
    except NotFound:
        return render(request, "404.html", status=404)
    return render(request, "example/title.html", {"media": media, "title": title_of(media)})

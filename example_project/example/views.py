"""What a site does with AniList: titles for everybody, a list for its owner, and reviews of its own."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import ModelForm, Textarea
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from django_anilist.api.errors import AniListError, QueryError
from django_anilist.decorators import anilist_required
from django_anilist.display import statuses
from example import queries
from example.models import Review

#: How long this site is content with what was trending, in seconds.
AN_HOUR = 3600
#: So many reviews are shown on the page of a title, and so many on the page of all: the newest.
OF_A_TITLE, OF_ALL = 50, 200


def home(request: Any) -> HttpResponse:
    """The start page stays up, without what is trending, when AniList does not."""
    try:
        page = request.anilist.execute(queries.TRENDING, cache=AN_HOUR)["Page"]
    except AniListError:
        page = {"media": []}
    return render(request, "example/home.html", {"trending": page["media"]})


@anilist_required
def dashboard(request: Any) -> HttpResponse:
    """The user's whole list in one request, by status."""
    kind = "MANGA" if request.GET.get("type") == "MANGA" else "ANIME"
    entries = request.anilist.media_list(type=kind, sort="UPDATED_TIME_DESC")
    sections = [
        (name, [entry for entry in entries if entry["status"] == status])
        for status, name in statuses(kind).items()
    ]
    context = {"sections": sections, "kind": kind, "entries": entries}
    return render(request, "example/dashboard.html", context)


def title(request: Any, pk: int) -> HttpResponse:
    """A page for everybody; who is connected can change their own entry on it."""
    try:
        media = request.anilist.execute(queries.TITLE, {"id": pk})["Media"]
    except QueryError:  # not there, or no id at all
        return render(request, "404.html", status=404)
    newest = Review.objects.filter(anilist_id=pk).select_related("user__anilist_token")
    context = {
        "media": media,
        "relations": [edge for edge in media["relations"]["edges"] if not edge["node"]["isAdult"]],
        "reviews": newest[:OF_A_TITLE],
        "form": ReviewForm(),
    }
    return render(request, "example/title.html", context)


class ReviewForm(ModelForm):
    class Meta:
        model = Review
        fields = ("text",)
        widgets: ClassVar = {"text": Textarea(attrs={"rows": 4})}


@require_POST
@login_required
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a review of the title ``pk``. AniList need not be up for that."""
    form = ReviewForm(request.POST, instance=Review(user=request.user, anilist_id=pk))
    if form.is_valid():
        form.save()
        messages.success(request, "Thank you for your review.")
    else:
        messages.error(request, "A review needs a text, of at most 2,000 characters.")
    return redirect("title", pk)


def reviews(request: HttpRequest) -> HttpResponse:
    """Rows of this site; the template attaches their titles from AniList, in one request."""
    rows = list(Review.objects.select_related("user__anilist_token")[:OF_ALL])
    return render(request, "example/reviews.html", {"reviews": rows})

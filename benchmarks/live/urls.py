"""The example site's addresses, and one that does what cron would."""

from __future__ import annotations

from dataclasses import asdict

from django.http import Http404, HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from example.urls import urlpatterns as of_the_example

from django_anilist import tasks

TASKS = ("verify", "purge", "rotate_keys")


@csrf_exempt
@require_POST
def task(request: HttpRequest, name: str) -> JsonResponse:
    """Run a task in this very process, so that what it leaves behind is seen in it."""
    if name not in TASKS:
        raise Http404
    return JsonResponse(asdict(getattr(tasks, name)()))


urlpatterns = [*of_the_example, path("task/<slug:name>/", task)]

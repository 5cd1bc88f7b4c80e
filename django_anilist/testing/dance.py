"""Connecting as a person does: our page, AniList's consent, our callback."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any
from urllib.parse import urlsplit

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import get_script_prefix, reverse

from django_anilist.sandbox import Sandbox

#: A method of a test client, and its arguments; the answer is sent back.
_Steps = Generator[tuple[str, str, dict[str, str]], Any, Any]


def signed_in(client: Any) -> Any:
    """Return who is signed in at a test client, or raise ``ValueError``."""
    request = HttpRequest()
    request.session = client.session
    user = get_user(request)
    if isinstance(user, AnonymousUser):
        raise ValueError("Nobody is signed in at this client: client.force_login(user) comes first")
    return user


def _steps(box: Sandbox, name: str, next_url: str, deny: bool) -> _Steps:
    page = reverse("anilist:authorize")
    yield "get", page, {}
    answer = yield "post", page, {"next": next_url}
    if answer.status_code not in (302, 303):
        raise AssertionError(f"{page} answered {answer.status_code} instead of leading to AniList")
    address = answer["Location"]
    back = box.deny(address, user=name) if deny else box.approve(address, user=name)
    return (yield "get", back, {})


def walk(client: Any, box: Sandbox, name: str, next_url: str, *, deny: bool) -> Any:
    """Walk it with Django's test client; return the callback's answer."""
    steps, answer = _steps(box, name, next_url, deny), None
    while True:
        try:
            method, address, data = steps.send(answer)
        except StopIteration as end:
            return end.value
        answer = getattr(client, method)(*_asked(address, data), secure=True)


async def awalk(client: Any, box: Sandbox, name: str, next_url: str, *, deny: bool) -> Any:
    """The same with Django's asynchronous test client."""
    steps, answer = _steps(box, name, next_url, deny), None
    while True:
        try:
            method, address, data = steps.send(answer)
        except StopIteration as end:
            return end.value
        answer = await getattr(client, method)(*_asked(address, data), secure=True)


def _asked(address: str, data: dict[str, str]) -> tuple[Any, ...]:
    """Return what a test client is asked for: the path and query of an address, and a form.

    The client puts ``FORCE_SCRIPT_NAME`` before the path itself.
    """
    parts = urlsplit(address.replace(get_script_prefix(), "/", 1))
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return (path, data) if data else (path,)


asigned_in = sync_to_async(signed_in)

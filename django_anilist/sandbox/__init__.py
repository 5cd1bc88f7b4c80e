"""AniList in a box: a small AniList on this machine, to develop and test against.

It is not AniList, holds nobody's data, and answers on the loopback network only. It needs the
``sandbox`` extra: ``python -m pip install "django-anilist[sandbox]"``.
"""

from __future__ import annotations

try:
    from django_anilist.sandbox.server import Sandbox
except ModuleNotFoundError as error:
    if error.name not in ("jinja2", "werkzeug"):
        raise
    raise ModuleNotFoundError(
        'The sandbox needs its extra: python -m pip install "django-anilist[sandbox]"'
    ) from None
from django_anilist.sandbox.received import Received
from django_anilist.sandbox.store import OAuthClient, Plan

__all__ = ["OAuthClient", "Plan", "Received", "Sandbox"]

"""Signing in, at the site's own page and with AniList."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import global_settings
from django.conf import settings as django_settings
from django.core import checks
from django.core.checks import CheckMessage, Error
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, Resolver404, get_script_prefix, resolve

from django_anilist import backends, logins
from django_anilist.conf import AniListImproperlyConfigured, settings


def check_login(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """E008: what makes users is a function. E009: what makes users fills in all that they need.
    W008: what makes users is not named in vain.
    """
    try:
        create_user = settings.create_user
    except AniListImproperlyConfigured:
        hint = 'ANILIST_CREATE_USER = "django_anilist.backends.create_user"'
        text = "ANILIST_CREATE_USER names no function that can be imported."
        return [Error(text, hint=hint, id="anilist.E008")]
    if create_user is None:
        return []
    if logins.backend_path():
        return _of_fields() if create_user is backends.create_user else []
    text = "ANILIST_CREATE_USER is set, and nobody can log in with AniList."
    hint = (
        'AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend", '
        '"django_anilist.backends.AniListBackend"]'
    )
    return [checks.Warning(text, hint=hint, id="anilist.W008")]


def check_login_page(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """W009: who is not signed in is sent to a page that there is."""
    wanted = str(django_settings.LOGIN_URL)
    if not _leads_nowhere(wanted):
        return []
    text = f'Who is not signed in is sent to "{wanted}", and this site has no such page.'
    hint = 'LOGIN_URL = "admin:login"  # or the name of a page of your own'
    return [checks.Warning(text, hint=hint, id="anilist.W009")]


def _leads_nowhere(wanted: str) -> bool:
    """Tell whether ``wanted`` is no page, as far as can be told: a path may be another program's.

    Known are Django's own, names, and those of our pages that miss the path that the site lives below.
    """
    try:
        parts = urlsplit(resolve_url(wanted))
    except NoReverseMatch:
        return True
    if parts.netloc:
        return False
    path, prefix = parts.path, get_script_prefix()
    if not path.startswith(prefix):
        return wanted == global_settings.LOGIN_URL or _is_page(path)
    return wanted == global_settings.LOGIN_URL and not _is_page(f"/{path[len(prefix) :]}")


def _is_page(path: str) -> bool:
    """Tell whether there is a page at ``path``, or where ``LocaleMiddleware`` leads from there."""
    for url in (path, f"/{django_settings.LANGUAGE_CODE}{path}"):
        with contextlib.suppress(Resolver404):
            return bool(resolve(url))
    return False


def _of_fields() -> list[CheckMessage]:
    names = backends.fields_to_fill()
    if not names:
        return []
    told = ", ".join(names)
    text = f"django_anilist.backends.create_user does not know what your users need: {told}."
    hint = f'ANILIST_CREATE_USER = "yourapp.people.create_user"  # a function that fills in {told}'
    return [Error(text, hint=hint, id="anilist.E009")]

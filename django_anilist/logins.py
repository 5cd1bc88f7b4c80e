"""Who logs in with AniList: the user who has the account, or a new one where the site makes one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings as django_settings
from django.contrib.auth import login
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError
from django.http import HttpRequest
from django.utils.module_loading import import_string

from django_anilist import tokens
from django_anilist.accounts import Account
from django_anilist.api.errors import AccountInactive, AccountTaken, AccountUnknown, ConnectError
from django_anilist.api.oauth import Grant
from django_anilist.backends import AniListBackend
from django_anilist.conf import AniListImproperlyConfigured, settings
from django_anilist.models import AniListToken

#: Times the decision begins again where somebody else made a user at the same moment.
_TRIES = 3


def backend_path() -> str:
    """Return the entry of ``AUTHENTICATION_BACKENDS`` that is ours; ``""`` where login is off."""
    return next((path for path in django_settings.AUTHENTICATION_BACKENDS if _is_ours(path)), "")


def log_in(request: HttpRequest, account: Account, grant: Grant) -> AniListToken:
    """Log in whose account it is, with a new session key, and keep the new token.

    Our own backend is asked, and no other: one that takes any argument would decide by something
    else than AniList's id. Raises :class:`AccountUnknown` and :class:`AccountInactive`.
    """
    path = backend_path()
    row = None
    if tokens.owner(account.id) is None:
        row = _welcome(request, account, grant)
    user: Any = _backend(path).authenticate(request, account)
    if user is None:
        raise AccountInactive
    row = row or tokens.save(user, account, grant)
    login(request, user, backend=path)
    return row


def is_last_way_in(user: AbstractBaseUser) -> bool:
    """Tell whether ``user`` can sign in with AniList only. Never, where that is off."""
    path = backend_path()
    return bool(path) and not _backend(path).has_other_way_in(user)


def _welcome(request: HttpRequest, account: Account, grant: Grant) -> AniListToken | None:
    """Make a user and keep their token; ``None`` where the account has got one meanwhile.

    Whoever stands in the way by their name is never taken for the account's owner (CVE-2025-61783).
    """
    create = settings.create_user
    if create is None:
        raise AccountUnknown
    for tries_left in reversed(range(_TRIES)):
        try:
            return tokens.save_first(lambda: _made(create, request, account), account, grant)
        except (AccountTaken, IntegrityError) as error:
            if tokens.owner(account.id) is not None:
                return None
            if isinstance(error, IntegrityError) and not tries_left:
                raise  # a field of the site's users, more likely than bad luck: the log says where
    raise ConnectError


def _made(create: Callable[..., Any], request: HttpRequest, account: Account) -> AbstractBaseUser:
    user = create(request=request, account=account)
    if user is None:
        raise AccountUnknown
    if not isinstance(user, AbstractBaseUser) or user.pk is None:
        raise AniListImproperlyConfigured("ANILIST_CREATE_USER must return a saved user or None")
    return user


def _is_ours(path: str) -> bool:
    try:
        found = import_string(path)
    except ImportError:  # Django's to tell, as soon as somebody is signed in
        return False
    return isinstance(found, type) and issubclass(found, AniListBackend)


def _backend(path: str) -> AniListBackend:
    backend: AniListBackend = import_string(path)()
    return backend

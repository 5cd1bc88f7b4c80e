"""Log in with AniList, off unless a site names the backend.

::

    AUTHENTICATION_BACKENDS = [
        "django.contrib.auth.backends.ModelBackend",
        "django_anilist.backends.AniListBackend",
    ]
    ANILIST_CREATE_USER = "django_anilist.backends.create_user"  # or leave unknown accounts out

``anilist:login`` is the page to link to, or to name as ``LOGIN_URL``. Who somebody is, AniList's
integer id alone decides, by the row of ``AniListToken`` that holds it: never a name or an address.
"""

from __future__ import annotations

import re
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import make_password
from django.db.models import NOT_PROVIDED
from django.http import HttpRequest
from django.utils.crypto import get_random_string

from django_anilist import tokens
from django_anilist.accounts import Account
from django_anilist.conf import AniListImproperlyConfigured

#: What AniList's own names are made of.
_ODD = re.compile(r"[^A-Za-z0-9_-]")


class AniListBackend(ModelBackend):
    """Finds the user whose AniList account it is. Permissions are those of ``ModelBackend``.

    A site may name a subclass instead, with its own ``user_can_authenticate`` (who may sign in at
    all) or ``has_other_way_in``.
    """

    def authenticate(  # type: ignore[override]  # no password opens this door
        self, request: HttpRequest | None, anilist_account: Account | None = None
    ) -> AbstractBaseUser | None:
        """Return the active user who is connected to ``anilist_account``, or ``None``.

        The caller vouches for the account: it was learnt from AniList a moment ago.
        """
        user: Any = tokens.owner(anilist_account.id) if anilist_account else None
        return user if user is not None and self.user_can_authenticate(user) else None

    async def aauthenticate(  # type: ignore[override]
        self, request: HttpRequest | None, anilist_account: Account | None = None
    ) -> AbstractBaseUser | None:
        """The same for asynchronous callers."""
        return await sync_to_async(self.authenticate)(request, anilist_account)

    def has_other_way_in(self, user: AbstractBaseUser) -> bool:
        """Tell whether ``user`` could still sign in without AniList.

        Only who could may disconnect. A password counts, where another backend is there to take it.
        Of accounts elsewhere, single sign-on or keys, nothing is known here: override this to say so.
        """
        return user.has_usable_password() and len(django_settings.AUTHENTICATION_BACKENDS) > 1


def create_user(*, request: HttpRequest, account: Account) -> AbstractBaseUser:
    """Make a user for an AniList account: a ready ``ANILIST_CREATE_USER``.

    The user has no password, and AniList's name or, where somebody here is called so already,
    that name with AniList's id. It is always a new user: a name never links to one who is there.

    A function of your own is called with the same two arguments and returns a new, saved user, or
    ``None`` to refuse. It runs in a transaction that is rolled back, and may begin again, where
    somebody else was faster: send mail by ``transaction.on_commit``. A user who is not active
    keeps the connection, and may log in as soon as they are.

    Raises :class:`AniListImproperlyConfigured` where a user's name is their mail address: AniList
    tells none.
    """
    model = get_user_model()
    if model.get_email_field_name() == model.USERNAME_FIELD:
        raise AniListImproperlyConfigured("create_user knows no mail address to name a user by")
    values: dict[str, Any] = {
        model.USERNAME_FIELD: _free_username(account),
        "password": make_password(None),
    }
    user: AbstractBaseUser = model._default_manager.create(**values)
    return user


def fields_to_fill() -> list[str]:
    """Return the fields of the site's users that :func:`create_user` leaves out, and must not.

    They are mail addresses that users are named by, what no two may have alike, and what has to be
    given and has no default.
    """
    model = get_user_model()
    own = {"password", model.USERNAME_FIELD} - {model.get_email_field_name()}
    fields = (field for field in model._meta.concrete_fields if field.name not in own)
    return [field.name for field in fields if _is_missed(field)]


def _is_missed(field: Any) -> bool:
    given = field.primary_key or field.null or field.has_default()
    by_database = getattr(field, "db_default", NOT_PROVIDED) is not NOT_PROVIDED
    by_itself = any(
        getattr(field, name, False) for name in ("auto_now", "auto_now_add", "generated")
    )
    if given or by_database or by_itself:
        return False
    return bool(field.unique) or not field.empty_strings_allowed


def _free_username(account: Account) -> str:
    """Return a name that nobody here has, in whatever case it is written."""
    model = get_user_model()
    length = getattr(model._meta.get_field(model.USERNAME_FIELD), "max_length", None) or 150
    known, tail = _ODD.sub("", account.name), f"-{account.id}"
    name = known or "anilist"
    for candidate in (known[:length], name[: length - len(tail)] + tail):
        taken = model._default_manager.filter(**{f"{model.USERNAME_FIELD}__iexact": candidate})
        if candidate and not taken.exists():
            return candidate
    tail += f"-{get_random_string(8).lower()}"
    return name[: length - len(tail)] + tail

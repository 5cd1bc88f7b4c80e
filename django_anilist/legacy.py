"""Where tokens were kept before: by django-allauth, by social-auth-app-django, by a site's own code.

Nothing here writes, and nothing asks AniList. Rows are read one at a time, newest first, so that of
several tokens of a user the newest counts, and no more than one is in memory.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.apps import apps
from django.contrib.auth import SESSION_KEY, get_user_model
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import F, Model, QuerySet
from django.utils import timezone

from django_anilist.api.secrets import Secret

#: No time is so late, in seconds since 1970.
_NEVER = 1e12


class UnknownSourceError(ValueError):
    """There is no such place; the message says what may be named."""


@dataclass(frozen=True)
class Found:
    """A token that was found, and the primary key of its user; ``None`` where there is no such thing.

    ``expires_at`` counts seconds since 1970, where that was kept. ``cut_off`` tells that the token
    fills its column to the last character, so that the rest of it is lost.
    """

    user_pk: Any
    token: Secret | None
    expires_at: float | None = None
    cut_off: bool = False


@dataclass(frozen=True)
class Source:
    """One place: its ``rows``, and how to ``read`` one of them."""

    rows: QuerySet[Any]
    read: Callable[[Any], Found]

    def __len__(self) -> int:
        return self.rows.count()

    def __iter__(self) -> Iterator[Found]:
        for pk in list(self.rows.values_list("pk", flat=True)):
            row = self.rows.filter(pk=pk).first()
            if row is not None:
                yield self.read(row)


def source(name: str, *, provider: str = "anilist", user: str = "") -> Source:
    """Return the place called ``allauth``, ``social`` or ``APP.MODEL.FIELD``.

    ``provider`` is what AniList was called in the first two. ``user`` names the field of the model
    that leads to the user, where there is more than one. Of a model of sessions, ``FIELD`` is a key in
    the session. Further dots lead into JSON: ``accounts.Profile.anilist.access_token``.

    Raises :class:`UnknownSourceError`.
    """
    if name == "allauth":
        return _allauth(provider)
    if name == "social":
        return _social(provider)
    if name.count(".") < 2:
        raise UnknownSourceError(f"{name!r} is neither allauth, nor social, nor APP.MODEL.FIELD")
    app, model_name, field, *path = name.split(".")
    model = _model(app, model_name)
    if issubclass(model, AbstractBaseSession):
        return _sessions(model, [field, *path])
    return _field(model, field, path, user)


def _model(app: str, name: str) -> type[Model]:
    try:
        return apps.get_model(app, name)
    except LookupError:
        raise UnknownSourceError(
            f"There is no model {app}.{name}: is its app in INSTALLED_APPS?"
        ) from None


# The packages


def _allauth(provider: str) -> Source:
    """``SocialToken``: a column of text, when it ends, and an account that leads to the user."""
    rows = _model("socialaccount", "SocialToken")._base_manager.filter(account__provider=provider)
    newest_first = rows.select_related("account").order_by(
        F("expires_at").desc(nulls_last=True), "-pk"
    )

    def read(row: Any) -> Found:
        ends = row.expires_at.timestamp() if row.expires_at else None
        return Found(row.account.user_id, _secret(row.token), ends)

    return Source(newest_first, read)


def _social(provider: str) -> Source:
    """``UserSocialAuth``: what the token endpoint said, as JSON."""
    rows = _model("social_django", "UserSocialAuth")._base_manager.filter(provider=provider)
    return Source(rows.order_by("-pk"), lambda row: _found(row.user_id, row.extra_data, []))


# A site's own


def _sessions(model: type[AbstractBaseSession], path: list[str]) -> Source:
    """Sessions that have not ended; the user is the one who is signed in."""
    rows = model._base_manager.filter(expire_date__gt=timezone.now()).order_by("-expire_date")

    def read(row: AbstractBaseSession) -> Found:
        content = row.get_decoded()
        return _found(_signed_in(content.get(SESSION_KEY)), content, path)

    return Source(rows, read)


def _signed_in(text: Any) -> Any:
    try:
        return get_user_model()._meta.pk.to_python(text)
    except ValidationError:
        return None


def _field(model: type[Model], field: str, path: list[str], user: str) -> Source:
    """A column of text or JSON of a model that is the user's, or leads to the user."""
    try:
        limit = getattr(model._meta.get_field(field), "max_length", None)
    except FieldDoesNotExist:
        raise UnknownSourceError(f"{model._meta.label} has no field {field!r}") from None
    owner = _owner(model, user)

    def read(row: Any) -> Found:
        return _found(owner(row), getattr(row, field), path, limit)

    return Source(model._base_manager.order_by("-pk"), read)


def _owner(model: type[Model], user: str) -> Callable[[Any], Any]:
    """Return what leads from a row to its user's primary key."""
    if model._meta.concrete_model is get_user_model():
        return attrgetter("pk")
    leading = [
        field.name
        for field in model._meta.concrete_fields
        if field.related_model is get_user_model() and user in ("", field.name)
    ]
    if len(leading) != 1:
        raise UnknownSourceError(
            f"{len(leading)} fields of {model._meta.label} lead to the user: say which with --user"
        )
    # Over the user, not by the column: that need not hold a primary key.
    return lambda row: getattr(getattr(row, leading[0]), "pk", None)


# What was kept


def _found(user_pk: Any, content: Any, path: list[str], limit: int | None = None) -> Found:
    """Return what is at ``path``: a token, or what AniList's token endpoint answered."""
    for name in path:
        content = content.get(name) if isinstance(content, Mapping) else None
    if isinstance(content, str) and content.startswith("{"):
        content = _json(content)
    if isinstance(content, Mapping):
        return Found(user_pk, _secret(content.get("access_token")), _end(content))
    token = _secret(content)
    return Found(user_pk, token, cut_off=token is not None and len(content) == limit)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _secret(text: Any) -> Secret | None:
    """Return a token as it is sent: some keep the word before it too (RFC 6750 section 2.1)."""
    if not isinstance(text, str):
        return None
    return Secret(text.strip().removeprefix("Bearer ")) if text.strip() else None


def _end(content: Mapping[str, Any]) -> float | None:
    """Return when a token ends, by whichever names and numbers that was kept."""
    end = _seconds(content, "expires_at", "expires_on")
    start = _seconds(content, "auth_time", "created_at")
    life = _seconds(content, "expires_in", "expires")
    if end is None and start is not None and life is not None:
        return start + life
    return end


def _seconds(content: Mapping[str, Any], *names: str) -> float | None:
    """Return the first of the named numbers that can be a time."""
    for name in names:
        value = content.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        if 0 <= value < _NEVER:
            return float(value)
    return None

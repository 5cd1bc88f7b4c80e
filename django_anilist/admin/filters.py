"""The filters of the list."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from django_anilist import tokens
from django_anilist.models import AniListToken
from django_anilist.standing import OF_ROWS, with_standing

_Choices = list[tuple[str, Any]]


def keys_in_force() -> Collection[str]:
    """Return the ids of the keys in force; none where the settings yield no proper keys."""
    try:
        return tokens.key_ids()
    except Exception:  # noqa: BLE001  whatever a callable of the site's raises in ANILIST_TOKEN_KEYS
        return ()


class StatusFilter(admin.SimpleListFilter):
    """By status, as the database can tell it."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> _Choices:
        return [(str(status), status.label) for status in OF_ROWS]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AniListToken]
    ) -> QuerySet[AniListToken]:
        if self.value() not in OF_ROWS:
            return queryset
        return with_standing(queryset, keys_in_force()).filter(standing=self.value())


class EndFilter(admin.SimpleListFilter):
    """By how soon a token dies; those that are dead already are not meant."""

    title = _("dies within")
    parameter_name = "dies_within"
    days = ("7", "30", "90")

    def lookups(self, request: HttpRequest, model_admin: Any) -> _Choices:
        return [
            (days, ngettext("%(days)s day", "%(days)s days", int(days)) % {"days": days})
            for days in self.days
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AniListToken]
    ) -> QuerySet[AniListToken]:
        value = self.value()
        if value not in self.days:
            return queryset
        now = timezone.now()
        end = now + datetime.timedelta(days=int(value))
        return queryset.filter(rejected_at=None, expires_at__gt=now, expires_at__lte=end)


class KeyFilter(admin.SimpleListFilter):
    """By the key that sealed the token: one of those in force, or none of them."""

    title = _("key id")
    parameter_name = "key_id"
    none_of_them = "none"

    def lookups(self, request: HttpRequest, model_admin: Any) -> _Choices:
        return [*((key, key) for key in keys_in_force()), (self.none_of_them, _("not in force"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AniListToken]
    ) -> QuerySet[AniListToken]:
        if not self.value():
            return queryset
        if self.value() == self.none_of_them:
            return queryset.exclude(key_id__in=keys_in_force())
        return queryset.filter(key_id=self.value())

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
from django_anilist.conf import AniListImproperlyConfigured
from django_anilist.models import AniListToken
from django_anilist.standing import OF_ROWS, with_standing

_Choices = list[tuple[str, Any]]


def keys_in_force() -> Collection[str]:
    """Return the ids of the keys in force; none where the settings hold no proper keys."""
    try:
        return tokens.key_ids()
    except AniListImproperlyConfigured:
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
    """By the key that sealed the token; only keys that are no longer in force make trouble."""

    title = _("key id")
    parameter_name = "key_id"

    def lookups(self, request: HttpRequest, model_admin: Any) -> _Choices:
        rows = model_admin.get_queryset(request).order_by("key_id")
        in_force = keys_in_force()
        gone = _("%(key)s (not in force)")
        return [
            (key, key if key in in_force else gone % {"key": key})
            for key in rows.values_list("key_id", flat=True).distinct()
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AniListToken]
    ) -> QuerySet[AniListToken]:
        return queryset.filter(key_id=self.value()) if self.value() else queryset

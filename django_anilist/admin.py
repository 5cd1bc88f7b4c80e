"""AniList tokens in the admin: who is connected, and how they stand. Never a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from django_anilist import tokens
from django_anilist.models import AniListToken, Status

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[AniListToken]
else:
    _ModelAdmin = admin.ModelAdmin


@admin.register(AniListToken)
class AniListTokenAdmin(_ModelAdmin):
    """Read-only, but for deleting, which disconnects the user."""

    list_display = ("picture", "anilist_name", "user", "status", "connected_at", "expires_at")
    list_display_links = ("anilist_name",)
    list_select_related = ("user",)
    # No date_hierarchy: it fails on MariaDB and MySQL where no time zones are loaded.
    list_filter = ("connected_at", "expires_at")
    fields = (
        "picture",
        "anilist_name",
        "anilist_id",
        "user",
        "status",
        "connected_at",
        "expires_at",
        "rejected_at",
        "score_format",
        "key_id",
    )
    readonly_fields = fields
    search_help_text = _("Search by user, AniList name or AniList id")

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Never the sealed token: a search could be used to guess it."""
        return (f"user__{get_user_model().USERNAME_FIELD}", "name", "=anilist_id")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A token comes from AniList only."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: AniListToken | None = None) -> bool:
        """Nor is there anything about it that staff could set right by hand."""
        return False

    def delete_model(self, request: HttpRequest, obj: AniListToken) -> None:
        tokens.delete(obj.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[AniListToken]) -> None:
        for row in queryset.select_related("user"):
            tokens.delete(row.user)

    @admin.display(description=_("avatar"))
    def picture(self, row: AniListToken) -> SafeString | str:
        if not row.avatar:
            return ""
        return format_html(
            '<img src="{}" alt="" width="32" height="32" loading="lazy" referrerpolicy="no-referrer">',
            row.avatar,
        )

    @admin.display(description=_("AniList name"), ordering="name")
    def anilist_name(self, row: AniListToken) -> str:
        return str(row)

    @admin.display(description=_("status"))
    def status(self, row: AniListToken) -> Any:
        return Status(tokens.open_token(row)[0]).label

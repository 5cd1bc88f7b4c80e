"""AniList tokens in the admin: who is connected, and how they and AniList do. Never a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth import get_permission_codename, get_user_model
from django.core.exceptions import PermissionDenied
from django.db import connections
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from django_anilist import tokens
from django_anilist.admin.actions import ACTIONS
from django_anilist.admin.columns import Columns
from django_anilist.admin.filters import EndFilter, KeyFilter, StatusFilter
from django_anilist.admin.health import report
from django_anilist.models import AniListToken

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[AniListToken]
else:
    _ModelAdmin = admin.ModelAdmin

#: The dates as the page of a token tells them, to the minute.
_DATES = ("expires_at", "connected_at", "used_at", "rejected_at")

TEMPLATES = "admin/django_anilist/anilisttoken"


@admin.register(AniListToken)
class AniListTokenAdmin(Columns, _ModelAdmin):
    """Nothing to edit: staff look, delete (which disconnects the user), and use the actions."""

    actions = ACTIONS
    list_display = (
        "picture",
        "account",
        "user",
        "status",
        "expires",
        "connected",
        "used",
        "refused",
        "key_id",
    )
    list_display_links = ("user",)
    list_select_related = ("user",)
    list_filter = (StatusFilter, EndFilter, KeyFilter, "connected_at")
    date_hierarchy = "connected_at"
    show_full_result_count = False
    search_help_text = _("Search by user, AniList name or AniList id")
    fieldsets = (
        (
            None,
            {
                "fields": ("user", "account", "picture", "anilist_id", "score_format"),
                "description": _(
                    "A user of this site has connected an AniList account. AniList gave this site a "
                    "token for it, which is good for a year and cannot be renewed. It is kept sealed: "
                    "nobody sees it here, and nobody can change it by hand."
                ),
            },
        ),
        (
            _("How it stands"),
            {"fields": ("status", "meaning", *_DATES, "key_id")},
        ),
        (_("What happened"), {"fields": ("history",)}),
    )
    readonly_fields = (
        *("user", "account", "picture", "anilist_id", "score_format"),
        *("status", "meaning", *_DATES, "key_id", "history"),
    )

    class Media:
        css = {"all": ("django_anilist/admin.css",)}

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Never the sealed token: a search could be used to guess it."""
        return (f"user__{get_user_model().USERNAME_FIELD}", "name", "=anilist_id")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Leave the dates out where the database would fail over them.

        MariaDB and MySQL cut dates by a time zone only once its tables are loaded.
        """
        changelist = super().get_changelist_instance(request)
        if not connections[changelist.queryset.db].features.has_zoneinfo_database:
            changelist.date_hierarchy = None
        return changelist

    # Who may do what

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A token comes from AniList only."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: AniListToken | None = None) -> bool:
        """Nor is there anything about it that staff could set right by hand."""
        return False

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Who may change tokens, by Django's permission, may use the actions."""
        codename = get_permission_codename("change", self.opts)
        return request.user.has_perm(f"{self.opts.app_label}.{codename}")

    def delete_model(self, request: HttpRequest, obj: AniListToken) -> None:
        tokens.delete(obj.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[AniListToken]) -> None:
        for row in queryset.select_related("user"):
            tokens.delete(row.user)

    # The health page

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_health"
        view = self.admin_site.admin_view(self.health_view)
        return [path("health/", view, name=name), *super().get_urls()]

    def health_view(self, request: HttpRequest) -> HttpResponse:
        """Show how this site gets on with AniList to whoever may see the tokens."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            **report(self.get_queryset(request)),
            "title": _("AniList health"),
            "opts": self.opts,
        }
        return TemplateResponse(request, f"{TEMPLATES}/health.html", context)

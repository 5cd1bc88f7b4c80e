"""What the list and the page of a token show. Never a secret."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_anilist import tokens
from django_anilist.admin.dates import day, moment
from django_anilist.api.values import image_url
from django_anilist.conf import settings
from django_anilist.models import AniListToken, Status

#: What stands where there is nothing to say, as everywhere in Django's admin.
NOTHING = "-"
#: How many lines of its history the page of a token shows.
LINES = 20

#: What each status means for the user, and for this site.
MEANINGS = {
    Status.CONNECTED: _("This site may read and change this account's list for the user."),
    Status.EXPIRING: _("It works still. The user should connect again before it ends."),
    Status.EXPIRED: _("The year is over, and AniList has no renewal: the user must connect again."),
    Status.REJECTED: _(
        "The token is no longer used: the user or AniList has revoked it, or staff have marked it. "
        "The user must connect again."
    ),
    Status.UNREADABLE: _(
        "No key in the settings opens it. Put the key back, or the user must connect again."
    ),
}


def status_of(row: AniListToken) -> Status:
    """Return how the row stands; unreadable where the settings yield no proper keys."""
    try:
        return tokens.open_token(row)[0]
    except Exception:  # noqa: BLE001  whatever a callable of the site's raises in ANILIST_TOKEN_KEYS
        return Status.UNREADABLE


def badge(status: Status) -> SafeString:
    """Return the word for ``status``, coloured by a class."""
    return format_html(
        '<span class="anilist-badge anilist-badge--{}">{}</span>', status.value, status.label
    )


class Columns:
    """The columns, and the lines of the page."""

    @admin.display(description=_("avatar"))
    def picture(self, row: AniListToken) -> SafeString | str:
        address = image_url(row.avatar, settings.image_origins)
        if not address:
            return NOTHING
        return format_html(
            '<img class="anilist-avatar" src="{}" alt="" width="32" height="32" loading="lazy"'
            ' referrerpolicy="no-referrer">',
            address,
        )

    @admin.display(description=_("AniList name"), ordering="name")
    def account(self, row: AniListToken) -> SafeString:
        return format_html(
            '<a href="{}" rel="noopener noreferrer nofollow"><bdi>{}</bdi></a>',
            row.profile_url,
            str(row),
        )

    @admin.display(description=_("status"))
    def status(self, row: AniListToken) -> SafeString:
        return badge(status_of(row))

    @admin.display(description=_("expires"), ordering="expires_at")
    def expires(self, row: AniListToken) -> SafeString:
        now, end = timezone.now(), row.expires_at
        words = gettext("in %(span)s") if end > now else gettext("%(span)s ago")
        span = timeuntil(end, now, depth=1) if end > now else timesince(end, now, depth=1)
        return format_html(
            '<span class="anilist-line">{}</span> <span class="anilist-line anilist-quiet">{}</span>',
            words % {"span": span},
            day(end),
        )

    @admin.display(description=_("connected"), ordering="connected_at")
    def connected(self, row: AniListToken) -> str:
        return day(row.connected_at)

    @admin.display(description=_("last used"), ordering="used_at")
    def used(self, row: AniListToken) -> str:
        return day(row.used_at) if row.used_at else NOTHING

    @admin.display(description=_("last refusal"), ordering="rejected_at")
    def refused(self, row: AniListToken) -> str:
        return day(row.rejected_at) if row.rejected_at else NOTHING

    @admin.display(description=_("what this means"))
    def meaning(self, row: AniListToken) -> str:
        return str(MEANINGS[status_of(row)])

    @admin.display(description=_("history"))
    def history(self, row: AniListToken) -> SafeString | str:
        kind = ContentType.objects.get_for_model(AniListToken)
        entries = LogEntry.objects.filter(content_type=kind, object_id=str(row.pk))
        lines = [
            (moment(entry.action_time), entry.user.get_username(), entry.get_change_message())
            for entry in entries.select_related("user")[:LINES]
        ]
        return (
            format_html_join("", '<span class="anilist-line">{}, {}: {}</span>', lines) or NOTHING
        )

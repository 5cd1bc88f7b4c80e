"""What this app keeps: one token for a user, and the authorization requests under way."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """How a user stands with AniList."""

    CONNECTED = "connected", _("connected")
    EXPIRING = "expiring", _("expires soon")
    EXPIRED = "expired", _("expired")
    REJECTED = "rejected", _("refused by AniList")
    UNREADABLE = "unreadable", _("unreadable")
    DISCONNECTED = "disconnected", _("not connected")

    @property
    def usable(self) -> bool:
        """Whether the token may be sent."""
        return self in (Status.CONNECTED, Status.EXPIRING)


class AniListToken(models.Model):
    """A user's connection to one AniList account.

    Rows are written by ``django_anilist.tokens`` only. The token itself is sealed; see
    ``django_anilist.crypto``.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="anilist_token",
        verbose_name=_("user"),
    )
    anilist_id = models.PositiveIntegerField(_("AniList id"), unique=True)
    name = models.CharField(_("AniList name"), max_length=100, blank=True)
    avatar = models.CharField(_("avatar"), max_length=500, blank=True)
    score_format = models.CharField(_("score format"), max_length=20, blank=True)
    sealed = models.TextField(_("sealed token"), editable=False)
    key_id = models.CharField(_("key id"), max_length=12, db_index=True, editable=False)
    connected_at = models.DateTimeField(_("connected"))
    expires_at = models.DateTimeField(_("expires"), db_index=True)
    rejected_at = models.DateTimeField(_("refused by AniList"), null=True, blank=True)
    #: Kept to the hour only, so that asking AniList costs hardly a write.
    used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    #: The smallest number of days before the end of which the user was reminded of it.
    reminded_days = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("AniList token")
        verbose_name_plural = _("AniList tokens")

    def __str__(self) -> str:
        return self.name or f"#{self.anilist_id}"

    @property
    def profile_url(self) -> str:
        """The account's page on AniList."""
        return f"https://anilist.co/user/{self.anilist_id}"

    def expires_within(self, span: datetime.timedelta) -> bool:
        """Tell whether the token's life ends before ``span`` from now is over."""
        return self.expires_at <= timezone.now() + span


class AuthorizationRequest(models.Model):
    """A user who was sent to AniList and has not come back yet.

    Holds only a digest of ``state`` (RFC 6749 section 10.12) and of the browser's own value, and the
    ``code_verifier`` where PKCE is on (RFC 7636), which is worth nothing without the code. Lives ten
    minutes and is deleted by the callback that claims it.
    """

    state_hash = models.CharField(max_length=64, unique=True)
    browser_hash = models.CharField(max_length=64)
    #: Nobody yet, where somebody logs in with AniList.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", null=True, blank=True
    )
    next_url = models.CharField(max_length=2000, blank=True)
    redirect_uri = models.CharField(max_length=2000)
    configuration = models.CharField(max_length=64)
    code_verifier = models.CharField(max_length=128, blank=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("authorization request")
        verbose_name_plural = _("authorization requests")

    def __str__(self) -> str:
        return f"#{self.pk}"


class EntryChange(models.Model):
    """A change of a list entry that a user sent from a page.

    Its key comes from the form, so that a double click, the back button or a second worker makes one
    change only; and what AniList could not take yet waits here, for ten minutes, to be offered again.
    """

    class State(models.TextChoices):
        SENDING = "sending"
        SAVED = "saved"
        PARKED = "parked"

    key = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.SENDING)
    wanted = models.JSONField(default=dict, blank=True)
    changed_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("change of a list entry")
        verbose_name_plural = _("changes of list entries")

    def __str__(self) -> str:
        return f"#{self.pk}"

"""Tell users that their year with AniList ends, before it does: AniList knows no refresh."""

from __future__ import annotations

import datetime
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings as django_settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from django_anilist import upkeep
from django_anilist.conf import AniListImproperlyConfigured, settings
from django_anilist.models import AniListToken
from django_anilist.progress import Progress, Step, unheard
from django_anilist.signals import token_expiring

logger = logging.getLogger("django_anilist")


@dataclass(frozen=True)
class ReminderReport:
    """Of the users ``due`` for a reminder so many were ``mailed``; ``no_address`` of them have no
    e-mail address, and to ``failed`` the mail could not be sent: the next run tries again."""

    due: int = 0
    mailed: int = 0
    no_address: int = 0
    failed: int = 0


def remind(
    days: Sequence[int] = (30, 7, 1), *, dry_run: bool = False, progress: Progress = unheard
) -> ReminderReport:
    """Mail users whose token ends within the largest of ``days``; send ``token_expiring`` for each.

    Everybody hears once at each threshold, however often and by however many this is run, and once
    only where several were missed. What a run was killed over is not sent again: it may be on its way.
    Inactive users are left alone. ``dry_run`` only counts.

    Raises :class:`AniListImproperlyConfigured` where no link can be built for the mail.
    """
    if not settings.redirect_uri:
        raise AniListImproperlyConfigured(
            'A mail needs the address of this site: set ANILIST_REDIRECT_URI = "https://<your site>'
            + reverse("anilist:callback")
            + '"'
        )
    outcomes: Counter[str] = Counter()
    total = upkeep.count_ending_within(max(days))
    for done, row in enumerate(upkeep.ending_within(max(days)), start=1):
        progress(Step(done, max(done, total)))
        threshold = min(number for number in days if _ends_within(row, number))
        if not row.user.is_active or not _is_news(row, threshold):
            continue
        if outcome := "due" if dry_run else _remind_at(row, threshold):
            outcomes.update({"due", outcome})
    return ReminderReport(**outcomes)


def remind_one(row: AniListToken) -> bool:
    """Mail the row's user that AniList wants to be connected again; tell whether there was an address.

    By the templates ``django_anilist/mail/reminder_subject.txt`` and ``reminder.txt``, in the
    language of the site: that of whoever sends it, or of nobody, would be less likely the user's.
    Raises what the mail backend raises.
    """
    address = getattr(row.user, row.user.get_email_field_name(), "")
    if not address:
        return False
    origin = settings.site_origin
    context = {
        "user": row.user,
        "account": row,
        "alive": row.rejected_at is None and not _ends_within(row, 0),
        "expires_at": row.expires_at,
        "site": origin.partition("://")[2],
        "link": origin + reverse("anilist:authorize"),
    }
    with translation.override(django_settings.LANGUAGE_CODE):
        subject = render_to_string("django_anilist/mail/reminder_subject.txt", context)
        body = render_to_string("django_anilist/mail/reminder.txt", context)
    EmailMessage(" ".join(subject.split()), body, to=[address]).send()
    return True


def _ends_within(row: AniListToken, days: int) -> bool:
    return row.expires_within(datetime.timedelta(days=days))


def _is_news(row: AniListToken, threshold: int) -> bool:
    return row.reminded_days is None or row.reminded_days > threshold


def _remind_at(row: AniListToken, threshold: int) -> str:
    """Claim the reminder, send it, say so; return the outcome, ``""`` where somebody was faster."""
    if not upkeep.claim_reminder(row, threshold):
        return ""
    try:
        mailed = remind_one(row)
    except Exception as error:  # noqa: BLE001  mail backends raise whatever they like
        upkeep.release_reminder(row, threshold)
        logger.error("A reminder could not be mailed: %s", type(error).__name__)
        return "failed"
    row.reminded_days = threshold
    token_expiring.send_robust(
        AniListToken, user=row.user, token=row, days=threshold, mailed=mailed
    )
    return "mailed" if mailed else "no_address"

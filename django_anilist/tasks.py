"""What a worker, a timer or a person may call."""

from __future__ import annotations

import datetime
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from django_anilist.conf import settings
from django_anilist.models import AniListToken


def remind_one(row: AniListToken) -> bool:
    """Ask the user of ``row`` by mail to connect again; tell whether there was an address to write to.

    In the language of the site, by ``django_anilist/mail/reminder_subject.txt`` and ``reminder.txt``.
    Raises what Django's mail does: ``OSError``, of which ``SMTPException`` is one.
    """
    address = getattr(row.user, row.user.get_email_field_name(), "")
    if not address:
        return False
    with translation.override(django_settings.LANGUAGE_CODE):
        context = {
            "row": row,
            "user": row.user,
            "site": urlsplit(settings.site_origin).netloc,
            "link": settings.site_origin + reverse("anilist:authorize"),
            "ended": row.rejected_at is not None or row.expires_within(datetime.timedelta(0)),
        }
        subject = render_to_string("django_anilist/mail/reminder_subject.txt", context)
        text = render_to_string("django_anilist/mail/reminder.txt", context)
    send_mail(" ".join(subject.split()), text, None, [address])
    return True

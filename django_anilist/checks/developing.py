"""Whose machine this is."""

from __future__ import annotations

from django.conf import settings
from django.core import mail


def developing() -> bool:
    """Tell whether this is a developer's machine: ``DEBUG`` is on, or Django's tests run.

    These turn ``DEBUG`` off before the checks are asked. ``mail.outbox`` is there while they run only:
    https://docs.djangoproject.com/en/stable/topics/testing/tools/#email-services
    """
    return bool(settings.DEBUG) or hasattr(mail, "outbox")

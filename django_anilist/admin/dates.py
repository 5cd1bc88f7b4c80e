"""Dates as the reader writes them, on sites with time zones and without."""

from __future__ import annotations

import datetime

from django.utils import timezone
from django.utils.formats import date_format, time_format


def day(when: datetime.datetime) -> str:
    """Return the date of ``when``, as short as it goes."""
    return date_format(_local(when), "SHORT_DATE_FORMAT")


def moment(when: datetime.datetime) -> str:
    """Return the date and the time of ``when``."""
    return date_format(_local(when), "DATETIME_FORMAT")


def minute(when: datetime.datetime) -> str:
    """Return the time of ``when``."""
    return time_format(_local(when))


def _local(when: datetime.datetime) -> datetime.datetime:
    return timezone.localtime(when) if timezone.is_aware(when) else when

"""How rows stand, as the database can tell: for lists and counts, where opening each would take long."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Case, CharField, Count, Q, QuerySet, Value, When
from django.utils import timezone

from django_anilist.models import AniListToken, Status
from django_anilist.tokens import EXPIRING_SOON

#: How a row can stand: who is not connected has none.
OF_ROWS = tuple(status for status in Status if status is not Status.DISCONNECTED)


def with_standing(rows: QuerySet[AniListToken], key_ids: Collection[str]) -> QuerySet[Any]:
    """Give every row a ``standing``, one of the words of :class:`Status`.

    A token counts as unreadable where its key is not one of ``key_ids``, those in force. That a token
    was spoilt in another way shows only once it is opened.
    """
    now = timezone.now()
    cases = (
        (Q(rejected_at__isnull=False), Status.REJECTED),
        (Q(expires_at__lte=now), Status.EXPIRED),
        (~Q(key_id__in=list(key_ids)), Status.UNREADABLE),
        (Q(expires_at__lte=now + EXPIRING_SOON), Status.EXPIRING),
    )
    whens = [When(condition, then=Value(str(status))) for condition, status in cases]
    connected = Value(str(Status.CONNECTED))
    return rows.annotate(standing=Case(*whens, default=connected, output_field=CharField()))


def counts(rows: QuerySet[AniListToken], key_ids: Collection[str]) -> dict[Status, int]:
    """Return how many rows stand in each way; one query."""
    found = with_standing(rows, key_ids).order_by().values("standing").annotate(rows=Count("pk"))
    numbers = {line["standing"]: line["rows"] for line in found}
    return {status: numbers.get(str(status), 0) for status in OF_ROWS}

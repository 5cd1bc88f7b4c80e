"""Token rows by the many: sealed with a newer key, reminded of their end, cleared away when dead.

Besides ``tokens``, which does one row as its user comes and goes, the only module that opens and
writes them. Every write holds only where the row is still what it was when it was read, so all of
this may run beside live traffic, twice at once, and be killed at any moment.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import router, transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from django_anilist import crypto
from django_anilist.api.secrets import Secret
from django_anilist.models import AniListToken
from django_anilist.signals import anilist_disconnected
from django_anilist.tokens import patiently

#: How many rows are read at a time where nothing else is said.
PAGE = 500


@dataclass(frozen=True)
class Resealed:
    """A batch: the rows ``seen``, those ``changed``, those that no key opens (``unreadable``)."""

    seen: int
    changed: int
    unreadable: int


@dataclass(frozen=True)
class Standing:
    """How the rows stand with the keys: how many there are ``by_key`` id, how many no key opens."""

    newest: str
    by_key: dict[str, int]
    unreadable: int

    @property
    def stale(self) -> int:
        """How many rows are not sealed with the newest key."""
        return sum(count for key_id, count in self.by_key.items() if key_id != self.newest)


def count(*, after: int = 0) -> int:
    """Return how many rows there are whose primary key is greater than ``after``."""
    return _rows().filter(pk__gt=after).count()


def rows_by_lost_key(database: str) -> dict[str, int]:
    """Return the ids of keys that this site no longer has, with the number of rows each sealed.

    One query. Raises :class:`AniListImproperlyConfigured` where the keys are no keys.
    """
    lost = AniListToken.objects.using(database).exclude(key_id__in=crypto.keyring().key_ids)
    counted = lost.values("key_id").annotate(rows=Count("pk")).order_by()
    return {found["key_id"]: found["rows"] for found in counted}


def each(*, after: int = 0) -> Iterator[AniListToken]:
    """Yield the rows in the order of their primary keys, with their users."""
    for page in _pages(_rows().filter(pk__gt=after).select_related("user"), PAGE):
        yield from page


# Keys


def standing() -> Standing:
    """Open every row and return how they stand; nothing is written.

    Raises :class:`AniListImproperlyConfigured` where the keys in the settings are none.
    """
    by_key: Counter[str] = Counter()
    unreadable = 0
    for row in each():
        by_key[row.key_id] += 1
        unreadable += _open(row) is None
    return Standing(_newest(), dict(by_key), unreadable)


def count_stale() -> int:
    """Return how many rows are not sealed with the newest key."""
    return _stale().count()


def reseal(batch: int) -> Iterator[Resealed]:
    """Seal with the newest key what is sealed with an older one, ``batch`` rows in a transaction.

    A row whose user reconnects meanwhile keeps what they brought. A row that no key opens is left as
    it is: its key may come back.
    """
    for page in _pages(_stale(), batch):
        yield _reseal(page)


def _reseal(page: list[AniListToken]) -> Resealed:
    renewed = [(row, sealed) for row in page if (sealed := _seal_again(row)) is not None]

    def write() -> int:
        # Begins with a write, so SQLite waits for its turn instead of failing at once.
        with transaction.atomic(using=_rows().db):
            return sum(
                _rows()
                .filter(pk=row.pk, sealed=row.sealed)
                .update(sealed=sealed.text, key_id=sealed.key_id)
                for row, sealed in renewed
            )

    return Resealed(len(page), patiently(write), len(page) - len(renewed))


def _seal_again(row: AniListToken) -> crypto.Sealed | None:
    token = _open(row)
    if token is None:
        return None
    return crypto.seal(token, user_pk=row.user_id, anilist_id=row.anilist_id)


def _open(row: AniListToken) -> Secret | None:
    return crypto.unseal(row.sealed, user_pk=row.user_id, anilist_id=row.anilist_id)


def _newest() -> str:
    return crypto.keyring().key_ids[0]


def _stale() -> QuerySet[AniListToken]:
    return _rows().exclude(key_id=_newest())


# Reminders


def ending_within(days: int) -> Iterator[AniListToken]:
    """Yield the rows that live, but not for longer than ``days``, with their users."""
    for page in _pages(_ending(days).select_related("user"), PAGE):
        yield from page


def count_ending_within(days: int) -> int:
    """Return how many rows live, but not for longer than ``days``."""
    return _ending(days).count()


def claim_reminder(row: AniListToken, days: int) -> bool:
    """Note that the row's user is reminded ``days`` before the end; whoever gets true, does it.

    False where somebody was faster, or where the user has connected again or disconnected.
    """
    unclaimed = Q(reminded_days=None) | Q(reminded_days__gt=days)
    same = _rows().filter(unclaimed, pk=row.pk, rejected_at=None, expires_at=row.expires_at)
    return bool(patiently(lambda: same.update(reminded_days=days)))


def release_reminder(row: AniListToken, days: int) -> None:
    """Take a claim back, so that the next run tries again; ``row`` is as it was before the claim."""
    mine = _rows().filter(pk=row.pk, reminded_days=days, expires_at=row.expires_at)
    patiently(lambda: mine.update(reminded_days=row.reminded_days))


def _ending(days: int) -> QuerySet[AniListToken]:
    now = timezone.now()
    soon = now + datetime.timedelta(days=days)
    return _rows().filter(rejected_at=None, expires_at__gt=now, expires_at__lte=soon)


# Clearing away


def dead_since(moment: datetime.datetime) -> Iterator[AniListToken]:
    """Yield the rows whose token ended, or was refused, before ``moment``, with their users."""
    for page in _pages(_dead(moment).select_related("user"), PAGE):
        yield from page


def forget_dead(row: AniListToken, moment: datetime.datetime) -> bool:
    """Delete the row if its token is still dead since ``moment``, and say so as for any disconnect."""

    def write() -> bool:
        with transaction.atomic(using=_rows().db):
            # Locks the row on every database: a user who reconnects just now is seen, or waits.
            if not _dead(moment).filter(pk=row.pk).update(sealed=""):
                return False
            _rows().filter(pk=row.pk).delete()
            return True

    if not patiently(write):
        return False
    anilist_disconnected.send_robust(
        AniListToken, user=row.user, anilist_id=row.anilist_id, name=row.name
    )
    return True


def _dead(moment: datetime.datetime) -> QuerySet[AniListToken]:
    return _rows().filter(Q(expires_at__lt=moment) | Q(rejected_at__lt=moment))


# Reading


def _rows() -> QuerySet[AniListToken]:
    """Return the rows where they are written: what is decided on must not be a replica's past."""
    return AniListToken.objects.using(router.db_for_write(AniListToken))


def _pages(rows: QuerySet[AniListToken], size: int) -> Iterator[list[AniListToken]]:
    """Yield rows by the page, by primary key, so that no cursor and no transaction stays open."""
    rows = rows.order_by("pk")
    page = list(rows[:size])
    while page:
        yield page
        page = list(rows.filter(pk__gt=page[-1].pk)[:size])

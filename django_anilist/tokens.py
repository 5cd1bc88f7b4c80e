"""The writer of token rows and the opener of sealed tokens; ``upkeep`` does the same by the many."""

from __future__ import annotations

import contextlib
import datetime
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import (
    DatabaseError,
    IntegrityError,
    OperationalError,
    connections,
    router,
    transaction,
)
from django.db.models import Q
from django.utils import timezone

from django_anilist import crypto
from django_anilist.accounts import Account
from django_anilist.api.errors import AccountMismatch, AccountTaken, StateMismatch
from django_anilist.api.oauth import Grant, may_be_sent
from django_anilist.api.secrets import Secret
from django_anilist.conf import settings
from django_anilist.models import AniListToken, EntryChange, Status
from django_anilist.signals import anilist_connected, anilist_disconnected, token_rejected

#: From this long before a token's end, users are told that it is near.
EXPIRING_SOON = datetime.timedelta(days=30)

#: How long to wait before a write is tried again that the database had no time for, in seconds.
WAITS = (0.1, 0.4, 1.6)

#: Whoever ``request.user`` may be.
AnyUser = AbstractBaseUser | AnonymousUser

_Result = TypeVar("_Result")


def for_user(user: AnyUser) -> AniListToken | None:
    """Return the row of ``user``, or ``None``: one query for a user, none for a visitor."""
    if not user.is_authenticated:
        return None
    row: AniListToken | None = AniListToken.objects.filter(user_id=user.pk).first()
    return row


def is_connected(user: AbstractBaseUser) -> bool:
    """Tell whether ``user`` has a row, however it stands, where rows are written: a replica may lag."""
    rows = AniListToken.objects.using(router.db_for_write(AniListToken))
    return rows.filter(user_id=user.pk).exists()


def owner(anilist_id: int) -> AbstractBaseUser | None:
    """Return the user who is connected to an AniList account. Nothing but its id ever tells."""
    rows = AniListToken.objects.using(router.db_for_write(AniListToken))  # a replica may lag
    row = patiently(rows.filter(anilist_id=anilist_id).select_related("user").first)
    return row.user if row else None


def open_token(row: AniListToken | None) -> tuple[Status, Secret | None]:
    """Return how the row's user stands, and the token where it may be sent."""
    if row is None:
        return Status.DISCONNECTED, None
    if row.rejected_at is not None:
        return Status.REJECTED, None
    if row.expires_within(datetime.timedelta(0)):
        return Status.EXPIRED, None
    token = crypto.unseal(row.sealed, user_pk=row.user_id, anilist_id=row.anilist_id)
    if token is None or not may_be_sent(token, sandbox=bool(settings.sandbox_url)):
        return Status.UNREADABLE, None
    return Status.EXPIRING if row.expires_within(EXPIRING_SOON) else Status.CONNECTED, token


def key_ids() -> tuple[str, ...]:
    """Return the ids of the keys in force, the newest first."""
    return crypto.keyring().key_ids


def save(
    user: AbstractBaseUser,
    account: Account,
    grant: Grant,
    still_wanted: Callable[[], bool] = lambda: True,
) -> AniListToken:
    """Keep the token of ``grant`` for ``user``, and say so by ``anilist_connected``.

    ``still_wanted`` is called in the same transaction, first, and ends it where it says no.

    Raises :class:`AccountTaken` where the account is another user's, :class:`AccountMismatch` where
    the user is connected to another account, and :class:`StateMismatch` where the token is not wanted
    any more; none changes a row.
    """

    def store() -> tuple[AniListToken, bool]:
        with transaction.atomic(using=router.db_for_write(AniListToken)):
            if not still_wanted():
                raise StateMismatch
            return _store(user, account.id, _values(user, account, grant))

    row, reconnected = patiently(store)
    anilist_connected.send_robust(AniListToken, user=user, token=row, reconnected=reconnected)
    return row


def save_first(
    make_user: Callable[[], AbstractBaseUser], account: Account, grant: Grant
) -> AniListToken:
    """Make a user and keep the token of ``grant`` for them: both or neither.

    Raises what ``make_user`` raises, and what :func:`save` does.
    """

    def both() -> AniListToken:
        with transaction.atomic(using=router.db_for_write(AniListToken)):
            user = make_user()
            return _store(user, account.id, _values(user, account, grant))[0]

    row = patiently(both)
    anilist_connected.send_robust(AniListToken, user=row.user, token=row, reconnected=False)
    return row


def _values(user: AbstractBaseUser, account: Account, grant: Grant) -> dict[str, Any]:
    sealed = crypto.seal(grant.access_token, user_pk=user.pk, anilist_id=account.id)
    now = timezone.now()
    return {
        "sealed": sealed.text,
        "key_id": sealed.key_id,
        "connected_at": now,
        "expires_at": now + datetime.timedelta(seconds=grant.expires_in),
        "rejected_at": None,
        "reminded_days": None,
        **{name: value for name, value in account.profile().items() if value},
    }


def _store(
    user: AbstractBaseUser, anilist_id: int, values: dict[str, Any]
) -> tuple[AniListToken, bool]:
    """Update the user's row or make one; where somebody was faster, decide again on what is there.

    Each try begins with a write, so SQLite waits for its turn instead of failing at once.
    """
    rows = AniListToken.objects.using(router.db_for_write(AniListToken))
    for _ in range(3):
        if rows.filter(user_id=user.pk, anilist_id=anilist_id).update(**values):
            return rows.get(user_id=user.pk), True
        try:
            with transaction.atomic(using=rows.db):
                return rows.create(user_id=user.pk, anilist_id=anilist_id, **values), False
        except IntegrityError:
            pass  # a row of this user or of this account is there
        if rows.filter(user_id=user.pk).exclude(anilist_id=anilist_id).exists():
            raise AccountMismatch
        if rows.filter(anilist_id=anilist_id).exclude(user_id=user.pk).exists():
            raise AccountTaken
    raise OperationalError("The token row keeps changing")


def note_profile(row: AniListToken, viewer: dict[str, Any]) -> None:
    """Follow the account's name and avatar, where AniList just told them and they changed."""
    profile = Account.from_viewer(viewer).profile()
    if viewer["id"] == row.anilist_id and any(
        getattr(row, name) != profile[name] for name in profile
    ):
        patiently(lambda: AniListToken.objects.filter(pk=row.pk).update(**profile))
        for name, value in profile.items():
            setattr(row, name, value)


def note_use(row: AniListToken) -> None:
    """Note the hour in which the token was used: at most one write an hour, by whichever process.

    Waits for the end of a transaction under way, so that no lock on the row outlives the write, and
    is left out where the database refuses it: nobody's page depends on it.
    """
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    if row.used_at is not None and row.used_at >= hour:
        return
    row.used_at = hour
    rows = AniListToken.objects.using(router.db_for_write(AniListToken)).filter(pk=row.pk)
    older = rows.filter(Q(used_at=None) | Q(used_at__lt=hour))
    with contextlib.suppress(DatabaseError):
        transaction.on_commit(lambda: older.update(used_at=hour), using=rows.db, robust=True)


def reject(row: AniListToken) -> bool:
    """Have the user connect again, since the token is no longer accepted; tell whether that is news.

    Said by ``token_rejected``, once. A row that holds another token by now is left alone. Nothing is
    deleted.
    """
    now = timezone.now()
    unchanged = AniListToken.objects.filter(pk=row.pk, sealed=row.sealed, rejected_at=None)
    first = patiently(lambda: unchanged.update(rejected_at=now))
    row.rejected_at = now
    if first:
        _tell(lambda: token_rejected.send_robust(AniListToken, user=row.user, token=row))
    return bool(first)


def _tell(send: Callable[[], object]) -> None:
    """Send a signal; where each request is a transaction, once that is kept."""
    connection = connections[router.db_for_write(AniListToken)]
    if connection.settings_dict["ATOMIC_REQUESTS"]:
        transaction.on_commit(send, using=connection.alias, robust=True)
    else:
        send()


def delete(user: AbstractBaseUser) -> bool:
    """Forget the user's token and say so by ``anilist_disconnected``; tell whether there was one.

    Changes that wait to be saved go first: they are for this account, and no other's.
    AniList offers no way to revoke a token from here; users do that on its settings page.
    """
    patiently(EntryChange.objects.filter(user_id=user.pk).delete)
    rows = AniListToken.objects.using(router.db_for_write(AniListToken))  # a replica may lag
    row = patiently(rows.filter(user_id=user.pk).first)
    if row is None or not patiently(rows.filter(pk=row.pk).delete)[0]:
        return False
    anilist_disconnected.send_robust(
        AniListToken, user=user, anilist_id=row.anilist_id, name=row.name
    )
    return True


def patiently(write: Callable[[], _Result]) -> _Result:
    """Do a database write, and again after a short wait where the database was busy."""
    for seconds in WAITS:
        try:
            return write()
        except OperationalError:
            time.sleep(seconds)
    return write()

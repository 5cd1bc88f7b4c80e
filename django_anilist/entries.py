"""Changing a list entry: once, however often it is sent; kept where AniList cannot take it now."""

from __future__ import annotations

import datetime
import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core import signing
from django.db import IntegrityError, transaction
from django.utils import timezone

from django_anilist.api.errors import OutcomeUnknown, RateLimited, ReconnectRequired, Unavailable
from django_anilist.api.results import Answer
from django_anilist.gateway import AniList
from django_anilist.models import EntryChange
from django_anilist.tokens import patiently

#: How long a change that AniList could not take is kept to be offered again.
PARKED_FOR = datetime.timedelta(minutes=10)
#: How long a form is known to have been sent: longer than anybody leaves a page open.
KNOWN_FOR = datetime.timedelta(days=1)
#: After this long whoever was sending a change died on the way.
SENDING_FOR = datetime.timedelta(seconds=30)
#: How often a second click looks whether the first is through, and how long, in seconds.
LOOK_EVERY, LOOK_FOR = 0.1, 15.0

_SALT = "django_anilist.entries"
_State = EntryChange.State


def make(
    client: AniList,
    user: AbstractBaseUser,
    submission: str,
    wanted: dict[str, Any],
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> Answer | None:
    """Make the change ``wanted`` (arguments of ``save_media_list_entry``), once for a ``submission``.

    Returns the entry as AniList has it now; ``None`` where it was made before, by a double click or
    another worker. Raises what the client raises: then nothing is known to be made, and where AniList
    could not take it for now, the change is parked for :func:`parked`.
    """
    if not submission:
        return client.save_media_list_entry(**wanted)
    change = _claim(user, submission, sleep)
    if change is None:
        return None
    with _settled(change, wanted):
        return client.save_media_list_entry(**wanted)


def reference(user: AbstractBaseUser, submission: str) -> str:
    """Return the name, signed, under which a parked change is offered again to its user."""
    return signing.dumps([user.pk, submission], salt=_SALT)


def parked(user: AbstractBaseUser, name: str) -> tuple[str, dict[str, Any]] | None:
    """Return the submission and what it wanted; ``None`` where it is not this user's, old, or made."""
    try:
        owner, submission = signing.loads(name, salt=_SALT, max_age=PARKED_FOR)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    found = EntryChange.objects.filter(key=_key(user, submission), state=_State.PARKED).first()
    return (submission, found.wanted) if found is not None and owner == user.pk else None


def _claim(
    user: AbstractBaseUser, submission: str, sleep: Callable[[float], None]
) -> EntryChange | None:
    """Return the change to make, ours alone; ``None`` where it is made already.

    Raises :class:`OutcomeUnknown` where somebody is at it for too long.
    """
    patiently(_forget_old)
    looks = int(LOOK_FOR / LOOK_EVERY)
    for _ in range(looks):
        change = patiently(lambda: _begin(user, _key(user, submission)))
        if change is not None:
            return None if change.state == _State.SAVED else change
        sleep(LOOK_EVERY)
    raise OutcomeUnknown("pending")


def _begin(user: AbstractBaseUser, key: str) -> EntryChange | None:
    """Return the change, claimed or saved; ``None`` while somebody else is making it."""
    now = timezone.now()
    mine = {"state": _State.SENDING, "wanted": {}, "changed_at": now}
    there = EntryChange.objects.filter(key=key)
    try:
        with transaction.atomic(using=there.db):
            return EntryChange.objects.create(key=key, user_id=user.pk, **mine)
    except IntegrityError:
        pass  # it was sent before
    dead = there.filter(state=_State.SENDING, changed_at__lt=now - SENDING_FOR)
    if there.filter(state=_State.PARKED).update(**mine) or dead.update(**mine):
        return there.first()
    return there.filter(state=_State.SAVED).first()


@contextmanager
def _settled(change: EntryChange, wanted: dict[str, Any]) -> Iterator[None]:
    """Note how making ``change`` ended."""
    mine = EntryChange.objects.filter(pk=change.pk)
    try:
        yield
    except OutcomeUnknown:
        patiently(mine.delete)
        raise
    except (ReconnectRequired, RateLimited, Unavailable):
        patiently(lambda: mine.update(state=_State.PARKED, wanted=wanted))
        raise
    except BaseException:
        patiently(mine.delete)
        raise
    patiently(lambda: mine.update(state=_State.SAVED, wanted={}, changed_at=timezone.now()))


def _forget_old() -> None:
    now = timezone.now()
    EntryChange.objects.filter(changed_at__lt=now - KNOWN_FOR).delete()
    EntryChange.objects.filter(state=_State.PARKED, changed_at__lt=now - PARKED_FOR).delete()


def _key(user: AbstractBaseUser, submission: str) -> str:
    return hashlib.sha256(f"{user.pk}:{submission}".encode()).hexdigest()

"""Changing a list entry: once, however often it is sent; kept where AniList cannot take it now."""

from __future__ import annotations

import datetime
import hashlib
import json
import logging
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core import signing
from django.db import IntegrityError, OperationalError, router, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from django_anilist.api.errors import (
    OutcomeUnknown,
    QueryError,
    RateLimited,
    ReconnectRequired,
    Unavailable,
)
from django_anilist.api.results import Answer
from django_anilist.conf import AniListImproperlyConfigured
from django_anilist.gateway import AniList
from django_anilist.models import EntryChange
from django_anilist.tokens import patiently

logger = logging.getLogger("django_anilist")

#: How long a change that AniList could not take is kept to be offered again.
PARKED_FOR = datetime.timedelta(minutes=10)
#: How many changes of one user wait at once; the oldest gives way.
MAX_PARKED = 20
#: How long a form is known to have been sent: longer than anybody leaves a page open.
KNOWN_FOR = datetime.timedelta(days=1)
#: After this long whoever was sending a change died on the way, and who heard that nobody knows
#: whether it was made has looked, and may send it again.
SENDING_FOR = datetime.timedelta(seconds=30)
#: How often a second click looks whether the first is through, and how long, in seconds.
LOOK_EVERY, LOOK_FOR = 0.1, 15.0

#: What of a change is kept once it is made: as much as names it to its user.
_TOLD = ("media_id", "progress")
_SALT = "django_anilist.entries"
_State = EntryChange.State


@dataclass(frozen=True)
class Change:
    """What ``user`` wants of a list entry: ``wanted`` are arguments of ``save_media_list_entry``.

    Two with the same ``key`` are one change, sent twice. ``made`` tells that it is known to be made.
    """

    user: AbstractBaseUser
    key: str
    wanted: dict[str, Any]
    made: bool = False

    @classmethod
    def of(cls, user: AbstractBaseUser, submission: str, wanted: dict[str, Any]) -> Change:
        """Return the change that a form asks for; without a ``submission`` it is like no other.

        What is wanted counts too: a page that the back button brought up again may be filled in
        differently, and that is another change.
        """
        submission = submission or secrets.token_urlsafe(18)
        what = json.dumps([str(user.pk), submission, wanted], sort_keys=True)
        return cls(user, hashlib.sha256(what.encode()).hexdigest(), wanted)

    @property
    def reference(self) -> str:
        """The name, signed, under which the change is offered again to its user."""
        return signing.dumps([str(self.user.pk), self.key], salt=_SALT)


def make(
    client: AniList, change: Change, *, sleep: Callable[[float], None] = time.sleep
) -> Answer | None:
    """Make ``change``, once, and return the entry as AniList has it now.

    ``None`` where it was made before, by a double click or another worker. Raises what the client
    raises: then nothing is known to be made, and where AniList could not take it for now, the change
    is parked for :func:`parked`.
    """
    patiently(forget_old)
    if not _claimed(change, sleep):
        return None
    with _settled(change):
        return client.save_media_list_entry(**change.wanted)


def parked(user: AbstractBaseUser, name: str) -> Change | None:
    """Return the change of that reference; ``None`` where it is not this user's, or too old."""
    try:
        owner, key = signing.loads(name, salt=_SALT, max_age=PARKED_FOR)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    found = _rows().filter(key=key).exclude(state=_State.UNKNOWN).first()
    if found is None or owner != str(user.pk):
        return None
    return Change(user, key, found.wanted, made=found.state == _State.SAVED)


def _claimed(change: Change, sleep: Callable[[float], None]) -> bool:
    """Tell whether the change is ours alone to make; if not, it is made already.

    Raises :class:`OutcomeUnknown` where nobody knows, or somebody is at it for too long.
    """
    for _ in range(int(LOOK_FOR / LOOK_EVERY)):
        state = patiently(lambda: _begin(change))
        if state is None or state == _State.SAVED:
            return state is None
        if state == _State.UNKNOWN:
            break
        sleep(LOOK_EVERY)
    raise OutcomeUnknown("pending")


def _begin(change: Change) -> str | None:
    """Claim the change: return ``None``, or in which state somebody else has it."""
    now, rows = timezone.now(), _rows()
    mine = {"state": _State.SENDING, "wanted": change.wanted, "changed_at": now}
    try:
        with transaction.atomic(using=rows.db):
            rows.create(key=change.key, user_id=change.user.pk, **mine)
            return None
    except IntegrityError:
        pass  # it was sent before
    given_up = Q(state__in=(_State.SENDING, _State.UNKNOWN), changed_at__lt=now - SENDING_FOR)
    there = rows.filter(key=change.key)
    if there.filter(Q(state=_State.PARKED) | given_up).update(**mine):
        return None
    state: str | None = there.values_list("state", flat=True).first()
    return state or _State.SENDING  # it failed just now: look again


@contextmanager
def _settled(change: Change) -> Iterator[None]:
    """Note how making ``change`` ended."""
    row = _rows().filter(key=change.key)
    now = timezone.now
    try:
        yield
    except (QueryError, AniListImproperlyConfigured):
        _noted(row.delete)
        raise
    except (ReconnectRequired, RateLimited, Unavailable) as error:
        if not getattr(error, "in_doubt", False):
            patiently(lambda: row.update(state=_State.PARKED, changed_at=now()))
            _noted(lambda: _keep_newest_parked(change.user))
            raise
        _noted(lambda: row.update(state=_State.UNKNOWN, wanted={}, changed_at=now()))
        raise OutcomeUnknown(getattr(error, "reason", "response")) from None
    except BaseException:
        _noted(lambda: row.update(state=_State.UNKNOWN, wanted={}, changed_at=now()))
        raise
    kept = {name: change.wanted[name] for name in _TOLD if name in change.wanted}
    _noted(lambda: row.update(state=_State.SAVED, wanted=kept, changed_at=now()))


def _noted(write: Callable[[], object]) -> None:
    """Do a write after AniList has answered; what AniList said counts, with or without it."""
    try:
        patiently(write)
    except OperationalError as error:
        logger.warning("How a change ended could not be noted: %s", type(error).__name__)


def _keep_newest_parked(user: AbstractBaseUser) -> None:
    """A change that waits costs no request, so nothing else stops whoever sends them without end."""
    waiting = _rows().filter(user_id=user.pk, state=_State.PARKED)
    surplus = list(waiting.order_by("-changed_at", "-pk").values_list("pk", flat=True)[MAX_PARKED:])
    if surplus:
        waiting.filter(pk__in=surplus).delete()


def forget_old() -> int:
    """Delete changes that are not offered again, nor known any more; return how many there were."""
    now = timezone.now()
    parked = Q(state=_State.PARKED, changed_at__lt=now - PARKED_FOR)
    return _rows().filter(Q(changed_at__lt=now - KNOWN_FOR) | parked).delete()[0]


def _rows() -> QuerySet[EntryChange]:
    """All rows, where they are written: a replica may not have the newest."""
    return EntryChange.objects.using(router.db_for_write(EntryChange))

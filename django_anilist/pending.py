"""The rows of those who were sent to AniList and are not back yet, and how many there may be."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, OperationalError, router
from django.db.models import QuerySet
from django.utils import timezone

from django_anilist import tokens
from django_anilist.models import AuthorizationRequest

#: How long a user may take on AniList's pages; its codes live as long.
LIFETIME = datetime.timedelta(minutes=10)
#: How far a clock may be behind the one that stamped the request.
CLOCK_SKEW = datetime.timedelta(minutes=1)
#: Tabs one user may have open at AniList, or one browser where nobody is signed in; the oldest
#: gives way.
MAX_REQUESTS = 10
#: People who may be on their way to log in at once. A flood pushes out the oldest, not those who come.
MAX_LOGINS = 10_000


def rows() -> QuerySet[AuthorizationRequest]:
    """All requests, where they are written: a replica may not have the newest."""
    return AuthorizationRequest.objects.using(router.db_for_write(AuthorizationRequest))


def keep(pending: AuthorizationRequest) -> None:
    """Save a request, and forget those that are too old to be claimed or too many."""
    with suppress(
        IntegrityError
    ):  # no two states are alike: it was saved, and only the answer lost
        tokens.patiently(pending.save)
    tokens.patiently(lambda: _tidy(pending))


def is_timely(found: AuthorizationRequest) -> bool:
    """Tell whether a request is young enough to be answered."""
    return -CLOCK_SKEW <= timezone.now() - found.created_at <= LIFETIME


def forget_stale() -> int:
    """Delete the requests that are too old to be claimed; return how many there were."""
    stale = rows().filter(created_at__lt=timezone.now() - LIFETIME)
    return stale.delete()[0]


def forget(user: AbstractBaseUser) -> None:
    """Delete every request of ``user`` that is under way."""
    tokens.patiently(rows().filter(user_id=user.pk).delete)


def end(claimed: AuthorizationRequest) -> bool:
    """Delete a request that was claimed; tell whether it was still there, its user still wanting it."""
    return rows().filter(pk=claimed.pk).delete()[0] == 1


@contextmanager
def ended(claimed: AuthorizationRequest) -> Iterator[None]:
    """Delete a claimed request once what it was claimed for is over, however that went."""
    try:
        yield
    finally:
        with suppress(OperationalError):  # then it is too old in ten minutes, and swept away
            tokens.patiently(lambda: end(claimed))


def _tidy(newest: AuthorizationRequest) -> None:
    forget_stale()
    if newest.user_id is not None:
        _keep_newest(rows().filter(user_id=newest.user_id), MAX_REQUESTS)
    else:
        logins = rows().filter(user=None)
        _keep_newest(logins.filter(browser_hash=newest.browser_hash), MAX_REQUESTS)
        _keep_newest(logins, MAX_LOGINS)


def _keep_newest(some: QuerySet[AuthorizationRequest], number: int) -> None:
    surplus = list(some.order_by("-created_at", "-pk").values_list("pk", flat=True)[number:])
    if surplus:
        rows().filter(pk__in=surplus).delete()

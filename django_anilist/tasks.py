"""What a site does now and then, as plain functions for cron, Celery, ``django.tasks`` or a person.

Numbers and texts in, a report of numbers out (``dataclasses.asdict`` makes it JSON), never a token.
Each may be run twice at once and stopped at any moment, and goes on where it stopped. The commands
``manage.py anilist_*`` are these functions with words around them. For a queue::

    @task  # or Celery's @shared_task
    def remind_daily():
        return asdict(tasks.remind(days=[30, 7, 1]))
"""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import dataclass
from functools import partial

from django.utils import timezone

from django_anilist import entries, logins, pending, upkeep, verification
from django_anilist.api.errors import AniListError, TokenRejected
from django_anilist.asking import SILENCE, in_turn
from django_anilist.gateway import AniList
from django_anilist.importing import ImportReport, import_tokens
from django_anilist.models import AniListToken
from django_anilist.progress import Progress, Step, unheard
from django_anilist.reminding import ReminderReport, remind, remind_one
from django_anilist.tokens import patiently

__all__ = [
    "ImportReport",
    "PurgeReport",
    "ReminderReport",
    "RotationReport",
    "VerificationReport",
    "import_tokens",
    "purge",
    "remind",
    "remind_one",
    "rotate_keys",
    "verify",
]


_A_CENTURY = 36_500  # days; further back there are no dates at some point


@dataclass(frozen=True)
class RotationReport:
    """``changed`` rows have the newest key now, ``unreadable`` ones no key opens; ``left`` have an
    older key still: the unreadable, and what was sealed meanwhile by a process with old settings."""

    changed: int
    unreadable: int
    left: int


@dataclass(frozen=True)
class VerificationReport:
    """AniList ``accepted`` so many tokens and ``refused`` others, which are marked as such.

    ``dead`` ones were not asked about. ``other`` belong to another account than their row says;
    ``unanswered`` got no answer. ``stopped_after`` is the row to go on after (``after=``) where AniList
    was silent too often, ``None`` where all was done.
    """

    accepted: int = 0
    refused: int = 0
    dead: int = 0
    other: int = 0
    unanswered: int = 0
    stopped_after: int | None = None


@dataclass(frozen=True)
class PurgeReport:
    """How many authorization ``requests``, ``changes`` of list entries and ``tokens`` were deleted.
    ``kept`` tokens are as dead, but where people log in with AniList their rows say who they are."""

    requests: int = 0
    changes: int = 0
    tokens: int = 0
    kept: int = 0


def rotate_keys(batch: int = 500, progress: Progress = unheard) -> RotationReport:
    """Seal with the first of ``ANILIST_TOKEN_KEYS`` what is sealed with an older key.

    ``batch`` rows are one transaction. Raises :class:`AniListImproperlyConfigured`.
    """
    total, done, changed, unreadable = upkeep.count_stale(), 0, 0, 0
    for part in upkeep.reseal(batch):
        done += part.seen
        changed += part.changed
        unreadable += part.unreadable
        progress(Step(done, max(done, total)))
    return RotationReport(changed, unreadable, upkeep.count_stale())


# Verification


def verify(after: int = 0, progress: Progress = unheard) -> VerificationReport:
    """Ask AniList about every token, one request each, letting web pages go first.

    What AniList refuses is marked as refused; what is dead by its date is not asked about. ``after``
    goes on where a run stopped.
    """
    outcomes: Counter[str] = Counter()
    total, last, silent = upkeep.count(after=after), after, 0
    for done, row in enumerate(upkeep.each(after=after), start=1):
        outcome = _verify_one(row)
        outcomes[outcome] += 1
        silent = silent + 1 if outcome == "unanswered" else 0
        if silent == SILENCE:
            return VerificationReport(**outcomes, stopped_after=last)
        last = last if silent else row.pk
        progress(Step(done, max(done, total), last))
    return VerificationReport(**outcomes)


def _verify_one(row: AniListToken) -> str:
    """Return how AniList took the row's token: the name of a field of the report."""
    client = AniList.for_user(row.user)
    if not client:
        return "dead"
    try:
        account = in_turn(partial(verification.ask, client, row))
    except TokenRejected:
        return "refused"
    except AniListError:
        return "unanswered"
    return "accepted" if account.id == row.anilist_id else "other"


# Clearing away


def purge(dead_days: int = 90) -> PurgeReport:
    """Delete authorization requests too old to be answered, changes of list entries too old to be
    offered again, and tokens dead for ``dead_days``.

    Dead are those that ended or that AniList refused, not those that a lost key keeps shut. Where
    people log in with AniList, tokens are kept: without the row, the account would be a stranger's.
    Nothing else is deleted; ``anilist_disconnected`` is sent for each token. Raises ``ValueError``
    where ``dead_days`` is less than 0: that would be tokens that are alive.
    """
    if dead_days < 0:
        raise ValueError(f"dead_days is {dead_days}: tokens that died in the future are alive")
    moment = timezone.now() - datetime.timedelta(days=min(dead_days, _A_CENTURY))
    outcomes: Counter[str] = Counter(
        requests=pending.forget_stale(), changes=patiently(entries.forget_old)
    )
    for row in upkeep.dead_since(moment):
        if logins.backend_path():
            outcomes["kept"] += 1
        elif upkeep.forget_dead(row, moment):
            outcomes["tokens"] += 1
    return PurgeReport(**outcomes)

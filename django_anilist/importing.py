"""Bring tokens along that were kept somewhere else: verified by AniList, sealed, and counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser

from django_anilist import gateway, legacy, tokens
from django_anilist.accounts import Account
from django_anilist.api.conversation import QUERY_DEADLINE
from django_anilist.api.errors import (
    AccountMismatch,
    AccountTaken,
    AniListError,
    BadResponse,
    QueryError,
    ReconnectRequired,
)
from django_anilist.api.oauth import Grant, may_be_sent, stored_grant
from django_anilist.api.secrets import Secret
from django_anilist.api.turns import TASK
from django_anilist.asking import SILENCE, in_turn
from django_anilist.conf import settings
from django_anilist.legacy import Found
from django_anilist.progress import Progress, Step, unheard


@dataclass(frozen=True)
class ImportReport:
    """What became of the tokens that were found; in a dry run, as far as that shows without AniList.

    ``imported`` ones are connected now. Left alone were those of users ``already`` connected, those
    ``expired``, ``cut_off`` by a column too short, ``malformed`` so that they can be no token, of
    ``nobody`` who is a user; AniList ``refused`` some, and some accounts are ``taken`` by another user.
    ``empty`` places held no token. ``unanswered`` ones AniList said nothing about: run it again.
    ``stopped`` tells that it was silent too often to go on.
    """

    imported: int = 0
    already: int = 0
    expired: int = 0
    cut_off: int = 0
    malformed: int = 0
    nobody: int = 0
    refused: int = 0
    taken: int = 0
    empty: int = 0
    unanswered: int = 0
    stopped: bool = False


def import_tokens(
    source: str,
    *,
    provider: str = "anilist",
    user: str = "",
    write: bool = False,
    progress: Progress = unheard,
) -> ImportReport:
    """Seal the tokens that ``source`` holds, once AniList has said whose they are.

    ``source``, ``provider`` and ``user`` are those of :func:`django_anilist.legacy.source`. Without
    ``write`` nothing is written and AniList is not asked. Who is connected already is left alone, so
    it may be run again. What the source holds stays there: clear it away yourself.

    Raises :class:`django_anilist.legacy.UnknownSourceError`.
    """
    place = legacy.source(source, provider=provider, user=user)
    outcomes: Counter[str] = Counter()
    total, silent = len(place), 0
    seen: set[object] = set()
    for done, found in enumerate(place, start=1):
        outcome = "already" if found.user_pk in seen else _bring(found, write=write)
        outcomes[outcome] += 1
        seen |= {found.user_pk} if outcome == "imported" else set()
        silent = silent + 1 if outcome == "unanswered" else 0
        if silent == SILENCE:
            return ImportReport(stopped=True, **outcomes)
        progress(Step(done, max(done, total)))
    return ImportReport(stopped=False, **outcomes)


def _bring(found: Found, *, write: bool) -> str:
    """Import what was found; return the outcome, the name of a field of the report."""
    if not found.token:
        return "empty"
    user = get_user_model()._base_manager.filter(pk=found.user_pk).first()
    if user is None:
        return "nobody"
    if tokens.for_user(user) is not None:
        return "already"
    grant = _grant_of(found.token, found)
    if isinstance(grant, str):
        return grant
    return _keep(user, grant) if write else "imported"


def _grant_of(token: Secret, found: Found) -> Grant | str:
    """Return the grant of a token worth asking AniList about, or else why it is none."""
    if found.cut_off:
        return "cut_off"
    try:
        grant = stored_grant(token, found.expires_at)
    except BadResponse:
        return "malformed"
    if not may_be_sent(token, sandbox=bool(settings.sandbox_url)):
        return "refused"
    return grant if grant.expires_in > 0 else "expired"


def _keep(user: AbstractBaseUser, grant: Grant) -> str:
    try:
        tokens.save(user, _account_of(grant), grant)
    except (QueryError, ReconnectRequired):
        return "refused"
    except AccountTaken:
        return "taken"
    except AccountMismatch:
        return "already"  # connected while AniList was asked
    except AniListError:
        return "unanswered"
    return "imported"


def _account_of(grant: Grant) -> Account:
    """Ask AniList whose the token is; a token that names somebody else itself is refused."""
    client = gateway.client_for_grant(grant.access_token, QUERY_DEADLINE, lane=TASK)
    account = Account.from_viewer(in_turn(partial(client.viewer)))
    if grant.subject not in (None, account.id):
        raise ReconnectRequired
    return account

"""Ask AniList whether it still accepts a token."""

from __future__ import annotations

import time

from django_anilist import tokens
from django_anilist.accounts import Account
from django_anilist.api.conversation import QUERY_DEADLINE
from django_anilist.api.errors import BadResponse, RateLimited
from django_anilist.api.queries import VIEWER
from django_anilist.gateway import AniList
from django_anilist.models import AniListToken

#: With less time than this, in seconds, AniList is not asked.
LEAST = 0.5


def ask(client: AniList, row: AniListToken, *, deadline: float | None = None) -> Account:
    """Return whose the token is that ``client`` sends for ``row``; keep a changed name.

    Spends one request, whatever is remembered, of at most ``deadline`` seconds. Raises
    :class:`BadResponse` for a ``Viewer`` that is none, and whatever the client raises.
    """
    viewer = client.execute(VIEWER, cache=0, deadline=deadline).get("Viewer")
    if not isinstance(viewer, dict):
        raise BadResponse("AniList's answer holds no Viewer")
    tokens.note_profile(row, viewer)
    return Account.from_viewer(viewer)


def verify(row: AniListToken, seconds: float) -> None:
    """Have AniList say within ``seconds`` that it accepts the token of ``row``; keep a changed name.

    Spends one request in the lane of tasks, whatever is remembered. A token that is refused is marked
    so, and :class:`ReconnectRequired` raised, as for one that is dead already, which is not sent.
    Raises :class:`RateLimited` where no turn comes in time, and :class:`Unavailable`.
    """
    end = time.monotonic() + seconds
    # Without a wait of its own: all waiting is done here, and bounded.
    client = AniList.for_user(row.user, max_wait=0.0)
    while True:
        left = end - time.monotonic()
        try:
            ask(client, row, deadline=min(left, QUERY_DEADLINE))
            return
        except RateLimited as error:
            if error.retry_after > left - LEAST:
                raise
            time.sleep(error.retry_after)

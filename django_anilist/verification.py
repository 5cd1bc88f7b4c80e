"""Ask AniList whether it still accepts a token."""

from __future__ import annotations

import time

from django_anilist import tokens
from django_anilist.api.conversation import QUERY_DEADLINE
from django_anilist.api.errors import BadResponse, RateLimited
from django_anilist.api.queries import VIEWER
from django_anilist.gateway import AniList
from django_anilist.models import AniListToken

#: With less time than this, in seconds, AniList is not asked.
LEAST = 0.5


def verify(row: AniListToken, seconds: float) -> None:
    """Have AniList say within ``seconds`` that it accepts the token of ``row``; keep a changed name.

    Spends one request in the lane of tasks, whatever is remembered. A token that is refused is marked
    so, and :class:`ReconnectRequired` raised, as for one that is dead already, which is not sent.
    Raises :class:`RateLimited` where no turn comes in time, and :class:`Unavailable`.
    """
    end = time.monotonic() + seconds
    client = AniList.for_user(
        row.user, max_wait=0.0
    )  # so that all waiting is done here, and bounded
    while True:
        left = end - time.monotonic()
        try:
            data = client.execute(VIEWER, cache=0, deadline=min(left, QUERY_DEADLINE))
            break
        except RateLimited as error:
            if error.retry_after > left - LEAST:
                raise
            time.sleep(error.retry_after)
    viewer = data.get("Viewer")
    if not isinstance(viewer, dict):
        raise BadResponse("AniList's answer holds no Viewer")
    tokens.note_profile(row, viewer)

"""What this app tells the rest of a site. No signal ever carries a token.

Receivers are called with ``send_robust``: one that raises is logged and breaks nothing.
"""

from __future__ import annotations

import logging
from typing import Any

from django.dispatch import Signal

logger = logging.getLogger("django_anilist")

#: A user connected. Arguments: ``user``, ``token`` (the ``AniListToken`` row), ``reconnected``.
anilist_connected = Signal()

#: A user disconnected, by themselves or by staff. Arguments: ``user``, ``anilist_id``, ``name``.
anilist_disconnected = Signal()

#: AniList refused a token for good. Arguments: ``user``, ``token`` (the row). Sent once a token.
token_rejected = Signal()


def announce(signal: Signal, sender: type, **arguments: Any) -> None:
    """Send ``signal`` so that a receiver's mistake is logged and goes no further."""
    for receiver, outcome in signal.send_robust(sender, **arguments):
        if isinstance(outcome, Exception):
            name = getattr(receiver, "__qualname__", repr(receiver))
            logger.error("The signal receiver %s raised %s", name, type(outcome).__name__)

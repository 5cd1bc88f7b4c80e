"""What this app tells the rest of a site. No signal ever carries a token.

They are sent with ``send_robust``: Django logs a receiver that raises, and nothing else breaks.
"""

from __future__ import annotations

from django.dispatch import Signal

#: A user connected. Arguments: ``user``, ``token`` (the ``AniListToken`` row), ``reconnected``.
anilist_connected = Signal()

#: A user disconnected, by themselves or by staff, or ``anilist_purge`` cleared away what was long dead.
#: Arguments: ``user``, ``anilist_id``, ``name``.
anilist_disconnected = Signal()

#: AniList refused a token for good. Arguments: ``user``, ``token`` (the row). Sent once a token.
token_rejected = Signal()

#: A token ends soon. Arguments: ``user``, ``token`` (the row), ``days`` (the threshold of
#: ``anilist_remind`` that was reached), ``mailed`` (whether a mail went out). Sent once a threshold.
token_expiring = Signal()

#: A client asked, or remembered, something. Argument: ``event``, a ``django_anilist.api.events.Event``:
#: the name of the operation, the lane, how it went, where the answer came from, how long it took.
anilist_asked = Signal()

"""On whose behalf a client of the site speaks, and what AniList's answers change about that."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django_anilist import tokens
from django_anilist.api.errors import (
    NotConnected,
    ReconnectRequired,
    TokenExpired,
    TokenRejected,
    TokenUnreadable,
)
from django_anilist.api.secrets import Secret
from django_anilist.models import AniListToken, Status
from django_anilist.tokens import AnyUser

_REFUSALS: dict[Status, Callable[[], ReconnectRequired]] = {
    Status.DISCONNECTED: NotConnected,
    Status.EXPIRED: TokenExpired,
    Status.REJECTED: TokenRejected,
    Status.UNREADABLE: TokenUnreadable,
}

#: Set while a call runs in a thread that must not touch the database.
in_network_thread: ContextVar[bool] = ContextVar("in_network_thread", default=False)


#: Whose row is known before any was read.
_NOBODY_YET = object()


class UserAccess:
    """What a client may do for a user of the site. Nothing is read before it is needed.

    ``user`` is asked each time: a view may sign somebody in or out. A ``lasting`` one looks at the row
    anew for each request: a task outlives what it knew.
    """

    def __init__(self, user: Callable[[], AnyUser], *, lasting: bool = False) -> None:
        self._user = user
        self._lasting = lasting
        self._whose: object = _NOBODY_YET
        self._row: AniListToken | None = None
        self._opened: tuple[Status, Secret | None] | None = None
        self._refused: AniListToken | None = None
        self._put_off: list[Callable[[], object]] = []

    @property
    def row(self) -> AniListToken | None:
        self._read(anew=False)
        return self._row

    @property
    def status(self) -> Status:
        return self._open()[0]

    def look(self) -> None:
        """Read the row, again where that is called for; not in a network thread."""
        if not in_network_thread.get():
            self._read(anew=self._lasting)

    def bearer(self) -> Secret | None:
        self.look()
        return self._open()[1]

    def viewer_id(self) -> int | None:
        return self.row.anilist_id if self.row is not None and self.status.usable else None

    def account_id(self) -> int:
        if (row := self.row) is None or not self.status.usable:
            raise self._refusal()  # named here, it and this frame would keep one another alive
        return row.anilist_id

    def _refusal(self) -> ReconnectRequired:
        error = _REFUSALS[self.status]()
        error.user_id = self._whose
        return error

    def rejected(self, bearer: Secret) -> None:
        if (row := self.row) is not None:
            self._opened = (Status.REJECTED, None)
            self._refused = row
            self.later(self.mark_refused)

    def mark_refused(self) -> None:
        """Mark the row whose token was refused, if one was, and if it is not marked yet."""
        if self._refused is not None:
            tokens.reject(self._refused)

    def used(self) -> None:
        """Hear that AniList has just answered the token's owner."""
        if (row := self.row) is not None:
            self.later(lambda: tokens.note_use(row))

    def met(self, viewer: dict[str, Any]) -> None:
        """Hear what AniList says of the account."""
        if (row := self.row) is not None:
            self.later(lambda: tokens.note_profile(row, viewer))

    def later(self, work: Callable[[], object]) -> None:
        """Do ``work`` that may use the database: now, or once the network thread is left."""
        if in_network_thread.get():
            self._put_off.append(work)
        else:
            work()

    def settle(self) -> None:
        """Do what a call in a network thread put off."""
        while self._put_off:
            self._put_off.pop(0)()

    def _read(self, *, anew: bool) -> None:
        """Read the row, where another is known or ``anew``.

        A user whom the site has shut out does nothing on AniList by it either.
        """
        if self._whose is not _NOBODY_YET and in_network_thread.get():
            return
        user = self._user()
        if anew or self._whose != user.pk:
            self._row = tokens.for_user(user) if user.is_active else None
            self._whose, self._opened = user.pk, None

    def _open(self) -> tuple[Status, Secret | None]:
        row = self.row
        if self._opened is None:
            self._opened = tokens.open_token(row)
        return self._opened


class GrantAccess:
    """Access with a token that is not kept yet."""

    def __init__(self, token: Secret) -> None:
        self._token = token

    def bearer(self) -> Secret:
        return self._token

    def viewer_id(self) -> None:
        return None

    def account_id(self) -> int:
        raise NotConnected

    def rejected(self, bearer: Secret) -> None:
        """There is no row to mark."""

    def used(self) -> None:
        """Nor one to date."""

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


class _RowToken(Secret):
    """A token, and the row that it is of: what AniList says of it is said of no other."""

    __slots__ = ("row",)

    def __init__(self, text: str, row: AniListToken) -> None:
        super().__init__(text)
        self.row = row


class _Known:
    """What is known of one user: their row, and once that is wanted, how it stands."""

    def __init__(self, user: AnyUser) -> None:
        """Read the row. A user whom the site has shut out does nothing on AniList by it either."""
        self.user_id = user.pk
        self.row = tokens.for_user(user) if user.is_active else None
        self._opened: tuple[Status, _RowToken | None] | None = None

    @property
    def opened(self) -> tuple[Status, _RowToken | None]:
        """How the row stands, and the token where it may be sent."""
        if self._opened is None:  # cached_property of Python 3.11 takes a lock each time
            self._opened = self._open()
        return self._opened

    def refused(self) -> None:
        """Hear that AniList refused the token."""
        self._opened = (Status.REJECTED, None)

    def _open(self) -> tuple[Status, _RowToken | None]:
        status, token = tokens.open_token(self.row)
        if token is None or self.row is None:
            return status, None
        return status, _RowToken(token.reveal(), self.row)


class UserAccess:
    """What a client may do for a user of the site. Nothing is read before it is needed.

    ``user`` is asked each time: a view may sign somebody in or out. A ``lasting`` one looks at the row
    anew for each request: a task outlives what it knew.
    """

    def __init__(self, user: Callable[[], AnyUser], *, lasting: bool = False) -> None:
        self._user = user
        self._lasting = lasting
        self._read: _Known | None = None
        self._refused: AniListToken | None = None
        self._put_off: list[Callable[[], object]] = []

    @property
    def row(self) -> AniListToken | None:
        return self._known().row

    @property
    def status(self) -> Status:
        return self._known().opened[0]

    def look(self) -> _Known:
        """Read the row, again where that is called for; not in a network thread."""
        if not self._lasting or in_network_thread.get():
            return self._known()
        known = self._read = _Known(self._user())
        return known

    def bearer(self) -> Secret | None:
        return self.look().opened[1]

    def viewer_id(self, bearer: Secret | None = None) -> int | None:
        if isinstance(bearer, _RowToken):
            return bearer.row.anilist_id
        known = self._known()
        return known.row.anilist_id if known.row is not None and known.opened[0].usable else None

    def account_id(self) -> int:
        known = self._known()
        if known.row is None or not known.opened[0].usable:
            raise _refusal(known)  # named here, it and this frame would keep one another alive
        return known.row.anilist_id

    def rejected(self, bearer: Secret) -> object:
        if not isinstance(bearer, _RowToken):
            return None
        row, known = bearer.row, self._known()
        if known.row is not None and known.row.pk == row.pk:
            known.refused()
        self._refused = row
        self.later(self.mark_refused)
        return row.user_id

    def mark_refused(self) -> None:
        """Mark the row whose token was refused, if one was, and if it is not marked yet."""
        if self._refused is not None:
            tokens.reject(self._refused)

    def used(self, bearer: Secret) -> None:
        """Hear that AniList has just answered the token's owner."""
        if isinstance(bearer, _RowToken):
            row = bearer.row
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

    def _known(self) -> _Known:
        """Return what is known of the user of now: one object, whatever another thread reads."""
        known = self._read
        if known is not None and in_network_thread.get():
            return known
        user = self._user()
        if known is None or known.user_id != user.pk:
            known = self._read = _Known(user)
        return known


def _refusal(known: _Known) -> ReconnectRequired:
    error = _REFUSALS[known.opened[0]]()
    error.user_id = known.user_id
    return error


class GrantAccess:
    """Access with a token that is not kept yet."""

    def __init__(self, token: Secret) -> None:
        self._token = token

    def bearer(self) -> Secret:
        return self._token

    def viewer_id(self, bearer: Secret | None = None) -> None:
        return None

    def account_id(self) -> int:
        raise NotConnected

    def rejected(self, bearer: Secret) -> None:
        """There is no row to mark."""

    def used(self, bearer: Secret) -> None:
        """Nor one to date."""

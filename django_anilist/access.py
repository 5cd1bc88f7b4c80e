"""On whose behalf a client of the site speaks, and what AniList's answers change about that."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from functools import cached_property
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

_REFUSALS: dict[Status, type[ReconnectRequired]] = {
    Status.DISCONNECTED: NotConnected,
    Status.EXPIRED: TokenExpired,
    Status.REJECTED: TokenRejected,
    Status.UNREADABLE: TokenUnreadable,
}

#: Set while a call runs in a thread that must not touch the database.
in_network_thread: ContextVar[bool] = ContextVar("in_network_thread", default=False)


class UserAccess:
    """What a client may do for a user of the site. Nothing is read before it is needed."""

    def __init__(self, user: Callable[[], AnyUser]) -> None:
        self._user = user
        self._unwritten: list[Callable[[], None]] = []

    @cached_property
    def row(self) -> AniListToken | None:
        return tokens.for_user(self._user())

    @property
    def status(self) -> Status:
        return tokens.open_token(self.row)[0]

    def bearer(self) -> Secret | None:
        return tokens.open_token(self.row)[1]

    def account_id(self) -> int:
        if self.row is None or not self.status.usable:
            raise _REFUSALS[self.status]
        return self.row.anilist_id

    def rejected(self, bearer: Secret) -> None:
        if (row := self.row) is not None:
            self._write(lambda: tokens.reject(row))

    def met(self, viewer: dict[str, Any]) -> None:
        """Hear what AniList says of the account."""
        if (row := self.row) is not None:
            self._write(lambda: tokens.note_profile(row, viewer))

    def _write(self, change: Callable[[], None]) -> None:
        if in_network_thread.get():
            self._unwritten.append(change)
        else:
            change()

    def settle(self) -> None:
        """Write what a call in a network thread left to be written."""
        while self._unwritten:
            self._unwritten.pop()()


class GrantAccess:
    """Access with a token that is not kept yet."""

    def __init__(self, token: Secret) -> None:
        self._token = token

    def bearer(self) -> Secret:
        return self._token

    def account_id(self) -> int:
        raise NotConnected

    def rejected(self, bearer: Secret) -> None:
        """There is no row to mark."""

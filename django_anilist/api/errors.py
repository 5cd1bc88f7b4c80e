"""Every way AniList can fail us, as one tree.

::

    AniListError
      Unavailable             no usable answer came                   .reason .retry_after
        BadResponse           something came, and it is not what AniList sends
        OutcomeUnknown        a change was sent, and may have been made
      RateLimited             the request budget is spent             .retry_after
      QueryError              AniList said no                         .status .errors .data
        NotFound
        ValidationFailed                                              .fields
        TooComplex
      ReconnectRequired       the user must connect again             .status .user_id
        NotConnected
        TokenExpired
        TokenRejected
        TokenUnreadable
      ConnectError            connecting did not finish               .outcome
        AccessDenied
        CodeRejected
        ClientRejected
        StateMismatch
        AccountMismatch
        AccountTaken
        AccountUnknown
        AccountInactive
        LastWayIn

Facts stand in attributes. No error text ever holds a token, a code, a ``state`` or a client secret.
Wrong settings raise Django's ``ImproperlyConfigured``, which is outside this tree on purpose:
``except AniListError`` must not hide a missing client id.
"""

from __future__ import annotations

import copyreg
from collections.abc import Mapping, Sequence
from typing import Any

#: The seconds AniList's edge locks an address out for when it does not say.
#: https://docs.anilist.co/guide/rate-limiting
DEFAULT_RETRY_AFTER = 60


class AniListError(Exception):
    """Anything that went wrong between this site and AniList. Can be copied, and sent to a process."""

    def __reduce__(self) -> tuple[Any, ...]:
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]


class Unavailable(AniListError):
    """AniList gave no usable answer; try again later. The user's connection is not in doubt.

    ``reason`` is one word: ``dns``, ``connection``, ``timeout``, ``tls``, ``proxy``, ``too-large``,
    ``redirect``, ``switched-off``, ``forbidden``, ``server``, ``html`` or ``response``. ``retry_after``
    is given in seconds where nothing was sent because AniList has just failed several times.
    ``in_doubt`` tells that AniList may have done all the same what it was asked, ``said`` is AniList's
    own sentence about it, or ``""``.
    """

    def __init__(
        self,
        reason: str,
        message: str = "",
        *,
        in_doubt: bool = True,
        retry_after: float | None = None,
        said: str = "",
    ) -> None:
        self.reason = reason
        self.said = said
        self.in_doubt = in_doubt
        self.retry_after = retry_after
        super().__init__(message or f"AniList gave no usable answer ({reason})")


class BadResponse(Unavailable):
    """Something came back, but it is not what AniList sends."""

    def __init__(self, message: str = "", reason: str = "response") -> None:
        super().__init__(reason, message or "AniList's answer could not be understood")


class OutcomeUnknown(Unavailable):
    """A change was sent, and no answer came: it may have been made or not. It is not sent again.

    ``reason`` says why no answer came. Ask what AniList has now before changing it once more.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason, f"AniList may have made the change or not ({reason})")


class RateLimited(AniListError):
    """The request budget is spent. Nothing was done; ask again after ``retry_after`` seconds."""

    def __init__(self, retry_after: float = DEFAULT_RETRY_AFTER) -> None:
        self.retry_after = retry_after
        super().__init__(f"AniList's request budget is spent; ask again in {retry_after:g} s")


class QueryError(AniListError):
    """AniList understood the request and refused it.

    ``status`` is the HTTP status AniList gave the first error, ``errors`` its list of errors as
    sent, ``data`` what came beside them (``None`` when nothing did).
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        errors: Sequence[Mapping[str, Any]] = (),
        data: Mapping[str, Any] | None = None,
    ) -> None:
        self.status = status
        self.errors = tuple(errors)
        self.data = data
        super().__init__(message)


class NotFound(QueryError):
    """There is no such thing on AniList, or this viewer may not see it."""


class ValidationFailed(QueryError):
    """AniList refused the values of a mutation; ``fields`` maps each argument to its messages."""

    @property
    def fields(self) -> dict[str, list[str]]:
        """What AniList said about each argument, in AniList's words."""
        found: dict[str, list[str]] = {}
        for error in self.errors:
            problems = error.get("validation")
            if isinstance(problems, Mapping):
                for name, messages in problems.items():
                    texts = messages if isinstance(messages, list) else [messages]
                    found.setdefault(str(name), []).extend(str(text) for text in texts)
        return found


class TooComplex(QueryError):
    """The document asks for more fields than AniList allows in one request."""


class ReconnectRequired(AniListError):
    """Only the user can mend this, by connecting AniList again. ``status`` says why.

    ``user_id`` is the primary key of that user of the site; ``None`` where nobody is known.
    """

    status = "disconnected"
    user_id: Any = None


class NotConnected(ReconnectRequired):
    """This needs a connected AniList account, and there is none."""

    def __init__(self) -> None:
        super().__init__("No AniList account is connected")


class TokenExpired(ReconnectRequired):
    """The year an AniList token lives is over."""

    status = "expired"

    def __init__(self) -> None:
        super().__init__("The AniList token has expired")


class TokenRejected(ReconnectRequired):
    """AniList no longer accepts the token: the user revoked it, or AniList did."""

    status = "rejected"

    def __init__(self) -> None:
        super().__init__("AniList no longer accepts the token")


class TokenUnreadable(ReconnectRequired):
    """The stored token cannot be opened with the keys this site has."""

    status = "unreadable"

    def __init__(self) -> None:
        super().__init__("The stored AniList token cannot be opened with the keys in the settings")


class ConnectError(AniListError):
    """Connecting an account did not finish. ``outcome`` is a fixed word for logs and addresses."""

    outcome = "failed"


class AccessDenied(ConnectError):
    """The user said no on AniList's page (RFC 6749 section 4.1.2.1, ``access_denied``)."""

    outcome = "denied"


class CodeRejected(ConnectError):
    """AniList does not accept the authorization code: it is spent, too old, or not one."""

    outcome = "code"


class ClientRejected(ConnectError):
    """AniList does not accept this site's client id, secret or redirect URI."""

    outcome = "client"


class StateMismatch(ConnectError):
    """The callback does not belong to a request that this browser and user started just now."""

    outcome = "state"


class AccountMismatch(ConnectError):
    """The user came back as another AniList account than the one connected."""

    outcome = "other-account"


class AccountTaken(ConnectError):
    """The AniList account is connected to another user of this site."""

    outcome = "taken"


class AccountUnknown(ConnectError):
    """Nobody on this site has the AniList account, and no user was made for it."""

    outcome = "unknown-account"


class AccountInactive(ConnectError):
    """The user who has the AniList account may not sign in."""

    outcome = "inactive"


class LastWayIn(ConnectError):
    """Disconnecting would leave the user no way to sign in."""

    outcome = "last-way-in"

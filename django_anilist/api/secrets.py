"""A secret that does not show itself."""

from __future__ import annotations

import hmac
from typing import NoReturn


class Secret:
    """A text that only :meth:`reveal` gives away.

    ``str``, ``repr``, formatting and every error report show a mask; pickling and copying into
    a cache, a session or a task are refused.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself. Keep it out of variables that outlive the line."""
        return self._text

    def masked_in(self, text: str) -> str:
        """Return ``text`` with every occurrence of the secret masked."""
        return text.replace(self._text, "***") if self._text else text

    def __repr__(self) -> str:
        return "Secret(***)"

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    __hash__ = None  # type: ignore[assignment]  # a secret is no dictionary key

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("A secret cannot be pickled or copied")

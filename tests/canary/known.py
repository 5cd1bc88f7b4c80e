"""The secrets that exist by now, and the search for them."""

from __future__ import annotations

import re

TOKEN = "access token"
CODE = "authorization code"
STATE = "state"
CLIENT_SECRET = "client secret"
SEALING_KEY = "sealing key"
REFRESH_TOKEN = "refresh token"

#: Shorter texts, which tests write by hand, would be found by chance.
SHORTEST = 12
#: What is searched of a longer one: its beginning, a part from the middle and its end, since a
#: secret that is cut is a leak too. The admin of another package shows the first forty characters.
PIECE = 32
#: From so many pieces on, only the words of a text are searched that could hold one.
MANY = 200
_WORD = re.compile(r"[\w.~+/=-]{12,}", re.ASCII)


class Known:
    """Secrets, each with its kind."""

    def __init__(self) -> None:
        self._kinds: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._kinds)

    def learn(self, kind: str, text: object) -> None:
        """Look for ``text`` from now on. The last kind that is told of a text counts."""
        text = text.decode("latin-1") if isinstance(text, bytes) else text
        if isinstance(text, str) and len(text) >= SHORTEST:
            self._kinds[text] = kind

    def kinds(self) -> set[str]:
        return set(self._kinds.values())

    def found_in(self, text: str) -> dict[str, str]:
        """Return the pieces of secrets that ``text`` holds, each with the kind of its secret."""
        pieces = {piece: kind for secret, kind in self._kinds.items() for piece in _pieces(secret)}
        if len(pieces) > MANY:
            text = "\n".join(set(_WORD.findall(text)))
        return {piece: kind for piece, kind in pieces.items() if piece in text}


def _pieces(secret: str) -> set[str]:
    secret = secret.rstrip("=")  # which an address would spell %3D
    if len(secret) <= 2 * PIECE:
        return {secret}
    middle = (len(secret) - PIECE) // 2
    return {secret[:PIECE], secret[middle : middle + PIECE], secret[-PIECE:]}

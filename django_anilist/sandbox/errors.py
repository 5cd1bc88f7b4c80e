"""Error objects as AniList writes them: no ``path``, no ``extensions``, a status, its own words."""

from __future__ import annotations

import re
from typing import Any

from graphql import GraphQLError

from django_anilist.sandbox.refusals import Refusal

#: How AniList's server, which is another than ours, words what is wrong with a document.
_WORDS = (
    (r" Did you mean .*$", ""),
    (r"^Unknown argument '(\w+)' on field '(\w+)\.(\w+)'\.$",
     r"Unknown argument '\1' on field '\3' of type '\2'."),
    (r"'", '"'),
)  # fmt: skip


def error_object(error: GraphQLError) -> dict[str, Any]:
    """Return what AniList's ``errors`` would hold for this one."""
    cause = error.original_error
    refusal = cause if isinstance(cause, Refusal) else None
    surprise = cause is not None and refusal is None and error.path is not None
    return {
        "message": "Internal Server Error" if surprise else _worded(error.message, refusal),
        "status": refusal.status if refusal else 500 if surprise else 400,
        "locations": [
            {"line": place.line, "column": place.column} for place in error.locations or ()
        ],
        **(refusal.extras() if refusal else {}),
    }


def _worded(message: str, refusal: Refusal | None) -> str:
    if refusal is None:
        for pattern, words in _WORDS:
            message = re.sub(pattern, words, message, flags=re.S)
    return message

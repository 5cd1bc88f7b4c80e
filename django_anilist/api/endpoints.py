"""Where AniList lives, or a stand-in."""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass


@dataclass(frozen=True)
class Endpoints:
    """The addresses of one AniList.

    ``authorize`` and ``token`` are the OAuth endpoints (RFC 6749 section 3), ``graphql`` takes
    every query and mutation, ``apps`` is the page where users revoke access.
    """

    authorize: str
    token: str
    graphql: str
    apps: str

    def fingerprint(self, client_id: str) -> str:
        """Return a short digest that differs whenever an address or the client id does."""
        text = "\n".join((*astuple(self), client_id))
        return hashlib.sha256(text.encode()).hexdigest()


#: AniList itself. https://docs.anilist.co/guide/auth/authorization-code
ANILIST = Endpoints(
    authorize="https://anilist.co/api/v2/oauth/authorize",
    token="https://anilist.co/api/v2/oauth/token",  # noqa: S106  an address, not a token  # nosec B106
    graphql="https://graphql.anilist.co",
    apps="https://anilist.co/settings/apps",
)


def sandbox(origin: str) -> Endpoints:
    """Return the endpoints of the sandbox that runs at ``origin``, say ``http://127.0.0.1:8001``."""
    origin = origin.rstrip("/")
    return Endpoints(
        authorize=f"{origin}/api/v2/oauth/authorize",
        token=f"{origin}/api/v2/oauth/token",
        graphql=f"{origin}/graphql",
        apps=f"{origin}/settings/apps",
    )

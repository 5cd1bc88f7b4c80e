"""What the dials are called on the page, in groups."""

from __future__ import annotations

#: A heading, and for each dial its words and its kind of input.
GROUPS: dict[str, dict[str, tuple[str, str]]] = {
    "Refusals": {
        "switched_off": ("Switched off (403)", "switch"),
        "blocked": ("Blocked (403), the reason", "text"),
        "referer_gate": ("Refuse strangers without Referer", "switch"),
        "too_many": ("Too many requests (429)", "switch"),
        "limit": ("Requests a minute, 0 for any number", "number"),
        "window": ("Seconds of that minute", "number"),
    },
    "Broken answers": {
        "where": ("Faults hit", "choice"),
        "share": ("So many in a hundred requests", "number"),
        "status": ("HTTP status, 0 for none", "number"),
        "html": ("A web page instead of JSON", "switch"),
        "broken_json": ("JSON that ends in the middle", "switch"),
        "huge": ("Mebibytes of answer", "number"),
        "cut": ("Reset the connection", "switch"),
        "slow": ("Seconds to wait", "number"),
        "drip": ("Seconds between bytes", "number"),
    },
    "Accounts": {
        "revoked": ("Tokens revoked of (names)", "text"),
        "expired": ("Tokens expired of (names)", "text"),
        "deleted": ("Accounts deleted (names)", "text"),
        "private": ("Profiles private (names)", "text"),
        "null_id": ("Viewer without an id", "switch"),
    },
    "Connecting": {
        "grant": ("Token reply is", "choice"),
        "state": ("State comes back", "choice"),
        "clock": ("Seconds the clock is ahead", "number"),
        "pkce": ("Verify PKCE", "switch"),
    },
}

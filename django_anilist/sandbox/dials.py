"""What can be made to go wrong, and the request limit."""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace

_WORDS = {"on": True, "true": True, "yes": True, "off": False, "false": False, "no": False}

#: Dials that take one of a few words; the first means that nothing is wrong.
CHOICES = {
    "where": ("graphql", "token", "both"),
    "grant": ("", "empty", "list", "null", "text", "no-token", "number", "no-expiry"),
    "state": ("", "missing", "other", "previous"),
}


_YEAR = 365 * 24 * 60 * 60

#: The least and the most of dials that are numbers.
RANGES: dict[str, tuple[float, float]] = {
    "limit": (0, 1_000_000),
    "window": (0.001, _YEAR),
    "slow": (0, _YEAR),
    "drip": (0, _YEAR),
    "status": (0, 599),
    "share": (0, 100),
    "huge": (0, 1024),
    "clock": (-5 * _YEAR, 5 * _YEAR),
}


@dataclass
class Dials:
    """The faults in force. Set the fields, or ``set`` them by name and text."""

    #: Which endpoint the faults hit: ``graphql``, ``token`` or ``both``.
    where: str = "graphql"
    #: Of how many in a hundred requests there.
    share: int = 100
    #: 403, as AniList answers while it is switched off.
    switched_off: bool = False
    #: 403 with this reason, as clients meet that AniList has blocked; empty for none.
    blocked: str = ""
    #: 403 for anonymous requests without a ``Referer``, as since August 2026.
    referer_gate: bool = True
    #: Requests a minute; 0 for no limit.
    limit: int = 0
    #: Seconds within which requests are counted, and for which one too many locks out.
    #: https://docs.anilist.co/guide/rate-limiting
    window: float = 60.0
    #: 429 for everything.
    too_many: bool = False
    #: Seconds to wait before each answer.
    slow: float = 0.0
    #: Seconds between one byte of an answer and the next.
    drip: float = 0.0
    #: Close the connection instead of answering.
    cut: bool = False
    #: A web page instead of JSON, as a firewall sends; ``status`` is its status.
    html: bool = False
    #: Answer everything with this HTTP status; 0 for none.
    status: int = 0
    #: JSON that ends in the middle.
    broken_json: bool = False
    #: An answer of so many mebibytes.
    huge: int = 0
    #: Users, by name and with commas between, whose tokens are refused as revoked.
    revoked: str = ""
    #: Users whose tokens are refused as expired; AniList says the same of both.
    expired: str = ""
    #: Users whose accounts are gone: nobody finds them, and their tokens are refused.
    deleted: str = ""
    #: Users whose profiles only they see.
    private: str = ""
    #: Seconds that the sandbox's clock is ahead; less than 0 for behind.
    clock: float = 0.0
    #: A ``Viewer`` whose id is ``null``.
    null_id: bool = False
    #: What is wrong with the token endpoint's reply.
    grant: str = ""
    #: The ``state`` that comes back is missing, another, or that of the request before.
    state: str = ""
    #: Verify PKCE at the token endpoint, which AniList does not.
    pkce: bool = False

    def set(self, name: str, text: str) -> None:
        """Set a dial from text, ``on`` and ``off`` included; ``ValueError`` where that cannot be."""
        if name not in names():
            raise ValueError(f"There is no dial {name!r}")
        if name in CHOICES and text not in CHOICES[name]:
            known = ", ".join(word for word in CHOICES[name] if word)
            raise ValueError(f"{name} is one of {known}, not {text!r}")
        kind = type(getattr(Dials, name))
        word = _WORDS.get(text.lower())
        if kind is bool and word is None:
            raise ValueError(f"{name} is on or off, not {text!r}")
        value = text if kind is str else word if kind is bool else _number(name, kind, text)
        setattr(self, name, value)

    def set_all(self, given: Mapping[str, object]) -> None:
        """Set several dials, or none of them; ``ValueError`` where one cannot be."""
        tried = replace(self)
        for name, value in given.items():
            tried.set(name, str(value))
        vars(self).update(vars(tried))

    def reset(self, limit: int = 0) -> None:
        """Put every dial back, the limit to the one the sandbox was started with."""
        for field in fields(self):
            setattr(self, field.name, field.default)
        self.limit = limit

    def hit(self, endpoint: str) -> bool:
        return self.where in (endpoint, "both")

    def named(self, name: str) -> frozenset[str]:
        """Return the users that a dial names."""
        return frozenset(getattr(self, name).replace(" ", "").split(",")) - {""}

    def on(self) -> dict[str, object]:
        """Return the dials that are not as AniList is on a good day."""
        usual = Dials()
        return {
            name: value
            for name in names()
            if (value := getattr(self, name)) != getattr(usual, name)
        }


def names() -> list[str]:
    """Return the names of all dials."""
    return [field.name for field in fields(Dials)]


def _number(name: str, kind: type, text: str) -> float:
    least, most = RANGES[name]
    try:
        found: float = kind(text or 0)
    except ValueError:
        raise ValueError(f"{name} is a number, not {text!r}") from None
    if not least <= found <= most:
        raise ValueError(f"{name} is from {least:,g} to {most:,g}, not {text}")
    return found


class Limiter:
    """AniList's limit: so many requests a minute, and a minute's lock-out for one too many."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._times: deque[float] = deque()
        self._locked_until = 0.0

    def told(self, limit: int, window: float) -> str:
        """Return how the budget stands, in words, and leave it so."""
        if not limit:
            return "unlimited"
        now = self._now()
        if now < self._locked_until:
            return f"locked out for {math.ceil(self._locked_until - now)} s"
        spent = sum(time > now - window for time in list(self._times))
        return f"{max(0, limit - spent)} of {limit} left"

    def admit(self, limit: int, window: float) -> int | None:
        """Return how many requests are left after this one; ``None`` for a request refused."""
        now = self._now()
        with self._lock:
            while self._times and self._times[0] <= now - window:
                self._times.popleft()
            if now < self._locked_until:
                return None
            if len(self._times) >= limit:
                self._locked_until = now + window
                return None
            self._times.append(now)
            return limit - len(self._times)

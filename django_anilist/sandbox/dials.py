"""What can be made to go wrong, and the request limit."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, fields

_WORDS = {"on": True, "true": True, "yes": True, "off": False, "false": False, "no": False}


@dataclass
class Dials:
    """The faults in force. Set the fields, or ``set`` them by name and text."""

    #: Which endpoint the faults hit: ``graphql``, ``token`` or ``both``.
    where: str = "graphql"
    #: 403, as AniList answers while it is switched off.
    switched_off: bool = False
    #: 403 for anonymous requests without a ``Referer``, as since August 2026.
    referer_gate: bool = True
    #: Requests a minute; 0 for no limit.
    limit: int = 0
    #: Seconds within which requests are counted, and for which one too many locks out.
    #: https://docs.anilist.co/guide/rate-limiting
    window: float = 60
    #: 429 for everything.
    too_many: bool = False
    #: A web page instead of JSON, as a firewall sends.
    html: bool = False
    #: Answer everything with this HTTP status; 0 for none.
    status: int = 0
    #: Verify PKCE at the token endpoint, which AniList does not.
    pkce: bool = False
    #: Seconds to wait before each answer.
    slow: float = 0

    def set(self, name: str, text: str) -> None:
        """Set a dial from text, ``on`` and ``off`` included; ``ValueError`` where that cannot be."""
        if name not in {field.name for field in fields(self)}:
            raise ValueError(f"There is no dial {name!r}")
        kind = type(getattr(self, name))
        word = _WORDS.get(text.lower())
        if kind is bool and word is None:
            raise ValueError(f"{name} is on or off, not {text!r}")
        setattr(self, name, word if kind is bool else kind(text or 0) if kind is not str else text)

    def reset(self, limit: int = 0) -> None:
        """Put every dial back, the limit to the one the sandbox was started with."""
        for field in fields(self):
            setattr(self, field.name, field.default)
        self.limit = limit

    def hit(self, endpoint: str) -> bool:
        return self.where in (endpoint, "both")


class Limiter:
    """AniList's limit: so many requests a minute, and a minute's lock-out for one too many."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._times: deque[float] = deque()
        self._locked_until = 0.0

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

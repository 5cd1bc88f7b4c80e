"""When to stop asking for a while, because AniList does not serve anybody.

Asking an AniList that is down costs every page its deadline, and AniList the load. After three failures
in a row nobody asks for :data:`PERIOD` seconds; then one request at a time may try, and the first good
answer ends it. Shared by all who share the budget, in whose store it is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django_anilist.api.turns import Outage

#: Seconds for which nobody asks once the breaker has opened, and again after each probe that failed.
PERIOD = 30.0
#: So many failures in a row open the breaker.
ENOUGH = 3
#: What counts more than once. The sentence of a switch-off leaves no doubt; a server that does not
#: answer in time costs a page more than any other failure.
_WEIGHTS: Mapping[str, int] = MappingProxyType({"switched-off": ENOUGH, "timeout": 2})

#: Failures that say something about AniList, and not about one request.
REASONS = (
    "connection",
    "timeout",
    "tls",
    "proxy",
    "switched-off",
    "forbidden",
    "server",
    "html",
    "dns",
)


@dataclass
class Breaker:
    """How AniList has been doing. ``failures`` counts those in a row, by weight."""

    failures: int = 0
    reason: str = ""
    open_until: float = 0.0
    probing_until: float = 0.0
    period: float = PERIOD

    def outage(self, now: float) -> Outage | None:
        """Return why nobody may ask now; ``None`` where asking, or probing, is right."""
        until = max(self.open_until, self.probing_until)
        if self.failures < ENOUGH or now >= until:
            return None
        return Outage(self.reason, until - now)

    def sending(self, now: float, deadline: float) -> None:
        """Hear that a request leaves. Where the breaker was open, it is the one that probes."""
        if self.failures >= ENOUGH:
            self.probing_until = now + deadline

    def heard(self, reason: str, now: float) -> None:
        """Hear how a request ended: one of :data:`REASONS`, or ``""`` for an answer."""
        self.probing_until = 0.0
        if reason not in REASONS:
            self.failures = 0
            return
        self.failures = min(self.failures + _WEIGHTS.get(reason, 1), 2 * ENOUGH)
        self.reason = reason
        if self.failures >= ENOUGH:
            self.open_until = now + self.period

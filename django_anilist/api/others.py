"""Somebody else at the same address: what they spend is not ours to spend."""

from __future__ import annotations

from dataclasses import dataclass

#: For how many windows it is remembered what others spent.
KEPT = 3
#: How much more than known they are taken to spend where a lock-out came as a surprise.
SURPRISE = 2


@dataclass
class Others:
    """The most that others were seen to spend in a window: they will again.

    Who believed the last number alone would take their share before they ask for it.
    """

    spent: int = 0
    until: float = 0.0

    def known(self, now: float) -> int:
        """Return how many requests a window they are known to spend."""
        return self.spent if now < self.until else 0

    def claimed(self, now: float) -> int:
        """Return how many slots to leave to them: as many as they spend, and one."""
        spent = self.known(now)
        return spent + 1 if spent else 0

    def heard(self, spent: int, now: float, window: float) -> None:
        """Hear what they have spent by now."""
        if spent >= self.spent or now >= self.until:
            self.spent, self.until = spent, now + KEPT * window

    def surprised(self, most: int, now: float, window: float) -> None:
        """Hear of a lock-out that our own requests do not explain; ``most`` bounds what is believed."""
        self.heard(min(self.known(now) + SURPRISE, most), now, window)

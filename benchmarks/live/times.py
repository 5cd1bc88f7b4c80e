"""How long pages took."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass


@dataclass
class Times:
    """How long pages took, in milliseconds, and the seconds for all of them."""

    each: list[float]
    statuses: Counter[int]
    seconds: float = 0.0

    @property
    def per_second(self) -> float:
        return len(self.each) / self.seconds

    @property
    def percentiles(self) -> tuple[float, float, float]:
        cuts = statistics.quantiles(self.each, n=100, method="inclusive")
        return cuts[49], cuts[94], cuts[98]

    @property
    def text(self) -> str:
        told = ", ".join(f"{value:,.0f}" for value in self.percentiles)
        return f"{self.per_second:,.0f} pages/s; {told} ms"

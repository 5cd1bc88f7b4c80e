"""How many examples hypothesis tries of each property.

``HYPOTHESIS_EXAMPLES`` is the number for one property, twenty where it is not set; some get so many
times as many. A million examples, of all properties together::

    HYPOTHESIS_EXAMPLES=6000 python -m pytest -m "hypothesis or property" --timeout 0
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

EXAMPLES = int(os.environ.get("HYPOTHESIS_EXAMPLES", "20"))


def many(times: float) -> settings:
    """Try ``times`` as many examples as usual. A slow machine, or a fixture for all, is no failure."""
    return settings(
        max_examples=max(1, int(times * EXAMPLES)),
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


settings.register_profile("as many as usual", many(1))
settings.load_profile("as many as usual")

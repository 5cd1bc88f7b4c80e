"""A process that rotates keys and may be killed: ``python -m tests.rotating BATCH``.

The site comes by the environment, as in ``tests.processes``. Says how many rows are done after each batch.
"""

from __future__ import annotations

import sys

from tests.processes import configure


def main(batch: int) -> None:
    configure()

    from django_anilist import tasks  # noqa: PLC0415  settings come first

    print("ready", flush=True)
    tasks.rotate_keys(batch, lambda step: print(step.done, flush=True))


if __name__ == "__main__":
    main(int(sys.argv[1]))

"""Who gets what out of the budget: ``python -m benchmarks --only game``.

``python -m benchmarks.game --only killed`` plays some of the games.

Four processes of two threads ask for far more than AniList allows, for several windows. The sandbox's
limiter plays AniList's edge: a sliding window, and a lock-out for the first request too many. Printed is
the share of the budget that got through once the first window was over, the 429s drawn and the lock-outs
they came in, and how long those served had waited for their turn, in hundredths of a window.

A window is scaled down from a minute to a few seconds; whatever the budget measures in windows scales
with it, and so do the deadlines here. What a request takes on this machine does not: the shorter the
window, the more of a slot's time is lost to it.
"""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Iterator

from benchmarks.cells import Cell, shown
from benchmarks.match import Meanwhile, Score, change_limit, kill, nothing, played
from benchmarks.players import LIMIT, Player
from benchmarks.policies import POLICIES
from benchmarks.redis_server import address
from benchmarks.report import Table
from django_anilist.api.turns import TASK, WEB

_COLUMNS = (
    "budget %", "429s", "lock-outs", "task p50", "task p95", "task p99", "web p50", "web p95", "web p99",
    "web away",
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Scenario:
    """One game: who plays for how many windows, what happens meanwhile, and what others spend."""

    name: str
    player: Player
    windows: int
    meanwhile: Meanwhile = nothing
    outsider: int = 0


def scenarios(window: float, redis: str) -> Iterator[Scenario]:
    """Yield the games: those of others, then ours. Without Redis, those without."""
    base = Player("", "", window, redis=redis)
    for policy in POLICIES:
        if redis or "Redis" not in policy:
            yield Scenario(policy, dataclasses.replace(base, policy=policy), 3)
    for policy in ["lock file", *(["Redis"] if redis else [])]:
        name = f"ours, {policy}"
        tasks = dataclasses.replace(base, policy=policy)
        web = dataclasses.replace(tasks, lanes=(WEB, WEB))
        mixed = dataclasses.replace(tasks, lanes=(WEB, TASK), web_pause=12.0)
        yield Scenario(f"{name}: tasks", tasks, 4)
        yield Scenario(f"{name}: web only", web, 2)
        yield Scenario(f"{name}: web beside tasks", mixed, 4)
        yield Scenario(f"{name}: a process killed each window", tasks, 3, kill)
        yield Scenario(f"{name}: 30, 90, 30", tasks, 4, change_limit)
        yield Scenario(f"{name}: an outsider spends a third", tasks, 4, outsider=LIMIT // 3)


def short(scenario: Scenario) -> bool:
    """Tell whether a game is among those that show that all of it runs."""
    return scenario.name in POLICIES or scenario.name.endswith(": tasks")


def score_of(scenario: Scenario, windows: int = 0) -> Score:
    """Play for ``windows``, or for as many as the scenario says; return the score."""
    number = windows or scenario.windows
    return played(scenario.player, number, scenario.meanwhile, scenario.outsider)


def row(name: str, found: Score) -> list[Cell]:
    waits = [
        100 * found.waited(lane, percent) if found.waits.get(lane) else None
        for lane in (TASK, WEB)
        for percent in (50, 95, 99)
    ]
    away = found.turned_away.get(WEB, 0) if found.waits.get(WEB) else None
    return [name, 100 * found.share, found.refused, found.lock_outs, *waits, away]


def tables(*, quick: bool = False) -> Iterator[Table]:
    """Yield the table of all games."""
    window, windows = (2.0, 1) if quick else (6.0, 0)
    games = [each for each in scenarios(window, address()) if short(each) or not quick]
    yield Table(
        "game",
        "Who gets what out of AniList's budget",
        f"Four processes of two threads ask for far more than {LIMIT} requests a minute, which is "
        f"scaled to {window:g} s, for {windows or '2 to 4'} minutes after the first. The share of the "
        "budget that got through, in per cent; refusals, and the lock-outs they came in; how long those "
        "served had waited, in hundredths of a minute, by lane; and web requests that were told to come "
        "again, since their turn was more than 2 s of a minute away.",
        ["policy", *_COLUMNS],
        [row(each.name, score_of(each, windows)) for each in games],
        "budget %",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--window", type=float, default=6.0, help="seconds a window is scaled to")
    parser.add_argument("--windows", type=int, default=0, help="0: as the table has it")
    parser.add_argument("--redis", default=address(), help='"" plays without')
    parser.add_argument("--only", default="", help="games whose name holds this")
    options = parser.parse_args()
    print(f"{'game':<46}" + "".join(f"{title:>11}" for title in _COLUMNS))
    for each in scenarios(options.window, options.redis):
        if options.only in each.name:
            cells = row(each.name, score_of(each, options.windows))[1:]
            print(f"{each.name:<46}" + "".join(f"{shown(cell):>11}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()

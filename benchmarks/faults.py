"""Every fault at every place, with the deadlines of a real site: ``python -m benchmarks.faults``.

Prints the figures, and keeps them in ``docs/hardness/faults.json``. ``--every 20`` plays only each
twentieth fault, and keeps nothing unless ``--keep`` is given too. The tests play the same with short
deadlines.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.hardness import keep
from benchmarks.site import set_up
from tests.faults.bodies import DENSE, HEAVY
from tests.faults.matrix import NAMES, WAITING, WELL, Servers, servers

#: How many processes share the faults: most of the time they wait.
SHARES = 10
#: The seconds that an answer may take, by where the fault strikes.
BUDGETS = {"token": 15.5, "viewer": 15.5, "named": 15.5, "query": 3.5, "list": 20.5, "page": 3.5}
MEBIBYTE = 1024 * 1024
#: Where one answer of at most 2 MiB is read.
SINGLE = ("token", "viewer", "named", "query")
WIDE = (
    ". Python holds 4 bytes for each character of a text that has one beyond U+FFFF, and the parser "
    "of its library takes nothing but the whole text"
)

#: What could fill the memory.
LARGE = [
    name
    for name in NAMES
    if name in DENSE or name in HEAVY or name.startswith("endless") or "bomb" in name
] + ["64 MiB announced", "a header of 200 KB", "10,000 headers", "100,000 objects"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, metavar="N")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--play", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--weigh", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.play or options.weigh:
        asked = json.load(sys.stdin)
        print(json.dumps(_weighed(asked) if options.weigh else _played(asked)))
        return
    names = sorted(NAMES, key=lambda name: name in WAITING)[:: options.every]
    with ThreadPoolExecutor(SHARES) as pool:
        shares = [names[share::SHARES] for share in range(SHARES)]
        parts = pool.map(lambda share: _child("--play", share), shares)
        played = _again([cell for part in parts for cell in part])
    with servers() as running:
        where = dataclasses.asdict(dataclasses.replace(running, running=[]))
        weighed = _child("--weigh", {"servers": where, "names": LARGE[:: options.every]})
    rows = _rows(names, played, weighed)
    for row in rows:
        print(f"{row['figure']}: {row['measured']} (goal: {row['goal']}) {row['note']}")
    if options.keep or options.every == 1:
        keep("faults", "Faults at every place", rows)
    sys.exit(any(cell["complaints"] for cell in played))


def _again(played: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Play faults that were slower than their budget once more, alone; the quicker time counts."""
    slow = {cell["fault"] for cell in played if cell["slow"]}
    if not slow:
        return played
    alone = {cell["cell"]: cell for cell in _child("--play", sorted(slow))}
    return [
        min(cell, alone.get(cell["cell"], cell), key=lambda cell: cell["took"]) for cell in played
    ]


def _child(task: str, asked: Any) -> Any:
    """Have another process do a task; return what it says."""
    command = [sys.executable, "-m", "benchmarks.faults", task]
    done = subprocess.run(  # noqa: S603  ourselves
        command, input=json.dumps(asked), stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def _site(running: Servers, folder: str) -> Any:
    """Set the site up, with a database in memory; return who visits it."""
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
    usual = {"ANILIST_DEADLINE": 2.0, "ANILIST_MAX_WAIT": 2.0}  # as a site has them
    set_up(DEBUG=False, ALLOWED_HOSTS=["testserver"], DATABASES={"default": database}, **usual)
    from django.core.management import call_command  # noqa: PLC0415  settings come first

    call_command("migrate", verbosity=0)
    from tests.faults.playing import Player  # noqa: PLC0415

    return Player(running, Path(folder, "budget"))


def _played(names: list[str]) -> list[dict[str, Any]]:
    """Play all cells of some faults; return what came of each."""
    with servers() as running, tempfile.TemporaryDirectory() as folder:
        player = _site(running, folder)
        from tests.faults.playing import cells  # noqa: PLC0415

        with player.settled_in():
            return [_told(player.play(cell)) for name in names for cell in cells(name)]


def _told(outcome: Any) -> dict[str, Any]:
    from tests.faults.expected import complaints  # noqa: PLC0415

    place = outcome.cell.place
    for complaint in (found := complaints(outcome, BUDGETS[place])):
        print(complaint, file=sys.stderr)
    return {
        "fault": outcome.cell.fault,
        "place": place,
        "cell": str(outcome.cell),
        "took": outcome.took,
        "unhandled": bool(outcome.unhandled),
        "broken": outcome.status >= 500 and outcome.status != 503,
        "leaked": bool(outcome.found),
        "slow": outcome.took > BUDGETS[place],
        "descriptors": outcome.descriptors,
        "complaints": found,
    }


def _weighed(asked: dict[str, Any]) -> list[list[Any]]:
    """Return ``[cell, bytes, place, whether it is heavy JSON]``: how much more it takes than no fault.

    The servers are another process's.
    """
    with tempfile.TemporaryDirectory() as folder:
        player = _site(Servers(**asked["servers"]), folder)
        from tests.faults.playing import Cell  # noqa: PLC0415

        cells = [Cell(name, place) for place in BUDGETS for name in asked["names"]]
        with player.settled_in():
            for place in BUDGETS:
                player.play(Cell(WELL, place))  # what is made once and kept is not counted
            usual = {place: _growth(player, Cell(WELL, place)) for place in BUDGETS}
            return [
                [
                    str(cell),
                    _growth(player, cell) - usual[cell.place],
                    cell.place,
                    cell.fault in HEAVY,
                ]
                for cell in cells
            ]


def _growth(player: Any, cell: Any) -> int:
    """Play a cell in a copy of this process: what one needed is not there for the next."""
    reading, writing = os.pipe()
    if os.fork() == 0:
        Path("/proc/self/clear_refs").write_text(
            "5", "ascii"
        )  # the peak begins at what is held now
        before = _memory("VmRSS")
        player.play(cell)
        os.write(writing, str(_memory("VmHWM") - before).encode())
        os._exit(0)
    os.wait()
    os.close(writing)
    with os.fdopen(reading) as file:
        return int(file.read())


def _memory(name: str) -> int:
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition(f"{name}:")[2].split()[0]) * 1024


def _rows(
    names: list[str], played: list[dict[str, Any]], weighed: list[list[Any]]
) -> list[dict[str, str]]:
    def slowest(*places: str) -> tuple[str, str]:
        cell = max(
            (cell for cell in played if cell["place"] in places), key=lambda cell: cell["took"]
        )
        return f"{cell['took']:.1f} s", cell["cell"]

    def largest(*places: str, heavy: bool = False, more: str = "") -> tuple[str, str]:
        among = (cell for cell in weighed if cell[2] in places and cell[3] is heavy)
        found = max(among, key=lambda cell: cell[1])
        return f"{found[1] / MEBIBYTE:.1f} MiB", found[0] + more

    def many(what: str) -> tuple[str, str]:
        found = [cell["cell"] for cell in played if cell[what]]
        return str(len(found)), ", ".join(found[:5])

    full = largest(*SINGLE, heavy=True, more=WIDE)
    places = "token endpoint, Viewer with and without a named token, query, list, page of tags"
    return [
        _row("distinct faults", "at least 180", (str(len(names)), f"of {len(NAMES)}")),
        _row("cells of the matrix", "all", (str(len(played)), f"{places}; synchronous and not")),
        _row("unhandled exceptions", "0", many("unhandled")),
        _row("answers of 5xx other than our own 503", "0", many("broken")),
        _row("secrets in an answer, a header, a cookie or a log at DEBUG", "0", many("leaked")),
        _row("cells that left a descriptor open", "0", many("descriptors")),
        _row("answers slower than their budget", "0", many("slow")),
        _row("cells with anything to complain of", "0", many("complaints")),
        _row("slowest callback", "at most 15.5 s", slowest("token", "viewer", "named")),
        _row("slowest query in a view", "at most 3.5 s", slowest("query")),
        _row("slowest page of tags", "at most 3.5 s", slowest("page")),
        _row("slowest view of a whole list", "at most 20.5 s", slowest("list")),
        _row("peak growth of memory", "at most 8 MiB", largest(*SINGLE)),
        _row("the same where whole lists are read", "at most 128 MiB", largest("list", "page")),
        _row("the same for 2 MiB of JSON that is read to its end", "at most 8 MiB", full),
    ]  # fmt: skip


def _row(figure: str, goal: str, measured: tuple[str, str]) -> dict[str, str]:
    return {"figure": figure, "goal": goal, "measured": measured[0], "note": measured[1]}


if __name__ == "__main__":
    main()

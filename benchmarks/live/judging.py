"""What a soak left behind, beside what may be left."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.hardness import Row
from benchmarks.live.amounts import ALL_REVIEWS

if TYPE_CHECKING:
    from benchmarks.live.stage import Served, Stage
    from benchmarks.live.visitors import Tally, Visitor

#: Until so many requests each thread's share of the C library's heap has met every fault, and grows;
#: what is allocated from it does not. Less use than that again says nothing about a slope.
WARM_CALLS = ENOUGH_CALLS = 10_000
#: Fewer looks than these, after half of them were left out, are of the first minutes.
ENOUGH_SAMPLES = 20
MAX_SLOPE, MAX_DESCRIPTORS, MAX_THREADS = 1.0, 2, 1


@dataclass
class Sample:
    """What the site's processes held after so many calls, all at rest."""

    calls: int
    memory: float
    descriptors: list[int]
    threads: list[int]


def sample(server: Served, tally: Tally) -> Sample:
    workers = server.workers()
    return Sample(
        tally.counts["calls"],
        sum(worker.memory_info().rss for worker in workers) / 2**20,
        [worker.num_fds() for worker in workers],
        [worker.num_threads() for worker in workers],
    )


def judged(
    kind: str, at: Stage, server: Served, visitors: list[Visitor], samples: list[Sample]
) -> list[Row]:
    """Return the figures of a soak under the server ``kind``."""
    tally, counts = visitors[0].tally, at.counts()
    warm = samples[len(samples) // 2 :]  # a pool of connections that fills is no growth
    unhandled = len(tally.unhandled) + len(server.watch.errors)
    leaks = len(tally.leaks) + len(server.watch.leaks)
    refused = counts["statuses"].get("429", 0)
    wrong = wrong_rows(visitors, counts)
    used = f"{tally.counts['calls']:,} requests, {tally.counts['connects']:,} connects"
    saves = f"{tally.counts['saves']:,} saves, {tally.counts['disconnects']:,} disconnects"
    asked = f"AniList was asked {sum(counts['asked'].values()):,} times since the first server"
    return [
        Row(f"{kind}: use", "", used, f"{saves}, {tally.counts['tasks']:,} tasks"),
        Row(f"{kind}: unhandled", "0", f"{unhandled}", "no 500, no traceback", unhandled > 0),
        Row(f"{kind}: secrets", "0", f"{leaks}", f"in {server.watch.lines:,} log lines", leaks > 0),
        _memory(kind, samples),
        _steady(f"{kind}: descriptors", MAX_DESCRIPTORS, [each.descriptors for each in warm]),
        _steady(f"{kind}: threads", MAX_THREADS, [each.threads for each in warm]),
        Row(f"{kind}: 429s", "0", f"{refused}", asked, refused > 0),
        Row(f"{kind}: rows", "exact", "; ".join(wrong) or "exact", _ROWS, bool(wrong)),
    ]


_ROWS = "tokens, requests under way, saved changes, reviews, sessions, and AniList's own entries"


def _memory(kind: str, samples: list[Sample]) -> Row:
    """Fit a line to what all processes hold together, once they are warm."""
    name, goal = f"{kind}: memory, MiB more in 10,000 requests", f"under {MAX_SLOPE:g}"
    first, warm = samples[0], [each for each in samples if each.calls >= WARM_CALLS]
    start = warm[0] if warm else samples[-1]
    note = f"{first.memory:.1f} MiB at first, {start.memory:.1f} after {start.calls:,} requests, "
    note += f"{samples[-1].memory:.1f} after {samples[-1].calls:,}"
    if samples[-1].calls - start.calls < ENOUGH_CALLS:
        return Row(name, goal, "too short to tell", note)
    points = [each.calls for each in warm], [each.memory for each in warm]
    slope = statistics.linear_regression(*points).slope * 10_000
    return Row(name, goal, f"{slope:.2f}", note, slope >= MAX_SLOPE)


def _steady(name: str, most: int, samples: list[list[int]]) -> Row:
    """Compare the first third with the last, for each process by itself."""
    third = max(1, len(samples) // 3)
    first, last = ([_medians(part)] for part in (samples[:third], samples[-third:]))
    changes = [after - before for before, after in zip(first[0], last[0], strict=True)]
    measured = ", ".join(f"{change:+g}" for change in changes)
    note = f"of {', '.join(f'{value:g}' for value in first[0])} in each process"
    if len(samples) < ENOUGH_SAMPLES:  # connections are still being opened
        return Row(name, f"±{most}", "too short to tell", note)
    return Row(name, f"±{most}", measured, note, max(map(abs, changes)) > most)


def _medians(samples: list[list[int]]) -> list[float]:
    return [statistics.median(values) for values in zip(*samples, strict=True)]


def wrong_rows(visitors: list[Visitor], counts: dict[str, dict[str, Any]]) -> list[str]:
    """Return what differs between the rows there are and what the visitors did.

    An account is told by its id: where AniList was silent about the name, that follows later.
    """
    from django.contrib.sessions.models import Session  # noqa: PLC0415  settings come first
    from django.db import connection  # noqa: PLC0415
    from example.models import Review  # noqa: PLC0415

    from django_anilist.models import (  # noqa: PLC0415
        AniListToken,
        AuthorizationRequest,
        EntryChange,
    )

    changes = EntryChange.objects.filter(state=EntryChange.State.SAVED)
    tokens = AniListToken.objects.filter(rejected_at=None)
    found = {
        "tokens": (
            dict(tokens.values_list("user__username", "anilist_id")),
            {each.name: counts["ids"][each.account] for each in visitors if each.connected},
        ),
        "requests under way": (AuthorizationRequest.objects.count(), 0),
        "saved changes": (changes.count(), sum(each.saved for each in visitors)),
        "reviews": (Review.objects.count(), ALL_REVIEWS + sum(each.reviews for each in visitors)),
        "sessions": (Session.objects.count(), len(visitors)),
        "entries": ([each.name for each in visitors if not each.agrees(counts["progress"])], []),
    }
    connection.close()
    return [
        f"{name}: {have} instead of {want}" for name, (have, want) in found.items() if have != want
    ]

"""The request budget of one address, as slots.

AniList allows so many requests a minute (30, nominally 90) for all who share an IP address, and locks
out for a minute whoever asks once too often. https://docs.anilist.co/guide/rate-limiting

A limit of N requests in W seconds is N *slots*. A request may leave only in a slot whose last request
was **answered** at least W ago. Whatever the network's delay, and whether the server's window slides or
jumps, no W seconds then hold more than N arrivals; and no clock is compared with the server's.

Nothing here waits or reads a clock: ``now`` is handed in, in seconds of one clock that all who share
the budget can see (``time.monotonic`` on one machine, the server's time with Redis). ``budget.lua``
says the same in Redis' language; a test holds the two together.
"""

from __future__ import annotations

import math
from bisect import bisect_right, insort
from dataclasses import dataclass, field

from django_anilist.api.breaker import Breaker
from django_anilist.api.others import Others
from django_anilist.api.turns import (
    TASK,
    WEB,
    Asker,
    Heard,
    Refusal,
    Standing,
    Ticket,
    Turn,
    Wait,
    Waiter,
)

#: Seconds; AniList counts within a minute.
WINDOW = 60.0
#: What AniList allows since 2024, until its headers say otherwise.
USUAL_LIMIT = 30
HIGHEST_LIMIT = 90

#: Slots that tasks leave to web requests, while there are any.
RESERVE = 2
#: How long after the last web request the reserve is kept, in seconds.
RESERVE_KEPT = 600.0
#: Tasks are spread over the window; this many may leave together all the same.
TASK_BURST = 3
#: A waiter not heard of for this share of the window is gone: 1.5 of 60 seconds.
WAITER_LIFE = 1 / 40
#: So a waiter sleeps no longer than this share at a time: 0.5 of 60 seconds.
LONGEST_NAP = 1 / 120
#: No more than this many stand in the queue.
MAX_WAITERS = 500
#: How long a raise of the limit is not believed after a lock-out, in seconds: AniList's headers have
#: promised 90 while 30 were enforced.
DISTRUST = 3600.0
#: The number of a probe that has not left yet.
UNSENT = -1
#: Nothing is ever held for longer than a window and this many seconds: what is further ahead was
#: written by another clock.
LONGEST_HOLD = 180.0


@dataclass
class Budget:
    """What everybody at one address shares. ``slots`` holds when each is free again, the first in front.

    After a lock-out one request goes first: ``probe`` is its number, ``UNSENT`` until it leaves.
    """

    slots: list[float] = field(default_factory=lambda: [0.0] * USUAL_LIMIT)
    window: float = WINDOW
    locked_until: float = 0.0
    distrust_until: float = 0.0
    web_seen: float = -RESERVE_KEPT
    task_due: float = 0.0
    promised: float = 0.0
    spent: int = 0
    others: Others = field(default_factory=Others)
    probe: int = 0
    waiters: list[Waiter] = field(default_factory=list)
    breaker: Breaker = field(default_factory=Breaker)

    @property
    def limit(self) -> int:
        return len(self.slots)

    def left(self, now: float) -> int:
        """Return how many requests could leave at once."""
        return 0 if now < self.locked_until else max(self._free(now) - self.others.claimed(now), 0)

    def _free(self, now: float) -> int:
        return bisect_right(self.slots, now)

    def look(self, now: float) -> Standing:
        """Return how the budget stands."""
        outage = self.breaker.outage(now)
        return Standing(
            limit=self.limit,
            left=self.left(now),
            next_in=max(self._free_at(0, WEB, now) - now, 0.0),
            locked_for=max(self.locked_until - now, 0.0),
            outage=outage.reason if outage else "",
            waiting=len(self.waiters),
        )

    def is_of_another_clock(self, now: float) -> bool:
        """Tell whether this was written before a restart, or a jump, of the clock."""
        moments = (*self.slots, self.locked_until, self.web_seen)
        latest = max(moments) if math.isfinite(sum(moments)) else math.inf
        return latest > now + self.window + LONGEST_HOLD

    # Asking

    def ask(self, asker: Asker, now: float) -> Turn:
        """Return a ticket, or what else there is to do.

        Web requests go before tasks, and within a lane who came first goes first.
        """
        if outage := self.breaker.outage(now):
            self.leave(asker.id)
            return outage
        waiter = self._note(asker, now)
        place = self._ahead(waiter) + self._reserve(asker.lane, now)
        if self.left(now) > place and self._due(asker.lane, now) <= now:
            return self._grant(asker, now)
        seconds = max(self._free_at(place, asker.lane, now) - now, 0.001)
        if now + seconds > waiter.since + asker.max_wait:
            self.leave(asker.id)
            return Refusal(self._promise(now + seconds) - now)
        return Wait(seconds)

    def leave(self, id: int) -> None:
        """Give up the place in the queue."""
        self.waiters = [waiter for waiter in self.waiters if waiter.id != id]

    def _grant(self, asker: Asker, now: float) -> Ticket:
        self.leave(asker.id)
        deadline = min(asker.deadline, LONGEST_HOLD)
        held_until = now + deadline + self.window
        self._move(self.slots[0], held_until)
        if asker.lane == TASK:
            self.task_due = max(self.task_due, now) + self.window / self.limit
        self.spent += 1
        self.breaker.sending(now, deadline)
        if self.probe == UNSENT:
            self.probe, self.locked_until = self.spent, now + deadline
        free = self._free(now)
        return Ticket(held_until, free, self.limit - free, self.spent)

    def _move(self, moment: float, to: float) -> bool:
        """Have a slot that would be free at ``moment`` be so at ``to``; tell whether there is one."""
        if moment not in self.slots:
            return False
        self.slots.remove(moment)
        insort(self.slots, to)
        return True

    def _note(self, asker: Asker, now: float) -> Waiter:
        life = WAITER_LIFE * self.window
        if asker.lane == WEB:
            self.web_seen = now
        self.waiters = [w for w in self.waiters if 0 <= now - w.seen < life or w.id == asker.id]
        for waiter in self.waiters:
            if waiter.id == asker.id:
                waiter.seen = now
                return waiter
        waiter = Waiter(asker.id, asker.lane, now, now)
        if len(self.waiters) < MAX_WAITERS:
            self.waiters.append(waiter)
        return waiter

    def _ahead(self, waiter: Waiter) -> int:
        """Return how many of the queue come before ``waiter``."""
        place = (waiter.lane == TASK, waiter.since, waiter.id)
        return sum((w.lane == TASK, w.since, w.id) < place for w in self.waiters)

    def _reserve(self, lane: str, now: float) -> int:
        return RESERVE if lane == TASK and now - self.web_seen < RESERVE_KEPT else 0

    def _due(self, lane: str, now: float) -> float:
        """Return from when on the spread of tasks lets one more leave.

        Beside somebody else they leave one by one: what is on its way when that one locks us out is
        refused, too.
        """
        burst = 1 if self.others.known(now) else TASK_BURST
        return self.task_due - (burst - 1) * self.window / self.limit if lane == TASK else 0.0

    def _free_at(self, place: int, lane: str, now: float) -> float:
        """Return when the slot at ``place`` of the queue will be free, as far as can be known."""
        rounds, place = divmod(place + self.others.claimed(now), self.limit)
        free = max(self.slots[place], now if rounds else 0.0) + rounds * self.window
        return max(free, self.locked_until, self._due(lane, now))

    def _promise(self, moment: float) -> float:
        """Return when to tell somebody to come back who would be served at ``moment``.

        Who is refused together is told moments apart, a slot's share of the window each, so that
        they do not come back together; nobody is told more than a window too much.
        """
        if self.promised > moment - self.window / self.limit:
            spread = self.promised + self.window / self.limit
            moment = min(spread, moment + self.window)
        self.promised = moment
        return moment

    # Hearing

    def answered(self, ticket: Ticket, heard: Heard, now: float) -> None:
        """Hear how the request of ``ticket`` ended."""
        is_ours = self._move(ticket.held_until, now + self.window)
        if heard.lock_out is not None:
            self._lock_out(heard.lock_out, now)
            return
        if self.probe and ticket.number == self.probe:
            self.probe, self.locked_until = 0, now
        self.breaker.heard(heard.reason, now)
        if heard.limit is not None and heard.left is not None:
            self._hear_limit(heard.limit, now)
            if is_ours:
                spent = ticket.used + self.spent - ticket.number  # by us
                others = min(heard.limit, HIGHEST_LIMIT) - heard.left - spent
                self.others.heard(min(max(others, 0), self.limit), now, self.window)

    def spend_down_to(self, left: int, now: float) -> None:
        """Spend what is more than ``left``: somebody who knows better says that it is gone."""
        for free in self.slots[: max(self.left(now) - left, 0)]:
            self._move(free, now + self.window)

    def _hear_limit(self, limit: int, now: float) -> None:
        """Hear of the limit: a raise, too, but not within an hour of a lock-out."""
        limit = min(max(limit, 1), HIGHEST_LIMIT)
        if limit < self.limit or now >= self.distrust_until:
            self._resize(limit)

    def _lock_out(self, seconds: float, now: float) -> None:
        """Hear of a 429: nobody asks for ``seconds``, and no more than the usual afterwards."""
        if self.limit > USUAL_LIMIT:
            self._resize(USUAL_LIMIT)
        elif now >= self.locked_until:  # somebody spends more than we knew of
            self.others.surprised(self.limit // 2, now, self.window)
        self.locked_until = max(self.locked_until, now + seconds)
        self.distrust_until = now + DISTRUST
        self.probe = UNSENT

    def _resize(self, limit: int) -> None:
        """Change the number of slots; the ones used last are the ones that stay."""
        more = [0.0] * (limit - self.limit)
        self.slots = sorted(more + self.slots)[-limit:]

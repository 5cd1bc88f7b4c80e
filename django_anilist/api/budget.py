"""The request budget of one address, as slots.

AniList allows so many requests a minute (30, nominally 90) for all who share an IP address, and locks
out for a minute whoever asks once too often. https://docs.anilist.co/guide/rate-limiting

A limit of N requests in W seconds is N *slots*. A request may leave only in a slot whose last request
was **answered** at least W ago. Whatever the network's delay, and whether the server's window slides or
jumps, no W seconds then hold more than N arrivals; and no clock is compared with the server's.

Nothing here waits or reads a clock: ``now`` is handed in, in seconds of one clock that all who share
the budget can see (``time.monotonic`` on one machine).
"""

from __future__ import annotations

from dataclasses import dataclass, field

#: Seconds; AniList counts within a minute.
WINDOW = 60.0
#: What AniList allows since 2024, until its headers say otherwise.
USUAL_LIMIT = 30
HIGHEST_LIMIT = 90

WEB, TASK = 0, 1
#: Slots that tasks leave to web requests, while there are any.
RESERVE = 2
#: How long after the last web request the reserve is kept, in seconds.
RESERVE_KEPT = 600.0
#: Tasks are spread over the window; this many may leave together all the same.
TASK_BURST = 3
#: A waiter not heard of for this long is gone, in seconds.
WAITER_LIFE = 1.5
#: How long a raise of the limit is not believed after a lock-out, in seconds.
DISTRUST = 3600.0


@dataclass
class Waiter:
    """Somebody in the queue; ``seen`` is when they last said so."""

    id: int
    lane: int
    since: float
    seen: float


@dataclass(frozen=True)
class Ticket:
    """Leave to send one request, in slot ``slot``, held until it is answered or ``held_until``.

    ``left`` is how many more could have left at that moment, ``number`` counts the tickets.
    """

    slot: int
    held_until: float
    left: int = 0
    number: int = 0


@dataclass
class Budget:
    """What everybody at one address shares. ``slots`` holds when each slot is free again."""

    slots: list[float] = field(default_factory=lambda: [0.0] * USUAL_LIMIT)
    window: float = WINDOW
    locked_until: float = 0.0
    distrust_until: float = 0.0
    web_seen: float = -RESERVE_KEPT
    task_due: float = 0.0
    spent: int = 0
    waiters: list[Waiter] = field(default_factory=list)

    @property
    def limit(self) -> int:
        return len(self.slots)

    def left(self, now: float) -> int:
        """Return how many requests could leave at once."""
        return 0 if now < self.locked_until else sum(free <= now for free in self.slots)

    # Asking

    def ask(self, id: int, lane: int, now: float, deadline: float) -> Ticket | float:
        """Return a ticket, or the seconds until asking again makes sense.

        ``id`` names who asks, the same each time; ``deadline`` is how long the request may take, in
        seconds. Web requests go before tasks, and within a lane who came first goes first.
        """
        self._note(id, lane, now)
        ahead = self._ahead(id)
        if self.left(now) - self._reserve(lane, now) <= ahead or not self._due(lane, now):
            return max(self._free_at(ahead + self._reserve(lane, now), lane, now) - now, 0.001)
        self.leave(id)
        slot = self.slots.index(min(self.slots))
        self.slots[slot] = now + deadline + self.window
        if lane == TASK:
            self.task_due = max(self.task_due, now) + self.window / self.limit
        self.spent += 1
        return Ticket(slot, self.slots[slot], self.left(now), self.spent)

    def leave(self, id: int) -> None:
        """Give up the place in the queue."""
        self.waiters = [waiter for waiter in self.waiters if waiter.id != id]

    def _note(self, id: int, lane: int, now: float) -> None:
        if lane == WEB:
            self.web_seen = now
        self.waiters = [w for w in self.waiters if 0 <= now - w.seen < WAITER_LIFE or w.id == id]
        for waiter in self.waiters:
            if waiter.id == id:
                waiter.seen = now
                return
        self.waiters.append(Waiter(id, lane, now, now))

    def _ahead(self, id: int) -> int:
        order = sorted(self.waiters, key=lambda waiter: (waiter.lane, waiter.since, waiter.id))
        return [waiter.id for waiter in order].index(id)

    def _reserve(self, lane: int, now: float) -> int:
        return RESERVE if lane == TASK and now - self.web_seen < RESERVE_KEPT else 0

    def _due(self, lane: int, now: float) -> bool:
        spacing = self.window / self.limit
        return lane == WEB or now >= self.task_due - (TASK_BURST - 1) * spacing

    def _free_at(self, place: int, lane: int, now: float) -> float:
        """Return when the slot at ``place`` of the queue will be free, as far as can be known."""
        rounds, place = divmod(place, self.limit)
        moment = max(sorted(self.slots)[place] + rounds * self.window, self.locked_until)
        if lane == TASK:
            spacing = self.window / self.limit
            moment = max(moment, self.task_due - (TASK_BURST - 1) * spacing)
        return moment

    # Hearing

    def answered(self, ticket: Ticket, now: float) -> None:
        """Hear that the request of ``ticket`` was answered, or has failed."""
        if ticket.slot < self.limit and self.slots[ticket.slot] == ticket.held_until:
            self.slots[ticket.slot] = now + self.window

    def heard_limit(self, ticket: Ticket, limit: int, left: int, now: float) -> None:
        """Hear what the answer to ``ticket`` says: the limit, and how many requests are left.

        A raise is not believed for an hour after a lock-out: AniList's headers have promised 90 while
        30 were enforced. Fewer left than there can be by our own requests means that somebody else
        spends from this address; as many slots are spent here too.
        """
        limit = min(max(limit, 1), HIGHEST_LIMIT)
        if limit < self.limit or now >= self.distrust_until:
            self._resize(limit)
        ours_since = self.spent - ticket.number
        spent_by_others = max(ticket.left - ours_since - left, 0)
        for slot in sorted(range(self.limit), key=self.slots.__getitem__)[:spent_by_others]:
            self.slots[slot] = now + self.window
        self.spent += spent_by_others

    def locked_out(self, seconds: float, now: float) -> None:
        """Hear of a 429: nobody asks for ``seconds``, and no more than the usual afterwards."""
        self.locked_until = max(self.locked_until, now + seconds)
        self.distrust_until = now + DISTRUST
        if self.limit > USUAL_LIMIT:
            self._resize(USUAL_LIMIT)

    def _resize(self, limit: int) -> None:
        """Change the number of slots; the ones used last are the ones that stay."""
        if limit > self.limit:
            self.slots += [0.0] * (limit - self.limit)
        elif limit < self.limit:
            self.slots = sorted(self.slots)[-limit:]

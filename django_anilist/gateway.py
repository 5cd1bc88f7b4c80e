"""Settings and token in, client out. Nothing else builds a client."""

from __future__ import annotations

import copy
import datetime
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from asgiref.sync import sync_to_async
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils import timezone

from django_anilist import last_hour, shared
from django_anilist.access import GrantAccess, UserAccess
from django_anilist.api.client import Client
from django_anilist.api.conversation import QUERY_DEADLINE, Ways
from django_anilist.api.events import Event, log
from django_anilist.api.results import Answer
from django_anilist.api.secrets import Secret
from django_anilist.api.turns import TASK, WEB
from django_anilist.conf import settings
from django_anilist.last_hour import LastHour
from django_anilist.models import AniListToken, Status
from django_anilist.signals import anilist_asked
from django_anilist.tokens import AnyUser
from django_anilist.twins import AsyncTwins

logger = logging.getLogger("django_anilist")

#: How long a request outside a web request waits for its turn, in seconds.
TASK_WAIT = 120.0
#: The time a page may lose to AniList altogether, in deadlines of one query.
PAGE_DEADLINES = 1.5


@dataclass(frozen=True)
class BudgetReport:
    """How the request budget of this site's address stands.

    ``left`` of ``limit`` requests could leave now, the next one at ``next_slot``; AniList has locked
    the address out until ``locked_until`` (``None``: it has not). ``outage`` is the reason why nobody
    asks for the moment, or ``""``; ``waiting`` counts those in the queue.
    """

    limit: int
    left: int
    next_slot: datetime.datetime
    locked_until: datetime.datetime | None
    outage: str
    waiting: int


class AniList(AsyncTwins):
    """AniList for one user of the site, or for nobody.

    True when the user is connected and the token may be sent. Public queries always work; what needs
    a viewer raises :class:`ReconnectRequired` where there is none. Every method has an asynchronous
    twin, its name with an ``a`` before it.
    """

    def __init__(
        self, user: Callable[[], AnyUser], *, lane: str = TASK, max_wait: float = TASK_WAIT
    ) -> None:
        page = lane == WEB
        deadline = settings.deadline if page else QUERY_DEADLINE
        patience = PAGE_DEADLINES * deadline if page else None
        access = UserAccess(user, lasting=not page)
        hour = last_hour.here()
        super().__init__(
            shared.transport(lane, max_wait, patience),
            settings.endpoints,
            access,
            ways=Ways(
                lane=lane,
                deadline=deadline,
                lifetimes=settings.cache_seconds,
                stale_for=settings.stale_for,
                observers=(log, lambda event: access.later(lambda: _tell(event, hour))),
            ),
            memory=shared.memory(),
        )

    @classmethod
    def for_user(cls, user: AnyUser, *, max_wait: float = TASK_WAIT) -> AniList:
        """Return the client of ``user``, for a task, a command or a shell.

        Its requests let those of web pages go first, and wait for their turn up to ``max_wait``
        seconds each. It looks at the token anew for each: a user who disconnects stops it. Raises
        ``TypeError`` for what is no user, as a user's id.
        """
        if not hasattr(user, "is_active"):
            raise TypeError(f"for_user takes a user of this site, not {type(user).__name__}")
        return cls(lambda: user, max_wait=max_wait)

    @classmethod
    def for_request(cls, request: HttpRequest) -> AniList:
        """Return the client of whoever is signed in; ``request.user`` is not touched yet.

        Its requests wait for their turns up to ``ANILIST_MAX_WAIT`` seconds together.
        """
        return cls(lambda: _user_of(request), lane=WEB, max_wait=settings.max_wait)

    @classmethod
    def for_page(cls, user: AnyUser) -> AniList:
        """Return a client as ``for_request`` does, where there is no request at hand."""
        return cls(lambda: user, lane=WEB, max_wait=settings.max_wait)

    @classmethod
    def anonymous(cls, *, max_wait: float = TASK_WAIT) -> AniList:
        """Return a client for public queries, as patient as one of ``for_user``."""
        nobody = AnonymousUser()
        return cls(lambda: nobody, max_wait=max_wait)

    def __bool__(self) -> bool:
        return self.status.usable

    def __repr__(self) -> str:
        return "<AniList>"

    @property
    def status(self) -> Status:
        """How the user stands: ``connected``, ``expiring``, ``expired``, ``rejected``,
        ``unreadable`` or ``disconnected``. Asks the database once, AniList never."""
        return self._access.status

    @property
    def account(self) -> AniListToken | None:
        """The row that keeps the connection: the AniList id, name, avatar and dates."""
        return self._access.row

    @property
    def budget(self) -> BudgetReport:
        """How the request budget stands; nothing is sent to find out."""
        standing, now = shared.budget().look(), timezone.now()
        locked = datetime.timedelta(seconds=standing.locked_for)
        return BudgetReport(
            limit=standing.limit,
            left=standing.left,
            next_slot=now + datetime.timedelta(seconds=standing.next_in),
            locked_until=now + locked if locked else None,
            outage=standing.outage,
            waiting=standing.waiting,
        )

    async def astatus(self) -> Status:
        """The same as ``status``, for asynchronous code."""
        return await sync_to_async(lambda: self.status)()

    async def aaccount(self) -> AniListToken | None:
        """The same as ``account``, for asynchronous code."""
        return await sync_to_async(lambda: self.account)()

    async def abudget(self) -> BudgetReport:
        """The same as ``budget``, for asynchronous code."""
        return await sync_to_async(lambda: self.budget)()

    def viewer(self) -> Answer:
        """Return the viewer's ``User``; a changed name or avatar is kept."""
        viewer = super().viewer()
        self._access.met(viewer)
        return viewer


def _user_of(request: HttpRequest) -> AnyUser:
    """Return who is signed in; REST framework may have it that a visitor is ``None``."""
    user: AnyUser | None = request.user
    return AnonymousUser() if user is None else user


def in_a_hurry(client: AniList) -> AniList:
    """Return ``client`` for a part of a page: no query takes longer than ``ANILIST_DEADLINE``.

    A list or a batch may take its time where a view is about it, but not where it decorates a page.
    """
    ways = replace(client._ways, longest=settings.deadline)  # first: this makes a lazy client real
    hurried = copy.copy(client)
    hurried._ways = ways
    return hurried


def mark_refused(client: AniList) -> None:
    """Mark the row of a token that AniList refused ``client``, again where that was rolled back."""
    client._access.mark_refused()


def client_for_grant(token: Secret, deadline: float, *, lane: str = WEB) -> Client:
    """Return a client that asks AniList whose ``token`` this is, within ``deadline`` seconds."""
    way = shared.paced_transport(lane, settings.max_wait if lane == WEB else TASK_WAIT)
    ways = Ways(lane=lane, deadline=deadline, observers=(last_hour.here().hear,))
    return Client(way, settings.endpoints, GrantAccess(token), ways=ways)


def _tell(event: Event, hour: LastHour) -> None:
    hour.hear(event)
    if event.outcome == "Unavailable (connection)" and settings.sandbox_url:
        logger.warning("There is no sandbox at %s: start it", settings.sandbox_url)
    if anilist_asked.receivers:  # a tenth of a remembered answer cheaper than has_listeners
        anilist_asked.send_robust(AniList, event=event)

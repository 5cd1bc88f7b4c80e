"""AniList in the hand of a test."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth.base_user import AbstractBaseUser
from django.test import override_settings
from django.urls import NoReverseMatch, reverse

from django_anilist import answer_store, tokens
from django_anilist.accounts import Account
from django_anilist.api.oauth import Grant
from django_anilist.api.secrets import Secret
from django_anilist.conf import settings
from django_anilist.sandbox import OAuthClient, Received
from django_anilist.sandbox.dials import names
from django_anilist.sandbox.populate import add_person
from django_anilist.sandbox.store import Person
from django_anilist.sandbox.tokens import YEAR
from django_anilist.testing import dance
from django_anilist.testing.laying import laid
from django_anilist.testing.listing import Row, put_on_list
from django_anilist.testing.profile import describe, own_medium
from django_anilist.testing.standin import InProcess, standing_in
from django_anilist.testing.undo import Layers, Undo

#: What each kind of outage turns on.
_OUTAGES: dict[str, dict[str, Any]] = {
    "switched-off": {"switched_off": True},
    "server": {"status": 503},
    "html": {"html": True},
    "timeout": {"slow": 3600.0},
    "connection": {"cut": True},
}
_FIRST_MEDIA = 990_001


class AniListKit:
    """A small AniList for one test, with alice, bob and eve, their lists and some fifty media.

    ``box`` is the sandbox itself, with all its dials. Nothing leaves the process and nothing waits.
    """

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._people: dict[Any, str] = {}
        self.box = InProcess()
        self._replies = Layers(self.box.replies)

    def start(self) -> AniListKit:
        """Stand in for AniList until :meth:`stop`."""
        redirect_uri = settings.redirect_uri or _callback()
        client_id = settings.client_id or "1001"
        secret = settings.client_secret.reveal() or "only-for-the-sandbox"
        self.box = InProcess([OAuthClient(client_id, secret, redirect_uri)])
        self._replies = Layers(self.box.replies)
        folder = self._stack.enter_context(tempfile.TemporaryDirectory())
        self._stack.enter_context(
            override_settings(
                ANILIST_CLIENT_ID=client_id,
                ANILIST_CLIENT_SECRET=secret,
                ANILIST_REDIRECT_URI=redirect_uri,
                ANILIST_SANDBOX_URL="",
                ANILIST_BUDGET=f"{folder}/budget",
                ANILIST_CACHE="",
            )
        )
        self._stack.enter_context(standing_in(self.box))
        answer_store.clear_local()  # a test may turn remembering on
        self._stack.callback(answer_store.clear_local)
        return self

    def stop(self) -> None:
        """Put everything back."""
        self._stack.close()

    def __enter__(self) -> AniListKit:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    # Who is there, and what they have

    def connect(self, user: AbstractBaseUser, **profile: Any) -> Person:
        """Connect a user of the site at once, and return who they are on AniList.

        ``profile`` has AniList's own words: ``name``, ``id``, ``about``, ``titleLanguage``,
        ``scoreFormat`` and the other options; ``name`` is the user's own unless given. Raises
        ``TypeError`` for a word that AniList does not have, ``ValueError`` for what it cannot mean, and
        for a user who is not saved yet.
        """
        if user.pk is None or user._state.adding:
            raise ValueError(f"{user!r} is not in the database yet: save the user first")
        person = self._person(profile.pop("name", None) or user.get_username())
        if "id" in profile:
            self.box.store.renumber(person, profile.pop("id"))
        for word, value in profile.items():
            describe(person, word, value)
        self._people[user.pk] = person.name
        self._save(user, person, YEAR)
        return person

    def add_media(
        self, title: str | dict[str, str | None] = "", *, type: str = "ANIME", **facts: Any
    ) -> Row:
        """Add an anime or a manga and return it; ``facts`` are fields of ``Media``.

        ``title`` is one for all languages, or a mapping of them. Raises ``ValueError`` for what
        AniList could not answer, and for fields that follow from others: ``reply`` can set those.
        """
        number = facts.pop("id", None) or max(_FIRST_MEDIA - 1, *self.box.store.media) + 1
        return self.box.store.add_media(own_medium(number, type, title, facts))

    def set_list(self, user: AbstractBaseUser, **groups: Any) -> None:
        """Give a user exactly these entries: ``set_list(user, CURRENT=[media], DROPPED=[...])``.

        Each is a medium, an id, or a mapping with ``media`` and fields of ``SaveMediaListEntry``.
        """
        put_on_list(self.box.store, self.on_anilist(user), groups)

    def on_anilist(self, user: AbstractBaseUser) -> Person:
        """Return who a user is on AniList; ``LookupError`` before they connected here."""
        name = self._people.get(user.pk, user.get_username())
        if name not in self.box.store.people:
            raise LookupError(f"{user} is nobody on AniList yet: anilist.connect(user) comes first")
        return self.box.user(name)

    def reply(self, field: str, value: Any) -> Undo:
        """Let a query or mutation answer ``value`` from now on, whatever its arguments.

        What AniList always answers and ``value`` leaves out is made up. Raises ``ValueError``
        where AniList could not answer so.
        """
        return self._replies.lay(field, laid(field, value))

    # What goes wrong

    def revoke(self, user: AbstractBaseUser) -> None:
        """Let AniList refuse the user's tokens, as if revoked on its settings page."""
        self.box.revoke(self.on_anilist(user).name)

    def expire(self, user: AbstractBaseUser) -> None:
        """End the year of the user's token, here and there."""
        person = self.on_anilist(user)
        self._save(user, person, 0)
        self.box.expire(person.name)

    def limit(self) -> Undo:
        """Answer 429 to everything: the budget is spent."""
        return self.dial(too_many=True)

    def outage(self, kind: str = "switched-off") -> Undo:
        """Break AniList: ``switched-off``, ``server``, ``html``, ``timeout`` or ``connection``."""
        if kind not in _OUTAGES:
            raise ValueError(f"An outage is one of {', '.join(_OUTAGES)}, not {kind!r}")
        return self.dial(**_OUTAGES[kind])

    def dial(self, **values: Any) -> Undo:
        """Turn any of the sandbox's dials, at every endpoint."""
        if unknown := set(values) - set(names()):
            raise ValueError(f"There is no dial {', '.join(sorted(unknown))}")
        before = {name: getattr(self.box.dials, name) for name in ("where", *values)}
        vars(self.box.dials).update({"where": "both", **values})
        return Undo(lambda: vars(self.box.dials).update(before))

    def forward(self, seconds: float) -> None:
        """Move AniList's clock; the site's own is Django's, and moved by your tool of choice."""
        self.box.dials.clock += seconds

    # What was asked

    @property
    def requests(self) -> list[Received]:
        """The GraphQL requests that AniList got, the oldest first."""
        return [request for request in self.box.requests if request.path == "/graphql"]

    def assert_requests(self, count: int) -> None:
        """Fail unless AniList got so many GraphQL requests so far."""
        found = self.requests
        if len(found) != count:
            asked = ", ".join(request.operation or "?" for request in found) or "none"
            raise AssertionError(f"AniList got {len(found)} requests, not {count}: {asked}")

    # Connecting as a person does

    def connect_through(
        self, client: Any, *, name: str = "", next: str = "", deny: bool = False
    ) -> Any:
        """Walk the whole way with Django's test client; return the callback's answer.

        Whoever is signed in there approves as ``name`` on AniList, or denies.
        """
        user = dance.signed_in(client)
        return dance.walk(client, self.box, self._known(user, name), next, deny=deny)

    async def aconnect_through(
        self, client: Any, *, name: str = "", next: str = "", deny: bool = False
    ) -> Any:
        """The same with Django's asynchronous test client."""
        user = await dance.asigned_in(client)
        return await dance.awalk(client, self.box, self._known(user, name), next, deny=deny)

    async def aconnect(self, user: AbstractBaseUser, **profile: Any) -> Person:
        """The same as ``connect``, for asynchronous tests."""
        return await sync_to_async(self.connect)(user, **profile)

    async def aexpire(self, user: AbstractBaseUser) -> None:
        """The same as ``expire``, for asynchronous tests."""
        await sync_to_async(self.expire)(user)

    def _known(self, user: AbstractBaseUser, name: str) -> str:
        person = self._person(name or self._people.get(user.pk, user.get_username()))
        self._people[user.pk] = person.name
        return person.name

    def _person(self, name: str) -> Person:
        store = self.box.store
        return store.people.get(name) or add_person(store, name)

    def _save(self, user: AbstractBaseUser, person: Person, seconds: int) -> None:
        account = Account(person.id, person.name, score_format=person.score_format)
        token = Secret(self.box.issue_token(person.name))
        tokens.save(user, account, Grant(token, seconds, person.id))


def _callback() -> str:
    try:
        return f"https://testserver{reverse('anilist:callback')}"
    except NoReverseMatch:
        return "https://testserver/anilist/callback/"

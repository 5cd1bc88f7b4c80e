"""A fresh sandbox's people and what they did, so that every field has something to show."""

from __future__ import annotations

from typing import Any

from django_anilist.sandbox import seed
from django_anilist.sandbox.cast import CHARACTERS, STAFF, STUDIOS
from django_anilist.sandbox.chance import choice, number
from django_anilist.sandbox.lists import STATUSES
from django_anilist.sandbox.notifications import KINDS, notify
from django_anilist.sandbox.store import Person, Store

FRIEREN, BEBOP, MONSTER = 154587, 1, 19
_FIRST_ID = 5001
_WORDS = ("quiet", "amber", "paper", "north", "velvet", "copper", "misty", "tidal")
_ANIMALS = ("otter", "heron", "lynx", "gecko", "finch", "badger", "marten", "crane")

_BODY = "It takes its time, and gives it back with interest. " * 45


def fill(store: Store) -> Store:
    """Put people, lists, activities, threads, reviews and notifications into an empty store."""
    for name, id, form, language, customs in seed.PEOPLE:
        add_person(store, name, id, form, language, customs)
    for place in range(store.plan.users):
        word, animal = _WORDS[place % 8], _ANIMALS[place // 8 % 8]
        add_person(store, f"{word}_{animal}_{place + 1}", _FIRST_ID + len(store.people))
    for name, media_id, status, progress, score, details in seed.ENTRIES:
        entry = store.add_entry(store.people[name], media_id, status=status)
        entry.progress, entry.score_raw = progress, score
        entry.details.update(details)
    for person in store.people.values():
        _lengthen(store, person)
    _socialize(store)
    _write(store)
    _discuss(store)
    _notify_of_everything(store)
    return store


def add_person(
    store: Store, name: str, id: int | None = None, score_format: str = "POINT_10",
    language: str = "ROMAJI", customs: list[str] | None = None,
) -> Person:  # fmt: skip
    """Add a user of this name; ids count on from the largest."""
    largest = max((person.id for person in store.people.values()), default=_FIRST_ID - 1)
    person = Person(name, id or largest + 1)
    person.options["titleLanguage"] = language
    person.lists["scoreFormat"] = score_format
    person.list_options("ANIME")["customLists"] = list(customs or ())
    return store.add_person(person)


def _lengthen(store: Store, person: Person) -> None:
    """Give everybody's anime list the length that was asked for."""
    have = len([e for e in store.entries_of(person) if store.media[e.media_id]["type"] == "ANIME"])
    for row in [row for row in store.media.values() if row["type"] == "ANIME"]:
        if have >= store.plan.entries:
            return
        if store.entry_for(person, row["id"]) is None:
            key = (store.plan.seed, person.id, row["id"])
            entry = store.add_entry(person, row["id"], status=choice(STATUSES, *key, "status"))
            entry.progress = number((row["episodes"] or 12) + 1, *key, "progress")
            entry.score_raw = number(101, *key, "score")
            have += 1


def _socialize(store: Store) -> None:
    alice, bob, eve = (store.people[name] for name in ("alice", "bob", "eve"))
    alice.following, bob.following, eve.following = [bob.id], [alice.id, eve.id], [alice.id]
    alice.favourites = {
        "anime": [FRIEREN, 9253], "manga": [30002], "characters": [CHARACTERS + 1],
        "staff": [STAFF + 1], "studios": [STUDIOS + 1],
    }  # fmt: skip
    alice.about = "I watch __slowly__, and *twice*."
    alice.list_options("ANIME")["advancedScoring"] = ["Story", "Art"]
    alice.previous_names = [
        {"name": "alys", "createdAt": 1_600_000_000, "updatedAt": 1_610_000_000}
    ]
    eve.created = None  # AniList does not know it of accounts made before 2020


def _write(store: Store) -> None:
    alice, bob, eve = (store.people[name].id for name in ("alice", "bob", "eve"))
    usual: dict[str, Any] = {"isLocked": False, "isPinned": False}
    store.add(
        "activities", __typename="TextActivity", type="TEXT", userId=alice, likes=[bob],
        text="The last episode was __so__ good.", subscribers=[alice], **usual,
    )  # fmt: skip
    store.add(
        "activities", __typename="ListActivity", type="ANIME_LIST", userId=bob, mediaId=FRIEREN,
        status="watched episode", progress="3", likes=[], subscribers=[bob], **usual,
    )  # fmt: skip
    store.add(
        "activities", __typename="MessageActivity", type="MESSAGE", messengerId=bob, isPrivate=True,
        recipientId=alice, message="Shall we watch it together?", likes=[], subscribers=[bob], **usual,
    )  # fmt: skip
    store.add("replies", userId=eve, activityId=500_001, text="I thought so too!", likes=[alice])


def _discuss(store: Store) -> None:
    alice, bob, eve = (store.people[name].id for name in ("alice", "bob", "eve"))
    now = int(store.now())
    store.add(
        "threads", userId=alice, title="What are you watching this season?", likes=[bob],
        body="I cannot decide between the bees and the trains.", categories=[1, 7],
        mediaCategories=[FRIEREN], isLocked=False, isSticky=False, viewCount=31, repliedAt=now,
        updatedAt=now, subscribers=[alice],
    )  # fmt: skip
    said = {"threadId": 540_001, "isLocked": False, "updatedAt": now}
    store.add(
        "comments", userId=bob, comment="The bees!", parentCommentId=None, likes=[alice], **said
    )
    store.add(
        "comments", userId=alice, comment="Why not?", parentCommentId=560_001, likes=[], **said
    )
    store.add(
        "reviews", userId=bob, mediaId=FRIEREN, score=92, body=_BODY, private=False, updatedAt=now,
        summary="A long walk with good company.", votes={str(alice): "UP_VOTE"},
    )  # fmt: skip
    for first, second in ((FRIEREN, BEBOP), (BEBOP, MONSTER)):
        store.add(
            "recommendations", userId=eve, mediaId=first, mediaRecommendationId=second,
            votes={str(bob): "RATE_UP"},
        )  # fmt: skip
    # One whose medium is gone, as happens: https://github.com/AniList/docs/issues/160
    store.add("recommendations", userId=eve, mediaId=FRIEREN, mediaRecommendationId=2, votes={})


def _notify_of_everything(store: Store) -> None:
    """Tell alice one thing of each kind, so that a client meets every member of the union."""
    alice, bob = store.people["alice"], store.people["bob"]
    facts = {
        "activityId": 500_001, "threadId": 540_001, "commentId": 560_001, "mediaId": FRIEREN,
        "animeId": 21, "episode": 1122, "staffId": STAFF + 1, "characterId": CHARACTERS + 1,
        "contexts": ["Episode ", " of ", " aired."], "reason": "To keep things tidy.",
        "status": "Accepted", "notes": None, "submittedTitle": "A Title", "deletedMediaTitle": "Gone",
        "deletedMediaTitles": ["A Twin"],
    }  # fmt: skip
    for kind in KINDS:
        by_site = kind.startswith(("MEDIA", "STAFF", "CHARACTER", "RELATED", "AIRING"))
        notify(store, kind, alice, None if by_site else bob, **facts)
    alice.unread = 2

"""Invented characters, staff, studios and tags, and who had a part in what.

All of it follows from the seed, so ids and links are the same in every run, and each link can be
walked both ways. Ids are from ranges that AniList does not use.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django_anilist.sandbox.chance import choice, number

Row = dict[str, Any]

CHARACTERS, STAFF, STUDIOS = 920_000, 930_000, 940_000
_MANY = {CHARACTERS: 180, STAFF: 96, STUDIOS: 24}

_FIRST = ("Aoi", "Ren", "Mio", "Haru", "Sora", "Yuki", "Nao", "Riku", "Kei", "Saya", "Toma", "Emi")
_LAST = (
    "Tanabe", "Kurose", "Minagawa", "Shiraki", "Amano", "Hoshino", "Ogata", "Fujimori",
    "Natsume", "Kagawa", "Isobe", "Tsukino", "Hayama", "Morinaga", "Sakuma",
)  # fmt: skip
_NATIVE = ("青井", "黒瀬", "白木", "天野", "星野", "緒方", "藤森", "夏目", "香川", "磯部", "月野")
_STUDIO = (
    "Lantern",
    "Paper Crane",
    "Seventh",
    "North Pier",
    "Snow Hare",
    "Tin Kettle",
    "Gull",
    "Quiet",
)
_STUDIO_KIND = ("Works", "Animation", "Pictures")
_GENDERS = ("Female", "Male", "Non-binary", None)
_ROLES = ("MAIN", "SUPPORTING", "SUPPORTING", "BACKGROUND")
_CREDITS = ("Director", "Original Creator", "Music")

#: Name, category and whether it spoils, of every tag there is.
_TAGS = (
    ("Time Skip", "Theme-Other", True), ("Found Family", "Theme-Drama", False),
    ("Cooking", "Theme-Slice of Life", False), ("Elf", "Cast-Traits", False),
    ("Magic", "Theme-Fantasy", False), ("Space", "Setting-Universe", False),
    ("Travel", "Theme-Other", False), ("Iyashikei", "Theme-Slice of Life", False),
    ("Ensemble Cast", "Cast-Main Cast", False), ("Male Protagonist", "Cast-Main Cast", False),
    ("Female Protagonist", "Cast-Main Cast", False), ("School", "Setting-Scene", False),
    ("Detective", "Theme-Other", False), ("Tragedy", "Theme-Drama", False),
    ("Shounen", "Demographic", False), ("Seinen", "Demographic", False),
    ("Shoujo", "Demographic", False), ("Josei", "Demographic", False),
)  # fmt: skip

TAGS: list[Row] = [
    {"id": number, "name": name, "category": category, "isGeneralSpoiler": spoils,
     "isMediaSpoiler": spoils, "isAdult": False, "userId": None, "rank": None,
     "description": f"Stories with what people call {name.lower()}."}
    for number, (name, category, spoils) in enumerate(_TAGS, start=1)
]  # fmt: skip


class Cast:
    """Everybody who had a part in ``media``; each list of links is by the id at its end."""

    def __init__(self, seed: int, media: Iterable[Row]) -> None:
        self._seed = seed
        self.characters = {row["id"]: row for row in self._persons(CHARACTERS, "character")}
        self.staff = {row["id"]: _as_staff(row) for row in self._persons(STAFF, "staff")}
        self.studios = {row["id"]: row for row in self._studios()}
        self.roles: dict[int, list[Row]] = defaultdict(list)  # by medium, character and voice
        self.credits: dict[int, list[Row]] = defaultdict(list)  # by medium and staff
        self.works: dict[int, list[Row]] = defaultdict(list)  # by medium and studio
        for row in media:
            self.join(row)

    def join(self, media: Row) -> None:
        """Give a medium its characters, staff and studios."""
        key, base = media["id"], media["id"] * 10 % 2_000_000_000
        start = number(_MANY[CHARACTERS], self._seed, "roles", key)
        for place, role in enumerate(_ROLES):
            character = self._at(CHARACTERS, start + place * 7)
            voices = [self._at(STAFF, character * 2), self._at(STAFF, character * 2 + 1)]
            link = {"id": base + place, "media": media, "character": character, "role": role}
            self._link(self.roles, {**link, "voices": voices}, (key, character, *voices))
        start = number(_MANY[STAFF], self._seed, "credits", key)
        for place, role in enumerate(_CREDITS):
            staff = self._at(STAFF, start + place * 5)
            link = {"id": base + place, "media": media, "staff": staff, "role": role}
            self._link(self.credits, link, (key, staff))
        if media["type"] == "ANIME":
            start = number(_MANY[STUDIOS], self._seed, "works", key)
            for place in range(2):
                studio = self._at(STUDIOS, start + place * 5)
                link = {"id": base + place, "media": media, "studio": studio, "main": not place}
                self._link(self.works, link, (key, studio))

    def tags_of(self, media: Row) -> list[Row]:
        """Return a medium's tags with their ranks, the best first."""
        start = number(len(TAGS), self._seed, "tags", media["id"])
        chosen = [TAGS[(start + place * 5) % len(TAGS)] for place in range(4)]
        return [{**tag, "rank": 95 - 11 * place} for place, tag in enumerate(chosen)]

    @staticmethod
    def _at(base: int, place: int) -> int:
        return base + 1 + place % _MANY[base]

    @staticmethod
    def _link(index: dict[int, list[Row]], link: Row, ends: Iterable[int]) -> None:
        for end in ends:
            index[end].append(link)

    def _persons(self, base: int, kind: str) -> Iterable[Row]:
        for place in range(1, _MANY[base] + 1):
            key = (self._seed, kind, place)
            first, last = choice(_FIRST, *key, "first"), choice(_LAST, *key, "last")
            full, native = f"{first} {last}", choice(_NATIVE, *key, "native")
            name = {"first": first, "middle": None, "last": last, "full": full, "native": native}
            yield {
                "id": base + place,
                "name": {**name, "alternative": [first.upper()], "alternativeSpoiler": []},
                "gender": choice(_GENDERS, *key, "gender"),
                "dateOfBirth": _birthday(key),
                "age": str(14 + number(40, *key, "age")),
                "bloodType": choice(("A", "B", "AB", "0", None), *key, "blood"),
                "description": f"{full}, invented for the sandbox.",
                "favourites": number(9000, *key, "favourites"),
            }

    def _studios(self) -> Iterable[Row]:
        for place in range(_MANY[STUDIOS]):
            name = f"{_STUDIO[place % len(_STUDIO)]} {_STUDIO_KIND[place // len(_STUDIO)]}"
            fans = number(5000, self._seed, "studio", place)
            row = {"id": STUDIOS + 1 + place, "name": name, "favourites": fans}
            yield {**row, "isAnimationStudio": place % 6 != 5}


def _birthday(key: tuple[object, ...]) -> Row:
    year = None if number(3, *key, "year") else 1960 + number(40, *key, "born")
    return {
        "year": year,
        "month": 1 + number(12, *key, "month"),
        "day": 1 + number(28, *key, "day"),
    }


def _as_staff(row: Row) -> Row:
    language = "English" if row["id"] % 2 == 0 else "Japanese"
    return {
        **row,
        "age": int(row["age"]) + 15,
        "language": language.upper(),
        "languageV2": language,
        "dateOfDeath": {"year": None, "month": None, "day": None},
        "primaryOccupations": ["Voice Actor"] if row["id"] % 4 > 1 else ["Director"],
        "yearsActive": [1985 + row["id"] % 30],
        "homeTown": "A town by the sea",
    }

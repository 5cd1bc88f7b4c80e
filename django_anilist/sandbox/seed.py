"""The media, people and lists of a fresh sandbox: plain facts about well-known titles, and invented ones.

Invented titles have ids from 900,001 on, which AniList does not use.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

INVENTED = 900_000

# id, id on MyAnimeList, format, year, season, episodes or chapters, romaji, english, native, genres,
# average score, cover colour
_ANIME: list[tuple[Any, ...]] = [
    (1, 1, "TV", 1998, "SPRING", 26, "Cowboy Bebop", "Cowboy Bebop", "カウボーイビバップ", "Action, Drama, Sci-Fi", 86, "#f1785d"),
    (5, 5, "MOVIE", 2001, "SUMMER", 1, "Cowboy Bebop: Tengoku no Tobira", "Cowboy Bebop: The Movie", "カウボーイビバップ 天国の扉", "Action, Sci-Fi", 82, "#e4a15d"),
    (6, 6, "TV", 1998, "SPRING", 26, "TRIGUN", "Trigun", "トライガン", "Action, Comedy, Sci-Fi", 80, "#e49335"),
    (19, 19, "TV", 2004, "SPRING", 74, "MONSTER", "Monster", "モンスター", "Drama, Mystery, Thriller", 88, "#a15d3c"),
    (20, 20, "TV", 2002, "FALL", 220, "NARUTO", "Naruto", "ナルト", "Action, Adventure", 79, "#e47850"),
    (21, 21, "TV", 1999, "FALL", None, "ONE PIECE", "ONE PIECE", "ONE PIECE", "Action, Adventure, Comedy", 87, "#e49335"),
    (30, 30, "TV", 1995, "FALL", 26, "Shin Seiki Evangelion", "Neon Genesis Evangelion", "新世紀エヴァンゲリオン", "Action, Drama, Sci-Fi", 83, "#6b4a9e"),
    (199, 199, "MOVIE", 2001, "SUMMER", 1, "Sen to Chihiro no Kamikakushi", "Spirited Away", "千と千尋の神隠し", "Adventure, Fantasy", 86, "#5da1c9"),
    (431, 431, "MOVIE", 2004, "FALL", 1, "Howl no Ugoku Shiro", "Howl's Moving Castle", "ハウルの動く城", "Adventure, Fantasy, Romance", 85, "#78bbe4"),
    (457, 457, "TV", 2005, "FALL", 26, "Mushishi", "MUSHI-SHI", "蟲師", "Fantasy, Mystery", 85, "#5d8c50"),
    (1535, 1535, "TV", 2006, "FALL", 37, "DEATH NOTE", "Death Note", "DEATH NOTE", "Mystery, Thriller", 84, "#43281a"),
    (5114, 5114, "TV", 2009, "SPRING", 64, "Hagane no Renkinjutsushi: FULLMETAL ALCHEMIST", "Fullmetal Alchemist: Brotherhood", "鋼の錬金術師 FULLMETAL ALCHEMIST", "Action, Adventure, Drama", 90, "#c9432e"),
    (9253, 9253, "TV", 2011, "SPRING", 24, "Steins;Gate", "Steins;Gate", "STEINS;GATE", "Drama, Sci-Fi, Thriller", 89, "#c98a50"),
    (16498, 16498, "TV", 2013, "SPRING", 25, "Shingeki no Kyojin", "Attack on Titan", "進撃の巨人", "Action, Drama, Fantasy", 84, "#a8603c"),
    (21519, 32281, "MOVIE", 2016, "SUMMER", 1, "Kimi no Na wa.", "Your Name.", "君の名は。", "Drama, Romance", 85, "#3c86c9"),
    (101922, 38000, "TV", 2019, "SPRING", 26, "Kimetsu no Yaiba", "Demon Slayer: Kimetsu no Yaiba", "鬼滅の刃", "Action, Drama, Fantasy", 82, "#3ca17a"),
    (113415, 40748, "TV", 2020, "FALL", 24, "Jujutsu Kaisen", "JUJUTSU KAISEN", "呪術廻戦", "Action, Supernatural", 85, "#35507a"),
    (140960, 50265, "TV", 2022, "SPRING", 12, "SPY×FAMILY", "SPY x FAMILY", "SPY×FAMILY", "Action, Comedy, Slice of Life", 83, "#78a150"),
    (154587, 52991, "TV", 2023, "FALL", 28, "Sousou no Frieren", "Frieren: Beyond Journey’s End", "葬送のフリーレン", "Adventure, Drama, Fantasy", 91, "#5d93a1"),
]  # fmt: skip

_MANGA: list[tuple[Any, ...]] = [
    (30002, 2, "MANGA", 1989, None, None, "Berserk", "Berserk", "ベルセルク", "Action, Drama, Fantasy", 93, "#43434a"),
    (30013, 13, "MANGA", 1997, None, None, "ONE PIECE", "One Piece", "ONE PIECE", "Action, Adventure, Comedy", 92, "#e4bb43"),
    (30656, 656, "MANGA", 1998, None, None, "Vagabond", "Vagabond", "バガボンド", "Action, Drama", 92, "#a1785d"),
]  # fmt: skip

_INVENTED_TITLES = (
    "The Lighthouse That Kept Bees", "Rain over Platform Nine", "A Map of Quiet Rooms",
    "Captain Noodle", "The Last Paper Planet", "Moss and Meteor", "Tuesday, the Dragon Said",
    "Eleven Doors to the Sea", "The Clockmaker's Apprentice", "Salt and Static",
    "Orchid Division", "The Snail Express", "Northern Arcade", "Letters to a Volcano",
    "The Umbrella Parliament", "Glass Harbour", "Seven Minutes of Summer", "The Moon Repair Shop",
    "Winter Market", "Parade of Small Gods", "The Borrowed Violin", "Night Bus to Nowhere",
    "Cinder and Comet", "The Hollow Orchestra",
)  # fmt: skip

_COLOURS = ("#5d93a1", "#e4a15d", "#78a150", "#c95d78", "#6b6bc9", None)
_GENRES = ("Adventure", "Comedy", "Drama", "Fantasy", "Mystery", "Sci-Fi", "Slice of Life")
_STATUSES = {
    **dict.fromkeys((21, 30002, 30013, INVENTED + 1, INVENTED + 2), "RELEASING"),
    30656: "HIATUS",
}
_SOURCES = {
    **dict.fromkeys((1, 5, 30, 199, 21519), "ORIGINAL"),
    431: "NOVEL", 9253: "VISUAL_NOVEL", INVENTED + 3: "WEB_NOVEL",
}  # fmt: skip
_DAY = 24 * 60 * 60


def media(anime: int = 0) -> dict[int, dict[str, Any]]:
    """Return every medium by id, at least ``anime`` of them anime."""
    rows = [*(_known("ANIME", row) for row in _ANIME), *(_known("MANGA", row) for row in _MANGA)]
    rows += [_invented(number, title) for number, title in enumerate(_INVENTED_TITLES, start=1)]
    more = range(len(_INVENTED_TITLES) + 1, 1 + anime - len(_ANIME))
    rows += [_invented(number, f"Story Number {number}") for number in more]
    return {row["id"]: row for row in rows}


def medium(
    id: int, kind: str = "ANIME", title: str | dict[str, str | None] = "", **facts: Any
) -> dict[str, Any]:
    """Return a medium of a test's own, with plausible facts where none are given.

    ``title`` is one for romaji and English, or a mapping of languages.
    """
    if not isinstance(title, dict):
        title = dict.fromkeys(("romaji", "english"), title or f"Title {id}")
    usual = {
        "idMal": None, "format": "TV" if kind == "ANIME" else "MANGA", "seasonYear": 2020,
        "season": "SPRING" if kind == "ANIME" else None, "averageScore": 70, "color": "#5d93a1",
        "genres": ["Drama"], "title": {**dict.fromkeys(("romaji", "english", "native")), **title},
        **({"episodes": 12} if kind == "ANIME" else {}),
    }  # fmt: skip
    return _medium(id=id, type=kind, **{**usual, **facts})


def _known(kind: str, row: tuple[Any, ...]) -> dict[str, Any]:
    number, id_mal, form, year, season, length, romaji, english, native, genres, score, colour = row
    return _medium(
        id=number, idMal=id_mal, type=kind, format=form, seasonYear=year, season=season,
        title={"romaji": romaji, "english": english, "native": native},
        genres=genres.split(", "), averageScore=score, color=colour,
        **{"episodes" if kind == "ANIME" else "chapters": length},
    )  # fmt: skip


def _invented(number: int, title: str) -> dict[str, Any]:
    adult = len(_INVENTED_TITLES) - 2 < number <= len(_INVENTED_TITLES)
    return _medium(
        id=INVENTED + number, idMal=None, type="ANIME", format="TV", seasonYear=2000 + number % 26,
        season=("WINTER", "SPRING", "SUMMER", "FALL")[number % 4], episodes=12 + number % 13,
        title={"romaji": title, "english": title if number % 3 else None, "native": None},
        genres=[_GENRES[number % 7], _GENRES[(number + 3) % 7]], averageScore=55 + number % 40,
        color=_COLOURS[number % 6], isAdult=adult, description="An invented title of the sandbox.",
    )  # fmt: skip


def _medium(*, color: str | None, **facts: Any) -> dict[str, Any]:
    number, year = facts["id"], facts["seasonYear"]
    return {
        "status": _STATUSES.get(number, "FINISHED"),
        "source": _SOURCES.get(number, "MANGA" if facts["type"] == "ANIME" else "ORIGINAL"),
        "synonyms": [],
        "hashtag": None,
        "isLicensed": True,
        "trending": (number * 7) % 300,
        "description": None,
        "startDate": {"year": year, "month": None, "day": None},
        "endDate": {"year": None, "month": None, "day": None},
        "episodes": None,
        "chapters": None,
        "volumes": None,
        "duration": 24 if facts["type"] == "ANIME" else None,
        "countryOfOrigin": "JP",
        "bannerImage": None,
        "trailer": None,
        "meanScore": facts["averageScore"],
        "popularity": (facts["averageScore"] or 50) * 1000 + number % 1000,
        "favourites": (facts["averageScore"] or 50) * 10,
        "isAdult": False,
        "siteUrl": f"https://anilist.co/{facts['type'].lower()}/{number}",
        "updatedAt": 1_700_000_000,
        "color": color,
        **facts,
    }


def airing(media: dict[int, dict[str, Any]], start: int) -> Iterator[dict[str, Any]]:
    """Yield the schedule of what is running: a few episodes gone by, the rest one a week."""
    for place, (number, (episode, delay)) in enumerate(AIRING.items()):
        last = media[number]["episodes"] or episode + 12
        for step in range(max(1, episode - 3), last + 1):
            at = start + delay + (step - episode) * 7 * _DAY
            id = 700_000 + place * 2000 + step
            yield {"id": id, "mediaId": number, "episode": step, "airingAt": at}


#: Seconds from the sandbox's start to the next episode of what is still running.
AIRING = {21: (1123, 2 * _DAY), INVENTED + 1: (5, 4 * _DAY), INVENTED + 2: (7, 6 * 60 * 60)}

#: Name, id, score format, title language, custom lists.
PEOPLE: tuple[tuple[str, int, str, str, list[str]], ...] = (
    ("alice", 5001, "POINT_10_DECIMAL", "ENGLISH", ["Favourites of all time", "With friends"]),
    ("bob", 5002, "POINT_100", "ROMAJI", ["Rewatch one day"]),
    ("eve", 5003, "POINT_5", "NATIVE", []),
)

#: Owner, medium, status, progress, raw score, and whatever else is not usual.
ENTRIES: tuple[tuple[str, int, str, int, int, dict[str, Any]], ...] = (
    ("alice", 154587, "CURRENT", 11, 95, {"customLists": ["Favourites of all time", "With friends"]}),
    ("alice", 21, "CURRENT", 1071, 88, {"startedAt": {"year": 2012, "month": None, "day": None}}),
    ("alice", INVENTED + 1, "CURRENT", 3, 0, {}),
    ("alice", INVENTED + 2, "CURRENT", 6, 74, {"notes": "Better than its poster."}),
    ("alice", 5114, "COMPLETED", 64, 98, {"customLists": ["Favourites of all time"], "repeat": 1}),
    ("alice", 9253, "COMPLETED", 24, 92, {"completedAt": {"year": 2019, "month": 5, "day": None}}),
    ("alice", 199, "COMPLETED", 1, 90, {"customLists": ["With friends"]}),
    ("alice", 431, "COMPLETED", 1, 86, {}),
    ("alice", 16498, "PAUSED", 13, 0, {}),
    ("alice", 20, "DROPPED", 57, 61, {"private": True, "notes": "Only for me."}),
    ("alice", 140960, "PLANNING", 0, 0, {}),
    ("alice", 113415, "PLANNING", 0, 0, {}),
    ("alice", 457, "REPEATING", 4, 94, {}),
    (
        "alice", 30, "COMPLETED", 26, 83,
        {"customLists": ["With friends"], "hiddenFromStatusLists": True},
    ),
    ("alice", 30013, "CURRENT", 1090, 93, {"progressVolumes": 104}),
    ("alice", 30002, "COMPLETED", 380, 97, {}),
    ("bob", 1, "COMPLETED", 26, 91, {"customLists": ["Rewatch one day"]}),
    ("bob", 154587, "CURRENT", 3, 80, {}),
    ("bob", 19, "PLANNING", 0, 0, {}),
    ("eve", 1535, "COMPLETED", 37, 70, {}),
    ("eve", 101922, "CURRENT", 8, 50, {}),
)  # fmt: skip

"""GraphQL that is proper HTTP and proper JSON, and still not what AniList says."""

from __future__ import annotations

import json

from tests.faults.server import Fault, answer

VIEWER = {
    "id": 5001,
    "name": "alice",
    "siteUrl": "https://anilist.co/user/alice",
    "avatar": {"large": "https://s4.anilist.co/alice.png", "medium": None},
    "options": {"titleLanguage": "ROMAJI", "displayAdultContent": False},
    "mediaListOptions": {"scoreFormat": "POINT_100"},
    "unreadNotificationCount": 0,
}
MEDIUM = {"id": 1, "type": "ANIME", "title": {"userPreferred": "One"}, "coverImage": {}}
ENTRY = {
    "id": 11,
    "mediaId": 1,
    "status": "CURRENT",
    "progress": 3,
    "scoreRaw": 70,
    "media": MEDIUM,
}
#: Marks a field that is not there at all.
MISSING = object()


def _json(value: object, status: str = "200 OK") -> Fault:
    return answer(json.dumps(value).encode(), status)


def _data(**fields: object) -> Fault:
    return _json({"data": fields})


def _viewer(name: str, value: object) -> Fault:
    viewer = {key: kept for key, kept in {**VIEWER, name: value}.items() if kept is not MISSING}
    return _data(Viewer=viewer)


def _list(**fields: object) -> Fault:
    return _data(MediaListCollection={"hasNextChunk": False, **fields})


def _entries(value: object) -> Fault:
    return _list(lists=[{"name": "Watching", "isCustomList": False, "entries": value}])


def _entry(**fields: object) -> Fault:
    return _entries([{**ENTRY, **fields}])


def _says(message: object, status: int, line: str, **more: object) -> Fault:
    errors = [{"message": message, "status": status, **more}]
    return _json({"errors": errors, "data": None}, line)


#: What makes a token ``rejected``, and nothing else does.
REJECTIONS: dict[str, Fault] = {
    "invalid token": _says("Invalid token", 400, "400 Bad Request"),
    "INVALID TOKEN": _says("INVALID TOKEN", 400, "400 Bad Request"),
    "invalid token with 200": _says("Invalid token", 400, "200 OK"),
    "invalid token beside data": _json(
        {"errors": [{"message": "Invalid token"}], "data": {"Viewer": None}}
    ),
    "invalid token as the second error": _json(
        {"errors": [{"message": "no"}, {"message": "Invalid token"}]}, "400 Bad Request"
    ),
    "unauthorized": _says("Unauthorized.", 401, "401 Unauthorized"),
    "unauthorized with 200": _says("Unauthorized.", 401, "200 OK"),
    "401 and an empty object": _json({}, "401 Unauthorized"),
}

#: Nearly the same, of which none may cost anybody the connection.
NO_REJECTIONS: dict[str, Fault] = {
    "invalid token in 403": _says("Invalid token", 400, "403 Forbidden"),
    "invalid token in 500": _says("Invalid token", 400, "500 Internal Server Error"),
    "invalid token in 429": _says("Invalid token", 400, "429 Too Many Requests"),
    "401 without JSON": answer(b"Unauthorized", "401 Unauthorized", content_type="text/plain"),
    "401 and nothing": answer(b"", "401 Unauthorized"),
}

#: AniList says no: the view that asked knows what to make of it.
REFUSALS: dict[str, Fault] = {
    "not found": _says("Not Found.", 404, "404 Not Found"),
    "not found with 200": _says("Not Found.", 404, "200 OK"),
    "validation": _says("validation", 400, "400 Bad Request", validation={"score": ["no"]}),
    "validation null": _says("validation", 400, "400 Bad Request", validation=None),
    "too complex": _says("Max query complexity should be 500 but got 501.", 400, "400 Bad"),
    "an invalid token of another kind": _says("Invalid token type", 400, "400 Bad Request"),
    "a message of 100,000 letters": _says("no " * 33_000, 400, "400 Bad Request"),
    "a message of HTML": _says("<script>alert(1)</script>", 400, "400 Bad Request"),
    "a message of control characters": _says("\0\u202e\r\nX: y", 400, "400 Bad Request"),
    "a message of a lone surrogate": _says("\ud800", 400, "400 Bad Request"),
    "a message null": _says(None, 400, "400 Bad Request"),
    "a message an object": _says({"a": 1}, 400, "400 Bad Request"),
    "an error with status true": _json({"errors": [{"message": "no", "status": True}]}),
    "an error with status negative": _says("no", -1, "400 Bad Request"),
    "data beside errors": _json(
        {"errors": [{"message": "no", "status": 400}], "data": {"Viewer": VIEWER}}
    ),
    "10,000 errors": _json({"errors": [{"message": "no", "status": 400}] * 10_000}),
}

#: Errors of no shape that GraphQL knows.
SHAPES: dict[str, Fault] = {
    "errors null and no data": _json({"errors": None}),
    "errors an object": _json({"errors": {"message": "no"}}),
    "errors true": _json({"errors": True}),
    "errors of nulls": _json({"errors": [None]}),
    "errors of numbers": _json({"errors": [1, 2]}),
    "errors empty and data null": _json({"errors": [], "data": None}),
    "an error with a status of 60 digits": _json({"errors": [{"message": "no", "status": 10**60}]}),
    "an error 503 in 200": _says("Service Unavailable", 503, "200 OK"),
    "data a text": _json({"data": "Viewer"}),
    "data a number": _json({"data": 7}),
    "data true": _json({"data": True}),
    "data empty": _json({"data": {}}),
    "every field null": _data(Viewer=None, MediaListCollection=None),
    "every field a list": _data(Viewer=[VIEWER], MediaListCollection=[]),
    "every field a text": _data(Viewer="alice", MediaListCollection="list"),
    "every field empty": _data(Viewer={}, MediaListCollection={}),
    "an error of OAuth": _json({"error": "invalid_request", "hint": "revoked"}),
    "an error of Laravel": _json({"message": "Server Error"}),
    "a problem of RFC 9457": answer(
        b'{"title": "no", "status": 200}', content_type="application/problem+json"
    ),
}

#: No id of an account: nobody may be connected by it, or become another.
IDS: dict[str, Fault] = {
    f"id {label}": _viewer("id", value)
    for label, value in {
        "missing": MISSING, "null": None, "true": True, "false": False, "0": 0, "-1": -1,
        "a text": "5001", "5001.0": 5001.0, "1e3": 1e3, "a list": [5001], "an object": {"id": 5001},
        "too large": 2**31, "of 400 digits": 10**400,
    }.items()
}  # fmt: skip

#: An id that is one, of somebody else.
OTHERS: dict[str, Fault] = {"id of somebody else": _viewer("id", 6002)}

#: Odd, and no reason to fail: the id identifies, the rest is decoration.
PROFILES: dict[str, Fault] = {
    **{
        f"{name} {label}": _viewer(name, value)
        for name in ("name", "avatar", "options", "mediaListOptions")
        for label, value in {
            "missing": MISSING, "null": None, "7": 7, "true": True, "a list": ["alice"], "empty": {},
        }.items()
    },
    "name of 10,000 letters": _viewer("name", "a" * 10_000),
    "name of HTML": _viewer("name", "<img src=x onerror=alert(1)>"),
    "name with NUL": _viewer("name", "ali\0ce"),
    "name with a lone surrogate": _viewer("name", "ali\ud800ce"),
    "name turned around": _viewer("name", "\u202eecila"),
    "name of blanks": _viewer("name", "  \t "),
    "avatar of a script": _viewer("avatar", {"large": "javascript:alert(1)"}),
    "avatar elsewhere": _viewer("avatar", {"large": "https://evil.test/a.png"}),
    "avatar a number": _viewer("avatar", {"large": 7}),
    "score format unknown": _viewer("mediaListOptions", {"scoreFormat": ["POINT_9"]}),
}  # fmt: skip

#: Lists that are none.
LISTS: dict[str, Fault] = {
    "lists a text": _list(lists="none"),
    "lists a number": _list(lists=7),
    "lists of texts": _list(lists=["one"]),
    "entries a text": _entries("none"),
    "entries of numbers": _entries([1]),
    "an entry without id": _entries([{"mediaId": 1}]),
    "an entry with id null": _entry(id=None),
    "an entry with a text for id": _entry(id="11"),
    "an entry with a list for id": _entry(id=[11]),
}

#: Lists that are odd, and can be shown as far as they go.
ENTRIES: dict[str, Fault] = {
    "lists null": _list(lists=None),
    "lists of nulls": _list(lists=[None]),
    "entries null": _entries(None),
    "hasNextChunk a text": _list(lists=[], hasNextChunk="yes"),
    "a group without a name": _list(lists=[{"entries": [ENTRY]}]),
    "a custom list named by a list": _list(
        lists=[{"name": ["a"], "isCustomList": True, "entries": [ENTRY]}]
    ),
    **{
        f"an entry whose {name} is {label}": _entry(**{name: value})
        for name in ("media", "status", "progress", "scoreRaw", "notes")
        for label, value in {"null": None, "1e300": 1e300, "a text": "<b>", "a list": [[]]}.items()
    },
    **{
        f"a medium whose {name} is {label}": _entry(media={**MEDIUM, name: value})
        for name in ("id", "title", "coverImage", "episodes", "isAdult", "nextAiringEpisode")
        for label, value in {"null": None, "a text": "javascript:x", "a list": [None]}.items()
    },
}  # fmt: skip

"""Users: finding them, following them, and what they set about themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django_anilist.sandbox.asked import Asked, viewer_of
from django_anilist.sandbox.filters import matching, ordered
from django_anilist.sandbox.notifications import notify
from django_anilist.sandbox.refusals import between, invalid, length, not_found
from django_anilist.sandbox.store import Person

Row = dict[str, Any]
_Read = Callable[[Person], Any]

_READ: dict[str, _Read] = {"id": lambda person: person.id}
_SORTS: dict[str, _Read] = {
    "ID": lambda person: person.id,
    "USERNAME": lambda person: person.name,
}
_SPECIAL: dict[str, Callable[[Person, Any], bool]] = {
    "name": lambda person, name: person.name.lower() == name.lower(),
    "search": lambda person, text: text.lower() in person.name.lower(),
    "isModerator": lambda person, value: not value,
}


def search(asked: Asked, sort: Any = None, **wanted: Any) -> list[Person]:
    """Return the users that match; private ones cannot be found by others."""
    people = [each for each in asked.store.present() if not each.private or asked.is_viewer(each)]
    return ordered(matching(people, wanted, _SPECIAL, _READ), sort or ["ID"], _SORTS)


def one(root: Any, info: Any, **wanted: Any) -> Person:
    """Answer ``User``; somebody private is there, and is not shown."""
    asked: Asked = info.context
    named = {name: wanted.get(name) for name in ("id", "name")}
    there = matching(asked.store.present(), named, _SPECIAL, _READ)
    if any(named.values()) and there and there[0].private and not asked.is_viewer(there[0]):
        raise not_found("Private User")
    found = search(asked, **wanted)
    if not found or not any(value is not None for value in wanted.values()):
        raise not_found()
    return found[0]


def viewer(root: Any, info: Any) -> Person:
    """Answer ``Viewer``."""
    return viewer_of(info)


def following(asked: Asked, userId: int, sort: Any = None) -> list[Person]:
    """Return whom a user follows."""
    person = asked.store.person(userId)
    found = [asked.store.person(id) for id in person.following] if person else []
    return ordered([each for each in found if each is not None], sort, _SORTS)


def followers(asked: Asked, userId: int, sort: Any = None) -> list[Person]:
    """Return who follows a user."""
    found = [each for each in asked.store.present() if userId in each.following]
    return ordered(found, sort, _SORTS)


def first_of(find: Callable[..., list[Person]]) -> Callable[..., Person]:
    """Return what answers ``Following`` and ``Follower``: the first of them."""

    def resolve(root: Any, info: Any, **wanted: Any) -> Person:
        found = find(info.context, **wanted)
        if not found:
            raise not_found()
        return found[0]

    return resolve


def toggle_follow(root: Any, info: Any, userId: int | None = None) -> Person:
    """Answer ``ToggleFollow``: whom the viewer follows now, or no longer."""
    viewer, store = viewer_of(info), info.context.store
    person: Person | None = store.person(userId)
    if person is None or person is viewer:
        raise invalid(userId="The selected user id is invalid.")
    if person.id in viewer.following:
        viewer.following = [id for id in viewer.following if id != person.id]
    else:
        viewer.following = [*viewer.following, person.id]
        notify(store, "FOLLOWING", person, viewer)
    return person


_OPTIONS = (
    "titleLanguage", "displayAdultContent", "airingNotifications", "profileColor", "timezone",
    "activityMergeTime", "staffNameLanguage", "restrictMessagesToFollowing",
    "notificationOptions", "disabledListActivity",
)  # fmt: skip


def update(root: Any, info: Any, **given: Any) -> Person:
    """Answer ``UpdateUser``: what is given is set, the rest stays.

    Scores are kept from 0 to 100, so another ``scoreFormat`` shows them anew and changes none.
    """
    viewer = viewer_of(info)
    given = {name: value for name, value in given.items() if value is not None}
    length(0, 100_000, about=given.get("about"))
    length(0, 24, donatorBadge=given.get("donatorBadge"))
    between(0, 29_160, activityMergeTime=given.get("activityMergeTime"))
    viewer.about = given.get("about", viewer.about)
    viewer.donator_badge = given.get("donatorBadge", viewer.donator_badge)
    viewer.options |= {name: _without_gaps(given[name]) for name in _OPTIONS if name in given}
    viewer.lists |= {name: given[name] for name in ("scoreFormat", "rowOrder") if name in given}
    for kind in ("anime", "manga"):
        viewer.lists[f"{kind}List"] |= _without_nulls(given.get(f"{kind}ListOptions", {}))
    viewer.updated = int(info.context.store.now())
    return viewer


def _without_nulls(row: Row) -> Row:
    return {name: _without_gaps(value) for name, value in row.items() if value is not None}


def _without_gaps(value: Any) -> Any:
    """Leave ``null`` out of a list, and settings that name no type."""
    if not isinstance(value, list):
        return value
    found = [item for item in value if item is not None]
    return [item for item in found if not isinstance(item, dict) or item.get("type") is not None]


# AniChart, the calendar beside AniList


def chart(root: Any, info: Any) -> Row:
    """Answer ``AniChartUser``."""
    viewer = viewer_of(info)
    return {"user": viewer, **viewer.chart}


def set_chart(root: Any, info: Any, **given: Any) -> Row:
    """Answer ``UpdateAniChartSettings``."""
    viewer = viewer_of(info)
    viewer.chart["settings"] |= _without_nulls(given)
    return dict(viewer.chart["settings"])


def highlight(root: Any, info: Any, highlights: list[Row] | None = None) -> Row:
    """Answer ``UpdateAniChartHighlights``: the colour of each medium, by its id as a text."""
    viewer = viewer_of(info)
    for each in highlights or ():
        if each and each.get("mediaId") is not None:
            viewer.chart["highlights"][str(each["mediaId"])] = each.get("highlight")
    return dict(viewer.chart["highlights"])


# What the fields of User answer


def _avatar(person: Person, info: Any) -> Row:
    url = f"{info.context.origin}/images/avatar/{person.name}.svg"
    return {"large": url, "medium": url}


def _shown_options(person: Person, info: Any) -> Row:
    own = info.context.is_viewer(person)
    return {**person.options, "timezone": person.options["timezone"] if own else None}


def _unread(person: Person, info: Any) -> int | None:
    return person.unread if info.context.is_viewer(person) else None


def _follows(person: Person, info: Any) -> bool | None:
    viewer = info.context.viewer
    return None if viewer is None else person.id in viewer.following


def _follows_back(person: Person, info: Any) -> bool | None:
    viewer = info.context.viewer
    return None if viewer is None else viewer.id in person.following


FIELDS: dict[str, dict[str, Callable[..., Any]]] = {
    "User": {
        "bannerImage": lambda person, info: None,
        "siteUrl": lambda person, info: f"https://anilist.co/user/{person.name}",
        "avatar": _avatar,
        "options": _shown_options,
        "mediaListOptions": lambda person, info: person.lists,
        "unreadNotificationCount": _unread,
        "isFollowing": _follows,
        "isFollower": _follows_back,
        "isBlocked": lambda person, info: False if info.context.viewer else None,
        "bans": lambda person, info: None,
        "donatorTier": lambda person, info: 0,
        "donatorBadge": lambda person, info: person.donator_badge,
        "moderatorRoles": lambda person, info: None,
        "previousNames": lambda person, info: person.previous_names,
        "createdAt": lambda person, info: person.created,
        "updatedAt": lambda person, info: person.updated,
    },
    "MediaListOptions": {"useLegacyLists": lambda lists, info: False},
}

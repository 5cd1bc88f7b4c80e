"""Reviews and recommendations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django_anilist.sandbox.asked import Asked, own, viewer_of
from django_anilist.sandbox.filters import matching, ordered, plain
from django_anilist.sandbox.paging import connection
from django_anilist.sandbox.refusals import between, invalid, length, not_found, required
from django_anilist.sandbox.store import Store

Row = dict[str, Any]

#: The shortest body of a review, in characters: AniList's own sentence names it.
SHORTEST_BODY = 2200


def _votes(row: Row, word: str) -> int:
    return sum(vote == word for vote in row["votes"].values())


def _rating(row: Row) -> int:
    """Return what a recommendation has: votes for it less votes against."""
    return _votes(row, "RATE_UP") - _votes(row, "RATE_DOWN")


_REVIEW_SORTS: dict[str, Callable[[Row], Any]] = {
    "ID": plain("id"),
    "SCORE": plain("score"),
    "RATING": lambda row: _votes(row, "UP_VOTE"),
    "CREATED_AT": plain("createdAt"),
    "UPDATED_AT": plain("updatedAt"),
}
_RECOMMENDATION_SORTS: dict[str, Callable[[Row], Any]] = {"ID": plain("id"), "RATING": _rating}


def search(asked: Asked, sort: Any = None, **wanted: Any) -> list[Row]:
    """Return the reviews that match; private ones for their author only."""
    viewer = asked.viewer.id if asked.viewer else None
    rows = [
        row for row in asked.store.rows("reviews") if not row["private"] or row["userId"] == viewer
    ]
    read = {"mediaType": lambda row: asked.store.media[row["mediaId"]]["type"]}
    return ordered(matching(rows, wanted, read=read), sort or ["ID_DESC"], _REVIEW_SORTS)


def one(root: Any, info: Any, **wanted: Any) -> Row:
    """Answer ``Review``."""
    found = search(info.context, **wanted)
    if not found:
        raise not_found()
    return found[0]


def save(
    root: Any, info: Any, id: int | None = None, mediaId: int | None = None,
    body: str | None = None, summary: str | None = None, score: int | None = None,
    private: bool | None = None,
) -> Row:  # fmt: skip
    """Answer ``SaveReview``: one for each medium and user."""
    viewer, store = viewer_of(info), info.context.store
    if id is None and mediaId not in store.media:
        raise invalid(mediaId="The selected media id is invalid.")
    length(SHORTEST_BODY, 100_000, body=body)
    length(20, 120, summary=summary)
    between(0, 100, score=score)
    now = int(store.now())
    earlier = [
        each for each in search(info.context, mediaId=mediaId, userId=viewer.id) if id is None
    ]
    if id is not None or earlier:
        row = own(info, "reviews", id if id is not None else earlier[0]["id"])
    else:
        required(body=body, summary=summary, score=score)
        row = store.add("reviews", userId=viewer.id, mediaId=mediaId, private=False, votes={})
    given = {"body": body, "summary": summary, "score": score, "private": private, "updatedAt": now}
    row.update({name: value for name, value in given.items() if value is not None})
    return row


def delete(root: Any, info: Any, id: int | None = None) -> dict[str, bool]:
    """Answer ``DeleteReview``."""
    del info.context.store.tables["reviews"][own(info, "reviews", id)["id"]]
    return {"deleted": True}


def rate(
    root: Any,
    info: Any,
    reviewId: int | None = None,
    rating: str | None = None,
) -> Row:
    """Answer ``RateReview``; nobody rates their own."""
    viewer = viewer_of(info)
    required(rating=rating)
    row: Row | None = info.context.store.tables["reviews"].get(reviewId)
    if row is None or row["userId"] == viewer.id:
        raise invalid(reviewId="The selected review id is invalid.")
    _vote(row, viewer.id, str(rating), "NO_VOTE")
    return row


def _vote(row: Row, viewer: int, word: str, none: str) -> None:
    """Keep a vote; keys are texts, as they are in a file of JSON."""
    row["votes"].pop(str(viewer), None)
    if word != none:
        row["votes"][str(viewer)] = word


# Recommendations


def search_recommendations(asked: Asked, sort: Any = None, **wanted: Any) -> list[Row]:
    """Return the recommendations that match AniList's arguments."""
    by_list: dict[str, Callable[[Row, Any], bool]] = {
        "onList": lambda row, value: (
            asked.viewer is None
            or bool(asked.store.entry_for(asked.viewer, row["mediaId"])) == value
        )
    }
    rows = asked.store.rows("recommendations")
    found = matching(rows, wanted, by_list, {"rating": _rating})
    return ordered(found, sort or ["ID"], _RECOMMENDATION_SORTS)


def one_recommendation(root: Any, info: Any, **wanted: Any) -> Row:
    """Answer ``Recommendation``."""
    found = search_recommendations(info.context, **wanted)
    if not found:
        raise not_found()
    return found[0]


def save_recommendation(
    root: Any, info: Any, mediaId: int | None = None,
    mediaRecommendationId: int | None = None, rating: str | None = None,
) -> Row:  # fmt: skip
    """Answer ``SaveRecommendation``: make one, or rate the one there is."""
    viewer, store = viewer_of(info), info.context.store
    pair = {"mediaId": mediaId, "mediaRecommendationId": mediaRecommendationId}
    for name, id in pair.items():
        if id not in store.media or mediaId == mediaRecommendationId:
            raise invalid(**{name: "The selected media id is invalid."})
    earlier = search_recommendations(info.context, **pair)
    row: Row = earlier[0] if earlier else _recommend(store, viewer.id, pair)
    _vote(row, viewer.id, rating or "NO_RATING", "NO_RATING")
    return row


def _recommend(store: Store, user: int, pair: Row) -> Row:
    return store.add("recommendations", **pair, userId=user, votes={})


def _own_vote(none: str) -> Callable[[Row, Any], str | None]:
    def resolve(row: Row, info: Any) -> str | None:
        viewer = info.context.viewer
        return row["votes"].get(str(viewer.id), none) if viewer else None

    return resolve


def _medium(key: str) -> Callable[[Row, Any], Any]:
    return lambda row, info: info.context.store.media.get(row[key])


def _user(row: Row, info: Any) -> Any:
    return info.context.store.person(row["userId"])


def _of_media(find: Callable[..., list[Row]]) -> Callable[..., Row]:
    def resolve(row: Row, info: Any, sort: Any = None, **pages: Any) -> Row:
        found = find(info.context, sort, mediaId=row["id"])
        size = pages.get("perPage") or pages.get("limit")
        return connection(({"node": each} for each in found), pages.get("page"), size)

    return resolve


FIELDS: dict[str, dict[str, Callable[..., Any]]] = {
    "Media": {"reviews": _of_media(search), "recommendations": _of_media(search_recommendations)},
    "Review": {
        "rating": lambda row, info: _votes(row, "UP_VOTE"),
        "ratingAmount": lambda row, info: len(row["votes"]),
        "userRating": _own_vote("NO_VOTE"),
        "mediaType": lambda row, info: info.context.store.media[row["mediaId"]]["type"],
        "siteUrl": lambda row, info: f"{info.context.origin}/review/{row['id']}",
        "user": _user,
        "media": _medium("mediaId"),
    },
    "Recommendation": {
        "rating": lambda row, info: _rating(row),
        "userRating": _own_vote("NO_RATING"),
        "user": _user,
        "media": _medium("mediaId"),
        "mediaRecommendation": _medium("mediaRecommendationId"),
    },
}

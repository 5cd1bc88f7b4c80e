"""Which function answers which field of the schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import GraphQLSchema

from django_anilist.sandbox import (
    activities,
    catalogue,
    credits,
    favourites,
    forum,
    likes,
    lists,
    notifications,
    replies,
    reviews,
    saving,
    schedule,
    site,
    statistics,
    users,
    versions,
)  # fmt: skip
from django_anilist.sandbox.filters import plain
from django_anilist.sandbox.paging import page_resolver
from django_anilist.sandbox.refusals import Refusal

_Resolver = Callable[..., Any]

#: What a ``Page`` can hold, each found from the request and AniList's arguments.
_PAGED: dict[str, Callable[..., list[Any]]] = {
    "users": users.search,
    "media": catalogue.search,
    "characters": credits.finder("characters"),
    "staff": credits.finder("staff"),
    "studios": credits.finder("studios"),
    "mediaList": lists.search,
    "airingSchedules": schedule.airing,
    "mediaTrends": schedule.trends,
    "notifications": notifications.search,
    "followers": users.followers,
    "following": users.following,
    "activities": activities.search,
    "activityReplies": activities.search_replies,
    "threads": forum.search,
    "threadComments": forum.search_comments,
    "reviews": reviews.search,
    "recommendations": reviews.search_recommendations,
    "likes": likes.search,
}


def _asked(find: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    return lambda info, **wanted: find(info.context, **wanted)


QUERIES: dict[str, _Resolver] = {
    "Page": page_resolver({name: _asked(find) for name, find in _PAGED.items()}),
    "Media": catalogue.one,
    "MediaTrend": schedule.one_trend,
    "AiringSchedule": schedule.one_airing,
    "Character": credits.one_of("characters"),
    "Staff": credits.one_of("staff"),
    "Studio": credits.one_of("studios"),
    "MediaList": lists.one,
    "MediaListCollection": lists.collection,
    "GenreCollection": catalogue.genres,
    "MediaTagCollection": credits.tags,
    "User": users.one,
    "Viewer": users.viewer,
    "Following": users.first_of(users.following),
    "Follower": users.first_of(users.followers),
    "Notification": notifications.one,
    "Activity": activities.one,
    "ActivityReply": activities.one_reply,
    "Like": likes.one,
    "Thread": forum.one,
    "ThreadComment": forum.comments,
    "Review": reviews.one,
    "Recommendation": reviews.one_recommendation,
    "Markdown": site.markdown,
    "AniChartUser": users.chart,
    "SiteStatistics": site.statistics,
    "ExternalLinkSourceCollection": site.links,
}

MUTATIONS: dict[str, _Resolver] = {
    "UpdateUser": users.update,
    "ToggleFollow": users.toggle_follow,
    "UpdateAniChartSettings": users.set_chart,
    "UpdateAniChartHighlights": users.highlight,
    "SaveMediaListEntry": saving.save,
    "UpdateMediaListEntries": saving.update_many,
    "DeleteMediaListEntry": saving.delete,
    "DeleteCustomList": saving.delete_custom_list,
    "SaveTextActivity": activities.save_text,
    "SaveMessageActivity": activities.save_message,
    "SaveListActivity": activities.save_list,
    "DeleteActivity": activities.delete,
    "ToggleActivityPin": activities.pin,
    "ToggleActivitySubscription": replies.subscriber("activities", "activityId"),
    "SaveActivityReply": replies.save,
    "DeleteActivityReply": replies.delete,
    "ToggleLike": likes.toggle,
    "ToggleLikeV2": likes.toggle_row,
    "ToggleFavourite": favourites.toggle,
    "UpdateFavouriteOrder": favourites.reorder,
    "SaveReview": reviews.save,
    "DeleteReview": reviews.delete,
    "RateReview": reviews.rate,
    "SaveRecommendation": reviews.save_recommendation,
    "SaveThread": forum.save,
    "DeleteThread": forum.delete,
    "ToggleThreadSubscription": replies.subscriber("threads", "threadId"),
    "SaveThreadComment": forum.save_comment,
    "DeleteThreadComment": forum.delete_comment,
}

_PAGE: dict[str, dict[str, _Resolver]] = {"Page": {name: plain("rows") for name in _PAGED}}

#: Each module tells what the fields of its types answer; the others read keys of the same name.
_MODULES = (
    activities, catalogue, credits, favourites, forum, likes, lists, notifications, replies,
    reviews, schedule, site, statistics, users, versions,
)  # fmt: skip


class Laid(dict[str, Any]):
    """An object of an answer that a test has laid down: its keys are its fields."""


def bind(schema: GraphQLSchema) -> None:
    """Give the schema's fields their resolvers."""
    tables = [_PAGE, *(getattr(module, "FIELDS", {}) for module in _MODULES)]
    for table in tables:
        for owner, found in table.items():
            fields = schema.type_map[owner].fields  # type: ignore[attr-defined]
            for name, resolver in found.items():
                fields[name].resolve = _unless_laid(name, resolver)
    changes = {name: _alone(resolver) for name, resolver in MUTATIONS.items()}
    for kind, roots in ((schema.query_type, QUERIES), (schema.mutation_type, changes)):
        for name, resolver in roots.items():
            kind.fields[name].resolve = _root(name, resolver)  # type: ignore[union-attr]


def _alone(resolver: _Resolver) -> _Resolver:
    """Let changes come one at a time: a second click finds what the first has made of it."""

    def resolve(root: Any, info: Any, **given: Any) -> Any:
        with info.context.store.lock:
            return resolver(root, info, **given)

    return resolve


def _unless_laid(name: str, resolver: _Resolver) -> _Resolver:
    def resolve(root: Any, info: Any, **given: Any) -> Any:
        return root.get(name) if type(root) is Laid else resolver(root, info, **given)

    return resolve


def _root(name: str, resolver: _Resolver) -> _Resolver:
    def resolve(root: Any, info: Any, **given: Any) -> Any:
        asked = info.context
        if asked.refused:
            raise Refusal("Invalid token", 400)
        if name in asked.replies:
            return asked.replies[name]
        return resolver(root, info, **given)

    return resolve

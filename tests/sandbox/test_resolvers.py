"""Every query answers, and every mutation changes what later queries show."""

from __future__ import annotations

import pytest

from django_anilist.sandbox.cast import CHARACTERS, STAFF, STUDIOS
from django_anilist.sandbox.graph import schema
from django_anilist.sandbox.resolvers import MUTATIONS, QUERIES
from tests.sandbox.conftest import FRIEREN

#: A valid operation for every root field, and a piece of what it answers on a fresh sandbox.
READS = {
    "Page": ("{ Page(perPage: 1) { media { id } } }", {"media": [{"id": 1}]}),
    "Media": ("{ Media(id: 1) { title { romaji } } }", {"title": {"romaji": "Cowboy Bebop"}}),
    "MediaTrend": ("{ MediaTrend(mediaId: 1) { media { id } } }", {"media": {"id": 1}}),
    "AiringSchedule": (
        "{ AiringSchedule(mediaId: 21, notYetAired: true) { episode media { id } } }",
        {"episode": 1123, "media": {"id": 21}},
    ),
    "Character": (f"{{ Character(id: {CHARACTERS + 1}) {{ id }} }}", {"id": CHARACTERS + 1}),
    "Staff": (f"{{ Staff(id: {STAFF + 1}) {{ id }} }}", {"id": STAFF + 1}),
    "Studio": (f"{{ Studio(id: {STUDIOS + 1}) {{ id }} }}", {"id": STUDIOS + 1}),
    "MediaList": (
        f'{{ MediaList(userName: "alice", mediaId: {FRIEREN}) {{ progress }} }}',
        {"progress": 11},
    ),
    "MediaListCollection": (
        "{ MediaListCollection(userId: 5003, type: ANIME, status: CURRENT) { lists { entries { progress } } } }",
        {"lists": [{"entries": [{"progress": 8}]}]},
    ),
    "GenreCollection": ("{ GenreCollection }", None),
    "MediaTagCollection": ("{ MediaTagCollection { id name } }", None),
    "User": ('{ User(name: "bob") { id } }', {"id": 5002}),
    "Viewer": ("{ Viewer { name } }", {"name": "alice"}),
    "Following": ("{ Following(userId: 5001) { name } }", {"name": "bob"}),
    "Follower": ("{ Follower(userId: 5001) { name } }", {"name": "bob"}),
    "Notification": (
        "{ Notification(type: FOLLOWING) { ... on FollowingNotification { user { name } } } }",
        {"user": {"name": "bob"}},
    ),
    "Activity": (
        "{ Activity(id: 500001) { ... on TextActivity { likeCount isLiked replyCount user { name } } } }",
        {"likeCount": 1, "isLiked": False, "replyCount": 1, "user": {"name": "alice"}},
    ),
    "ActivityReply": (
        "{ ActivityReply(activityId: 500001) { text user { name } } }",
        {"text": "I thought so too!", "user": {"name": "eve"}},
    ),
    "Like": ("{ Like(likeableId: 500001, type: ACTIVITY) { name } }", {"name": "bob"}),
    "Thread": (
        "{ Thread(id: 540001) { replyCount replyUser { name } categories { name } mediaCategories { id } } }",
        {
            "replyCount": 2,
            "replyUser": {"name": "alice"},
            "categories": [{"name": "Anime"}, {"name": "General"}],
            "mediaCategories": [{"id": FRIEREN}],
        },
    ),
    "ThreadComment": (
        "{ ThreadComment(threadId: 540001) { comment childComments } }",
        None,
    ),
    "Review": (f"{{ Review(mediaId: {FRIEREN}) {{ score rating ratingAmount userRating }} }}",
               {"score": 92, "rating": 1, "ratingAmount": 1, "userRating": "UP_VOTE"}),
    "Recommendation": (
        f"{{ Recommendation(mediaId: {FRIEREN}) {{ rating mediaRecommendation {{ id }} }} }}",
        {"rating": 1, "mediaRecommendation": {"id": 1}},
    ),
    "Markdown": (
        '{ Markdown(markdown: "__so__ *it* <b>") { html } }',
        {"html": "<p><strong>so</strong> <em>it</em> &lt;b&gt;</p>"},
    ),
    "AniChartUser": ("{ AniChartUser { user { name } settings } }",
                     {"user": {"name": "alice"}, "settings": {}}),
    "SiteStatistics": (
        "{ SiteStatistics { anime(perPage: 1) { nodes { change } edges { node { count } } } } }", None,
    ),
    "ExternalLinkSourceCollection": (
        "{ ExternalLinkSourceCollection(type: STREAMING) { site } }", [{"site": "Sandbox Stream"}],
    ),
}  # fmt: skip


def test_every_query_of_the_schema_is_answered_and_tried():
    assert set(READS) == set(QUERIES) == set(schema().query_type.fields)
    assert set(MUTATIONS) == set(schema().mutation_type.fields)
    assert (len(QUERIES), len(MUTATIONS)) == (27, 29)


@pytest.mark.parametrize("name", READS)
def test_a_query_answers(world, name):
    query, expected = READS[name]
    found = world.ask(query)[name]
    assert found
    assert expected is None or found == expected


PAGED = {
    "users": "name", "media(id_in: [1, 5])": "id", "characters": "id", "staff": "id", "studios": "name",
    "mediaList(userId: 5001)": "id", "airingSchedules(mediaId: 21)": "episode",
    "mediaTrends(mediaId: 1)": "date", "notifications": "__typename", "followers(userId: 5001)": "name",
    "following(userId: 5001)": "name", "activities": "__typename",
    "activityReplies(activityId: 500001)": "text", "threads": "title",
    "threadComments(threadId: 540001)": "comment", f"reviews(mediaId: {FRIEREN})": "score",
    f"recommendations(mediaId: {FRIEREN})": "rating", "likes(likeableId: 500001, type: ACTIVITY)": "name",
}  # fmt: skip


def test_every_kind_of_page_is_tried():
    kinds = {name.partition("(")[0] for name in PAGED}
    assert kinds | {"pageInfo"} == set(schema().type_map["Page"].fields)


@pytest.mark.parametrize("kind", PAGED)
def test_a_page_answers(world, kind):
    found = world.ask(f"{{ Page {{ pageInfo {{ total }} {kind} {{ {PAGED[kind]} }} }} }}")["Page"]
    rows = found[kind.partition("(")[0]]
    assert rows
    assert found["pageInfo"]["total"] == len(rows) or len(rows) == 50


# Mutations, each read back


def mutate(world, mutation, variables=None, by="alice"):
    (answer,) = world.ask(f"mutation {mutation}", variables, by).values()
    return answer


def test_UpdateUser(world):
    mutate(world, """{ UpdateUser(about: "new", titleLanguage: NATIVE, scoreFormat: POINT_3, timezone: "+09:00",
        displayAdultContent: true, staffNameLanguage: NATIVE, rowOrder: "title", donatorBadge: "Friend",
        notificationOptions: [{type: FOLLOWING, enabled: false}],
        animeListOptions: {customLists: ["Bees"], advancedScoring: ["Music"]},
        disabledListActivity: [{type: PAUSED, disabled: true}]) { id } }""")  # fmt: skip
    assert world.ask("""{ Viewer { about donatorBadge
        options { titleLanguage timezone displayAdultContent staffNameLanguage
            notificationOptions { type enabled } disabledListActivity { type disabled } }
        mediaListOptions { scoreFormat rowOrder animeList { customLists advancedScoring } } } }""") == {
        "Viewer": {
            "about": "new", "donatorBadge": "Friend",
            "options": {
                "titleLanguage": "NATIVE", "timezone": "+09:00", "displayAdultContent": True,
                "staffNameLanguage": "NATIVE",
                "notificationOptions": [{"type": "FOLLOWING", "enabled": False}],
                "disabledListActivity": [{"type": "PAUSED", "disabled": True}],
            },
            "mediaListOptions": {
                "scoreFormat": "POINT_3", "rowOrder": "title",
                "animeList": {"customLists": ["Bees"], "advancedScoring": ["Music"]},
            },
        }
    }  # fmt: skip
    title = world.ask("{ Media(id: 1) { title { userPreferred } } }")["Media"]["title"]
    assert title["userPreferred"] == "カウボーイビバップ"


@pytest.mark.parametrize("gaps", [[None], [{"type": None}], [{"type": "FOLLOWING"}]])
def test_UpdateUser_with_gaps_breaks_nothing_later(world, gaps):
    setting = (
        "($given: [NotificationOptionInput]) { UpdateUser(notificationOptions: $given) { id } }"
    )
    mutate(world, setting, {"given": gaps})
    mutate(world, "{ ToggleFollow(userId: 5001) { id } }", by="eve")
    statuses = [{"type": "CURRENT"} if gap and gap["type"] else gap for gap in gaps]
    setting = (
        "($given: [ListActivityOptionInput]) { UpdateUser(disabledListActivity: $given) { id } }"
    )
    mutate(world, setting, {"given": statuses})
    mutate(world, "{ SaveMediaListEntry(mediaId: 1) { id } }")
    mutate(world, '{ UpdateUser(animeListOptions: {customLists: [null, "One"]}) { id } }')
    options = world.ask("{ Viewer { mediaListOptions { animeList { customLists } } } }")["Viewer"]
    assert options["mediaListOptions"]["animeList"] == {"customLists": ["One"]}


ENTRY = (
    "{ MediaList(userId: 5001, mediaId: 1) { id status progress notes score(format: POINT_100) } }"
)


def test_SaveMediaListEntry(world):
    made = mutate(world, '{ SaveMediaListEntry(mediaId: 1, progress: 2, notes: "x", scoreRaw: 70) { id } }')  # fmt: skip
    assert world.ask(ENTRY)["MediaList"] == {
        "id": made["id"], "status": "CURRENT", "progress": 2, "notes": "x", "score": 70,
    }  # fmt: skip
    own = world.ask("{ Media(id: 1) { mediaListEntry { id } } }")["Media"]["mediaListEntry"]
    assert own == made
    activity = world.ask(
        "{ Activity(userId: 5001, type: ANIME_LIST, sort: [ID_DESC]) { ... on ListActivity { status progress media { id } } } }"
    )["Activity"]
    assert activity == {"status": "watched episode", "progress": "2", "media": {"id": 1}}


@pytest.mark.fact("3.7")
def test_UpdateMediaListEntries(world):
    ids = [entry.id for entry in world.store.entries_of(world.store.people["alice"])[:3]]
    mutate(
        world,
        "($ids: [Int]) { UpdateMediaListEntries(ids: $ids, status: PAUSED, progress: 5) { id } }",
        {"ids": ids},
    )
    for id in ids:
        assert world.ask(f"{{ MediaList(id: {id}) {{ status progress }} }}")["MediaList"] == {
            "status": "PAUSED",
            "progress": 5,
        }
    other = world.store.entries_of(world.store.people["bob"])[0].id
    status, error = world.refusal(
        "mutation ($ids: [Int]) { UpdateMediaListEntries(ids: $ids, progress: 1) { id } }",
        {"ids": [ids[0], other]},
    )
    assert (status, error["message"]) == (400, "You are not authorized to modify this MediaList")
    assert world.ask(f"{{ MediaList(id: {ids[0]}) {{ progress }} }}")["MediaList"]["progress"] == 5


def test_DeleteMediaListEntry(world):
    made = mutate(world, "{ SaveMediaListEntry(mediaId: 1) { id } }")
    assert mutate(world, f"{{ DeleteMediaListEntry(id: {made['id']}) {{ deleted }} }}")["deleted"]
    assert world.refusal(ENTRY)[0] == 404


def test_DeleteCustomList(world):
    delete = '{ DeleteCustomList(customList: "With friends", type: ANIME) { deleted } }'
    assert mutate(world, delete) == {"deleted": True}
    assert mutate(world, delete) == {"deleted": False}
    names = world.ask('{ MediaListCollection(userName: "alice", type: ANIME) { lists { name } } }')[
        "MediaListCollection"
    ]["lists"]
    assert "With friends" not in [group["name"] for group in names]
    only_there = world.ask("{ MediaList(userId: 5001, mediaId: 30) { hiddenFromStatusLists } }")
    assert only_there["MediaList"] == {"hiddenFromStatusLists": False}


@pytest.mark.fact("3.16")
def test_SaveTextActivity(world):
    made = mutate(world, '{ SaveTextActivity(text: "Hello @bob, hello") { id } }')
    read = "{ Activity(id: %s) { ... on TextActivity { text isLocked } } }" % made["id"]
    assert world.ask(read)["Activity"] == {"text": "Hello @bob, hello", "isLocked": False}
    mutate(world, '{ SaveTextActivity(id: %s, text: "Changed", locked: true) { id } }' % made["id"])
    assert world.ask(read)["Activity"] == {"text": "Changed", "isLocked": True}
    mentioned = "{ Notification(type: ACTIVITY_MENTION) { ... on ActivityMentionNotification { activityId } } }"
    assert world.ask(mentioned, by="bob")["Notification"] == {"activityId": made["id"]}


def test_SaveMessageActivity(world):
    made = mutate(
        world,
        '{ SaveMessageActivity(message: "Just us two", recipientId: 5002, private: true) { id } }',
    )
    read = "{ Activity(id: %s) { ... on MessageActivity { message isPrivate messenger { name } recipient { name } } } }"
    expected = {
        "message": "Just us two", "isPrivate": True,
        "messenger": {"name": "alice"}, "recipient": {"name": "bob"},
    }  # fmt: skip
    assert world.ask(read % made["id"], by="bob")["Activity"] == expected
    assert world.refusal(read % made["id"], by="eve")[0] == 404
    told = "{ Notification(type: ACTIVITY_MESSAGE) { ... on ActivityMessageNotification { message { id } } } }"
    assert world.ask(told, by="bob")["Notification"] == {"message": {"id": made["id"]}}


def test_SaveListActivity(world):
    mutate(world, "{ SaveMediaListEntry(mediaId: 1) { id } }")
    found = world.ask("{ Activity(userId: 5001, mediaId: 1) { ... on ListActivity { id } } }")
    mutate(world, "{ SaveListActivity(id: %s, locked: true) { id } }" % found["Activity"]["id"])
    assert world.ask(
        "{ Activity(userId: 5001, mediaId: 1) { ... on ListActivity { isLocked } } }"
    ) == {"Activity": {"isLocked": True}}


def test_DeleteActivity(world):
    assert mutate(world, "{ DeleteActivity(id: 500001) { deleted } }") == {"deleted": True}
    assert world.refusal("{ Activity(id: 500001) { __typename } }")[0] == 404
    assert world.refusal("{ ActivityReply(activityId: 500001) { id } }")[0] == 404


def test_ToggleActivityPin(world):
    mutate(world, "{ ToggleActivityPin(id: 500001, pinned: true) { __typename } }")
    read = "{ Activity(id: 500001) { ... on TextActivity { isPinned } } }"
    assert world.ask(read)["Activity"] == {"isPinned": True}
    mutate(world, "{ ToggleActivityPin(id: 500001) { __typename } }")
    assert world.ask(read)["Activity"] == {"isPinned": False}


def test_ToggleActivitySubscription(world):
    read = "{ Activity(id: 500001) { ... on TextActivity { isSubscribed } } }"
    assert world.ask(read, by="bob")["Activity"] == {"isSubscribed": False}
    mutate(
        world,
        "{ ToggleActivitySubscription(activityId: 500001, subscribe: true) { __typename } }",
        by="bob",
    )
    assert world.ask(read, by="bob")["Activity"] == {"isSubscribed": True}


def test_SaveActivityReply(world):
    made = mutate(
        world, '{ SaveActivityReply(activityId: 500001, text: "Me too") { id } }', by="bob"
    )
    read = "{ ActivityReply(id: %s) { text user { name } } }" % made["id"]
    assert world.ask(read)["ActivityReply"] == {"text": "Me too", "user": {"name": "bob"}}
    mutate(world, '{ SaveActivityReply(id: %s, text: "Not me") { id } }' % made["id"], by="bob")
    assert world.ask(read)["ActivityReply"]["text"] == "Not me"
    count = world.ask("{ Activity(id: 500001) { ... on TextActivity { replyCount } } }")
    assert count["Activity"] == {"replyCount": 2}
    told = "{ Notification(type: ACTIVITY_REPLY) { ... on ActivityReplyNotification { user { name } } } }"
    assert world.ask(told)["Notification"] == {"user": {"name": "bob"}}


def test_DeleteActivityReply(world):
    assert world.refusal("mutation { DeleteActivityReply(id: 520001) { deleted } }")[0] == 400
    assert mutate(world, "{ DeleteActivityReply(id: 520001) { deleted } }", by="eve")["deleted"]
    assert world.refusal("{ ActivityReply(id: 520001) { id } }")[0] == 404


def test_ToggleLike(world):
    toggle = "{ ToggleLike(id: 540001, type: THREAD) { name } }"
    assert mutate(world, toggle, by="eve") == [{"name": "bob"}, {"name": "eve"}]
    read = "{ Thread(id: 540001) { likeCount isLiked } }"
    assert world.ask(read, by="eve")["Thread"] == {"likeCount": 2, "isLiked": True}
    assert mutate(world, toggle, by="eve") == [{"name": "bob"}]
    assert world.ask(read, by="eve")["Thread"] == {"likeCount": 1, "isLiked": False}


@pytest.mark.fact("3.16")
@pytest.mark.parametrize(
    ("kind", "id", "type_name", "read"),
    [
        ("ACTIVITY", 500_002, "ListActivity", "Activity(id: 500002) { ... on ListActivity { isLiked } }"),
        ("ACTIVITY_REPLY", 520_001, "ActivityReply", "ActivityReply(id: 520001) { isLiked }"),
        ("THREAD", 540_001, "Thread", "Thread(id: 540001) { isLiked }"),
        ("THREAD_COMMENT", 560_002, "ThreadComment", "ThreadComment(id: 560002) { isLiked }"),
    ],
)  # fmt: skip
def test_ToggleLikeV2(world, kind, id, type_name, read):
    toggle = f"{{ ToggleLikeV2(id: {id}, type: {kind}) {{ __typename }} }}"
    assert mutate(world, toggle, by="eve") == {"__typename": type_name}
    (found,) = world.ask(f"{{ {read} }}", by="eve").values()
    assert found in ({"isLiked": True}, [{"isLiked": True}])


@pytest.mark.fact("3.16")
def test_ToggleFollow(world):
    toggle = "{ ToggleFollow(userId: 5003) { name isFollowing } }"
    assert mutate(world, toggle) == {"name": "eve", "isFollowing": True}
    read = "{ Page { followers(userId: 5003) { name } } }"
    assert world.ask(read)["Page"]["followers"] == [{"name": "alice"}, {"name": "bob"}]
    unread = "{ Viewer { unreadNotificationCount } }"
    assert world.ask(unread, by="eve")["Viewer"] == {"unreadNotificationCount": 1}
    assert mutate(world, toggle)["isFollowing"] is False
    assert world.ask(read)["Page"]["followers"] == [{"name": "bob"}]


@pytest.mark.fact("3.16")
@pytest.mark.parametrize(
    ("argument", "id", "kind", "read"),
    [
        ("animeId", 1, "anime", "Media(id: 1)"),
        ("mangaId", 30013, "manga", "Media(id: 30013)"),
        ("characterId", CHARACTERS + 2, "characters", f"Character(id: {CHARACTERS + 2})"),
        ("staffId", STAFF + 2, "staff", f"Staff(id: {STAFF + 2})"),
        ("studioId", STUDIOS + 2, "studios", f"Studio(id: {STUDIOS + 2})"),
    ],
)
def test_ToggleFavourite(world, argument, id, kind, read):
    ids = f"{{ {kind} {{ nodes {{ id }} }} }}"
    found = mutate(world, f"{{ ToggleFavourite({argument}: {id}) {ids} }}")
    assert {"id": id} in found[kind]["nodes"]
    assert world.ask(f"{{ {read} {{ isFavourite }} }}") == {
        read.partition("(")[0]: {"isFavourite": True}
    }
    mine = world.ask(f"{{ Viewer {{ favourites {ids} }} }}")["Viewer"]["favourites"]
    assert {"id": id} in mine[kind]["nodes"]
    found = mutate(world, f"{{ ToggleFavourite({argument}: {id}) {ids} }}")
    assert {"id": id} not in found[kind]["nodes"]


def test_UpdateFavouriteOrder(world):
    read = (
        "{ Viewer { favourites { anime { edges { favouriteOrder node { id } } nodes { id } } } } }"
    )
    before = world.ask(read)["Viewer"]["favourites"]["anime"]["nodes"]
    assert before == [{"id": FRIEREN}, {"id": 9253}]
    mutate(
        world,
        f"{{ UpdateFavouriteOrder(animeIds: [{FRIEREN}, 9253], animeOrder: [2, 1]) {{ anime {{ nodes {{ id }} }} }} }}",
    )
    after = world.ask(read)["Viewer"]["favourites"]["anime"]
    assert after["nodes"] == before[::-1]
    assert after["edges"][0] == {"favouriteOrder": 1, "node": {"id": 9253}}


REVIEW = "($body: String, $score: Int) { SaveReview(mediaId: 1, body: $body, score: $score, summary: \"A summary of some length.\") { id } }"  # fmt: skip


def test_SaveReview(world):
    made = mutate(world, REVIEW, {"body": "x" * 2200, "score": 80})
    again = mutate(world, REVIEW, {"body": "y" * 2200, "score": 90})
    assert again == made
    found = world.ask("{ Review(mediaId: 1, userId: 5001) { body score media { id } } }")["Review"]
    assert found == {"body": "y" * 2200, "score": 90, "media": {"id": 1}}
    nodes = world.ask("{ Media(id: 1) { reviews { nodes { id } } } }")["Media"]["reviews"]["nodes"]
    assert nodes == [made]


def test_DeleteReview(world):
    assert mutate(world, "{ DeleteReview(id: 580001) { deleted } }", by="bob")["deleted"]
    assert world.refusal("{ Review(id: 580001) { id } }")[0] == 404


def test_RateReview(world):
    read = "{ Review(id: 580001) { rating ratingAmount userRating } }"
    mutate(world, "{ RateReview(reviewId: 580001, rating: DOWN_VOTE) { id } }", by="eve")
    assert world.ask(read, by="eve")["Review"] == {
        "rating": 1,
        "ratingAmount": 2,
        "userRating": "DOWN_VOTE",
    }
    mutate(world, "{ RateReview(reviewId: 580001, rating: NO_VOTE) { id } }", by="eve")
    assert world.ask(read, by="eve")["Review"]["ratingAmount"] == 1


def test_SaveRecommendation(world):
    save = "{ SaveRecommendation(mediaId: 5, mediaRecommendationId: 6, rating: %s) { id rating } }"
    made = mutate(world, save % "RATE_UP")
    assert made["rating"] == 1
    assert mutate(world, save % "RATE_DOWN", by="bob") == {"id": made["id"], "rating": 0}
    read = "{ Media(id: 5) { recommendations { nodes { id userRating mediaRecommendation { id } } } } }"
    assert world.ask(read)["Media"]["recommendations"]["nodes"] == [
        {"id": made["id"], "userRating": "RATE_UP", "mediaRecommendation": {"id": 6}}
    ]


def test_SaveThread(world):
    made = mutate(
        world,
        '{ SaveThread(title: "A title", body: "A body of a thread", categories: [7], mediaCategories: [1]) { id } }',
    )
    mutate(world, '{ SaveThread(id: %s, title: "Another") { id } }' % made["id"])
    found = world.ask("{ Thread(mediaCategoryId: 1) { id title isSticky isSubscribed } }")["Thread"]
    assert found == {**made, "title": "Another", "isSticky": False, "isSubscribed": True}


def test_DeleteThread(world):
    assert mutate(world, "{ DeleteThread(id: 540001) { deleted } }")["deleted"]
    assert world.refusal("{ Thread(id: 540001) { id } }")[0] == 404
    assert world.ask("{ ThreadComment(threadId: 540001) { id } }")["ThreadComment"] == []


def test_ToggleThreadSubscription(world):
    mutate(
        world, "{ ToggleThreadSubscription(threadId: 540001, subscribe: true) { id } }", by="eve"
    )
    read = "{ Page { threads(subscribed: true) { id isSubscribed } } }"
    assert world.ask(read, by="eve")["Page"]["threads"] == [{"id": 540_001, "isSubscribed": True}]


def test_SaveThreadComment(world):
    made = mutate(
        world, '{ SaveThreadComment(threadId: 540001, comment: "The trains") { id } }', by="eve"
    )
    answer = '{ SaveThreadComment(parentCommentId: %s, comment: "Never") { id } }' % made["id"]
    child = mutate(world, answer, by="bob")
    read = "{ ThreadComment(id: %s) { comment childComments } }" % made["id"]
    (found,) = world.ask(read)["ThreadComment"]
    assert found["comment"] == "The trains"
    (nested,) = found["childComments"]
    assert (nested["id"], nested["user"]["name"]) == (child["id"], "bob")
    mutate(
        world, '{ SaveThreadComment(id: %s, comment: "The bees") { id } }' % made["id"], by="eve"
    )
    assert world.ask(read)["ThreadComment"][0]["comment"] == "The bees"
    told = "{ Notification(type: THREAD_COMMENT_REPLY) { ... on ThreadCommentReplyNotification { comment { id } } } }"
    assert world.ask(told, by="eve")["Notification"] == {"comment": {"id": child["id"]}}


def test_DeleteThreadComment(world):
    assert mutate(world, "{ DeleteThreadComment(id: 560001) { deleted } }", by="bob")["deleted"]
    assert world.ask("{ Thread(id: 540001) { replyCount } }")["Thread"] == {"replyCount": 0}


def test_UpdateAniChartSettings(world):
    assert mutate(world, '{ UpdateAniChartSettings(theme: "dark") }') == {"theme": "dark"}
    mutate(world, '{ UpdateAniChartSettings(sort: "title") }')
    assert world.ask("{ AniChartUser { settings } }")["AniChartUser"]["settings"] == {
        "theme": "dark",
        "sort": "title",
    }


def test_UpdateAniChartHighlights(world):
    mutate(world, '{ UpdateAniChartHighlights(highlights: [{mediaId: 1, highlight: "green"}]) }')
    found = world.ask("{ AniChartUser { highlights } }")["AniChartUser"]
    assert found == {"highlights": {"1": "green"}}


def test_every_mutation_has_a_test_of_its_own():
    assert {f"test_{name}" for name in MUTATIONS} <= set(globals())


@pytest.mark.parametrize("name", MUTATIONS)
def test_no_stranger_changes_anything(world, name):
    kind = schema().mutation_type.fields[name].type
    selection = "" if str(kind) == "Json" else "{ __typename }"
    status, error = world.refusal(f"mutation {{ {name} {selection} }}", by=None)
    assert (status, error["message"]) == (401, "Unauthorized.")

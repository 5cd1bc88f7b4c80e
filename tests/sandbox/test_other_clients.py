"""Clients that nobody here wrote work against the sandbox when their URL is changed, and only that."""

from __future__ import annotations

import anilist.client as wrapper
import pytest
from anilist import AniListClient
from anilist.exceptions import GraphQLError
from Anisearch import Anilist, Fragment
from Anisearch.connection import SETTINGS
from gql import Client, gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.requests import RequestsHTTPTransport
from pyanilist import AniList, MediaNotFoundError, MediaSort, MediaType, RateLimitError

from tests.sandbox.conftest import FRIEREN


class TestPyanilist:
    @pytest.fixture
    def client(self, box):
        with AniList(f"{box.url}/graphql") as client:
            yield client

    def test_a_medium_by_search(self, client):
        media = client.get_media("frieren", type=MediaType.ANIME)
        assert (media.id, media.title.english) == (FRIEREN, "Frieren: Beyond Journey’s End")
        assert media.tags

    def test_many_media_over_several_pages(self, client):
        found = list(client.get_media_many(id_in=[1, 5, 21], sort=MediaSort.ID))
        assert [media.id for media in found] == [1, 5, 21]

    def test_what_leads_on_from_a_medium(self, client):
        assert next(media.id for media in client.get_recommendations(FRIEREN)) == 1
        assert [media.id for media in client.get_relations(1)] == [5]
        assert list(client.get_studios(1))
        assert list(client.get_staffs(1))
        assert list(client.get_characters(1))
        schedule = client.get_airing_schedule(21, not_yet_aired=True)
        assert next(episode.episode for episode in schedule) == 1123

    def test_what_is_not_there(self, client):
        with pytest.raises(MediaNotFoundError):
            client.get_media(id=999_999_999)

    def test_the_limit(self, client, box):
        box.dials.too_many = True
        with pytest.raises(RateLimitError, match="60"):
            client.get_media(id=1)


# It splits by position, which Python 3.13 warns of.
@pytest.mark.filterwarnings("ignore:'maxsplit' is passed as positional:DeprecationWarning")
class TestAnisearch:
    """Its own examples; it sends no ``Referer``, so AniList's gate is closed to it by now."""

    @pytest.fixture
    def client(self, box, monkeypatch):
        box.dials.referer_gate = False
        monkeypatch.setitem(SETTINGS, "api_url", f"{box.url}/graphql")
        monkeypatch.setitem(SETTINGS, "header", dict(SETTINGS["header"]))
        client = Anilist()
        yield client
        client.session.close()

    def test_a_medium(self, client):
        found = (
            client.media(id=1, type="ANIME").id().title("romaji", "english").episodes().execute()
        )
        assert (found.id, found.title.romaji, found.episodes) == (1, "Cowboy Bebop", 26)

    def test_nested_fields_and_fragments(self, client):
        basic = Fragment.media(lambda m: m.id().title("romaji", "english").genres())
        cast = (
            client.media(id=1)
            .use(basic)
            .characters(
                sort=["FAVOURITES_DESC"], per_page=3, fields=lambda c: c.id().name().image()
            )
        )
        found = cast.execute()
        assert found.genres == ["Action", "Drama", "Sci-Fi"]

    def test_characters_staff_and_studios(self, client):
        assert client.character(id=920_001).id().name().image().execute().id == 920_001
        assert client.staff(id=930_001).id().name().image().execute().id == 930_001
        assert client.studio(search="lantern works").id().name().execute().name == "Lantern Works"

    def test_pages(self, client):
        query = client.media(search="the", type="ANIME").id().title("romaji")
        assert query.page(page=1, per_page=10).execute()

    def test_changes(self, client, box):
        client.set_token(box.issue_token("alice"))
        client.save_media_list_entry(media_id=1, status="CURRENT", progress=3).execute()
        assert box.store.entry_for(box.user("alice"), 1).progress == 3
        client.toggle_favourite(anime_id=1).execute()
        assert 1 in box.user("alice").favourites["anime"]
        client.save_text_activity(text="Written by somebody else").execute()
        assert "Written by somebody else" in [
            row.get("text") for row in box.store.rows("activities")
        ]

    def test_the_gate_is_closed_to_it(self, client, box):
        box.dials.referer_gate = True
        found = client.raw_query({"id": 1}, "query ($id: Int) { Media(id: $id) { id } }")
        assert "temporarily disabled" in found["errors"][0]["message"]


class TestAnilistWrapper:
    """Its address is a constant, which is patched; it sends no ``Referer`` either."""

    @pytest.fixture
    def client(self, box, monkeypatch):
        box.dials.referer_gate = False
        monkeypatch.setattr(wrapper, "ANILIST_ENDPOINT", f"{box.url}/graphql")
        with AniListClient(rate_limit_rpm=100_000) as client:
            yield client

    def test_media(self, client):
        assert client.get_media(FRIEREN).title.romaji == "Sousou no Frieren"
        assert [media.id for media in client.search_media("frieren").nodes] == [FRIEREN]
        assert client.get_media(999_999_999) is None
        assert client.get_media_relations(1)
        assert client.get_media_recommendations(FRIEREN)
        assert client.get_trending()

    def test_everybody_else(self, client):
        assert client.get_character(920_001).name.full
        assert client.search_characters("a")
        assert client.get_staff(930_001).name.full
        assert client.search_studios("a")
        assert client.get_user(name="alice").name == "alice"

    def test_lists_of_words(self, client):
        assert "Drama" in client.get_genres()
        assert client.get_media_tags()
        assert client.get_site_statistics()
        assert client.get_airing_schedule()

    def test_the_gate_is_closed_to_it(self, client, box):
        box.dials.referer_gate = True
        with pytest.raises(GraphQLError, match="temporarily disabled"):
            client.get_media(1)


class TestGql:
    """The script of its documentation, which fetches the schema and checks the query by it."""

    @pytest.fixture
    def client(self, box):
        headers = {
            "Referer": "http://127.0.0.1/",
            "Authorization": f"Bearer {box.issue_token('alice')}",
        }
        transport = RequestsHTTPTransport(url=f"{box.url}/graphql", headers=headers)
        return Client(transport=transport, fetch_schema_from_transport=True)

    def test_a_query(self, client):
        query = gql(
            "query ($id: Int) { Media(id: $id, type: ANIME) { id title { romaji english native } } }"
        )
        query.variable_values = {"id": 1}
        assert client.execute(query)["Media"]["title"]["native"] == "カウボーイビバップ"

    def test_a_mutation(self, client):
        save = gql(
            "mutation { SaveMediaListEntry(mediaId: 1, progress: 3) { progress user { name } } }"
        )
        assert client.execute(save)["SaveMediaListEntry"] == {
            "progress": 3,
            "user": {"name": "alice"},
        }

    def test_an_error(self, client):
        with pytest.raises(TransportQueryError, match=r"Not Found\."):
            client.execute(gql("{ Media(id: 999999999) { id } }"))

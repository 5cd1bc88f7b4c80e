"""The mixin for Django's own test cases, and asynchronous tests with it."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.test import TestCase

from django_anilist.api.errors import Unavailable
from django_anilist.gateway import AniList
from django_anilist.models import AniListToken, Status
from django_anilist.testing import AniListTestMixin


class KitTests(AniListTestMixin, TestCase):
    def setUp(self):
        super().setUp()
        self.user = get_user_model().objects.create_user("alice")

    def test_it_has_a_kit(self):
        self.anilist.connect(self.user)
        assert AniList.for_user(self.user).viewer()["name"] == "alice"
        self.anilist.assert_requests(1)

    def test_each_test_has_its_own(self):
        self.anilist.assert_requests(0)
        assert not AniListToken.objects.exists()

    def test_an_outage(self):
        with self.anilist.outage(), pytest.raises(Unavailable):
            AniList.anonymous().media(1)


class AsynchronousTests(AniListTestMixin, TestCase):
    async def test_asking(self):
        user = await get_user_model().objects.acreate_user("alice")
        await self.anilist.aconnect(user)
        client = AniList.for_user(user)
        assert (await client.aviewer())["name"] == "alice"
        self.anilist.assert_requests(1)
        await self.anilist.aexpire(user)
        assert await AniList.for_user(user).astatus() == Status.EXPIRED

    async def test_the_whole_way(self):
        user = await get_user_model().objects.acreate_user("bob")
        await self.async_client.aforce_login(user)
        await self.anilist.aconnect_through(self.async_client)
        row = await AniListToken.objects.aget(user=user)
        assert row.name == "bob"

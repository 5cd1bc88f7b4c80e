"""AniList as django-allauth knows it."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.providers.base import ProviderAccount
from allauth.socialaccount.providers.oauth2.provider import OAuth2Provider

from benchmarks.rivals.allauth_site.views import AniListAdapter


class AniListProvider(OAuth2Provider):
    id = "anilist"
    name = "AniList"
    account_class = ProviderAccount
    oauth2_adapter_class = AniListAdapter

    def extract_uid(self, data: dict[str, Any]) -> str:
        return str(data["id"])

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        return {"username": data.get("name")}


provider_classes = [AniListProvider]

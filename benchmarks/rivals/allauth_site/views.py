"""How django-allauth asks AniList."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import (
    OAuth2Adapter,
    OAuth2CallbackView,
    OAuth2LoginView,
)
from django.conf import settings

from benchmarks.rivals import AUTHORIZE_URL, VIEWER


class AniListAdapter(OAuth2Adapter):
    provider_id = "anilist"
    authorize_url = AUTHORIZE_URL

    @property
    def access_token_url(self) -> str:
        return str(settings.FAULTY_TOKEN_URL)

    def complete_login(self, request: Any, app: Any, token: Any, **kwargs: Any) -> Any:
        headers = {"Authorization": f"Bearer {token.token}"}
        with get_adapter().get_requests_session() as session:
            url = settings.FAULTY_USER_URL
            response = session.post(url, json={"query": VIEWER}, headers=headers)
        response.raise_for_status()
        content = response.json()
        if content.get("errors"):
            raise OAuth2Error("AniList answered with errors")
        return self.get_provider().sociallogin_from_response(request, content["data"]["Viewer"])


oauth2_login = OAuth2LoginView.adapter_view(AniListAdapter)
oauth2_callback = OAuth2CallbackView.adapter_view(AniListAdapter)

"""AniList as social-auth-core knows it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from social_core.backends.oauth import BaseOAuth2
from social_core.exceptions import AuthResponseError

from benchmarks.rivals import AUTHORIZE_URL, VIEWER


class AniListOAuth2(BaseOAuth2):
    name = "anilist"
    AUTHORIZATION_URL = AUTHORIZE_URL
    ACCESS_TOKEN_METHOD = "POST"  # noqa: S105  a method, not a token
    REDIRECT_STATE = False
    EXTRA_DATA = [("expires_in", "expires")]

    def access_token_url(self) -> str:
        return str(settings.FAULTY_TOKEN_URL)

    def user_data(self, access_token: str, *args: Any, **kwargs: Any) -> Any:
        content = self.get_json(
            settings.FAULTY_USER_URL,
            method="POST",
            headers={"Authorization": f"Bearer {access_token}"},
            json={"query": VIEWER},
        )
        if content.get("errors"):
            raise AuthResponseError(self, stage="user_info")
        return content["data"]["Viewer"]

    def get_user_details(self, response: dict[str, Any]) -> dict[str, Any]:
        return {"username": response.get("name")}

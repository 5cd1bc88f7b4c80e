"""mozilla-django-oidc, as far as it applies: AniList speaks no OpenID Connect, its stand-in here does."""

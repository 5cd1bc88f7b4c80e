"""mozilla-django-oidc, as far as it applies: AniList speaks no OpenID Connect, what stands in does."""

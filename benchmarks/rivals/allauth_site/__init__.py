"""AniList by django-allauth: a provider of OAuth 2, written as those it ships."""

"""AniList by social-auth-app-django: a backend of OAuth 2, written as those it ships."""

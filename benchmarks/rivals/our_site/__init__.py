"""AniList by django-anilist, signing in with it as the others do."""

"""AniList for Django sites. Unofficial: not made or endorsed by AniList."""

__version__ = "0.1.0"

"""The example site, on a machine that may pause: no page gives AniList up after two seconds."""

from example.settings import *  # noqa: F403

ANILIST_DEADLINE = ANILIST_MAX_WAIT = 20

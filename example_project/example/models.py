"""What the site itself keeps: reviews, each of a title that only AniList describes."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Review(models.Model):
    """What a user thinks of a title. Of the title only its AniList id is kept."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reviews"
    )
    anilist_id = models.PositiveIntegerField(db_index=True)
    text = models.TextField(max_length=2000)
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-written_at", "-pk")

    def __str__(self) -> str:
        return f"{self.user} on #{self.anilist_id}"

"""The shapes that are found in public sites, each with the mistakes it has there."""

# ruff: noqa: DJ001, DJ008  the mistakes are the point

from django.conf import settings
from django.db import models


class Profile(models.Model):
    """A column as short as an opaque token would need; AniList's have a thousand characters."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE)
    anilist_token = models.CharField(max_length=64, blank=True, null=True)


class Link(models.Model):
    """A longer column, still too short; and two ways to a user."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    access_token = models.CharField(max_length=255)


class Plain(models.Model):
    """Long enough, and in the clear; nobody where the user is gone."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True)
    token = models.TextField()


class Answer(models.Model):
    """All that the token endpoint said, among other things."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    data = models.JSONField(default=dict)

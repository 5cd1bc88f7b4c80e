"""Who uses the benchmarks' site."""

from __future__ import annotations

import datetime
from typing import Any

from django_anilist.accounts import Account
from django_anilist.sandbox import Sandbox


def connected(box: Sandbox, name: str) -> Any:
    """Return a user of the site, new, whose AniList account is that person's of the sandbox."""
    from django.contrib.auth.models import User  # noqa: PLC0415  settings come first

    from django_anilist import tokens  # noqa: PLC0415
    from django_anilist.api.oauth import Grant  # noqa: PLC0415
    from django_anilist.api.secrets import Secret  # noqa: PLC0415

    user = User.objects.create_user(name)
    person = box.store.people[name]
    grant = Grant(Secret(box.issue_token(name)), 31_536_000, person.id)
    tokens.save(user, Account(person.id, name), grant)
    return user


def fill(size: int) -> None:
    """Let the site have ``size`` users more or less, all of them connected."""
    from django.contrib.auth.models import User  # noqa: PLC0415  settings come first
    from django.utils import timezone  # noqa: PLC0415

    from django_anilist.models import AniListToken  # noqa: PLC0415

    now = timezone.now()
    dates = {"connected_at": now, "expires_at": now + datetime.timedelta(days=365)}
    have = User.objects.count()
    fresh = [User(username=f"user{number}") for number in range(have, size)]
    made = User.objects.bulk_create(fresh, batch_size=2000)
    rows = [
        AniListToken(user=user, anilist_id=10**6 + user.pk, sealed="-", **dates) for user in made
    ]
    AniListToken.objects.bulk_create(rows, batch_size=2000)

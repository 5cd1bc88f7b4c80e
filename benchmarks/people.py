"""Who uses the benchmarks' site."""

from __future__ import annotations

from typing import Any

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
    tokens.save(user, tokens.Account(person.id, name), grant)
    return user

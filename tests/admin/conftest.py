"""A connected user, and the three kinds of people who may come to the admin."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from django_anilist import tokens
from django_anilist.accounts import Account
from django_anilist.api.oauth import Grant
from django_anilist.api.secrets import Secret

YEAR = 31_536_000
LIST = "/admin/django_anilist/anilisttoken/"
HEALTH = f"{LIST}health/"


def connected(user, anilist_id, name="", expires_in=YEAR, token="canary-token", avatar=""):
    """Connect a user of the site to an account that is nobody's in particular."""
    return tokens.save(
        user, Account(anilist_id, name, avatar), Grant(Secret(token), expires_in, anilist_id)
    )


def messages_of(response):
    """What an action says, once its redirect is followed."""
    return [str(message) for message in response.context["messages"]]


def act(client, action, *rows, post="yes"):
    """Choose rows of the list, and say yes to an action."""
    data = {"action": action, "_selected_action": [row.pk for row in rows], "post": post}
    return client.post(LIST, data, follow=True)


@pytest.fixture
def row(alice):
    return connected(alice, 7, "Alice", avatar="https://s4.anilist.co/file/a.png")


@pytest.fixture
def staff(django_user_model):
    """Sign somebody in who works here, with these permissions on tokens."""

    def sign_in(*permissions):
        name = "-".join(["staff", *permissions])
        user = django_user_model.objects.create_user(name, is_staff=True)
        codenames = [f"{permission}_anilisttoken" for permission in permissions]
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def viewer_client(staff):
    """Staff who may look, and no more."""
    return staff("view")

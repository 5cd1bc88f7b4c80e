"""Three people, and a sandbox for them to connect to."""

import pytest
from django.contrib.auth import get_user_model


def _user(name):
    return get_user_model().objects.create_user(name, f"{name}@example.com", "password")


@pytest.fixture
def alice(db):
    return _user("alice")


@pytest.fixture
def bob(db):
    return _user("bob")


@pytest.fixture
def eve(db):
    return _user("eve")

"""Sealing: what goes in comes out, for the same row and with a key in force only."""

import json
import random

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from django_anilist import crypto
from django_anilist.api.secrets import Secret
from tests.properties import EXAMPLES, many

TOKEN = Secret("canary-token")


def sealed_for(user_pk=1, anilist_id=7):
    return crypto.seal(TOKEN, user_pk=user_pk, anilist_id=anilist_id)


def opened(sealed, user_pk=1, anilist_id=7):
    return crypto.unseal(sealed.text, user_pk=user_pk, anilist_id=anilist_id)


def test_a_sealed_token_opens_for_its_own_row():
    assert opened(sealed_for()) == TOKEN


def test_the_sealed_text_does_not_hold_the_token():
    assert TOKEN.reveal() not in sealed_for().text


def test_equal_tokens_are_sealed_differently():
    assert sealed_for().text != sealed_for().text


@pytest.mark.parametrize(("user_pk", "anilist_id"), [(2, 7), (1, 8), ("1x", 7)])
def test_a_sealed_token_stays_shut_in_another_row(user_pk, anilist_id):
    assert opened(sealed_for(), user_pk, anilist_id) is None


@pytest.mark.parametrize("length", [1, 255, 256, 4096, 8192])
def test_tokens_of_any_length_are_kept_exactly(length):
    token = Secret("x" * length)
    sealed = crypto.seal(token, user_pk=1, anilist_id=7)
    assert opened(sealed) == token


def test_nothing_opens_when_the_secret_key_changed(settings):
    sealed = sealed_for()
    settings.SECRET_KEY = "another"
    assert opened(sealed) is None


def test_a_fallback_of_the_secret_key_still_opens(settings):
    sealed = sealed_for()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    assert opened(sealed) == TOKEN
    assert sealed_for().key_id != sealed.key_id


def test_moving_from_the_secret_key_to_chosen_keys_loses_nothing(settings):
    old = sealed_for()
    settings.ANILIST_TOKEN_KEYS = [Fernet.generate_key().decode()]
    new = sealed_for()
    assert opened(old) == opened(new) == TOKEN
    assert old.key_id != new.key_id


def test_the_first_chosen_key_seals_and_all_open(settings):
    first, second = Fernet.generate_key(), Fernet.generate_key().decode()
    settings.ANILIST_TOKEN_KEYS = [second]
    old = sealed_for()
    settings.ANILIST_TOKEN_KEYS = [first, second]
    assert sealed_for().key_id == crypto.keyring().key_ids[0]
    assert opened(old) == TOKEN


def test_keys_may_come_from_a_callable(settings):
    key = Fernet.generate_key()
    settings.ANILIST_TOKEN_KEYS = lambda: [key]
    sealed = sealed_for()
    settings.ANILIST_TOKEN_KEYS = [key]
    assert opened(sealed) == TOKEN


def test_a_key_id_names_the_key_without_giving_it_away(settings):
    key = Fernet.generate_key().decode()
    settings.ANILIST_TOKEN_KEYS = [key]
    key_id = sealed_for().key_id
    assert len(key_id) == 12
    assert key_id not in key


def test_a_malformed_key_is_a_mistake_in_the_settings(settings):
    settings.ANILIST_TOKEN_KEYS = ["too short"]
    with pytest.raises(ImproperlyConfigured, match="ANILIST_TOKEN_KEYS"):
        sealed_for()


@pytest.mark.parametrize(
    "content",
    [
        b"[]",
        b"7",
        b"not json",
        b'{"v": 1, "u": "1", "a": 7}',
        b'{"v": 1, "u": "1", "a": 7, "t": null}',
        b'{"v": 1, "u": "1", "a": 7, "t": ["x"]}',
        b'{"v": 2, "u": "1", "a": 7, "t": "x"}',
        b'{"v": 1, "u": "1", "a": 7, "t": "x", "more": 1}',
    ],
)
def test_a_sealed_text_of_another_shape_stays_shut(content):
    text = crypto.keyring().fernet.encrypt(content).decode()
    assert crypto.unseal(text, user_pk=1, anilist_id=7) is None


@pytest.mark.parametrize("text", ["", "canary-token", "gAAAAA", "ü" * 40, "\ud800", "\0"])
def test_what_was_never_sealed_stays_shut(text):
    assert crypto.unseal(text, user_pk=1, anilist_id=7) is None


@pytest.mark.property
@pytest.mark.timeout(max(600, 6 * EXAMPLES))
def test_20000_mutations_never_raise_and_never_open_to_something_else(record_property):
    """Fernet's base64 is lenient, so an altered text may open: to the same token, or not at all."""
    original = sealed_for().text
    generator = random.Random(20_000)
    for _ in range(200 * EXAMPLES):
        letters = list(original)
        for _ in range(generator.randint(1, 3)):
            place = generator.randrange(len(letters))
            letters[place] = generator.choice(["", chr(generator.randrange(32, 1000)), "=", "A"])
        found = crypto.unseal("".join(letters), user_pk=1, anilist_id=7)
        assert found is None or found == TOKEN
    record_property("mutations", 200 * EXAMPLES)


#: What may be inside an envelope that one of our keys sealed.
CONTENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from("vuat") | st.text(max_size=3), inner)
    ),
    max_leaves=8,
)


@many(5)
@given(CONTENTS | st.binary(max_size=50))
def test_whatever_is_inside_opens_only_as_it_was_sealed(content):
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    envelope = crypto.keyring().fernet.encrypt(text).decode()
    found = crypto.unseal(envelope, user_pk=1, anilist_id=7)
    assert found is None or content == {"v": 1, "u": "1", "a": 7, "t": found.reveal()}


@many(5)
@given(st.text())
def test_no_text_opens_that_was_never_sealed(text):
    assert crypto.unseal(text, user_pk=1, anilist_id=7) is None

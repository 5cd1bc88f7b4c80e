"""Seal tokens for the database, and open them again.

A sealed token is a Fernet message (AES-128-CBC and HMAC-SHA256, by ``cryptography``) around
``{"v": 1, "u": <user's primary key>, "a": <AniList id>, "t": <token>}``. The user and the account are
compared when it is opened, so a sealed token copied to another row stays shut.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings as django_settings
from django.utils.encoding import force_bytes

from django_anilist.api.secrets import Secret
from django_anilist.conf import AniListImproperlyConfigured, settings

_VERSION = 1
_INFO = b"django-anilist/token-at-rest/v1"
_KEY_ID_PREFIX = b"django-anilist/kid/v1"


@dataclass(frozen=True)
class Sealed:
    """A sealed token, and the id of the key that opens it (12 hex digits, no secret)."""

    text: str
    key_id: str


@dataclass(frozen=True)
class Keyring:
    """The keys in force: ``fernet`` seals with the first and opens with any."""

    fernet: MultiFernet
    key_ids: tuple[str, ...]


def seal(token: Secret, *, user_pk: object, anilist_id: int) -> Sealed:
    """Seal ``token`` for this user and this AniList account."""
    ring = keyring()
    content = {"v": _VERSION, "u": str(user_pk), "a": anilist_id, "t": token.reveal()}
    return Sealed(ring.fernet.encrypt(json.dumps(content).encode()).decode(), ring.key_ids[0])


def unseal(text: str, *, user_pk: object, anilist_id: int) -> Secret | None:
    """Return the token in ``text``, or ``None`` where no key opens it or it is another row's."""
    try:
        content = json.loads(keyring().fernet.decrypt(text.encode()))
    except (InvalidToken, ValueError):
        return None
    return _token_for(content, {"v": _VERSION, "u": str(user_pk), "a": anilist_id})


def _token_for(content: Any, owner: dict[str, object]) -> Secret | None:
    if not isinstance(content, dict) or {**owner, "t": content.get("t")} != content:
        return None
    token = content["t"]
    return Secret(token) if isinstance(token, str) else None


def keyring() -> Keyring:
    """Return the keys in force, or raise :class:`AniListImproperlyConfigured`.

    The keys of ``ANILIST_TOKEN_KEYS`` come first; those derived from ``SECRET_KEY`` and
    ``SECRET_KEY_FALLBACKS`` follow, so that a site may move from one to the other without losing a
    connection.
    """
    chosen = tuple(settings.token_keys)
    derived_from = (django_settings.SECRET_KEY, *django_settings.SECRET_KEY_FALLBACKS)
    return _keyring(chosen, tuple(force_bytes(secret) for secret in derived_from))


@lru_cache(maxsize=8)
def _keyring(chosen: tuple[Any, ...], secrets: tuple[bytes, ...]) -> Keyring:
    keys = [*(force_bytes(key) for key in chosen), *(_derive(secret) for secret in secrets)]
    try:
        fernets = [Fernet(key) for key in keys]
    except ValueError:
        raise AniListImproperlyConfigured(
            "Every key of ANILIST_TOKEN_KEYS must be made by cryptography's Fernet.generate_key()"
        ) from None
    return Keyring(MultiFernet(fernets), tuple(_key_id(key) for key in keys))


def _derive(secret: bytes) -> bytes:
    """Return a Fernet key by HKDF (RFC 5869): ``SECRET_KEY`` is random, so no slow hash is due."""
    kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=_INFO)
    return base64.urlsafe_b64encode(kdf.derive(secret))


def _key_id(key: bytes) -> str:
    return hashlib.sha256(_KEY_ID_PREFIX + key).hexdigest()[:12]

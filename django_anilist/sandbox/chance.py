"""Chance that falls the same way in every run: what the seed decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar
from zlib import crc32

_T = TypeVar("_T")


def number(most: int, *key: object) -> int:
    """Return a number from 0 to ``most - 1``, always the same for the same ``key``."""
    return crc32("/".join(map(str, key)).encode()) * 2_654_435_761 % 4_294_967_291 % most


def choice(options: Sequence[_T], *key: object) -> _T:
    """Return one of ``options``, always the same for the same ``key``."""
    return options[number(len(options), *key)]

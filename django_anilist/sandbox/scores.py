"""Scores as AniList shows them, from the 0 to 100 that it keeps, and back."""

from __future__ import annotations

_HIGHEST = {"POINT_100": 100, "POINT_10_DECIMAL": 10, "POINT_10": 10, "POINT_5": 5, "POINT_3": 3}


def shown(raw: int, form: str) -> float:
    """Return a raw score in the format ``form``."""
    if raw == 0 or form == "POINT_100":
        return raw
    if form == "POINT_10_DECIMAL":
        return raw / 10
    if form == "POINT_10":
        return raw // 10
    if form == "POINT_5":
        return (raw + 10) // 20
    return 1 if raw <= 35 else 2 if raw <= 60 else 3


def kept(score: float, form: str) -> int:
    """Return the raw score of ``score`` in the format ``form``."""
    if score == 0 or form == "POINT_100":
        return int(score)
    if form == "POINT_3":
        return {1: 35, 2: 60, 3: 85}.get(int(score), 85)
    if form == "POINT_5":
        return int(score) * 20 - 10
    return round(score * 10)


def highest(form: str) -> int:
    """Return the best score of a format."""
    return _HIGHEST[form]

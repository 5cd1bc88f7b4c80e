"""Covers and avatars, drawn here: AniList's are not ours to fetch, nor there without a network."""

from __future__ import annotations

import textwrap
from functools import lru_cache
from html import escape
from pathlib import Path

from django_anilist.sandbox.store import Store

_COLOURS = ("#b1456e", "#2f6f8f", "#5a7d2a", "#7a4fa3", "#a3632f", "#2f7a6f")

_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="#b1456e" '
    'd="M3 10h26v18H3z"/><path fill="#7a2d4b" d="M3 10l4-6h18l4 6z"/></svg>'
)


def draw(store: Store, kind: str, name: str) -> str:
    """Return an SVG: the cover or banner of a medium by its id, the picture of a character or one of the
    staff by theirs, or a user's avatar by name; else ``""``."""
    if kind == "avatar" and name in store.people:
        return _portrait(name, store.people[name].id)
    if (kind, name) == ("icon", "box"):
        return _ICON
    if kind in ("character", "staff"):
        rows = store.cast.characters if kind == "character" else store.cast.staff
        row = rows.get(int(name)) if name.isdecimal() else None
        return _portrait(row["name"]["full"], row["id"]) if row else ""
    if kind in ("cover", "banner") and name.isdecimal() and int(name) in store.media:
        row = store.media[int(name)]
        title, colour = row["title"]["english"] or row["title"]["romaji"], row["color"] or "#5a6472"
        return _cover(title, colour) if kind == "cover" else _banner(colour)
    return ""


def _portrait(name: str, id: int) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">'
        f'<rect width="100" height="100" fill="{_COLOURS[(id - 5001) % len(_COLOURS)]}"/>'
        '<text x="50" y="68" font-family="sans-serif" font-size="54" text-anchor="middle" '
        f'fill="#fff">{escape(name[0].upper())}</text></svg>'
    )


def _cover(title: str, colour: str) -> str:
    lines = textwrap.wrap(title, 14)[:6]
    texts = "".join(
        f'<text x="16" y="{44 + 30 * number}">{escape(line)}</text>'
        for number, line in enumerate(lines)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 230 325">'
        f'<rect width="230" height="325" fill="{colour}"/>'
        '<path d="M0 325V230Q115 170 230 250V325Z" fill="#000" fill-opacity=".25"/>'
        '<circle cx="180" cy="210" r="26" fill="#fff" fill-opacity=".35"/>'
        f'<g font-family="sans-serif" font-weight="700" font-size="24" fill="#fff" stroke="#000" '
        f'stroke-opacity=".35" stroke-width="3" paint-order="stroke">{texts}</g></svg>'
    )


def _banner(colour: str) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1900 400">'
        f'<rect width="1900" height="400" fill="{colour}"/>'
        '<path d="M0 400V290Q950 110 1900 320V400Z" fill="#000" fill-opacity=".25"/>'
        '<circle cx="1480" cy="150" r="70" fill="#fff" fill-opacity=".35"/></svg>'
    )


@lru_cache(maxsize=1)
def stylesheet() -> str:
    return Path(__file__).with_name("static").joinpath("sandbox.css").read_text(encoding="utf-8")

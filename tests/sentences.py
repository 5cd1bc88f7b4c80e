"""The catalogues as polib reads them, and what a page says to its readers, seen or heard."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import django
import polib

LOCALE = Path(__file__).resolve().parents[1] / "django_anilist" / "locale"
#: Django's name of each language, and that of its folder.
LANGUAGES = {"en": "en", "de": "de", "fr": "fr", "es": "es", "pt-br": "pt_BR", "ja": "ja"}
#: All that have something to translate: in English the sources are what is said.
TRANSLATED = {language: folder for language, folder in LANGUAGES.items() if language != "en"}

_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
_TAG = re.compile(r"<[^>]+>")
#: What a placeholder can stand for that is no number.
_WORDS = {
    "account",
    "date",
    "day",
    "lane",
    "name",
    "names",
    "outage",
    "outcome",
    "own_score",
    "site",
    "span",
    "time",
    "title",
    "what",
}


def catalogue(folder: str) -> polib.POFile:
    return polib.pofile(str(LOCALE / folder / "LC_MESSAGES" / "django.po"))


def djangos_own(folder: str) -> dict[str, str]:
    """Return what Django and its applications say in a language, by what they say in English."""
    found: dict[str, str] = {}
    for path in Path(django.__file__).parent.glob(f"**/locale/{folder}/LC_MESSAGES/django.mo"):
        found |= {
            entry.msgid: entry.msgstr
            for entry in polib.mofile(str(path))
            if not entry.msgctxt and not entry.msgid_plural
        }
    return found


def pairs(entry: polib.POEntry) -> Iterator[tuple[str, str]]:
    """Yield each English form of an entry with each of its translations."""
    if not entry.msgid_plural:
        yield entry.msgid, entry.msgstr
    for number, text in entry.msgstr_plural.items():
        one = number == 0 and len(entry.msgstr_plural) > 1
        yield (entry.msgid if one else entry.msgid_plural), text


def placeholders(text: str) -> list[str]:
    """Return all of a sentence that must be the same in every language."""
    return sorted([*re.findall(r"%\(\w+\)[sd]|%%", text), *_TAG.findall(text)])


def sources(*patterns: str) -> str:
    """Return the sources that the patterns name, each sentence in one piece and as catalogues have it."""
    paths = (
        path
        for pattern in patterns
        for path in sorted(LOCALE.parent.glob(pattern))
        if path.is_file()
    )
    text = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    return re.sub(r"{{ (\w+) }}", r"%(\1)s", re.sub(r'"\n\s*"', "", text))


class _Said(HTMLParser):
    _TELLING = ("alt", "aria-label", "data-counting", "data-ready", "placeholder", "title")

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.pieces += [value for name, value in attrs if name in self._TELLING and value]

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)


def said(page: str) -> list[str]:
    """Return the texts of a page, and of the attributes that readers meet, each in one line."""
    parser = _Said()
    parser.feed(page)
    parser.close()
    lines = (" ".join(html.unescape(piece).split()) for piece in parser.pieces)
    return [line for line in lines if line]


def pattern(text: str) -> str:
    """Return a regular expression for a sentence, whatever stands in its places."""
    parts = _PLACEHOLDER.split(text.replace("%%", "%"))
    return "".join(
        (".+?" if part in _WORDS else r"[\d.,]+") if place % 2 else re.escape(part)
        for place, part in enumerate(parts)
    )


def fragments(text: str) -> list[str]:
    """Return the parts of a sentence between its tags that have letters in them, as patterns."""
    found = [" ".join(part.split()).strip(" .,") for part in _TAG.split(text)]
    return [pattern(part) for part in found if re.search(r"[^\W\d_]", _PLACEHOLDER.sub("", part))]


def marked(text: str) -> str:
    """Return a sentence with every part of it in brackets, but for its tags."""
    parts = re.split(f"({_TAG.pattern})", text)
    return "".join(
        part if place % 2 or not part else f"⟦{part}⟧" for place, part in enumerate(parts)
    )


def unmarked(text: str) -> str:
    """Return what of a text of a page is in no brackets."""
    while text != (inner := re.sub(r"⟦[^⟦⟧]*⟧", "", text)):
        text = inner
    return text


def write_marked(folder: Path) -> None:
    """Write a catalogue for English in which every sentence is marked."""
    found = catalogue("en")
    for entry in found:
        entry.msgstr = marked(entry.msgid)
        if entry.msgid_plural:
            entry.msgstr_plural = {0: marked(entry.msgid), 1: marked(entry.msgid_plural)}
    place = folder / "en" / "LC_MESSAGES"
    place.mkdir(parents=True)
    found.save_as_mofile(str(place / "django.mo"))

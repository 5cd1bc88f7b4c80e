"""The catalogues: whole, right in form, and what every page and tag says in each language."""

from __future__ import annotations

import datetime
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest
from django.utils import translation
from django.utils.translation import ngettext

from tests.every_page import Walk
from tests.sentences import (
    LANGUAGES,
    LOCALE,
    TRANSLATED,
    catalogue,
    djangos_own,
    fragments,
    pairs,
    placeholders,
    said,
    sources,
    unmarked,
    write_marked,
)

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = list(TRANSLATED.values())
#: A word may be as long as it is; only what could push a page apart is measured.
SHORT = 12
#: How many times as long as in English a sentence may be.
STRETCH = 2.2
#: What no other language says as shortly.
LONG_ALL_THE_SAME = {"fr": {"Save %(what)s?"}}
#: How the languages end sentences.
ENDS = {".": ".。", "?": "?？", ":": ":：", "!": "!！"}
#: How a reader is never addressed: AniList's people say du, tu, tú and você to each other.
STIFF = {
    "de": r"(?<=[a-zäöüß,] )(Sie|Ihnen|Ihre?[mnrs]?)\b",
    "fr": r"\b(?i:vous|votre|vos)\b",
    "es": r"\b(?i:usted(es)?|vosotros|vuestr[oa]s?)\b",
    "pt_BR": r"\b(?i:senhora?|vós|teu|tua)\b",
    "ja": r"貴方|お前|(だ|である)。",
}
#: How a typist would write what a printer writes otherwise.
TYPED = {
    "de": r"\"|'|\.\.\.",
    "fr": r"\"|'|\.\.\.| [:;?!»]|« |[^\s\u202f\u00a0%)][;?!»]",
    "es": r"\"|'|\.\.\.|^[^¿]*\?|^[^¡]*!",
    "pt_BR": r"\"|'|\.\.\.",
    "ja": r"\"|'|\.\.\.|[!?,:;]",
}
#: What AniList's own people call the lists, anime and manga in one where they are the same.
STATUSES = {
    "de": "Am Schauen, Am Lesen, Geplant, Abgeschlossen, Abgebrochen, Pausiert, Schaue erneut, Lese erneut",
    "fr": "En cours, En lecture, Prévu, Terminé, Abandonné, En pause, Revisionnage, Relecture",
    "es": "Viendo, Leyendo, Planeado, Completado, Abandonado, En pausa, Volviendo a ver, Releyendo",
    "pt_BR": "Assistindo, Lendo, Planejado, Completo, Abandonado, Pausado, Reassistindo, Relendo",
    "ja": "視聴中, 読書中, 予定, 完了, 中止, 一時停止, 再視聴中, 再読中",
}
IN_ENGLISH = "Watching, Reading, Planning, Completed, Dropped, Paused, Rewatching, Rereading"

#: What no user's way leads past.
ELSEWHERE = ("models.py", "apps.py", "admin.py", "admin/*.py", "templates/admin/**/*")
#: AniList refuses no value that our form lets through, as far as we know.
UNMET = {"AniList does not accept this value."}

#: Names, days and hours, and what the template of the walk says itself.
NO_WORDS = r"alice|Bees|x|\w+\.? \d+, \d{4}(, (.* [ap]\.m\.|midnight|noon))?"


@pytest.fixture(params=FOLDERS)
def folder(request):
    return request.param


def keys(found):
    return [(entry.msgctxt, entry.msgid, entry.msgid_plural) for entry in found]


def without_tags(text):
    return re.sub(r"<[^>]+>|%\(\w+\)[sd]", "", text)


# What is there


def test_the_languages_are_those_that_are_promised():
    assert {path.name for path in LOCALE.iterdir()} == set(LANGUAGES.values())


def test_every_sentence_is_translated(folder):
    found = catalogue(folder)
    assert [entry.msgid for entry in found.untranslated_entries()] == []
    assert [entry.msgid for entry in found if not all(text for _, text in pairs(entry))] == []
    assert [entry.msgid for entry in found.fuzzy_entries()] == []
    assert [entry.msgid for entry in found.obsolete_entries()] == []
    assert keys(found) == keys(catalogue("en"))


def test_in_english_the_sources_are_what_is_said():
    """As in Django's own catalogues: there is one, and it is empty."""
    found = catalogue("en")
    assert len(found) > 100
    assert [text for entry in found for _, text in pairs(entry) if text] == []
    assert len(found.obsolete_entries()) == 0


@pytest.mark.parametrize("name", LANGUAGES.values())
def test_what_is_compiled_is_what_was_written(name):
    written = catalogue(name)
    compiled = polib.mofile(str(LOCALE / name / "LC_MESSAGES" / "django.mo"))

    def told(found):
        return {
            key: entry.msgstr_plural or entry.msgstr
            for key, entry in zip(keys(found), found, strict=True)
        }

    there = told(written.translated_entries())
    assert told(compiled) == there
    assert compiled.metadata["Plural-Forms"] == written.metadata["Plural-Forms"]
    assert written.metadata["Language"] == name


def test_collecting_the_sentences_again_changes_nothing(tmp_path):
    """What a source says is in the catalogues: .ci/messages puts it there."""
    if not shutil.which("msgfmt"):
        if os.environ.get("CI") == "true":
            pytest.fail("gettext is missing, and CI must have it")
        pytest.skip("gettext is not installed")
    package = tmp_path / "django_anilist"
    shutil.copytree(
        ROOT / "django_anilist", package, ignore=shutil.ignore_patterns("__pycache__", "sandbox")
    )
    python = Path(sys.executable).parent
    done = subprocess.run(
        [ROOT / ".ci" / "messages", package],
        env={**os.environ, "PATH": f"{python}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for name in LANGUAGES.values():
        again = polib.pofile(str(package / "locale" / name / "LC_MESSAGES" / "django.po"))
        assert [str(entry) for entry in again] == [str(entry) for entry in catalogue(name)]
        assert again.metadata == catalogue(name).metadata


# What a translation must keep


def test_what_stands_in_a_sentence_stands_in_its_translation(folder):
    wrong = [
        (english, text)
        for entry in catalogue(folder)
        for english, text in pairs(entry)
        if placeholders(english) != placeholders(text)
    ]
    assert wrong == []


def test_a_sentence_stays_a_sentence(folder):
    wrong = [
        (english, text)
        for entry in catalogue(folder)
        for english, text in pairs(entry)
        if (text[-1] not in ENDS[english[-1]] if english[-1] in ENDS else text[-1] in ".。?？!！")
        or (english != english.strip()) != (text != text.strip())
    ]
    assert wrong == []


def test_no_translation_is_much_longer(folder):
    wrong = [
        (english, text)
        for entry in catalogue(folder)
        for english, text in pairs(entry)
        if len(without_tags(text)) > max(SHORT, STRETCH * len(without_tags(english)))
        and english not in LONG_ALL_THE_SAME.get(folder, ())
    ]
    assert wrong == []


@pytest.mark.parametrize("rule", [STIFF, TYPED], ids=["friendly", "well set"])
def test_texts_are(folder, rule):
    wrong = [
        text
        for entry in catalogue(folder)
        for _, text in pairs(entry)
        if re.search(rule[folder], without_tags(text))
    ]
    assert wrong == []


def test_nobody_but_staff_reads_of_tokens(folder):
    told = [
        entry.msgid
        for entry in catalogue(folder)
        for _, text in pairs(entry)
        if re.search(r"token|jeton|トークン", text, re.IGNORECASE)
    ]
    assert [english for english in told if "token" not in english.lower()] == []


def test_no_word_of_ours_is_said_otherwise_by_django(folder):
    """All applications share one catalogue, and the first one wins: such a word needs a context."""
    theirs = djangos_own(folder)
    wrong = {
        entry.msgid: (entry.msgstr, theirs[entry.msgid])
        for entry in catalogue(folder)
        if not entry.msgctxt and theirs.get(entry.msgid, entry.msgstr) != entry.msgstr
    }
    assert wrong == {}


# What is said


def test_lists_are_called_as_on_anilist(folder):
    told = {
        entry.msgid: entry.msgstr for entry in catalogue(folder) if entry.msgctxt == "list status"
    }
    assert ", ".join(told[word] for word in IN_ENGLISH.split(", ")) == STATUSES[folder]


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ["0 episodes", "1 episode", "2 episodes"]),
        ("de", ["0 Folgen", "1 Folge", "2 Folgen"]),
        ("fr", ["0 épisode", "1 épisode", "2 épisodes"]),
        ("es", ["0 episodios", "1 episodio", "2 episodios"]),
        ("pt-br", ["0 episódio", "1 episódio", "2 episódios"]),
        ("ja", ["全0話", "全1話", "全2話"]),
    ],
)
def test_one_and_many_are_told_apart_as_the_language_does(language, texts):
    with translation.override(language):
        found = [
            ngettext("%(length)s episode", "%(length)s episodes", length) % {"length": length}
            for length in (0, 1, 2)
        ]
    assert found == texts


# What pages and tags say


@pytest.fixture
def walk(anilist, alice, settings):
    """A function that walks past all pages in a language; returns what each is called and says."""
    settings.MIDDLEWARE = [
        *settings.MIDDLEWARE[:1],
        "django.middleware.locale.LocaleMiddleware",
        *settings.MIDDLEWARE[1:],
    ]
    settings.AUTHENTICATION_BACKENDS = [
        "django.contrib.auth.backends.ModelBackend",
        "django_anilist.backends.AniListBackend",
    ]

    def past_all(language):
        return dict(Walk(anilist, alice, settings, language).pages())

    yield past_all
    translation.deactivate()  # the middleware leaves that to the end of the thread


def in_english(folder):
    """Return two patterns: whole texts that are English, and long parts of sentences that are."""
    english = {
        part
        for entry in catalogue(folder)
        for source, text in pairs(entry)
        if source != text
        for part in fragments(source)
    }
    long = [part for part in english if part.count("\\ ") >= 3]
    return re.compile("|".join(english)), re.compile("|".join(long))


@pytest.mark.django_db
@pytest.mark.parametrize("language", TRANSLATED)
def test_no_page_or_tag_says_anything_in_english(walk, language):
    whole, part = in_english(TRANSLATED[language])
    found = {
        (name, text)
        for name, page in walk(language).items()
        for text in said(page)
        if whole.fullmatch(text.strip(" .:：。")) or part.search(text)
    }
    assert found == set()


@pytest.mark.django_db
def test_nothing_is_said_but_through_the_catalogues(walk, anilist, settings, tmp_path):
    write_marked(tmp_path)
    settings.LOCALE_PATHS = [tmp_path]
    theirs = {title for row in anilist.box.store.media.values() for title in row["title"].values()}
    found = {
        (name, text)
        for name, page in walk("en").items()
        for text in said(page)
        if re.search(r"[^\W\d_]", re.sub(r"https://\S+", "", unmarked(text)))
        and not name.startswith("admin")
        if text.strip("()") not in theirs and not re.fullmatch(NO_WORDS, text)
    }
    assert found == set()


@pytest.mark.django_db
def test_the_walk_meets_whatever_is_said(walk):
    """But for what only staff read, and mails, and the little that AniList alone brings about."""
    texts = {text for page in walk("en").values() for text in said(page)}
    elsewhere = sources(*ELSEWHERE)
    unmet = {
        entry.msgid
        for entry in catalogue("en")
        for part in fragments(entry.msgid_plural or entry.msgid)
        if not any(re.search(rf"(?<!\w){part}", text) for text in texts)
        if entry.msgid.replace("%%", "%") not in elsewhere
    }
    assert unmet == UNMET


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_names_its_language(walk, language):
    pages = [page for page in walk(language).values() if "<html" in page]
    told = {re.search(r'<html lang="([^"]*)"', page)[1] for page in pages}
    assert len(pages) > 50
    assert told == {language}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "day"),
    [
        ("en", "March 5, 2027"),
        ("de", "5. März 2027"),
        ("fr", "5 mars 2027"),
        ("es", "5 de marzo de 2027"),
        ("pt-br", "5 de Março de 2027"),
        ("ja", "2027年3月5日"),
    ],
)
def test_a_day_is_written_as_the_language_does(walk, clock, language, day):
    clock.move_to(datetime.datetime(2027, 3, 3, 12, tzinfo=datetime.timezone.utc))
    for name, page in walk(language).items():  # which has a connection end in two days
        if name in ("account expiring", "authorize expiring", "tags expiring"):
            assert any(day.lower() in text.lower() for text in said(page)), name

"""A file that keeps a sandbox's data from one run to the next. Tokens are kept as digests only."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django_anilist.sandbox.persons import Person
from django_anilist.sandbox.store import TABLES, Entry, Store
from django_anilist.sandbox.tokens import Token, digest

_VERSION = 1


def save(store: Store, path: Path) -> None:
    """Write what can change; media and the rest follow from the seed. All of it or nothing."""
    with store.lock:
        content = {
            "version": _VERSION,
            "plan": asdict(store.plan),
            "people": [asdict(person) for person in store.people.values()],
            "entries": [_entry(entry) for entry in store.entries.values()],
            "tables": {name: store.rows(name) for name in TABLES},
            "tokens": _tokens(store),
        }
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(json.dumps(content), encoding="utf-8")
    os.replace(beside, path)


def load(store: Store, path: Path) -> None:
    """Put back what :func:`save` wrote; ``ValueError`` for another file, or another plan."""
    strange = ValueError(f"{path} holds no data of this sandbox")
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict) or content.get("version") != _VERSION:
        raise strange
    try:
        _put_back(store, path, content)
    except (AttributeError, LookupError, TypeError):
        raise strange from None


def _put_back(store: Store, path: Path, content: dict[str, Any]) -> None:
    if content["plan"] != asdict(store.plan):
        raise ValueError(f"{path} was made with other --seed, --users or --entries; see --reset")
    store.people.clear()
    store.entries.clear()
    for facts in content["people"]:
        store.add_person(Person(**facts))
    people = {person.id: person for person in store.people.values()}
    for facts in content["entries"]:
        store.keep_entry(Entry(**{**facts, "user": people[facts["user"]]}))
    for name, rows in content["tables"].items():
        store.keep(name, rows)
    for sealed, facts in content["tokens"].items():
        store.remembered[sealed] = Token(**{**facts, "person": people[facts["person"]]})


def _entry(entry: Entry) -> dict[str, Any]:
    return {**vars(entry), "user": entry.user.id}


def _tokens(store: Store) -> dict[str, dict[str, Any]]:
    both = {**store.remembered, **{digest(text): token for text, token in store.tokens.items()}}
    return {sealed: {**vars(token), "person": token.person.id} for sealed, token in both.items()}

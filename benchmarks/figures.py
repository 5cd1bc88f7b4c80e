"""Where the figures of hardness are kept: one JSON file for each program that measures some."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "hardness"


def keep(name: str, title: str, rows: Sequence[dict[str, str]], folder: Path = FOLDER) -> None:
    """Write ``rows``, each of ``figure``, ``goal``, ``measured`` and ``note``, to ``name.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"title": title, "rows": list(rows)}, indent=1, ensure_ascii=False)
    (folder / f"{name}.json").write_text(text + "\n", "utf-8")

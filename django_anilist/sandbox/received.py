"""Requests as they came, for whoever tests or looks at the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Received:
    """A request as it came, and how it was answered.

    ``json`` holds the fields of a JSON or form body, ``left`` what remained of the budget.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str] = field(repr=False)
    json: Mapping[str, Any] = field(repr=False)
    status: int = 200
    operation: str = ""
    complexity: int = 0
    left: str = ""

"""What the client's methods take by name, so that editors and type checkers know it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypedDict

from django_anilist.api.values import FuzzyDate

#: A day as :func:`django_anilist.api.values.as_input` takes it.
Day = datetime.date | FuzzyDate | Mapping[str, int | None] | None


class WhichList(TypedDict, total=False):
    """Which list ``media_list`` returns, and what of it."""

    type: str
    status: str | None
    user_id: int | None
    user_name: str | None
    sort: str | Sequence[str] | None


class EntryFields(TypedDict, total=False):
    """What of an entry ``save_media_list_entry`` changes, in Python's spelling."""

    id: int | None
    media_id: int | None
    status: str | None
    score: float | Decimal | None
    score_raw: int | None
    progress: int | None
    progress_volumes: int | None
    repeat: int | None
    priority: int | None
    private: bool | None
    notes: str | None
    hidden_from_status_lists: bool | None
    custom_lists: Sequence[str] | None
    advanced_scores: Sequence[float] | None
    started_at: Day
    completed_at: Day

"""What a client returns: AniList's data, which also knows how old it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Answer(dict[str, Any]):
    """An object of an answer, as AniList sent it.

    ``age`` is how many seconds ago AniList said so; ``stale`` tells that it should have been asked
    again and could not be.
    """

    age: float = 0.0
    stale: bool = False

    def about(self, data: Mapping[str, Any]) -> Answer:
        """Return ``data``, a part of this answer, with its age."""
        return dated(data, self.age, stale=self.stale)


def dated(data: Mapping[str, Any], age: float, *, stale: bool) -> Answer:
    """Return ``data`` as an answer that is ``age`` seconds old."""
    answer = Answer(data)
    answer.age, answer.stale = age, stale
    return answer

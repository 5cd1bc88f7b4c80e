"""What must be in no output: told by whoever handles it, looked for in everything that is printed."""

from __future__ import annotations

import re
import threading
import time
from collections import deque
from collections.abc import Iterable
from typing import IO
from urllib.parse import parse_qsl, urlsplit

#: What every token of the sandbox begins with: {"typ":"JWT", as base64.
TOKEN = "eyJ0eXAiOiJKV1Qi"  # noqa: S105  a beginning that all share
_WORD = re.compile(r"[\w-]{16,}")
#: A secret may be printed moments before whoever looks for it has heard of it.
_LATE = 5.0
_LEVEL = re.compile(r"^(?:\[[^]]*\] \[\d+\] \[)?(DEBUG|INFO|WARNING|ERROR|CRITICAL)\b")
#: How Django logs the pages of 503 that are our calm answer.
_CALM = "ERROR django.request Service Unavailable"


class Secrets:
    """Tokens, codes, states, the client secret and the sealing key, all as they would be printed."""

    def __init__(self, *words: str) -> None:
        self._words = {word.rstrip("=") for word in words}

    def learn(self, address: str) -> None:
        """Take the state and the code out of an address that a browser was sent to."""
        query = dict(parse_qsl(urlsplit(address).query))
        self._words |= {query[name] for name in ("state", "code") if name in query}

    def are_in(self, text: str) -> bool:
        return TOKEN in text or not self._words.isdisjoint(_WORD.findall(text))


class Watch(threading.Thread):
    """Reads what a server prints; keeps the lines that hold secrets, and those that tell of errors."""

    def __init__(self, stream: IO[str], secrets: Secrets) -> None:
        super().__init__(daemon=True)
        self._stream = stream
        self._secrets = secrets
        self._waiting: deque[tuple[float, str]] = deque()
        self._level = ""
        self.lines = 0
        self.leaks: list[str] = []
        self.errors: list[str] = []
        self.last: deque[str] = deque(maxlen=50)

    def run(self) -> None:
        for line in self._stream:
            self._waiting.append((time.monotonic(), line))
            self._look_for_errors(line)
            self._look_at(self._due())
        self._look_at(line for _, line in self._waiting)

    def _due(self) -> Iterable[str]:
        while self._waiting and self._waiting[0][0] < time.monotonic() - _LATE:
            yield self._waiting.popleft()[1]

    def _look_at(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.lines += 1
            if self._secrets.are_in(line):
                self.leaks.append(line[:60])

    def _look_for_errors(self, line: str) -> None:
        """Django logs what a template misses with a traceback, at DEBUG; that is no error."""
        self.last.append(line)
        if found := _LEVEL.match(line):
            self._level = found[1]
        is_error = found is not None and found[1] in ("ERROR", "CRITICAL")
        is_traceback = line.startswith("Traceback") and self._level != "DEBUG"
        if (is_error and not line.startswith(_CALM)) or is_traceback:
            self.errors.append(line.rstrip())

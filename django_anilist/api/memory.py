"""Where answers are remembered: for each viewer apart, bounded in time, in bytes and in number."""

from __future__ import annotations

import secrets
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from django_anilist.api.kept import KeptList

#: An answer that is larger than this when packed is not kept, in bytes.
MAX_PACKED = 1024 * 1024
#: Answers smaller than this are not worth compressing, in bytes.
_SMALL = 4096
#: How much is kept of one viewer, and of what everybody may see: answers, and bytes of them.
VIEWER_BOUNDS = (1_000, 8 * 1024 * 1024)
PUBLIC_BOUNDS = (10_000, 64 * 1024 * 1024)
#: How long a generation is remembered, in seconds; losing it early only forgets answers.
_WEEK = 7 * 24 * 3600.0
#: An answer from further ahead than this was dated by a wrong clock, in seconds.
_SKEW = 60.0

_ZLIB_OR_GZIP = 32 + zlib.MAX_WBITS
_HEAD = struct.Struct("<8sdHB")
_EVERYBODY = bytes(8)
#: The generation of a viewer for whom none can be kept: what carries it is not read again.
_LOST = b"\xff" * 8


class AnswerStore(Protocol):
    """A cache, as much of it as is needed. Nothing here raises: a cache that is down is empty."""

    @property
    def shared(self) -> bool:
        """Whether other processes see it too."""

    @property
    def puts_off(self) -> bool:
        """Whether to write now would be a part of somebody's transaction."""

    def soon(self, work: Callable[[], object]) -> None:
        """Do ``work``, which writes: now, or once a transaction under way is kept."""

    def get_many(self, keys: Iterable[str]) -> Mapping[str, Any]:
        """Return what is there of ``keys``."""

    def set_many(self, values: Mapping[str, bytes], seconds: float) -> bool:
        """Keep ``values`` for no longer than ``seconds``; tell whether that worked."""

    def delete_many(self, keys: Iterable[str]) -> None:
        """Delete what is there of ``keys``."""

    def add(self, key: str, value: bytes, seconds: float) -> bool:
        """Keep ``value`` unless there is one; tell whether there was none."""


@dataclass(frozen=True)
class Found:
    """A remembered answer: its HTTP status, its body and its age in seconds."""

    status: int
    body: bytes
    age: float


class Memory:
    """Answers in ``store``, found by viewer (an AniList id, or ``None`` for nobody) and digest.

    Every answer carries the *generation* of its viewer. To forget a viewer is to begin a new one: it
    takes one write, and an answer that was asked for before cannot come back afterwards.
    """

    def __init__(self, store: AnswerStore, *, clock: Callable[[], float] = time.time) -> None:
        self.store = store
        self._clock = clock
        self._lock, self._unforgotten = threading.Lock(), set[int]()
        self.put_off: set[int] = set()  # whom a transaction under way is to forget

    # Remembering

    def recall(self, viewer: int | None, digest: bytes) -> Found | None:
        """Return what is remembered under ``digest``, however old."""
        return self.recall_many(viewer, [digest]).get(digest)

    def recall_many(self, viewer: int | None, digests: Iterable[bytes]) -> dict[bytes, Found]:
        """Return what is remembered of ``digests``: one look into the store."""
        keys = {_key(viewer, digest.hex()): digest for digest in digests}
        if viewer is None:
            values, generation = self.store.get_many(keys), _EVERYBODY
        elif not self._is_forgotten(viewer):
            return {}
        else:
            key = _generation_key(viewer)
            values = self.store.get_many([*keys, key])
            generation = values.get(key, b"")
        now, opened = self._clock(), {}
        for key, digest in keys.items():
            if key in values and (found := _unpack(values[key], generation, now)):
                opened[digest] = found
        return opened

    def generation(self, viewer: int | None) -> bytes:
        """Return the generation of ``viewer``, to be handed to :meth:`keep` after asking."""
        if viewer is None:
            return _EVERYBODY
        if not self._is_forgotten(viewer):
            return _LOST
        if (found := self._generation_there(viewer)) is not None:
            return found
        made = secrets.token_bytes(8)
        self.store.soon(lambda: self.store.add(_generation_key(viewer), made, _WEEK))
        return self._generation_there(viewer) or _LOST

    def _generation_there(self, viewer: int) -> bytes | None:
        key = _generation_key(viewer)
        found = self.store.get_many([key]).get(key)
        return found if isinstance(found, bytes) and len(found) == 8 else None

    def keep(
        self,
        viewer: int | None,
        generation: bytes,
        answers: Mapping[bytes, tuple[int, bytes]],
        seconds: float,
        *,
        packed: bytes = b"",
    ) -> None:
        """Remember ``answers`` (status and body by digest), asked for in ``generation``.

        ``packed`` is the body in gzip, where there is one answer and it came so.
        """
        now = self._clock()
        records = {
            digest: _pack(generation, now, status, body, packed)
            for digest, (status, body) in answers.items()
        }
        fitting = {digest: data for digest, data in records.items() if len(data) <= MAX_PACKED}
        if not fitting:
            return
        self.store.soon(partial(self._put, viewer, fitting, seconds))

    def _put(self, viewer: int | None, records: Mapping[bytes, bytes], seconds: float) -> None:
        self.store.set_many(
            {_key(viewer, digest.hex()): data for digest, data in records.items()}, seconds
        )
        self._note(viewer, {digest: len(data) for digest, data in records.items()})

    # Forgetting

    def forget(self, viewer: int) -> None:
        """Make everything that is remembered of ``viewer`` unreadable, at once.

        Where the store cannot be written just then, or not for good, this process reads nothing of
        theirs until it can: their change would be undone on the next page.
        """
        self._unforgotten.add(viewer)
        if self.store.puts_off:
            self.put_off.add(viewer)
            self.store.soon(partial(self.forget, viewer))
        elif self.store.set_many({_generation_key(viewer): secrets.token_bytes(8)}, _WEEK):
            self._unforgotten.discard(viewer)

    def forget_again(self) -> None:
        """Forget whom a transaction put off, now that it is over, however it went."""
        for viewer in list(self.put_off):
            self.put_off.discard(viewer)
            self.forget(viewer)

    def _is_forgotten(self, viewer: int) -> bool:
        """Tell whether all that was to be forgotten of ``viewer`` is, by a further try where need be."""
        if viewer in self._unforgotten and not self.store.puts_off:
            self.forget(viewer)
        return viewer not in self._unforgotten

    def purge(self, viewer: int) -> None:
        """Forget ``viewer``, and delete what is kept."""
        self.forget(viewer)
        self.store.soon(partial(self._delete_all, viewer))

    def _delete_all(self, viewer: int) -> None:
        with self._lock:
            self._delete(viewer, self._index(viewer).digests())
            self.store.delete_many([_index_key(viewer)])

    # Bounds: two processes that write the list of what is kept at once may lose a line of it; what it
    # named then goes by its time.

    def _note(self, viewer: int | None, sizes: Mapping[bytes, int]) -> None:
        most, most_bytes = PUBLIC_BOUNDS if viewer is None else VIEWER_BOUNDS
        with self._lock:
            index = self._index(viewer)
            new = {
                digest: size for digest, size in sizes.items() if not index.is_young(digest, size)
            }
            if not new:
                return
            for digest, size in new.items():
                index.add(digest, size)
            self._delete(viewer, index.shrink(most, most_bytes))
            self.store.set_many({_index_key(viewer): index.packed()}, _WEEK)

    def _index(self, viewer: int | None) -> KeptList:
        key = _index_key(viewer)
        return KeptList(self.store.get_many([key]).get(key))

    def _delete(self, viewer: int | None, digests: Sequence[bytes]) -> None:
        if digests:
            self.store.delete_many([_key(viewer, digest.hex()) for digest in digests])


def _key(viewer: int | None, name: str) -> str:
    return f"anilist:{'anonymous' if viewer is None else viewer}:{name}"


def _generation_key(viewer: int) -> str:
    return _key(viewer, "generation")


def _index_key(viewer: int | None) -> str:
    return _key(viewer, "index")


def _pack(generation: bytes, now: float, status: int, body: bytes, packed: bytes) -> bytes:
    compressed = len(body) >= _SMALL
    data = (packed or zlib.compress(body, 1)) if compressed else body
    return _HEAD.pack(generation, now, status, compressed) + data


def _unpack(packed: object, generation: bytes, now: float) -> Found | None:
    """Return the answer; ``None`` where it is of another generation, or not of our writing."""
    if not isinstance(packed, bytes) or len(packed) < _HEAD.size:
        return None
    written, made, status, compressed = _HEAD.unpack_from(packed)
    if written != generation or not made <= now + _SKEW:
        return None
    body = packed[_HEAD.size :]
    try:
        return Found(
            status,
            zlib.decompress(body, _ZLIB_OR_GZIP) if compressed else body,
            max(now - made, 0.0),
        )
    except zlib.error:
        return None

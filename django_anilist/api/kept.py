"""A list of the answers that are kept, the oldest first, so that there can be bounds to them.

It is the sum of all sizes, and a record of digest and size for each answer. It is changed as it is, in
bytes: a full one has 10,000 records, and one answer at a time is kept.
"""

from __future__ import annotations

import struct

_RECORD = struct.Struct("<16sI")
_SUM = struct.Struct("<Q")
_MOST = 2**62  # more than all bounds; what is larger is damage


class KeptList:
    """The list, read from ``packed``; an empty one where that is not of our writing."""

    def __init__(self, packed: object) -> None:
        self._total, self._records = 0, bytearray()
        if isinstance(packed, bytes) and len(packed) % _RECORD.size == _SUM.size:
            self._total = min(_SUM.unpack_from(packed)[0], _MOST)
            self._records = bytearray(packed[_SUM.size :])

    def is_young(self, digest: bytes, size: int) -> bool:
        """Tell whether an answer of that size is in the newer half: to write it anew changes little."""
        middle = len(self._records) // _RECORD.size // 2 * _RECORD.size
        return self._place(_RECORD.pack(digest, size), middle) >= 0

    def add(self, digest: bytes, size: int) -> None:
        """Add an answer; one that is kept anew becomes the newest."""
        place = self._place(digest)
        if place >= 0:
            self._take(place)
        self._records += _RECORD.pack(digest, size)
        self._total += size

    def shrink(self, most: int, most_bytes: int) -> list[bytes]:
        """Drop the oldest until the rest is within bounds; return their digests."""
        dropped = []
        while len(self._records) > most * _RECORD.size or self._total > most_bytes:
            if not self._records:
                break
            dropped.append(self._take(0))
        return dropped

    def packed(self) -> bytes:
        """Return the list as it is stored."""
        return _SUM.pack(self._total) + self._records

    def digests(self) -> list[bytes]:
        """Return the digests of all that is kept."""
        return [digest for digest, _ in _RECORD.iter_unpack(self._records)]

    def _place(self, record: bytes, start: int = 0) -> int:
        """Return where a record, or one with that digest, begins; -1 where there is none."""
        place = self._records.find(record, start)
        while place % _RECORD.size and place >= 0:  # by chance, across two records
            place = self._records.find(record, place + 1)
        return place

    def _take(self, place: int) -> bytes:
        found: bytes
        found, size = _RECORD.unpack_from(self._records, place)
        del self._records[place : place + _RECORD.size]
        self._total = max(self._total - size, 0)
        return found

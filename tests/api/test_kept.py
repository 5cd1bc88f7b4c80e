"""The list of what is kept: beside a dict, and with bytes of any kind."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from django_anilist.api.kept import KeptList

ONE = b"1" * 16


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 40)), max_size=40))
def test_what_is_kept_is_always_the_newest_that_fits(steps):
    """Beside a dict in order, and with digests that are found across two records as well."""
    index, plain = KeptList(None), {}
    for number, size in steps:
        digest = [bytes(16), b"\0" * 15 + b"\1", b"\1" + b"\0" * 15, b"\0\1" * 8][number % 4]
        index.add(digest, size)
        plain.pop(digest, None)
        plain[digest] = size
        dropped = index.shrink(3, 60)
        while len(plain) > 3 or sum(plain.values()) > 60:
            oldest = next(iter(plain))
            del plain[oldest]
            assert dropped.pop(0) == oldest
        assert dropped == []
        assert index.digests() == list(plain)
        index = KeptList(index.packed())


@given(st.binary(max_size=100))
def test_no_list_of_what_is_kept_is_too_damaged_to_go_on_with(packed):
    index = KeptList(packed)
    index.add(ONE, 10)
    index.shrink(2, 100)
    assert len(index.digests()) <= 2
    assert KeptList(index.packed()).digests() == index.digests()

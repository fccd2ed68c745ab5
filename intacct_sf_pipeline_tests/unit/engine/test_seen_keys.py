"""The compact set of keys says what a plain set would say."""

from __future__ import annotations

import sys

from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.engine.seen_keys import SeenKeys

keys = st.lists(st.text(max_size=20))


@given(first=keys, second=keys, asked=keys)
def test_it_holds_what_was_added_and_nothing_else(first, second, asked):
    seen, other = SeenKeys(), SeenKeys()
    seen.update(first)
    other.update(second)
    seen.merge(other)
    plain = {*first, *second}
    assert len(seen) == len(plain)
    assert all(key in seen for key in plain)
    assert [key in seen for key in asked] == [key in plain for key in asked]


def test_a_key_takes_some_eight_bytes():
    seen = SeenKeys()
    seen.update(f"{number:07d}" for number in range(200_000))
    held = sum(sys.getsizeof(bucket) for bucket in seen._buckets if bucket is not None)
    assert held < 200_000 * 12

"""The pools that metrics read."""

from __future__ import annotations

import gc

from geventconnpool_ext import NullPool
from geventconnpool_ext.contrib.numbers import Pools


def test_two_that_read_at_once_may_both_meet_a_pool_that_is_gone():
    pools = Pools()
    kept, gone = NullPool(1, connect=object), NullPool(1, connect=object)
    pools.add(kept)
    pools.add(gone)
    one, other = pools.read(), pools.read()
    assert next(one)[0] is next(other)[0] is kept
    del gone
    gc.collect()
    assert list(one) == list(other) == []
    assert [pool for pool, _ in pools.read()] == [kept]

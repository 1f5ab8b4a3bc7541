"""Risk: the end of a pool ends the hook that asked for it."""

from __future__ import annotations

import gevent
import pytest

from geventconnpool_ext import NullPool, PoolClosed, PoolHooks

from ..support.clients import start


def test_a_hook_of_a_failed_connect_may_close_the_pool(peer):
    events = []

    class Closing(PoolHooks):
        def connect_failed(self, error):
            pool.close(timeout=0.1)
            events.append("close() returned")

        def closed(self):
            events.append("closed")

    # It waits for its own caller as well, whom it keeps: for that long.
    pool = NullPool(2, connect=peer.connect, hooks=Closing(), close_timeout=0.1)
    connection = pool.acquire()
    peer.errors = [ConnectionRefusedError("not there")]
    caller = start(pool.acquire, timeout=None)
    with pytest.raises(PoolClosed):
        caller.get(timeout=5)
    assert events == ["closed", "close() returned"]
    assert connection.closes == 1
    stats = pool.stats()
    assert (stats.open, stats.opening, stats.closing) == (0, 0, 0)


def test_a_hook_that_another_one_s_close_overtakes_runs_to_its_end(peer):
    events = []

    class Slow(PoolHooks):
        def connect_failed(self, error):
            gevent.sleep(0.05)
            events.append("told")

    pool = NullPool(1, connect=peer.connect, hooks=Slow())
    peer.errors = [ConnectionRefusedError("not there")]
    caller = start(pool.acquire, timeout=None)
    pool.close(timeout=1)
    caller.join(5)
    assert events == ["told"]
    assert isinstance(caller.exception, PoolClosed)

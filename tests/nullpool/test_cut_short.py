"""Risk: a caller's last attempt, cut short by his own time, hides why connects fail."""

from __future__ import annotations

import gevent
import pytest

from geventconnpool_ext import Backoff, NullPool, PoolTimeout


def test_the_error_of_a_whole_attempt_is_the_cause_and_not_the_end_of_the_time():
    attempts = []

    def connect():
        attempts.append(None)
        if len(attempts) == 1:
            raise ConnectionRefusedError("not there")
        gevent.sleep(5)

    backoff = Backoff(initial=0.01, maximum=0.01, factor=1)
    with NullPool(1, connect=connect, reconnect=backoff) as pool:
        with pytest.raises(PoolTimeout, match="not there") as raised:
            pool.acquire(timeout=0.3)
        assert len(attempts) == 2
        assert isinstance(raised.value.__cause__, ConnectionRefusedError)
        stats = pool.stats()
        assert (stats.connect_errors, stats.opening, stats.timeouts) == (1, 0, 1)


def test_an_only_attempt_that_hangs_is_the_cause():
    with NullPool(1, connect=lambda: gevent.sleep(5)) as pool:
        with pytest.raises(PoolTimeout, match="connect took longer") as raised:
            pool.acquire(timeout=0.1)
        assert isinstance(raised.value.__cause__, TimeoutError)
        assert pool.stats().connect_errors == 1

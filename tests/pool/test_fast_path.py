"""What getting and giving back an idle connection does not do."""

from __future__ import annotations

import time

import pytest

from geventconnpool_ext import ConnectionPool
from geventconnpool_ext._clock import Clock


class CountingClock(Clock):
    """The real time, and how often it was asked for."""

    def __init__(self):
        self.readings = 0

    def now(self):
        self.readings += 1
        return time.monotonic()


@pytest.mark.parametrize(
    ("options", "readings"),
    [
        ({}, 0),
        ({"max_lifetime": 3600}, 10),
        ({"max_idle": 3600}, 10),
        ({"keepalive": 3600, "ping": id}, 10),
        # Once more on the way out of the pool: is it fresh enough?
        ({"check_after_idle": 3600, "ping": id}, 20),
    ],
)
def test_the_clock_is_read_only_where_time_matters(options, readings, monkeypatch):
    clock = CountingClock()
    monkeypatch.setattr(ConnectionPool, "_clock", clock)
    with ConnectionPool(1, connect=object, **options) as pool:
        pool.wait(timeout=5)
        with pool.get():
            pass
        clock.readings = 0
        for _ in range(10):
            with pool.get():
                pass
        assert clock.readings == readings


def test_a_return_nobody_counted_is_in_the_numbers():
    with ConnectionPool(2, connect=object) as pool:
        pool.wait(timeout=5)
        for _ in range(3):
            with pool.get():
                pass
        with pool.get() as first, pool.get():
            assert first is not None
            assert (pool.stats().gets, pool.stats().returned) == (5, 3)
        with pytest.raises(OSError, match="lost"), pool.get():
            raise OSError("lost")
        assert (pool.stats().gets, pool.stats().returned) == (6, 5)
        pool.release(pool.acquire())
        pool.release(pool.acquire(), discard=True)
        assert (pool.stats().gets, pool.stats().returned) == (8, 6)

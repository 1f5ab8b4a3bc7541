"""LeaseTimes, told of leases in the order that other hooks leave it."""

from __future__ import annotations

import gevent
import pytest
from gevent.event import Event
from greenlet import greenlet

from geventconnpool_ext import PoolHooks
from geventconnpool_ext.contrib import lease_times
from geventconnpool_ext.contrib.combined import CombinedHooks
from geventconnpool_ext.contrib.lease_times import LeaseTimes


class Times(LeaseTimes):
    def __init__(self):
        super().__init__()
        self.held = []

    def held_for(self, seconds):
        self.held.append(seconds)


class Slow(PoolHooks):
    def __init__(self):
        self.gates = []

    def released(self, connection):
        if self.gates:
            self.gates.pop(0).wait()


@pytest.fixture
def now(monkeypatch):
    """The time, in a list."""
    now = [100.0]
    monkeypatch.setattr(lease_times, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def times():
    """What measures."""
    return Times()


def use(pool, now, seconds):
    """Hold a lease for so long."""
    with pool.get(timeout=0):
        now[0] += seconds


def begin(function, *arguments):
    """Run until it blocks."""
    greenlet = gevent.spawn(function, *arguments)
    gevent.sleep(0)
    gevent.sleep(0)
    return greenlet


def test_a_release_told_too_late_ends_no_other_lease(new_pool, times, now):
    slow, gate = Slow(), Event()
    pool = new_pool(hooks=CombinedHooks(slow, times))
    slow.gates = [gate]
    first = begin(use, pool, now, 1)
    with pool.get(timeout=0):
        assert times.held == [1]
        gate.set()
        first.join(5)
        assert first.successful()
        now[0] += 10
    use(pool, now, 100)
    assert times.held == [1, 10, 100]
    assert times._late == {}


def test_a_release_that_is_never_told_costs_no_later_measure(new_pool, times, now):
    slow = Slow()
    pool = new_pool(hooks=CombinedHooks(slow, times))
    slow.gates = [Event()]

    def survive():
        with gevent.Timeout(0.01, False):
            use(pool, now, 1)
        use(pool, now, 10)

    killed = gevent.spawn(survive)
    killed.join(5)
    assert killed.successful()
    # How long the hook took counts, too: nobody told that the lease had ended.
    for seconds in (100, 1000):
        use(pool, now, seconds)
    assert times.held == [1, 10, 100, 1000]


def test_a_lease_may_end_in_another_greenlet(new_pool, times, now):
    pool = new_pool(hooks=times)
    lease = pool.get()
    gevent.spawn(lease.__enter__).join(5)
    now[0] += 3
    lease.__exit__(None, None, None)
    assert times.held == [3]


def test_times_keep_no_greenlet_alive_that_holds_a_lease(new_pool, times):
    pool = new_pool(hooks=times)

    parent = gevent.getcurrent()

    def hold():
        with pool.get():
            parent.switch()

    holder = greenlet(hold)
    holder.switch()
    assert pool.stats().in_use == 1
    del holder
    assert pool.stats().in_use == 0

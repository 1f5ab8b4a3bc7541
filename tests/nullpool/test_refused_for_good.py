"""Risk: a caller sleeps on while newer ones are told at once that it is in vain."""

from __future__ import annotations

from typing import Any

import pytest
from gevent.event import Event

from geventconnpool_ext import Backoff, ConnectFailed, NullPool, PoolTimeout
from geventconnpool_ext._reconnect import Reconnect

from ..support.clients import start
from ..support.clock import settle
from ..support.peer import ConnectRefused
from ..support.pools import virtual_pools


class Long(Backoff):
    """Pauses of 900 seconds, without jitter."""

    def delay(self, failures):
        return 900.0


class OneByOne(Reconnect):
    """As after a rejected login: one connect at a time."""

    __slots__ = ()

    def limit(self, max_opening):
        return 1


class CarefulPool(NullPool[Any]):
    """A NullPool that connects one by one."""

    def _make_reconnect(self):
        options = self._options
        return OneByOne(options.reconnect, options.fatal_exc_classes, self._last_error)


@pytest.fixture(params=[NullPool, CarefulPool])
def new_pool(request, peer, clock):
    """Make a pool whose connects may be refused for good, and pause for long."""
    with virtual_pools(request.param, peer, clock) as make:
        yield lambda size, **options: make(
            size,
            fatal_exc_classes=(PermissionError,),
            reconnect=Long(),
            **options,
        )


def refused(*callers):
    return [isinstance(caller.exception, ConnectFailed) for caller in callers]


def test_who_pauses_is_refused_when_the_last_connection_leaves(new_pool, peer, clock):
    pool = new_pool(2)
    held = pool.acquire()
    peer.failing = PermissionError("no")
    older = start(pool.acquire)
    clock.advance(10)
    assert not older.ready()
    pool.release(held)
    settle()
    assert refused(older, start(pool.acquire)) == [True, True]
    assert peer.attempts == 2


def test_who_pauses_after_another_failure_is_refused_with_the_next(peer, clock):
    with virtual_pools(NullPool, peer, clock) as make:
        pool = make(2, fatal_exc_classes=(PermissionError,), reconnect=Long())
        peer.connect_gate = gate = Event()
        first = start(pool.acquire)
        peer.connect_gate = None
        peer.errors = [ConnectRefused()]
        older = start(pool.acquire)
        assert not older.ready()
        peer.failing = PermissionError("no")
        gate.set()
        settle()
        assert refused(first, older, start(pool.acquire)) == [True] * 3
        assert peer.attempts == 2


def test_who_waits_for_a_slot_is_refused_though_all_are_closing(new_pool, peer, clock):
    pool = new_pool(2, close_timeout=500)
    held = pool.acquire()
    peer.failing = PermissionError("no")
    gone = start(pool.acquire, timeout=5)
    clock.advance(6)
    assert isinstance(gone.exception, PoolTimeout)
    peer.close_gate = Event()
    paused = start(pool.acquire)
    older = start(pool.acquire)
    assert pool.stats().waiting == 1
    start(pool.release, held)
    assert pool.stats().closing == 1
    assert refused(paused, older, start(pool.acquire)) == [True] * 3


def test_who_waits_for_the_turn_to_connect_is_refused(peer, clock):
    with virtual_pools(CarefulPool, peer, clock) as make:
        pool = make(3, fatal_exc_classes=(PermissionError,), reconnect=Long())
        peer.connect_gate = gate = Event()
        peer.failing = PermissionError("no")
        callers = [start(pool.acquire) for _ in range(5)]
        assert (peer.attempts, pool.stats().waiting) == (1, 2)
        gate.set()
        settle()
        assert refused(*callers) == [True] * 5
        assert peer.attempts == 1


def test_who_waits_for_the_turn_pauses_when_another_fails(peer, clock):
    with virtual_pools(CarefulPool, peer, clock) as make:
        pool = make(2, reconnect=Long())
        peer.connect_gate = gate = Event()
        peer.errors = [ConnectRefused()]
        callers = [start(pool.acquire) for _ in range(2)]
        peer.connect_gate = None
        gate.set()
        clock.advance(899)
        assert peer.attempts == 1
        clock.advance(2)
        assert peer.attempts == 3
        for caller in callers:
            pool.release(caller.get(timeout=1))


@pytest.mark.parametrize("timeout", [900, 800])
def test_a_pause_that_outlasts_the_callers_time_ends_with_it(peer, clock, timeout):
    with virtual_pools(NullPool, peer, clock) as make:
        pool = make(1, reconnect=Long())
        peer.failing = ConnectRefused()
        caller = start(pool.acquire, timeout=timeout)
        clock.advance(timeout - 1)
        assert not caller.ready()
        clock.advance(2)
        assert isinstance(caller.exception, PoolTimeout)
        assert peer.attempts == 1


def test_who_does_not_wait_does_not_wait_for_the_turn_either(peer, clock):
    with virtual_pools(CarefulPool, peer, clock) as make:
        pool = make(2)
        peer.connect_gate = gate = Event()
        first = start(pool.acquire)
        second = start(pool.acquire, timeout=0)
        assert isinstance(second.exception, PoolTimeout)
        gate.set()
        pool.release(first.get(timeout=1))

"""``check()``: every idle connection is pinged now."""

from __future__ import annotations

import pytest
from gevent.event import Event

from geventconnpool_ext._waiter import pause

from ..support.clients import start
from ..support.clock import settle


def test_check_pings_every_idle_connection_now(new_pool, peer, clock):
    pool = new_pool(5, ping=peer.ping)
    held = pool.acquire()
    checking = start(pool.check)
    clock.advance(1)
    assert checking.successful()
    assert sum(c.pings for c in peer.connections) == 4
    assert held.pings == 0
    pool.release(held)


def test_check_discards_what_is_broken_and_others_serve_meanwhile(
    new_pool, peer, clock
):
    pool = new_pool(4, ping=peer.ping)
    for connection in [pool.acquire() for _ in range(4)]:
        pool.release(connection)
    peer.ping_gate = Event()
    peer.ping_failing = OSError()
    checking = start(pool.check)
    assert not checking.ready()
    with pool.get(timeout=0) as connection:
        connection.ask()
    peer.ping_gate.set()
    clock.advance(1)
    assert checking.successful()
    stats = pool.stats()
    assert stats.discarded["ping"] >= 3
    assert stats.open == 4


def test_check_without_a_way_to_ping_says_so(new_pool):
    with pytest.raises(RuntimeError, match=r"check\(\) needs a way to ping"):
        new_pool(1).check()


def test_check_ends_when_the_pool_is_closed_meanwhile(new_pool, peer, clock):
    pool = new_pool(1, ping=peer.ping)
    peer.ping_gate = Event()
    checking = start(pool.check)
    closing = start(pool.close, timeout=1)
    clock.advance(10)
    assert checking.ready()
    assert closing.successful()


def test_a_check_ends_whatever_other_checks_begin_meanwhile(new_pool, clock):
    pool = new_pool(4, ping=lambda connection: pause(clock, 0.05))
    start(pool.check)
    clock.advance(0.02)
    checking = start(pool.check)
    for _ in range(20):
        clock.advance(0.02)
        start(pool.check)
    assert checking.successful()


def test_a_check_gets_its_turn_beside_pings_that_callers_wait_for(
    new_pool, peer, clock
):
    pool = new_pool(4, check_after_idle=10)
    clock.advance(11)
    peer.ping_gate = Event()
    callers = [start(pool.acquire) for _ in range(2)]
    assert pool.stats().pinging == 2
    checking = start(pool.check)
    assert (pool.stats().pinging, pool.stats().idle) == (3, 1)
    peer.ping_gate.set()
    settle()
    for caller in callers:
        pool.release(caller.get())
    clock.advance(1)
    assert checking.successful()

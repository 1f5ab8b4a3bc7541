"""Pings: when, which, how many at a time, and what their outcome does."""

from __future__ import annotations

import gevent
import pytest
from gevent.event import Event

from geventconnpool_ext import Backoff, ConnectionPool, PoolTimeout

from ..support.clients import start
from ..support.clock import settle


class Odd(Exception):
    """Not in exc_classes."""


def test_an_idle_connection_is_pinged_every_keepalive_seconds(new_pool, peer, clock):
    pool = new_pool(1, keepalive=10)
    clock.advance(9)
    assert peer.pings == 0
    clock.advance(2)
    assert peer.pings == 1
    clock.advance(100)
    assert 9 <= peer.pings <= 11
    assert pool.stats().pings == peer.pings


def test_a_connection_in_use_is_not_pinged_and_use_counts_as_a_ping(
    new_pool, peer, clock
):
    pool = new_pool(1, keepalive=10)
    for _ in range(10):
        with pool.get():
            clock.advance(6)
        clock.advance(3)
    assert peer.pings == 0


def test_the_one_idle_connection_is_not_pinged_for_the_busy_ones(new_pool, peer, clock):
    # U10: it was pinged 12 times in 1.2 s.
    pool = new_pool(12, keepalive=12)
    held = [pool.acquire() for _ in range(11)]
    clock.advance(120.5)
    assert peer.pings <= 11
    for connection in held:
        pool.release(connection)


@pytest.mark.parametrize("error", [OSError(), Odd(), AssertionError(), MemoryError()])
def test_any_exception_from_a_ping_discards_and_keepalive_lives_on(
    new_pool, peer, clock, error
):
    # U7: upstream's keepalive greenlet died of it.
    pool = new_pool(1, keepalive=10)
    with pool.get():
        pass
    peer.ping_failing = error
    clock.advance(11)
    assert pool.stats().discarded["ping"] == 1
    assert pool.stats().ping_errors == 1
    assert peer.connections[0].closes == 1
    peer.ping_failing = None
    clock.advance(50)
    assert peer.pings >= 4
    assert pool.stats().open == 1


@pytest.mark.parametrize(
    "error", [gevent.Timeout(1), gevent.GreenletExit()], ids=["Timeout", "GreenletExit"]
)
def test_what_is_no_exception_from_a_ping_discards_too(new_pool, peer, clock, error):
    # G1, in the ping.
    pool = new_pool(1, keepalive=10)
    peer.ping_failing = error
    clock.advance(11)
    peer.ping_failing = None
    clock.advance(11)
    stats = pool.stats()
    assert stats.discarded["ping"] == 1
    assert (stats.pinging, stats.idle) == (0, 1)


def test_a_pinger_killed_before_it_starts_discards(new_pool, peer, clock):
    pool = new_pool(1, keepalive=10)
    engine = pool._engine
    entry = engine.state.idle[0]
    engine.pinger.start(entry)
    for greenlet in list(engine.pinger.running):
        greenlet.kill(block=False)
    clock.advance(5)
    stats = pool.stats()
    assert (stats.pinging, stats.discarded["ping"], stats.open) == (0, 1, 1)


def test_while_one_is_pinged_the_others_serve(new_pool, peer, clock):
    # G7: every idle connection was taken out before the ping.
    pool = new_pool(4, keepalive=10)
    peer.ping_gate = Event()
    clock.advance(11)
    assert 1 <= pool.stats().pinging <= 2
    assert pool.stats().idle >= 2
    with pool.get(timeout=0), pool.get(timeout=0):
        pass
    peer.ping_gate.set()
    clock.advance(30)
    assert all(c.pings for c in peer.connections)


def test_a_caller_waits_for_a_ping_that_is_under_way_and_gets_the_connection(
    new_pool, peer, clock
):
    pool = new_pool(1, keepalive=10)
    peer.ping_gate = Event()
    clock.advance(11)
    waiter = start(pool.acquire, timeout=5)
    assert not waiter.ready()
    peer.ping_gate.set()
    settle()
    pool.release(waiter.get())
    assert peer.attempts == 1


def test_where_there_is_room_nobody_waits_for_a_keepalive_that_hangs(
    new_pool, peer, clock
):
    pool = new_pool(2, min_size=1, keepalive=10)
    peer.ping_gate = Event()
    clock.advance(11)
    assert pool.stats().pinging == 1
    waiter = start(pool.acquire, timeout=5)
    settle()
    pool.release(waiter.get(timeout=1))
    assert peer.attempts == 2


def test_who_waits_for_the_ping_that_he_asked_for_opens_no_other(new_pool, peer, clock):
    pool = new_pool(2, min_size=1, check_after_idle=10)
    peer.ping_gate = Event()
    clock.advance(11)
    waiter = start(pool.acquire, timeout=5)
    settle()
    assert (pool.stats().pinging, peer.attempts) == (1, 1)
    peer.ping_gate.set()
    settle()
    pool.release(waiter.get(timeout=1))
    assert peer.attempts == 1


@pytest.mark.parametrize("outcome", ["fails", "passes, but it is drained"])
def test_where_there_is_room_nobody_waits_for_the_close_after_a_ping(
    new_pool, peer, clock, outcome
):
    pool = new_pool(2, min_size=1, check_after_idle=10, close_timeout=60)
    with pool.get():
        pass  # One that fails unused would count as a failed connect.
    peer.ping_gate, peer.close_gate = Event(), Event()
    clock.advance(11)
    waiter = start(pool.acquire, timeout=5)
    settle()
    if outcome == "fails":
        peer.ping_failing = OSError("dead")
    else:
        pool.drain()
    peer.ping_gate.set()
    settle()
    connection = waiter.get(timeout=1)
    assert connection is peer.connections[1]
    assert pool.stats().closing == 1
    peer.ping_failing = None
    pool.release(connection)
    peer.close_gate.set()


def test_get_is_bounded_even_while_the_only_connection_hangs_in_a_ping(
    new_pool, peer, clock
):
    pool = new_pool(1, keepalive=10)
    peer.ping_gate = Event()
    clock.advance(11)
    waiter = start(pool.acquire, timeout=0.3)
    clock.advance(0.4)
    assert isinstance(waiter.exception, PoolTimeout)
    assert "1 pinging" in str(waiter.exception)


def test_a_ping_is_bounded_by_connect_timeout(new_pool, peer, clock):
    pool = new_pool(1, keepalive=10, connect_timeout=3)
    with pool.get():
        pass
    peer.ping_gate = Event()
    clock.advance(10.1)
    clock.advance(3.1)
    assert pool.stats().ping_errors == 1
    assert pool.stats().discarded["ping"] == 1


def test_keepalive_zero_means_none(new_pool, peer, clock):
    pool = new_pool(1, keepalive=0)
    clock.advance(10_000)
    assert peer.pings == 0
    assert pool.keepalive == 0


def test_an_overridden_keepalive_method_is_called_with_the_connection(peer, clock):
    seen = []

    class Old(ConnectionPool):
        _clock = clock
        SPAWN_FREQUENCY = 0.0

        def _new_connection(self):
            return peer.connect()

        def _keepalive(self, c):
            seen.append(c)

    pool = Old(1, keepalive=5)
    clock.advance(6)
    assert seen == [peer.connections[0]]
    pool.close()


def test_check_after_idle_pings_on_checkout_only_when_idle_longer(
    new_pool, peer, clock
):
    pool = new_pool(1, check_after_idle=10)
    with pool.get():
        pass
    clock.advance(9)
    with pool.get():
        pass
    assert peer.pings == 0
    clock.advance(11)
    with pool.get() as connection:
        assert peer.pings == 1
        assert connection.pings == 1


def test_check_after_idle_zero_pings_at_every_checkout(new_pool, peer, clock):
    pool = new_pool(1, check_after_idle=0)
    for expected in (1, 2, 3):
        clock.advance(0.001)
        with pool.get():
            assert peer.pings == expected


def test_a_stale_connection_that_fails_its_check_is_never_handed_out(
    new_pool, peer, clock
):
    pool = new_pool(2, check_after_idle=10)
    for connection in [pool.acquire(), pool.acquire()]:
        pool.release(connection)
    clock.advance(11)
    old = list(peer.connections)
    peer.ping_failing = ConnectionResetError()
    waiter = start(pool.acquire, timeout=5)
    clock.advance(1)
    got = waiter.get()
    assert got not in old
    pool.release(got)


def test_the_timeout_bounds_the_ping_on_checkout(new_pool, peer, clock):
    # G8: borrow timeout 0.3 s, still blocked after 4 s.
    pool = new_pool(1, check_after_idle=10)
    clock.advance(11)
    peer.ping_gate = Event()
    waiter = start(pool.acquire, timeout=0.3)
    clock.advance(0.2)
    assert not waiter.ready()
    clock.advance(0.2)
    assert isinstance(waiter.exception, PoolTimeout)
    peer.ping_gate.set()
    clock.advance(1)
    assert pool.stats().open == 1
    with pool.get(timeout=0):
        pass


def test_a_caller_killed_during_the_ping_on_checkout_loses_no_slot(
    new_pool, peer, clock
):
    # G1, in the borrow-time check.
    pool = new_pool(1, check_after_idle=10)
    clock.advance(11)
    peer.ping_gate = Event()
    waiter = start(pool.acquire)
    waiter.kill()
    peer.ping_gate.set()
    clock.advance(1)
    assert pool.stats().idle == 1
    with pool.get(timeout=0):
        pass


def test_a_fresh_connection_serves_before_a_stale_one_is_pinged(new_pool, peer, clock):
    pool = new_pool(2, check_after_idle=10)
    clock.advance(11)
    first = start(pool.acquire).get()
    pool.release(first)
    pings = peer.pings
    peer.ping_gate = Event()
    with pool.get(timeout=0) as connection:
        assert connection is first
    assert peer.pings == pings


def test_callers_beyond_the_fresh_ones_get_the_stale_ones_pinged(new_pool, peer, clock):
    pool = new_pool(3, check_after_idle=10)
    clock.advance(11)
    callers = [start(pool.acquire, timeout=5) for _ in range(3)]
    clock.advance(1)
    got = [caller.get() for caller in callers]
    assert len(set(got)) == 3
    assert peer.attempts == 3
    for connection in got:
        pool.release(connection)


def test_hundreds_of_idle_connections_are_all_pinged_in_time(new_pool, peer, clock):
    new_pool(64, keepalive=60, reconnect=Backoff(0.1, 1))
    clock.advance(61)
    assert all(c.pings == 1 for c in peer.connections)
    assert peer.most_pinging <= 32

"""Closing what left the pool: once, in the background, and before its slot is used."""

from __future__ import annotations

import time

import gevent
import pytest
from gevent.event import Event

from geventconnpool_ext import ConnectionPool

from ..support.clients import start
from ..support.clock import settle
from ..support.peer import ConnectRefused


def discard_one(pool):
    connection = pool.acquire()
    pool.release(connection)
    connection = pool.acquire()
    pool.release(connection, discard=True)
    return connection


def test_a_dropped_connection_is_closed_once(new_pool, peer, clock):
    # U8: upstream never closed it.
    pool = new_pool(1)
    connection = discard_one(pool)
    clock.advance(10)
    assert connection.closes == 1


def test_the_discard_does_not_wait_for_the_close(new_pool, peer):
    pool = new_pool(1)
    peer.close_gate = Event()
    discard_one(pool)
    assert pool.stats().closing == 1


def test_the_slot_is_free_only_when_the_close_has_returned(new_pool, peer, clock):
    pool = new_pool(1, close_timeout=60)
    peer.close_gate = Event()
    discard_one(pool)
    waiter = start(pool.acquire)
    clock.advance(30)
    assert peer.attempts == 1
    assert not waiter.ready()
    peer.close_gate.set()
    settle()
    pool.release(waiter.get(timeout=1))
    assert peer.most_present == 1


def test_the_slot_is_free_when_close_timeout_has_passed(new_pool, peer, clock):
    pool = new_pool(1, close_timeout=3)
    peer.close_gate = Event()
    discard_one(pool)
    waiter = start(pool.acquire)
    clock.advance(2.9)
    assert not waiter.ready()
    clock.advance(0.2)
    pool.release(waiter.get(timeout=1))
    assert pool.stats().closing == 0


def test_a_close_that_a_stall_of_the_loop_held_up_is_made_all_the_same(peer):
    """gevent looks at its timers after some callbacks: before the close has begun."""
    pool = ConnectionPool(1, connect=peer.connect, close_timeout=0.1)
    pool.wait(timeout=5)
    gevent.spawn(time.sleep, 0.3)
    for _ in range(60):
        gevent.spawn(gevent.sleep, 0)
    discard_one(pool)
    with gevent.Timeout(5):
        while pool.stats().closing:
            gevent.sleep(0.01)
    assert peer.connections[0].closes == 1
    pool.close()
    assert peer.present == 0


def test_close_timeout_is_five_seconds_by_default(new_pool, peer, clock):
    pool = new_pool(1)
    peer.close_gate = Event()
    discard_one(pool)
    clock.advance(4.9)
    assert pool.stats().closing == 1
    clock.advance(0.2)
    assert pool.stats().closing == 0


def test_a_close_given_up_is_logged(new_pool, peer, clock, caplog):
    pool = new_pool(1, name="slow", close_timeout=3)
    peer.close_gate = Event()
    discard_one(pool)
    clock.advance(4)
    assert "slow: close given up after 3 s" in caplog.text


@pytest.mark.parametrize(
    "error",
    [OSError(), ValueError(), gevent.Timeout(1), gevent.GreenletExit()],
    ids=lambda error: type(error).__name__,
)
def test_whatever_a_close_raises_its_slot_is_free(new_pool, peer, clock, error):
    pool = new_pool(1)
    peer.close_failing = error
    discard_one(pool)
    settle()
    with pool.get(timeout=0):
        pass
    peer.close_failing = None


def test_a_closer_killed_before_it_starts_still_closes(new_pool, peer, clock):
    pool = new_pool(1)
    connection = discard_one(pool)
    for greenlet in list(pool._engine.closer.running):
        greenlet.kill(block=False)
    settle()
    assert connection.closes == 1
    with pool.get(timeout=0):
        pass


def test_a_waiter_is_served_by_the_slot_of_a_discarded_connection(
    new_pool, peer, clock
):
    # G6: it slept until its timeout although a slot was free.
    pool = new_pool(2)
    held = [pool.acquire(), pool.acquire()]
    waiter = start(pool.acquire, timeout=10)
    pool.release(held.pop(), discard=True)
    clock.advance(1)
    pool.release(waiter.get())
    pool.release(held.pop())


def test_close_connection_replaces_the_default_close(new_pool, peer, clock):
    closed = []

    def close(connection):
        closed.append(connection)
        peer.close(connection)

    pool = new_pool(1, close_connection=close)
    connection = discard_one(pool)
    settle()
    assert closed == [connection]


def test_a_connection_without_a_close_is_just_dropped(new_pool, clock):
    pool = new_pool(1, connect=lambda: [1])
    discard_one(pool)
    clock.advance(1)
    with pool.get(timeout=0) as connection:
        assert connection == [1]


def test_connections_that_compare_equal_are_different_connections(new_pool, clock):
    pool = new_pool(2, connect=lambda: [1])
    assert pool.stats().open == 2
    a, b = pool.acquire(), pool.acquire()
    assert a == b
    assert a is not b
    pool.release(b)
    pool.release(a)
    assert pool.stats().idle == 2


def test_unhashable_connections_will_do(new_pool):
    class Unhashable:
        __hash__ = None

        def __eq__(self, other):
            raise AssertionError("the pool compared connections")

    pool = new_pool(1, connect=Unhashable)
    for _ in range(3):
        with pool.get():
            pass
    pool.release(pool.acquire(), discard=True)


def test_a_storm_of_discards_never_exceeds_size(new_pool, peer, clock):
    pool = new_pool(3, max_opening=10)

    def client(number):
        for turn in range(10):
            try:
                with pool.get() as connection:
                    connection.ask()
                    if (number + turn) % 3 == 0:
                        raise ConnectionResetError
            except ConnectionResetError:
                pass

    clients = [gevent.spawn(client, number) for number in range(20)]
    for _ in range(200):
        clock.advance(1)
        if all(c.ready() for c in clients):
            break
    gevent.joinall(clients, timeout=1, raise_error=True)
    assert peer.most_present <= 3
    stats = pool.stats()
    assert stats.connects == stats.open + sum(stats.discarded.values())


def test_lifo_hands_out_what_was_returned_last(new_pool):
    pool = new_pool(3, order="lifo")
    held = [pool.acquire() for _ in range(3)]
    for connection in held:
        pool.release(connection)
    for _ in range(3):
        with pool.get() as connection:
            assert connection is held[2]


def test_fifo_hands_out_what_was_returned_first(new_pool):
    pool = new_pool(3)
    held = [pool.acquire() for _ in range(3)]
    for connection in held:
        pool.release(connection)
    seen = []
    for _ in range(6):
        with pool.get() as connection:
            seen.append(connection)
    assert seen == held + held


def test_the_last_connect_error_is_told_only_while_it_is_the_last(
    new_pool, peer, clock
):
    peer.errors = [ConnectRefused("gone by")]
    pool = new_pool(1)
    clock.advance(1)
    with pool.get():
        waiter = start(pool.acquire, timeout=1)
        clock.advance(2)
    assert waiter.exception.__cause__ is None
    assert "last connect error: none" in str(waiter.exception)


def test_a_close_is_made_even_if_no_timer_is_to_be_had(new_pool, clock, monkeypatch):
    def fail(*arguments, **options):
        raise OverflowError

    pool = new_pool(1)
    connection = pool.acquire()
    with monkeypatch.context() as patch:
        patch.setattr(clock, "call_later", fail)
        pool.release(connection, discard=True)
        settle()
    assert connection.closes == 1
    assert pool.stats().closing == 0

"""What ``close()`` does to callers, waiters and connections, whatever the pool."""

from __future__ import annotations

import pytest
from gevent.event import Event

from geventconnpool_ext import Backoff, PoolClosed

from ..support.clients import start
from ..support.clock import settle
from ..support.peer import ConnectRefused


def test_a_pool_is_a_context_that_closes_it(new_pool, peer):
    with new_pool(2, open=False) as pool, pool.get() as connection:
        connection.ask()
    settle()
    assert peer.present == 0
    with pytest.raises(PoolClosed):
        pool.get().__enter__()


def test_a_pool_never_opened_hands_out_nothing(new_pool, peer):
    pool = new_pool(1, open=False, name="early")
    lease = pool.get()
    with pytest.raises(PoolClosed, match=r"early: not open yet.*open\(\)"):
        lease.__enter__()
    with pytest.raises(PoolClosed, match="early: not open yet"):
        pool.acquire()
    assert peer.attempts == 0
    pool.open()
    with pool.get():
        pass


def test_open_twice_does_nothing(new_pool, peer):
    pool = new_pool(1)
    pool.open()
    settle()
    with pool.get():
        pass
    assert peer.attempts == 1


def test_after_close_every_call_says_that_it_is_final(new_pool):
    pool = new_pool(1, name="over", ping=lambda c: None)
    pool.close()
    calls = [
        pool.open,
        lambda: pool.get().__enter__(),
        pool.acquire,
        lambda: pool.wait(1),
        lambda: pool.resize(2),
        pool.drain,
        pool.check,
        pool.__enter__,
    ]
    for call in calls:
        with pytest.raises(PoolClosed, match="over: closed, which is final"):
            call()


def test_close_is_idempotent(new_pool, peer):
    pool = new_pool(2)
    with pool.get():
        pass
    pool.close()
    before = pool.stats()
    pool.close()
    pool.close(timeout=0)
    assert pool.stats() == before


def test_stats_can_be_read_after_close(new_pool):
    pool = new_pool(2)
    with pool.get():
        pass
    pool.close()
    stats = pool.stats()
    assert (stats.open, stats.opening, stats.closing, stats.waiting) == (0, 0, 0, 0)
    assert stats.connects == sum(stats.discarded.values())


def test_waiters_get_pool_closed_at_once(new_pool, clock):
    pool = new_pool(1, name="shut")
    lease = pool.get()
    lease.__enter__()
    waiters = [start(pool.acquire) for _ in range(3)]
    closing = start(pool.close, timeout=60)
    for waiter in waiters:
        assert isinstance(waiter.exception, PoolClosed)
        assert str(waiter.exception).startswith("shut: ")
    assert pool.stats().waiting == 0
    lease.__exit__(None, None, None)
    settle()
    clock.advance(1)
    assert closing.successful()


@pytest.mark.parametrize("blocked_in", ["connect", "backoff"])
def test_who_waits_for_a_connect_gets_pool_closed_at_once(
    new_pool, peer, clock, blocked_in
):
    if blocked_in == "connect":
        peer.connect_gate = Event()
    else:
        peer.failing = ConnectRefused()
    pool = new_pool(1, reconnect=Backoff(initial=50, maximum=50))
    waiter = start(pool.acquire)
    clock.advance(0.01)
    assert not waiter.ready()
    closing = start(pool.close, timeout=1)
    clock.advance(1.1)
    assert isinstance(waiter.exception, PoolClosed)
    clock.advance(6)
    assert closing.successful()


def test_a_used_connection_closes_when_it_comes_back(new_pool, peer, clock):
    pool = new_pool(1)
    with pool.get() as connection:
        closing = start(pool.close, timeout=60)
        clock.advance(30)
        assert not closing.ready()
        assert connection.closes == 0
        connection.ask()
    settle()
    clock.advance(0.1)
    assert connection.closes == 1
    assert closing.successful()
    assert pool.stats().discarded["closed"] >= 1


def test_after_its_timeout_close_takes_connections_from_their_users(new_pool, clock):
    pool = new_pool(1)
    lease = pool.get()
    with lease as connection:
        closing = start(pool.close, timeout=3)
        clock.advance(2.9)
        assert connection.closes == 0
        clock.advance(0.2)
        assert connection.closes == 1
        assert closing.successful()
    assert connection.closes == 1
    assert pool.stats().in_use == 0


def test_a_release_after_a_forced_close_is_no_error_once(new_pool, clock):
    pool = new_pool(1)
    connection = pool.acquire()
    closing = start(pool.close, timeout=1)
    clock.advance(2)
    assert closing.successful()
    pool.release(connection)
    with pytest.raises(ValueError, match="release"):
        pool.release(connection)


def test_a_connection_returned_after_close_is_never_handed_out(new_pool, clock):
    # G11: it re-entered, and nothing was ever closed for good.
    pool = new_pool(1)
    lease = pool.get()
    connection = lease.__enter__()
    closing = start(pool.close, timeout=30)
    lease.__exit__(None, None, None)
    clock.advance(1)
    assert closing.successful()
    assert connection.closes == 1
    assert pool.stats().open == 0
    with pytest.raises(PoolClosed):
        pool.acquire()


def test_close_does_not_wait_longer_than_close_timeout_for_a_close(
    new_pool, peer, clock
):
    peer.close_gate = Event()
    pool = new_pool(1, close_timeout=2.0)
    start(lambda: pool.release(pool.acquire()))
    closing = start(pool.close, timeout=1)
    clock.advance(5)
    assert closing.successful()


def test_close_by_two_at_once_closes_each_connection_once(new_pool, clock):
    pool = new_pool(2)
    with pool.get() as connection:
        closing = [start(pool.close, timeout=1) for _ in range(2)]
        clock.advance(2)
        assert all(c.successful() for c in closing)
    assert connection.closes == 1


def test_an_exception_leaving_the_pool_context_goes_on(new_pool):
    with pytest.raises(ZeroDivisionError), new_pool(1, open=False):
        raise ZeroDivisionError


@pytest.mark.parametrize("timeout", [-1, float("nan"), float("inf"), "1", True])
def test_a_wrong_close_timeout_is_named(new_pool, timeout):
    pool = new_pool(1)
    with pytest.raises((TypeError, ValueError), match="timeout must be"):
        pool.close(timeout)
    with pool.get():
        pass

"""NullPool alone: a connection per lease, from any thread, and nothing left over."""

from __future__ import annotations

import gc
import os
import time
import weakref

import gevent
import pytest
from gevent.event import Event
from gevent.monkey import get_original

from geventconnpool_ext import (
    Backoff,
    ConnectFailed,
    NullPool,
    PoolError,
    PoolTimeout,
    _leaks,
)

from ..support.children import fork_by_gevent, fork_plainly, in_child
from ..support.clients import start
from ..support.clock import settle
from ..support.peer import ConnectRefused
from ..support.pools import virtual_pools

Thread = get_original("threading", "Thread")


@pytest.fixture
def new_pool(peer, clock):
    """Make a NullPool of the scripted peer in virtual time."""
    with virtual_pools(NullPool, peer, clock) as make:
        yield make


def test_each_lease_has_a_connection_of_its_own_and_closes_it(new_pool, peer):
    pool = new_pool(2)
    for number in range(5):
        with pool.get() as connection:
            assert connection.number == number
            connection.ask()
        settle()
        assert connection.closes == 1
    assert pool.stats().open == 0
    assert peer.attempts == 5


def test_nothing_is_opened_before_somebody_asks(new_pool, peer, clock):
    new_pool(5, keepalive=1, ping=peer.ping, max_lifetime=5)
    clock.advance(100)
    assert peer.attempts == 0


def test_wait_proves_that_the_peer_is_there(new_pool, peer, clock):
    pool = new_pool(2)
    start(pool.wait, 5).get(timeout=1)
    assert peer.attempts == 1
    peer.failing = ConnectRefused()
    waiting = start(pool.wait, 5)
    clock.advance(6)
    assert isinstance(waiting.exception, PoolTimeout)
    assert waiting.exception.__cause__ is peer.failing


def test_a_slot_is_free_only_when_the_close_has_returned(new_pool, peer, clock):
    pool = new_pool(1, close_timeout=50)
    peer.close_gate = Event()
    first = start(lambda: pool.release(pool.acquire()))
    second = start(pool.acquire)
    clock.advance(10)
    assert peer.attempts == 1
    peer.close_gate.set()
    clock.advance(1)
    assert first.ready()
    pool.release(second.get(timeout=1))
    assert peer.most_present == 1


def test_failed_connects_back_off_between_all_callers(new_pool, peer, clock):
    peer.failing = ConnectRefused()
    pool = new_pool(5, reconnect=Backoff(1.0, 60.0))
    callers = [start(pool.acquire, timeout=300) for _ in range(20)]
    clock.advance(301)
    assert all(isinstance(c.exception, PoolTimeout) for c in callers)
    assert 5 <= peer.attempts < 200


@pytest.mark.parametrize("error", [gevent.Timeout, gevent.GreenletExit])
@pytest.mark.parametrize("where", ["slot", "connect", "backoff", "use", "close"])
def test_a_caller_interrupted_anywhere_leaves_its_slot(
    new_pool, peer, clock, error, where
):
    pool = new_pool(1, reconnect=Backoff(5, 5))
    holder = None
    if where == "slot":
        holder = start(use, pool)
    elif where == "connect":
        peer.connect_gate = Event()
    elif where == "backoff":
        peer.failing = ConnectRefused()
    elif where == "close":
        peer.close_gate = Event()
    caller = start(use, pool, 0 if where == "close" else 1000)
    clock.advance(0.001)
    assert not caller.ready()
    caller.kill(error(), block=False)
    settle()
    assert caller.ready()
    peer.failing = None
    for gate in (peer.connect_gate, peer.close_gate):
        if gate is not None:
            gate.set()
    if holder is not None:
        holder.kill()
    last = start(pool.acquire, timeout=100)
    clock.advance(100)
    pool.release(last.get(timeout=1))
    clock.advance(10)
    stats = pool.stats()
    assert (stats.open, stats.opening, stats.closing, stats.waiting) == (0, 0, 0, 0)
    assert stats.connects == sum(stats.discarded.values())


def use(pool, seconds=1000):
    with pool.get() as connection:
        connection.ask(seconds)


def test_a_fatal_connect_error_ends_the_wait_of_its_caller(new_pool, peer, clock):
    peer.failing = PermissionError("no")
    pool = new_pool(1, fatal_exc_classes=(PermissionError,))
    caller = start(pool.acquire, timeout=None)
    clock.advance(1)
    assert isinstance(caller.exception, ConnectFailed)


def test_resize_serves_those_who_wait(new_pool):
    pool = new_pool(1)
    held = [pool.acquire()]
    waiters = [start(pool.acquire) for _ in range(2)]
    pool.resize(3)
    settle()
    held += [waiter.get(timeout=1) for waiter in waiters]
    for connection in held:
        pool.release(connection)
    assert pool.size == 3


def test_many_native_threads_share_one_pool(peer):
    pool = NullPool(3, connect=peer.connect)
    errors = []
    served = []

    def live():
        try:
            for _ in range(15):
                with pool.get(timeout=20) as connection:
                    connection.ask(0.0005)
                    served.append(connection)
        except BaseException as error:
            errors.append(error)

    threads = [Thread(target=live) for _ in range(6)]
    for thread in threads:
        thread.start()
    for _ in range(1500):
        if not any(thread.is_alive() for thread in threads):
            break
        gevent.sleep(0.01)
    assert errors == []
    assert len(served) == 90
    stats = pool.stats()
    assert (stats.in_use, stats.waiting, stats.gets) == (0, 0, 90)
    pool.close()


def test_a_thread_may_end_at_once_after_its_request(peer):
    # Django's runserver: a thread per request.
    pool = NullPool(1, connect=peer.connect)
    for _ in range(10):
        outcome = []
        thread = Thread(
            target=lambda outcome=outcome: outcome.append(pool.release(pool.acquire(5)))
        )
        thread.start()
        thread.join(10)
        assert outcome == [None]
    assert peer.present == 0
    pool.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
@pytest.mark.parametrize("fork", [fork_plainly, fork_by_gevent], ids=["os", "gevent"])
def test_a_forked_child_has_all_slots_and_none_of_the_leases(peer, fork):
    abandoned = []
    pool = NullPool(1, connect=peer.connect, abandon=abandoned.append)
    lease = pool.get()
    with lease as connection:
        waiter = start(pool.acquire)

        def child():
            with pool.get(timeout=5) as own:
                own.ask()
            lease.__exit__(None, None, None)
            waiter.join(5)
            return abandoned == [connection], repr(waiter.exception), connection.closes

        mine, error, closes = in_child(fork, child)
        assert mine
        assert "forked" in error
        assert PoolError.__name__ in error
        assert closes == 0
        connection.ask()
    pool.release(waiter.get(timeout=5))
    assert abandoned == []
    pool.close()


def test_an_unreferenced_pool_disappears(peer):
    holder = [NullPool(2, connect=peer.connect)]
    with holder[0].get():
        pass
    reference = weakref.ref(holder.pop())
    settle()
    gc.collect()
    assert reference() is None
    assert peer.present == 0


def test_a_pool_that_looks_for_leaks_keeps_nothing_alive(peer):
    pool = NullPool(2, connect=peer.connect, leak_after=3600)
    connection = pool.acquire()
    peer.connections.clear()
    references = [weakref.ref(pool), weakref.ref(connection)]
    del pool, connection
    settle()
    gc.collect()
    assert [reference() for reference in references] == [None, None]


def leaks(caplog):
    return [line for line in caplog.messages if "not given back" in line]


def test_a_leak_of_a_thread_that_has_ended_is_reported_by_another(
    peer, caplog, monkeypatch
):
    # Its timer is on a loop that runs no more.
    monkeypatch.setattr(_leaks, "LATE", 0.05)
    pool = NullPool(1, connect=peer.connect, leak_after=0.05)
    held = []

    def forgetful():
        held.append(pool.acquire())

    thread = Thread(target=forgetful)
    thread.start()
    thread.join(10)
    gevent.sleep(0.15)
    assert leaks(caplog) == []
    with pytest.raises(PoolTimeout):
        pool.acquire(timeout=0)
    gevent.sleep(0.01)
    (line,) = leaks(caplog)
    assert " in forgetful" in line
    pool.release(held.pop())
    pool.close()
    assert len(leaks(caplog)) == 1


def test_who_leaves_late_is_reported_though_its_thread_ends_at_once(peer, caplog):
    pool = NullPool(1, connect=peer.connect, leak_after=0.02)

    def slow():
        with pool.get():
            time.sleep(0.05)

    thread = Thread(target=slow)
    thread.start()
    thread.join(10)
    (line,) = leaks(caplog)
    assert " in slow" in line
    pool.close()

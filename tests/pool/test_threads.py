"""A pool belongs to one native thread; in another it says so, and nothing breaks."""

from __future__ import annotations

import gevent
import pytest
from gevent.event import Event
from gevent.monkey import get_original

from geventconnpool_ext import ConnectionPool, PoolError, _owner

from ..support.clients import start
from ..support.clock import settle

start_thread = get_original("_thread", "start_new_thread")
new_lock = get_original("_thread", "allocate_lock")


def in_thread(function):
    """Call *function* in a native thread; return what it returned or raised."""
    outcome = []
    # Native, all of it: this runs in patched surroundings too.
    running = new_lock()
    running.acquire()

    def run():
        try:
            outcome.append(function())
        except BaseException as error:
            outcome.append(error)
        finally:
            running.release()

    start_thread(run, ())
    running.acquire(True, 10)
    assert outcome, "the thread hangs"
    return outcome[0]


def test_a_foreign_thread_gets_an_error_that_tells_both_threads(new_pool):
    pool = new_pool(1, name="mine")
    with pool.get():
        error = in_thread(pool.acquire)
    assert type(error) is PoolError
    text = str(error)
    assert text.startswith("mine: used from thread ")
    assert "belongs to thread" in text
    assert "NullPool" in text


@pytest.mark.parametrize("call", ["open", "wait", "close", "check", "drain", "resize"])
def test_every_slow_call_from_a_foreign_thread_is_an_error(new_pool, peer, call):
    pool = new_pool(2, ping=peer.ping)
    method = getattr(pool, call)
    error = in_thread((lambda: method(3)) if call == "resize" else method)
    assert type(error) is PoolError, error
    assert pool.size == 2
    with pool.get(timeout=0) as connection:
        connection.ask()


def test_a_get_that_would_wait_in_a_foreign_thread_is_an_error(new_pool):
    pool = new_pool(1)
    with pool.get():
        assert type(in_thread(lambda: pool.get(1).__enter__())) is PoolError
    assert pool.stats().waiting == 0


def test_a_pool_opened_in_a_thread_belongs_to_it(peer):
    pool = ConnectionPool(1, connect=peer.connect, open=False)

    def live():
        pool.open()
        pool.wait(5)
        with pool.get() as connection:
            connection.ask()
        pool.close()
        return pool.stats().gets

    assert in_thread(live) == 1
    assert peer.present == 0


def test_a_lease_left_in_a_foreign_thread_loses_no_connection(new_pool, clock):
    pool = new_pool(1)
    with pool.get():
        pass
    lease = pool.get()
    lease.__enter__()
    waiter = start(pool.acquire, timeout=10)
    in_thread(lambda: lease.__exit__(None, None, None))
    settle()
    clock.advance(1)
    pool.release(waiter.get())
    assert pool.stats().in_use == 0


def test_a_lease_broken_in_a_foreign_thread_is_closed_by_its_own(new_pool, clock):
    pool = new_pool(1)
    lease = pool.get()
    connection = lease.__enter__()
    error = OSError()
    in_thread(lambda: lease.__exit__(OSError, error, None))
    settle()
    clock.advance(1)
    assert connection.closes == 1
    assert pool.stats().in_use == 0
    with pool.get(timeout=0):
        pass


def test_two_threads_with_a_pool_each_do_not_meet(peer):
    def live():
        pool = ConnectionPool(2, connect=peer.connect)
        for _ in range(20):
            with pool.get() as connection:
                connection.ask()
        pool.close()
        return pool.stats().gets

    threads = [live, live]
    assert [in_thread(one) for one in threads] == [20, 20]
    assert peer.present == 0


def test_a_lease_broken_in_a_foreign_thread_is_never_handed_out_again(
    new_pool, peer, clock
):
    pool = new_pool(3, max_lifetime=100)
    lease = pool.get()
    broken = lease.__enter__()
    peer.connect_gate = Event()
    clock.advance(150)
    assert pool.stats().discarded["lifetime"] == 1, "a rotation is under way"
    error = OSError()
    in_thread(lambda: lease.__exit__(OSError, error, None))
    settle()
    assert broken.closes == 1
    stats = pool.stats()
    assert (stats.returned, stats.discarded["error"]) == (0, 1)


def orphan():
    """Return a lease whose pool belongs to a thread that destroyed its event loop."""

    def live():
        pool = ConnectionPool(1, connect=object, name="orphan")
        pool.wait(5)
        lease = pool.get()
        lease.__enter__()
        gevent.get_hub().destroy(destroy_loop=True)
        return lease

    return in_thread(live)


@pytest.mark.parametrize("error", [None, OSError()])
def test_who_gives_back_to_a_thread_without_a_loop_is_told_why_not(error):
    lease = orphan()
    with pytest.raises(PoolError, match=r"orphan: the event loop .* is gone"):
        lease.__exit__(error and type(error), error, None)
    with pytest.raises(PoolError, match=r"orphan: the event loop .* is gone"):
        lease._pool.get(timeout=0).__enter__()


def test_the_end_of_a_pool_without_a_loop_is_no_error():
    engine = orphan()._pool._engine
    # What its finalizer does.
    engine.pool_is_gone()
    engine.owner.stop_listening()


def test_a_later_thread_with_the_ident_of_the_owner_is_not_the_owner(
    new_pool, monkeypatch
):
    pool = new_pool(1)
    mine = _owner.get_thread_ident()
    monkeypatch.setattr(_owner, "get_thread_ident", lambda: mine)
    error = in_thread(pool.close)
    monkeypatch.undo()
    assert type(error) is PoolError
    assert "is gone" in str(error)
    # It is not gone in truth: for the sake of the end of this test.
    pool._engine.owner.thread = mine

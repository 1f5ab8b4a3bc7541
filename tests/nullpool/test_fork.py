"""Risk: what the fork copied goes on in the child, and is counted in its new pool."""

from __future__ import annotations

import os
import signal
import time

import gevent
import pytest
from gevent.event import Event
from gevent.monkey import get_original

from geventconnpool_ext import Backoff, NullPool, PoolError, PoolHooks

from ..support.children import fork_by_gevent, fork_plainly, in_child
from ..support.clients import start
from ..support.clock import settle

Thread = get_original("threading", "Thread")

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork"),
    pytest.mark.filterwarnings("ignore:This process:DeprecationWarning"),
]


@pytest.fixture(params=[fork_plainly, fork_by_gevent], ids=["os", "gevent"])
def fork(request):
    """A way to fork."""
    return request.param


class Blocks:
    """A caller of a pool, and where its block ran."""

    def __init__(self, pool, **options):
        self.pool = pool
        self.ran = []
        self.caller = start(self.use, **options)

    def use(self, timeout=None):
        with self.pool.get(timeout):
            self.ran.append(os.getpid())

    def in_child(self):
        """Return whether the child's copy ran the block, and how it ended."""
        self.caller.join(5)
        return os.getpid() in self.ran, repr(self.caller.exception)


def use_all(pool, peer, callers=4):
    """Use *pool* by many; return the sizes in the end, and most connections at once."""
    peer.present = peer.most_present = 0
    peer.connect_gate = peer.close_gate = None

    def use():
        with pool.get(timeout=5) as connection:
            connection.ask(0.005)

    for greenlet in [gevent.spawn(use) for _ in range(callers)]:
        greenlet.get()
    gone = pool.stats()
    return (gone.opening, gone.closing, gone.open), peer.most_present


def stubborn(connect, outcome):
    """Make a connect that nothing interrupts in a child, and that ends in *outcome*."""
    parent = os.getpid()

    def connect_stubbornly():
        try:
            return connect()
        except BaseException:
            if os.getpid() == parent:
                raise
        gevent.sleep(0.01)
        return outcome()

    return connect_stubbornly


def refuse():
    raise ConnectionRefusedError("not there")


def check_connecting(pool, peer, fork, gate, noted):
    """Fork while a connect is under way; return what the child's copy *noted*."""
    blocks = Blocks(pool)
    assert peer.connecting == 1

    def child():
        ran, error = blocks.in_child()
        found = list(noted)
        return ran, error, pool.stats(), use_all(pool, peer), found

    ran, error, stats, (left, most), found = in_child(fork, child)
    assert not ran
    assert "the process was forked" in error
    assert PoolError.__name__ in error
    assert (stats.opening, stats.connects, stats.connect_errors) == (0, 0, 0)
    assert (left, most) == ((0, 0, 0), 1)
    gate.set()
    blocks.caller.get(timeout=5)
    assert blocks.ran == [os.getpid()]
    assert pool.stats().opening == 0
    pool.close()
    return found


def test_a_connect_under_way_is_interrupted_in_the_child(peer, fork):
    peer.connect_gate = gate = Event()
    pool = NullPool(1, connect=peer.connect)
    assert check_connecting(pool, peer, fork, gate, []) == []


def test_a_connect_that_succeeds_in_the_child_is_abandoned(peer, fork):
    peer.connect_gate = gate = Event()
    abandoned = []
    pool = NullPool(
        1,
        connect=stubborn(peer.connect, outcome=lambda: "a connection"),
        abandon=abandoned.append,
    )
    found = check_connecting(pool, peer, fork, gate, abandoned)
    assert (found, abandoned) == (["a connection"], [])


def test_a_connect_that_fails_in_the_child_is_not_repeated_there(peer, fork):
    peer.connect_gate = gate = Event()
    told = []

    class Failures(PoolHooks):
        def connect_failed(self, error):
            told.append(error)

    pool = NullPool(
        1,
        connect=stubborn(peer.connect, outcome=refuse),
        reconnect=Backoff(0.01, 0.01),
        hooks=Failures(),
    )
    assert check_connecting(pool, peer, fork, gate, told) == []


@pytest.mark.parametrize("where", ["pause", "slot given"])
def test_a_caller_copied_anywhere_else_does_not_connect_in_the_child(peer, fork, where):
    pool = NullPool(1, connect=peer.connect, reconnect=Backoff(0.3, 0.3))
    if where == "pause":
        peer.errors = [ConnectionRefusedError("not there")]
        blocks = Blocks(pool)
    else:
        connection = pool.acquire()
        blocks = Blocks(pool)
        # Returns when the slot has gone on, before who waited for it runs.
        pool.release(connection)
        assert pool.stats().opening == 1
    before = peer.attempts

    def child():
        return blocks.in_child(), peer.attempts, use_all(pool, peer)

    (ran, error), attempts, (left, most) = in_child(fork, child)
    assert (ran, attempts) == (False, before)
    assert "the process was forked" in error
    assert (left, most) == ((0, 0, 0), 1)
    blocks.caller.get(timeout=5)
    pool.close()


@pytest.mark.parametrize("hook", ["connected", "waited", "connect_failed"])
def test_a_caller_copied_inside_of_a_hook_does_not_run_its_block(peer, fork, hook):
    gate = Event()

    class Slow(PoolHooks):
        pass

    def wait(self, *arguments):
        gate.wait()

    setattr(Slow, hook, wait)
    abandoned = []
    pool = NullPool(
        1,
        connect=peer.connect,
        abandon=abandoned.append,
        reconnect=Backoff(0.01, 0.01),
        hooks=Slow(),
    )
    if hook == "connect_failed":
        peer.errors = [ConnectionRefusedError("not there")]
    blocks = Blocks(pool)
    assert not blocks.caller.ready()

    def child():
        gate.set()
        return blocks.in_child(), len(abandoned), use_all(pool, peer)

    (ran, error), let_go, (left, most) = in_child(fork, child)
    assert not ran
    assert "the process was forked" in error
    assert let_go == (hook != "connect_failed")
    assert (left, most) == ((0, 0, 0), 1)
    gate.set()
    blocks.caller.get(timeout=5)
    pool.close()


@pytest.mark.parametrize("begun", [True, False], ids=["begun", "not begun"])
def test_a_close_under_way_is_the_parents_alone(peer, fork, begun):
    peer.close_gate = gate = Event()
    closed = []
    abandoned = []

    def close(connection):
        connection.close()
        closed.append(os.getpid())

    pool = NullPool(
        1, connect=peer.connect, close_connection=close, abandon=abandoned.append
    )
    connection = pool.acquire()
    leaving = gevent.spawn(pool.release, connection)
    if begun:
        settle()
    else:
        # Only the caller has run, not yet what closes.
        gevent.sleep(0)
    assert (peer.closes_begun, pool.stats().closing) == (int(begun), 1)

    def child():
        gate.set()
        leaving.join(5)
        settle()
        stats = pool.stats()
        ours = list(closed), abandoned == [connection], stats.closing
        return ours, use_all(pool, peer)

    ours, (left, most) = in_child(fork, child)
    assert ours == ([], True, 0)
    assert (left, most) == ((0, 0, 0), 1)
    gate.set()
    leaving.get(timeout=5)
    assert (closed, abandoned) == ([os.getpid()], [])
    pool.close()


def test_a_call_of_close_under_way_ends_in_the_child_and_tells_nobody(peer, fork):
    told = []

    class Closed(PoolHooks):
        def closed(self):
            told.append(os.getpid())

    pool = NullPool(1, connect=peer.connect, hooks=Closed())
    connection = pool.acquire()
    closing = start(pool.close, timeout=None)

    def child():
        closing.join(5)
        return closing.successful(), told

    assert in_child(fork, child) == (True, [])
    pool.release(connection)
    closing.get(timeout=5)
    assert told == [os.getpid()]


def test_a_thread_that_holds_the_lock_at_the_fork_blocks_nobody_in_the_child(
    peer, fork
):
    pool = NullPool(1, connect=peer.connect)
    connection = pool.acquire()
    blocks = Blocks(pool)
    held, enough = [], []

    def hold():
        with pool._lock:
            held.append(True)
            while not enough:
                time.sleep(0.001)

    thread = Thread(target=hold)
    thread.start()
    while not held:
        time.sleep(0.001)

    def child():
        # What waits for a thread's lock hears of no gevent.Timeout.
        signal.alarm(10)
        return blocks.in_child(), use_all(pool, peer)

    try:
        (ran, error), (left, most) = in_child(fork, child)
    finally:
        enough.append(True)
        thread.join(10)
    assert not ran
    assert "the process was forked" in error
    assert (left, most) == ((0, 0, 0), 1)
    pool.release(connection)
    blocks.caller.get(timeout=5)
    pool.close()


@pytest.mark.parametrize("where", ["connect", "close", "slot"])
def test_what_another_thread_does_at_the_fork_is_no_part_of_the_child(
    peer, fork, where
):
    entered, enough = [], []

    def dawdle():
        entered.append(True)
        while not enough:
            gevent.sleep(0.005)

    def connect():
        if where == "connect" and not entered:
            dawdle()
        return peer.connect()

    def close(connection):
        if where == "close" and not entered:
            dawdle()
        connection.close()

    pool = NullPool(1, connect=connect, close_connection=close)
    connection = pool.acquire() if where == "slot" else None

    def live():
        if where == "slot":
            entered.append(True)
        with pool.get(timeout=20):
            pass

    thread = Thread(target=live)
    thread.start()
    while not entered or (where == "slot" and not pool.stats().waiting):
        time.sleep(0.001)

    def child():
        settle()
        return use_all(pool, peer)

    try:
        assert in_child(fork, child) == ((0, 0, 0), 1)
    finally:
        enough.append(True)
        if connection is not None:
            pool.release(connection)
        thread.join(10)
    assert not thread.is_alive()
    pool.close()

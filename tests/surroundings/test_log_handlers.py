"""Log handlers that raise, block, switch greenlets or use the pool do no harm."""

from __future__ import annotations

import logging

import gevent
import pytest
from gevent.event import Event

from geventconnpool_ext import PoolTimeout

from ..support.clients import lose
from ..support.clock import settle
from ..support.peer import ConnectRefused

pytestmark = pytest.mark.contract


class NoLock:
    """In the place of a handler's lock, for every way in which one is taken."""

    def acquire(self):
        pass

    def release(self):
        pass

    def __enter__(self):
        pass

    def __exit__(self, *exc_info):
        pass


class Handler(logging.Handler):
    """Does with each record what *emit* does; holds no lock while it does."""

    def __init__(self, emit):
        super().__init__()
        self.lines = []
        self._emit = emit

    def createLock(self):
        self.lock = NoLock()

    def emit(self, record):
        self.lines.append(record.getMessage())
        self._emit(record)


@pytest.fixture
def listen():
    """``listen(emit)`` puts a handler for every level at the package's logger."""
    logger = logging.getLogger("geventconnpool_ext")
    level = logger.level
    added = []

    def add(emit):
        handler = Handler(emit)
        added.append(handler)
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
        return handler

    yield add
    logger.setLevel(level)
    for handler in added:
        logger.removeHandler(handler)


def live(pool, peer, clock):
    """Have the pool say all it can say, then have it serve as many as its size."""
    peer.errors = [ConnectRefused("once")]
    waiter = gevent.spawn(pool.acquire)
    clock.advance(5)
    pool.release(waiter.get(block=False), discard=True)
    clock.advance(5)
    lose(pool)
    clock.advance(5)
    leased = [gevent.spawn(pool.acquire) for _ in range(pool.size)]
    clock.advance(5)
    taken = [one.get(block=False) for one in leased]
    assert len(set(map(id, taken))) == pool.size
    with pytest.raises(PoolTimeout):
        pool.acquire(timeout=0)
    peer.close_failing = ZeroDivisionError("while closing")
    pool.release(taken.pop(), discard=True)
    clock.advance(5)
    peer.close_failing = None
    for connection in taken:
        pool.release(connection)
    clients = [gevent.spawn(lambda: pool.release(pool.acquire())) for _ in range(6)]
    clock.advance(5)
    assert all(client.successful() for client in clients)
    stats = pool.stats()
    assert (stats.in_use, stats.waiting, stats.closing) == (0, 0, 0)


def raising(record):
    raise LookupError("a mistake in a handler")


def switching(record):
    gevent.sleep(0)


def timing_out(record):
    with gevent.Timeout(0, False):
        Event().wait()


@pytest.mark.parametrize("emit", [raising, switching, timing_out])
def test_a_handler_that_misbehaves_harms_nobody(new_pool, peer, clock, listen, emit):
    handler = listen(emit)
    pool = new_pool(2)
    live(pool, peer, clock)
    pool.close()
    clock.advance(5)
    text = "\n".join(handler.lines)
    for said in ("connected", "discarded", "close failed", "in vain", "closed"):
        assert said in text, said


def test_a_filter_that_raises_harms_nobody(new_pool, peer, clock, listen):
    handler = listen(lambda record: None)
    handler.addFilter(raising)
    handler.filters[-1:] = [type("Raising", (), {"filter": staticmethod(raising)})()]
    live(new_pool(2), peer, clock)


def test_a_handler_that_uses_the_pool_harms_nobody(new_pool, peer, clock, listen):
    """As one that writes the log into the database whose pool it is."""
    pool = None
    depth = []

    def emit(record):
        if pool is None or depth:
            return
        depth.append(record)
        try:
            with pool.get(timeout=0) as connection:
                connection.ask()
        except PoolTimeout:
            pass
        finally:
            depth.pop()

    listen(emit)
    pool = new_pool(2)
    live(pool, peer, clock)


def test_a_handler_that_blocks_holds_up_only_who_logs(new_pool, peer, clock, listen):
    """A connect's or a close's line may hang: the connection is in the pool by then."""
    gate = Event()
    pool = new_pool(2)
    clients = []
    handler = listen(lambda record: gate.wait())
    breaking = gevent.spawn(lose, pool)
    clock.advance(5)
    for _ in range(4):
        clients.append(gevent.spawn(lambda: pool.release(pool.acquire())))
        clock.advance(5)
    if type(pool).__mro__[1].__name__ == "ConnectionPool":
        # A null pool logs in its callers' greenlets.
        assert all(client.successful() for client in clients)
    assert handler.lines
    gate.set()
    clock.advance(5)
    assert breaking.successful()
    assert all(client.successful() for client in clients)
    assert pool.stats().in_use == 0


def test_a_kill_inside_of_a_handler_loses_nothing(new_pool, clock, listen):
    """Where callers log: as they give up, discard, and in a null pool connect."""
    pool = new_pool(1)
    stuck = []

    def emit(record):
        if not stuck:
            stuck.append(gevent.getcurrent())
            Event().wait()

    listen(emit)

    def client(timeout):
        with pool.get(timeout) as connection:
            connection.ask()
            raise ConnectionResetError

    def give_up():
        with pool.get():
            pool.acquire(timeout=0)

    for function in (lambda: client(1), give_up):
        stuck.clear()
        caller = gevent.spawn(function)
        clock.advance(5)
        assert stuck, "nothing was logged"
        stuck[0].kill()
        caller.kill()
        clock.advance(5)
    served = gevent.spawn(lambda: pool.release(pool.acquire()))
    clock.advance(5)
    settle()
    assert served.successful()
    assert pool.stats().in_use == 0

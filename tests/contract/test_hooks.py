"""What hooks are told, and that no hook can do harm, whatever the pool."""

from __future__ import annotations

import gc
import logging

import gevent
import pytest
from gevent.event import Event

from geventconnpool_ext import DiscardReason, PoolClosed, PoolHooks, PoolTimeout

from ..support.clients import lose
from ..support.clock import settle
from ..support.peer import ConnectRefused

NAMES = [
    "connected",
    "connect_failed",
    "waited",
    "acquired",
    "released",
    "leaked",
    "discarded",
    "pinged",
    "ping_failed",
    "exhausted",
    "closed",
]


class Recorder(PoolHooks):
    """Overrides every hook and notes each call."""

    def __init__(self):
        self.calls = []

    def names(self):
        return [name for name, _ in self.calls]


def _recording(name):
    def hook(self, *arguments):
        self.calls.append((name, arguments))

    return hook


for _name in NAMES:
    setattr(Recorder, _name, _recording(_name))


def test_pool_hooks_has_these_methods_and_all_do_nothing():
    hooks = PoolHooks()
    assert [n for n in vars(PoolHooks) if not n.startswith("_")] == NAMES
    arguments = {"waited": 2, "ping_failed": 2, "discarded": 2}
    arguments.update(leaked=3)
    arguments.update(exhausted=0, closed=0)
    for name in NAMES:
        call = getattr(hooks, name)
        assert call(*[object()] * arguments.get(name, 1)) is None


def test_the_life_of_a_connection_is_told(new_pool):
    hooks = Recorder()
    pool = new_pool(1, hooks=hooks)
    with pool.get() as connection:
        assert ("connected", (connection,)) in hooks.calls
        assert hooks.calls[-1] == ("acquired", (connection,))
        hooks.calls.clear()
    assert ("released", (connection,)) in hooks.calls
    hooks.calls.clear()
    pool.close()
    settle()
    assert "closed" in hooks.names()
    assert hooks.names().count("closed") == 1
    pool.close()
    assert hooks.names().count("closed") == 1


def test_a_discard_is_told_with_its_reason_and_no_release(new_pool):
    hooks = Recorder()
    pool = new_pool(1, hooks=hooks)
    connection = lose(pool)
    settle()
    assert ("discarded", (connection, DiscardReason.error)) in hooks.calls
    assert "released" not in hooks.names()


def test_a_discard_is_told_once(new_pool, clock):
    hooks = Recorder()
    pool = new_pool(1, hooks=hooks)
    lease = pool.get()
    with lease as connection:
        lease.discard()
    clock.advance(1)
    told = [a for name, a in hooks.calls if name == "discarded" and a[0] is connection]
    assert told == [(connection, DiscardReason.requested)]


def test_acquire_and_release_are_told_too(new_pool):
    hooks = Recorder()
    pool = new_pool(1, hooks=hooks)
    connection = pool.acquire()
    assert hooks.calls[-1] == ("acquired", (connection,))
    pool.release(connection)
    assert ("released", (connection,)) in hooks.calls


def test_a_failed_connect_is_told_with_its_error(new_pool, peer, clock):
    refusal = ConnectRefused()
    peer.errors = [refusal]
    hooks = Recorder()
    pool = new_pool(1, hooks=hooks)
    waiter = gevent.spawn(pool.acquire)
    clock.advance(1)
    pool.release(waiter.get())
    assert ("connect_failed", (refusal,)) in hooks.calls


def waits_of(hooks):
    return [arguments for name, arguments in hooks.calls if name == "waited"]


def test_a_wait_is_told_with_its_seconds_before_the_connection_is(new_pool, clock):
    hooks = Recorder()
    pool = new_pool(1, hooks=hooks)
    lease = pool.get()
    lease.__enter__()
    waited_before = pool.stats().wait_seconds
    hooks.calls.clear()
    waiter = gevent.spawn(pool.acquire)
    clock.advance(4)
    lease.__exit__(None, None, None)
    clock.advance(0)
    connection = waiter.get()
    ((told, seconds),) = waits_of(hooks)
    assert told is connection
    assert seconds == pytest.approx(4)
    assert seconds == pytest.approx(pool.stats().wait_seconds - waited_before)
    names = hooks.names()
    assert names.index("waited") < names.index("acquired")
    pool.release(connection)


def test_as_many_waits_are_told_as_are_counted(new_pool, clock):
    hooks = Recorder()
    pool = new_pool(1, hooks=hooks)

    def use():
        with pool.get() as connection:
            connection.ask(0)

    clients = [gevent.spawn(use) for _ in range(4)]
    clock.advance(1)
    assert all(client.successful() for client in clients)
    with pool.get():
        pass
    stats = pool.stats()
    assert stats.gets == 5
    assert len(waits_of(hooks)) == stats.gets_waited >= 3


def test_exhaustion_is_told(new_pool):
    hooks = Recorder()
    pool = new_pool(1, hooks=hooks)
    with pool.get():
        with pytest.raises(PoolTimeout):
            pool.acquire(timeout=0)
        assert hooks.names().count("exhausted") == 1


def test_a_hook_that_is_not_overridden_is_never_called(new_pool, monkeypatch, clock):
    def fail(*arguments):
        raise AssertionError("a hook that nobody overrides was called")

    for name in NAMES:
        monkeypatch.setattr(PoolHooks, name, fail)

    class Partial(PoolHooks):
        def closed(self):
            told.append(True)

    told = []
    pool = new_pool(1, hooks=Partial())
    with pool.get(), pytest.raises(PoolTimeout):
        pool.acquire(timeout=0)
    pool.close()
    assert told == [True]


@pytest.mark.parametrize("name", NAMES)
def test_a_hook_that_raises_is_logged_and_harmless(new_pool, clock, caplog, name):
    class Raising(PoolHooks):
        pass

    def hook(self, *arguments):
        raise ZeroDivisionError("in the hook")

    setattr(Raising, name, hook)
    pings = []
    pool = new_pool(1, hooks=Raising(), ping=pings.append)
    with pool.get(), pytest.raises(PoolTimeout):
        pool.acquire(timeout=0)
    lose(pool)
    pool.check()
    client = gevent.spawn(lambda: pool.release(pool.acquire()))
    clock.advance(1)
    assert client.successful()
    stats = pool.stats()
    assert (stats.in_use, stats.waiting, stats.opening) == (0, 0, 0)
    pool.close()
    if name not in ("connect_failed", "leaked", "waited", "pinged", "ping_failed"):
        lines = [r for r in caplog.records if "in the hook" in r.getMessage()]
        assert lines
        assert lines[0].name == "geventconnpool_ext"
        assert pool.name in lines[0].getMessage()
        assert lines[0].levelno == logging.ERROR


@pytest.mark.parametrize("name", ["connected", "discarded"])
def test_a_hook_that_blocks_holds_up_nobody_else(new_pool, clock, name):
    gate = Event()

    class Blocking(PoolHooks):
        pass

    setattr(Blocking, name, lambda self, *arguments: gate.wait())
    pool = new_pool(2, hooks=Blocking())
    lease = pool.get()

    def client():
        with lease:
            lease.discard()

    first = gevent.spawn(client)
    clock.advance(1)
    others = [gevent.spawn(lambda: pool.release(pool.acquire())) for _ in range(4)]
    clock.advance(5)
    if type(pool).__mro__[1].__name__ == "ConnectionPool":
        assert all(o.successful() for o in others)
    gate.set()
    clock.advance(5)
    assert first.successful()
    assert all(o.successful() for o in others)
    stats = pool.stats()
    assert stats.in_use == 0


@pytest.mark.parametrize("name", ["waited", "acquired", "released"])
def test_a_kill_inside_of_a_hook_loses_nothing(new_pool, kind, clock, name):
    gate = Event()

    class Blocking(PoolHooks):
        pass

    setattr(Blocking, name, lambda self, *arguments: gate.wait())
    pool = new_pool(1, hooks=Blocking())

    def client():
        with pool.get():
            pass

    held = pool.acquire() if name == "waited" and kind == "pool" else None
    killed = gevent.spawn(client)
    if held is not None:
        clock.advance(1)
        pool.release(held)
    clock.advance(1)
    killed.kill()
    gate.set()
    other = gevent.spawn(client)
    clock.advance(1)
    assert other.successful()
    assert pool.stats().in_use == 0


@pytest.mark.parametrize("name", ["waited", "acquired", "released"])
def test_a_kill_while_a_failure_of_a_hook_is_logged_loses_nothing(
    new_pool, kind, clock, name
):
    gate = Event()

    class Raising(PoolHooks):
        pass

    class Slow(logging.Handler):
        def emit(self, record):
            gate.wait()

    def fail(self, *arguments):
        raise ZeroDivisionError

    def client():
        with pool.get():
            pass

    setattr(Raising, name, fail)
    pool = new_pool(1, hooks=Raising())
    held = pool.acquire() if name == "waited" and kind == "pool" else None
    logger = logging.getLogger("geventconnpool_ext")
    handler = Slow(logging.ERROR)
    logger.addHandler(handler)
    try:
        killed = gevent.spawn(client)
        if held is not None:
            clock.advance(1)
            pool.release(held)
        clock.advance(1)
        assert not killed.dead, "it is in the log now"
        killed.kill()
        gate.set()
        other = gevent.spawn(client)
        clock.advance(1)
    finally:
        logger.removeHandler(handler)
    assert other.successful()
    assert pool.stats().in_use == 0


class Mute(ConnectRefused):
    """An error whose text raises."""

    def __str__(self):
        return self.no_such_attribute


def test_a_hook_that_raises_an_error_without_a_text_loses_nothing(new_pool, caplog):
    class Raising(PoolHooks):
        def acquired(self, connection):
            raise Mute

    pool = new_pool(1, hooks=Raising(), name="mute")
    with pool.get():
        pass
    assert pool.stats().in_use == 0
    assert "mute: hook acquired raised: Mute: <no text" in caplog.text


def test_a_connect_error_without_a_text_leaves_no_waiter_asleep(new_pool, peer, clock):
    pool = new_pool(2, min_size=0)
    held = pool.acquire()
    peer.errors = [Mute()] * 50
    waiter = gevent.spawn(pool.acquire, timeout=None)
    clock.advance(1)
    assert not waiter.dead
    closing = gevent.spawn(pool.close)
    clock.advance(1)
    assert isinstance(waiter.exception, PoolClosed)
    assert "last connect error: Mute: <no text" in str(waiter.exception)
    pool.release(held)
    clock.advance(1)
    assert closing.successful()


def test_a_log_handler_that_raises_is_harmless(new_pool, clock, peer):
    class Raising(logging.Handler):
        def emit(self, record):
            raise ZeroDivisionError

    logger = logging.getLogger("geventconnpool_ext")
    handler = Raising()
    logger.addHandler(handler)
    level = logger.level
    logger.setLevel(logging.DEBUG)
    try:
        peer.errors = [ConnectRefused()]
        peer.close_failing = ZeroDivisionError()
        pool = new_pool(1)
        client = gevent.spawn(pool.acquire)
        clock.advance(1)
        connection = client.get()
        with pytest.raises(PoolTimeout):
            pool.acquire(timeout=0)
        pool.release(connection, discard=True)
        client = gevent.spawn(lambda: pool.release(pool.acquire()))
        clock.advance(1)
        assert client.successful()
        pool.close()
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)
    gc.collect()


def test_a_close_that_raises_is_logged_and_frees_the_slot(
    new_pool, peer, clock, caplog
):
    peer.close_failing = ZeroDivisionError("while closing")
    pool = new_pool(1, name="tidy")
    pool.release(pool.acquire(), discard=True)
    client = gevent.spawn(lambda: pool.release(pool.acquire()))
    clock.advance(1)
    assert client.successful()
    assert "tidy: close failed: ZeroDivisionError: while closing" in caplog.text

"""What geventconnpool's users wrote keeps working, whatever the pool."""

from __future__ import annotations

import gevent
import pytest
from gevent import getcurrent

import geventconnpool_ext
from geventconnpool_ext import PoolTimeout

from ..support.clock import settle


@pytest.fixture
def subclassed(pool_class, clock):
    """Make a pool the old way: a class with methods. Closed in the end."""
    pools = []

    def make(*arguments, **methods):
        attributes = {"_clock": clock, "SPAWN_FREQUENCY": 0.0}
        attributes.update(methods)
        pool = type("Old", (pool_class,), attributes)(*arguments)
        pools.append(pool)
        settle()
        return pool

    yield make
    for pool in pools:
        closing = gevent.spawn(pool.close, timeout=0)
        clock.advance(100)
        assert closing.successful()


def test_three_positional_arguments_and_an_overridden_method(subclassed, peer):
    pool = subclassed(
        3,
        (ValueError,),
        60,
        _new_connection=lambda self: peer.connect(),
        _keepalive=lambda self, c: peer.ping(c),
    )
    assert (pool.size, pool.exc_classes, pool.keepalive) == (3, (ValueError,), 60)
    with pool.get() as connection:
        connection.ask()


def test_the_same_three_arguments_by_keyword(pool_class, peer):
    class Old(pool_class):
        def _new_connection(self):
            return peer.connect()

        def _keepalive(self, c):
            peer.ping(c)

    pool = Old(size=2, exc_classes=(ValueError,), keepalive=30)
    assert (pool.size, pool.exc_classes, pool.keepalive) == (2, (ValueError,), 30)
    pool.close()


def test_defaults_are_os_errors_and_no_keepalive(subclassed, peer):
    pool = subclassed(1, _new_connection=lambda self: peer.connect())
    assert pool.exc_classes == (OSError,)
    assert pool.keepalive is None


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_subclass_sets_its_attributes_before_or_after_super(pool_class, peer, when):
    class Old(pool_class):
        def __init__(self):
            if when == "before":
                self.source = peer
            super().__init__(2)
            if when == "after":
                self.source = peer

        def _new_connection(self):
            return self.source.connect()

    pool = Old()
    with pool.get() as connection:
        connection.ask()
    pool.close()


def test_no_connection_is_made_inside_of_init(pool_class, peer):
    made_in_init = []

    class Old(pool_class):
        def __init__(self):
            super().__init__(2)
            made_in_init.append(peer.attempts)

        def _new_connection(self):
            return peer.connect()

    pool = Old()
    assert made_in_init == [0]
    with pool.get():
        pass
    pool.close()


def test_new_connection_runs_in_a_greenlet(subclassed, peer):
    seen = []

    def connect(self):
        seen.append(getcurrent())
        return peer.connect()

    pool = subclassed(1, _new_connection=connect)

    def client():
        with pool.get():
            pass

    gevent.spawn(client).get()
    assert all(isinstance(greenlet, gevent.Greenlet) for greenlet in seen)


@pytest.mark.parametrize("falsy", [None, False, 0, "", ()])
def test_a_falsy_result_means_not_yet_and_is_tried_again(
    subclassed, peer, clock, falsy
):
    answers = [falsy, falsy]
    pool = subclassed(
        1,
        _new_connection=lambda self: answers.pop() if answers else peer.connect(),
    )

    def client():
        with pool.get() as connection:
            return connection

    waiter = gevent.spawn(client)
    clock.advance(2)
    assert waiter.get() in peer.connections
    assert pool.stats().connect_errors == 2


def test_a_falsy_result_backs_off_no_longer_than_backoff_says(subclassed, peer, clock):
    # U5: upstream's waits doubled up to 409 s.
    attempts = []
    pool = subclassed(1, _new_connection=lambda self: attempts.append(clock.now()))
    waiter = gevent.spawn(lambda: pool.acquire(600))
    clock.advance(601)
    assert isinstance(waiter.exception, PoolTimeout)
    gaps = [b - a for a, b in zip(attempts, attempts[1:])]
    assert gaps
    assert max(gaps) <= 60.0 + 1e-6


def test_any_exception_from_new_connection_is_tried_again(subclassed, peer, clock):
    # U4: upstream's opener died of it, and get() hung for ever.
    class Odd(Exception):
        pass

    peer.errors = [Odd(), OSError(), KeyError("x"), AssertionError()]
    pool = subclassed(1, _new_connection=lambda self: peer.connect())

    def client():
        with pool.get() as connection:
            return connection

    waiter = gevent.spawn(client)
    clock.advance(10)
    assert waiter.get() in peer.connections
    assert pool.stats().connect_errors == 4


def test_a_connection_that_is_in_the_pool_already_is_an_error(subclassed, peer, clock):
    only = peer.connect()
    pool = subclassed(2, _new_connection=lambda self: only)
    first = gevent.spawn(pool.acquire, 5)
    clock.advance(1)
    assert first.get() is only
    second = gevent.spawn(pool.acquire, 5)
    clock.advance(6)
    assert isinstance(second.exception, Exception)
    assert pool.stats().open == 1
    assert pool.stats().opening + pool.stats().open <= 2
    pool.release(only)


def test_spawn_frequency_is_a_tenth_of_a_second(pool_class):
    assert pool_class.SPAWN_FREQUENCY == 0.1


def test_everything_public_is_where_the_old_import_was():
    for name in ("ConnectionPool", "retry"):
        assert name in geventconnpool_ext.__all__


def test_create_pool_makes_either_kind(monkeypatch, peer):
    create = geventconnpool_ext.create_pool
    variable = "GEVENTCONNPOOL_EXT_KIND"
    monkeypatch.delenv(variable, raising=False)
    made = []

    def kind_of(**options):
        pool = create(1, connect=peer.connect, open=False, **options)
        made.append(pool)
        return type(pool)

    assert kind_of() is geventconnpool_ext.ConnectionPool
    assert kind_of(kind="null") is geventconnpool_ext.NullPool
    assert kind_of(kind="pool") is geventconnpool_ext.ConnectionPool
    monkeypatch.setenv(variable, "null")
    assert kind_of() is geventconnpool_ext.NullPool
    assert kind_of(kind="pool") is geventconnpool_ext.ConnectionPool
    for pool in made:
        pool.close(timeout=0)


@pytest.mark.parametrize("where", ["argument", "environment"])
def test_an_unknown_kind_is_refused_by_name(monkeypatch, peer, where):
    create = geventconnpool_ext.create_pool
    options = {}
    if where == "argument":
        options["kind"] = "nul"
        names = "kind must be 'pool' or 'null', not 'nul'"
    else:
        monkeypatch.setenv("GEVENTCONNPOOL_EXT_KIND", "nul")
        names = "GEVENTCONNPOOL_EXT_KIND must be 'pool' or 'null', not 'nul'"
    with pytest.raises(ValueError, match=names):
        create(1, connect=peer.connect, **options)

"""What becomes of a connection whose block ends with an exception."""

from __future__ import annotations

import gevent
import pytest

from geventconnpool_ext import (
    PoolClosed,
    PoolError,
    PoolFull,
    PoolTimeout,
)

from ..support.clock import settle


class Broken(Exception):
    """Named in exc_classes where a test says so."""


def leave_with(pool, error):
    """Leave a block with *error*; return the connection it held."""
    with pytest.raises(type(error)) as caught, pool.get() as connection:
        raise error
    assert caught.value is error, "the block's own exception must go on"
    settle()
    return connection


def test_exc_classes_assigned_later_count_from_then_on(new_pool):
    pool = new_pool(1)
    pool.exc_classes = [Broken]
    assert pool.exc_classes == (Broken,)
    leave_with(pool, OSError())
    assert pool.stats().discarded["error"] == 0
    leave_with(pool, Broken())
    assert pool.stats().discarded["error"] == 1
    with pytest.raises(TypeError, match=r"exc_classes must hold .* not 7"):
        pool.exc_classes = [7]
    assert pool.exc_classes == (Broken,)


@pytest.mark.parametrize("error", [OSError(), ConnectionResetError(), TimeoutError()])
def test_an_os_error_discards_by_default(new_pool, error):
    pool = new_pool(1)
    assert leave_with(pool, error).closes == 1
    assert pool.stats().discarded["error"] == 1
    assert pool.stats().returned == 0


def test_another_exception_gives_the_connection_back(new_pool):
    pool = new_pool(1)
    leave_with(pool, ValueError())
    assert pool.stats().returned == 1
    assert pool.stats().discarded["error"] == 0
    assert pool.stats().discarded["interrupted"] == 0


def test_exc_classes_given_replace_the_default(new_pool):
    pool = new_pool(1, (Broken,))
    assert pool.exc_classes == (Broken,)
    leave_with(pool, OSError())
    assert pool.stats().discarded["error"] == 0
    assert leave_with(pool, Broken()).closes == 1
    assert pool.stats().discarded["error"] == 1


def test_a_single_class_will_do_for_exc_classes(new_pool):
    pool = new_pool(1, exc_classes=Broken)
    assert leave_with(pool, Broken()).closes == 1


@pytest.mark.parametrize(
    "error",
    [
        gevent.Timeout(1),
        gevent.GreenletExit(),
        KeyboardInterrupt(),
        SystemExit(),
        GeneratorExit(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_is_no_exception_discards(new_pool, error):
    pool = new_pool(1)
    assert leave_with(pool, error).closes == 1
    assert pool.stats().discarded["interrupted"] == 1


@pytest.mark.parametrize(
    "error", [PoolTimeout(), PoolFull(), PoolClosed(), PoolError()]
)
@pytest.mark.parametrize("exc_classes", [(OSError,), (Exception,), (TimeoutError,)])
def test_the_error_of_a_nested_pool_costs_no_connection(new_pool, error, exc_classes):
    pool = new_pool(1, exc_classes)
    leave_with(pool, error)
    assert pool.stats().discarded["error"] == 0
    assert pool.stats().returned == 1


def test_a_pool_error_counts_where_its_class_is_named(new_pool):
    pool = new_pool(1, (OSError, PoolTimeout))
    leave_with(pool, PoolClosed())
    assert pool.stats().discarded["error"] == 0
    leave_with(pool, PoolTimeout())
    assert pool.stats().discarded["error"] == 1


def test_an_exhausted_inner_pool_leaves_the_outer_connection_alone(new_pool):
    outer, inner = new_pool(1, name="outer"), new_pool(1, name="inner")
    with inner.get(), pytest.raises(PoolTimeout, match="inner"), outer.get():
        inner.acquire(timeout=0)
    assert outer.stats().returned == 1
    assert outer.stats().discarded["error"] == 0


def test_a_timeout_that_ends_quietly_still_discards(new_pool, clock):
    pool = new_pool(1)
    with gevent.Timeout(0.01, False), pool.get() as connection:
        connection.ask(1)
    settle()
    assert connection.closes == 1
    assert pool.stats().discarded["interrupted"] == 1


def test_the_next_caller_never_reads_an_answer_left_on_the_wire(new_pool, clock):
    pool = new_pool(1)

    def client():
        with pool.get() as connection:
            connection.ask(10)

    killed = gevent.spawn(client)
    settle()
    killed.kill()
    clock.advance(1)
    with pool.get(timeout=10) as connection:
        connection.ask()


def test_an_error_after_discard_changes_nothing_more(new_pool):
    pool = new_pool(1)

    def discard_and_fail():
        lease = pool.get()
        with lease:
            lease.discard()
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        discard_and_fail()
    assert pool.stats().discarded["requested"] == 1
    assert pool.stats().discarded["error"] == 0

"""What an exception that leaves the block means for its connection."""

from __future__ import annotations

import gevent
import pytest

from .waiting import until, within


class Broken(Exception):
    """What somebody's protocol raises when its connection broke."""


class BadlyBroken(Broken):
    """A kind of it."""


def leave_by(pool, error):
    """Leave a block by *error*, which must go on; return its connection."""
    with pytest.raises(type(error)) as caught, pool.get() as connection:
        raise error
    assert caught.value is error
    return connection


def take(pool):
    with within(5, "no connection within 5 s"), pool.get() as connection:
        return connection


def test_a_socket_error_costs_its_connection_and_goes_on(new_pool):
    errors = OSError(), ConnectionResetError(), TimeoutError(), BrokenPipeError()
    pool = new_pool(len(errors))
    dropped = {leave_by(pool, error) for error in errors}
    assert len(dropped) == len(errors)
    assert take(pool) not in dropped


def test_classes_assigned_later_count_from_then_on(new_pool):
    pool = new_pool(1)
    pool.exc_classes = (Broken,)
    first = leave_by(pool, OSError())
    assert leave_by(pool, BadlyBroken()) is first
    assert take(pool) is not first


def test_a_named_class_and_its_subclasses_cost_the_connection(new_pool):
    pool = new_pool(2, (ValueError, Broken))
    dropped = [leave_by(pool, error) for error in (BadlyBroken(), ValueError())]
    assert dropped[0] is not dropped[1]
    assert take(pool) not in dropped


def test_a_socket_error_costs_nothing_where_other_classes_are_named(new_pool):
    pool = new_pool(1, exc_classes=(Broken,))
    assert leave_by(pool, ConnectionResetError()) is take(pool)


@pytest.mark.parametrize(
    "error",
    [ValueError("x"), KeyError("x"), StopIteration(), RuntimeError(), Broken()],
    ids=lambda error: type(error).__name__,
)
def test_another_exception_goes_on_and_the_connection_is_kept(new_pool, peer, error):
    pool = new_pool(1)
    assert leave_by(pool, error) is take(pool)
    assert peer.attempts == 1


def test_an_exception_that_was_caught_inside_costs_nothing(new_pool, peer):
    pool = new_pool(1)
    with pool.get() as connection, pytest.raises(OSError, match="caught"):
        raise OSError("caught")
    assert take(pool) is connection
    assert peer.attempts == 1


@pytest.mark.parametrize("way", ["return", "break"])
def test_leaving_the_block_by_a_statement_keeps_the_connection(new_pool, way):
    pool = new_pool(1)

    def use():
        while True:
            with pool.get() as connection:
                if way == "return":
                    return connection
                break
        return connection

    assert use() is take(pool)


def test_a_dropped_connection_is_replaced_and_no_other(new_pool, peer):
    pool = new_pool(3)
    until(lambda: len(peer.connections) == 3)
    gevent.sleep(0.01)
    dropped = leave_by(pool, OSError())
    until(lambda: peer.attempts == 4)
    gevent.sleep(0.05)
    with pool.get() as first, pool.get() as second, pool.get() as third:
        assert {first, second, third} == set(peer.connections) - {dropped}
    assert peer.attempts == 4


def test_gevents_timeout_costs_the_connection_if_it_is_named(new_pool):
    pool = new_pool(1, exc_classes=(OSError, gevent.Timeout))
    limit = gevent.Timeout(0.01)
    with pytest.raises(gevent.Timeout), limit, pool.get() as connection:
        gevent.sleep(1)
    assert take(pool) is not connection

"""What a pool says to calls that make no sense in its state."""

from __future__ import annotations

import pytest

from geventconnpool_ext import ConnectionPool, NullPool


@pytest.fixture(params=[ConnectionPool, NullPool])
def pool(request, peer):
    """Either kind of pool, open."""
    pool = request.param(2, connect=peer.connect, name="misused")
    yield pool
    pool.close(timeout=0)


@pytest.mark.parametrize("thing", [5, "x", object(), [], ConnectionPool])
def test_release_of_what_never_was_a_connection_is_an_error(pool, thing):
    with pytest.raises(ValueError, match=r"misused: release of a .*, which this pool"):
        pool.release(thing)


def test_release_of_none_is_an_error(pool):
    with pytest.raises(ValueError, match="misused: release"):
        pool.release(None)


def test_release_after_discard_is_an_error(pool):
    connection = pool.acquire()
    pool.release(connection, discard=True)
    with pytest.raises(ValueError, match="misused: release"):
        pool.release(connection)


def test_release_by_an_equal_object_is_an_error():
    pool = ConnectionPool(1, connect=lambda: [1])
    connection = pool.acquire()
    with pytest.raises(ValueError, match="release"):
        pool.release([1])
    pool.release(connection)
    pool.close()


def test_release_of_an_idle_connection_is_an_error(peer):
    pool = ConnectionPool(1, connect=peer.connect)
    connection = pool.acquire()
    pool.release(connection)
    with pytest.raises(ValueError, match="is not in use"):
        pool.release(connection)
    pool.close()


def test_a_lease_is_no_iterator_and_no_connection(pool):
    lease = pool.get()
    assert not hasattr(lease, "__iter__")
    assert not hasattr(lease, "ask")


def test_a_lease_takes_no_attributes(pool):
    with pytest.raises(AttributeError):
        pool.get().something = 1


def test_exit_without_enter_does_nothing(pool):
    pool.get().__exit__(None, None, None)
    assert pool.stats().returned == 0


def test_an_enter_that_failed_can_be_tried_again(pool):
    held = [pool.acquire(), pool.acquire()]
    lease = pool.get(timeout=0.01)
    with pytest.raises(TimeoutError):
        lease.__enter__()
    pool.release(held.pop())
    with lease as connection:
        connection.ask()
    pool.release(held.pop())

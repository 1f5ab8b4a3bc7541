"""What entering and leaving ``with pool.get()`` means, for every pool."""

from __future__ import annotations

import gevent
import pytest

from geventconnpool_ext import Lease, PoolTimeout

from ..support.clients import start
from ..support.clock import settle


def test_a_block_uses_a_connection_and_the_lease_names_it(new_pool):
    pool = new_pool(2)
    lease = pool.get()
    assert isinstance(lease, Lease)
    with lease as connection:
        connection.ask()
        assert lease.connection is connection
        assert pool.stats().in_use == 1
    assert pool.stats().in_use == 0
    assert pool.stats().gets == 1
    assert pool.stats().returned == 1


def test_nothing_is_acquired_before_the_block_is_entered(new_pool):
    pool = new_pool(1)
    first, second = pool.get(), pool.get()
    assert pool.stats().in_use == 0
    with second:
        pass
    with first:
        assert pool.stats().in_use == 1


def test_at_most_size_connections_exist_however_many_ask(new_pool, peer):
    pool = new_pool(3)
    answered = []

    def client():
        with pool.get() as connection:
            connection.ask(0.002)
            answered.append(connection)

    gevent.joinall([gevent.spawn(client) for _ in range(30)], raise_error=True)
    assert len(answered) == 30
    assert peer.most_present == 3


def test_callers_are_served_in_the_order_in_which_they_came(new_pool):
    pool = new_pool(1)
    served = []

    def client(number):
        with pool.get():
            served.append(number)
            gevent.sleep(0)

    with pool.get():
        clients = [gevent.spawn(client, number) for number in range(10)]
        settle()
        assert pool.stats().waiting == 10
    gevent.joinall(clients, raise_error=True)
    assert served == list(range(10))


def test_who_comes_back_at_once_does_not_overtake_who_waits(new_pool):
    pool = new_pool(1)
    served = []

    def client():
        with pool.get():
            served.append("waiter")

    with pool.get():
        waiter = gevent.spawn(client)
        settle()
    with pool.get():
        served.append("returner")
    waiter.get()
    assert served == ["waiter", "returner"]


def test_a_lease_cannot_be_entered_twice(new_pool):
    pool = new_pool(2)
    lease = pool.get()
    with lease:
        with pytest.raises(RuntimeError, match=r"entered before.*pool\.get\(\)"):
            lease.__enter__()
        assert pool.stats().in_use == 1
    with pytest.raises(RuntimeError, match="entered before"):
        lease.__enter__()
    assert pool.stats().in_use == 0


def test_a_lease_that_waits_cannot_be_entered_by_another_greenlet(new_pool):
    pool = new_pool(1)
    held = pool.acquire()
    lease = pool.get()
    first = start(lease.__enter__)
    with pytest.raises(RuntimeError, match="entered before"), lease:
        pass
    for use in (lease.discard, lambda: lease.connection):
        with pytest.raises(RuntimeError, match="still waits for one"):
            use()
    pool.release(held)
    assert first.get(timeout=1) is lease.connection
    lease.__exit__(None, None, None)
    assert (pool.stats().in_use, pool.stats().waiting) == (0, 0)


def test_a_lease_that_waited_in_vain_can_be_entered_again(new_pool):
    pool = new_pool(1)
    held = pool.acquire()
    lease = pool.get(timeout=0)
    with pytest.raises(PoolTimeout), lease:
        pass
    pool.release(held)
    with lease as connection:
        assert connection is not None


def test_a_lease_left_twice_gives_back_once(new_pool):
    pool = new_pool(1)
    lease = pool.get()
    lease.__enter__()
    lease.__exit__(None, None, None)
    with pool.get() as connection:
        lease.__exit__(None, None, None)
        assert pool.stats().in_use == 1
        with pytest.raises(RuntimeError):
            assert lease.connection is connection


@pytest.mark.parametrize("touch", ["connection", "discard"])
def test_a_lease_holds_nothing_before_and_after_its_block(new_pool, touch):
    pool = new_pool(1)
    lease = pool.get()

    def attempt():
        return lease.connection if touch == "connection" else lease.discard()

    with pytest.raises(RuntimeError, match="was not entered yet"):
        attempt()
    with lease:
        pass
    if touch == "connection":
        with pytest.raises(RuntimeError, match="holds none any more"):
            attempt()
    else:
        lease.discard()
        with pool.get() as connection:
            assert connection.closes == 0, "a dead lease discarded another's"


def test_discard_closes_the_connection_and_the_block_goes_on(new_pool, peer, clock):
    pool = new_pool(1)
    lease = pool.get()
    with lease as connection:
        lease.discard()
        settle()
        assert connection.closes == 1
        lease.discard()
    settle()
    assert pool.stats().discarded["requested"] == 1
    clock.advance(1)
    with pool.get(timeout=5) as after:
        assert after is not connection
    assert all(c.closes <= 1 for c in peer.connections)


def test_acquire_and_release_are_the_same_without_a_block(new_pool):
    pool = new_pool(1)
    connection = pool.acquire()
    connection.ask()
    assert pool.stats().in_use == 1
    pool.release(connection)
    assert pool.stats().in_use == 0
    assert pool.stats().returned == 1


def test_release_with_discard_closes(new_pool):
    pool = new_pool(1)
    connection = pool.acquire()
    pool.release(connection, discard=True)
    settle()
    assert connection.closes == 1
    assert pool.stats().discarded["requested"] == 1
    assert pool.stats().returned == 0


def test_release_twice_is_an_error_and_changes_nothing(new_pool):
    pool = new_pool(1)
    connection = pool.acquire()
    pool.release(connection)
    before = pool.stats()
    with pytest.raises(ValueError, match="release"):
        pool.release(connection)
    assert pool.stats() == before


def test_release_to_another_pool_is_an_error_and_changes_nothing(new_pool):
    mine, other = new_pool(1, name="mine"), new_pool(1, name="other")
    connection = mine.acquire()
    with pytest.raises(ValueError, match=r"other.*does not hold"):
        other.release(connection)
    assert mine.stats().in_use == 1
    mine.release(connection)


def test_release_of_what_a_block_holds_is_an_error(new_pool):
    pool = new_pool(1)
    with pool.get() as connection:
        with pytest.raises(ValueError, match="with block"):
            pool.release(connection)
        assert pool.stats().in_use == 1
    assert pool.stats().in_use == 0


def test_release_never_shows_the_connection_it_complains_of(new_pool):
    class Secretive:
        def __repr__(self):
            return "password=hunter2"

    with pytest.raises(ValueError, match="a Secretive object") as caught:
        new_pool(1).release(Secretive())
    assert "hunter2" not in str(caught.value)

"""Who gets which connection, and when."""

from __future__ import annotations

from contextlib import ExitStack

import gevent
import pytest

from .interleavings import play
from .waiting import until, within


def filled(pool, peer):
    """The pool, once all of its connections are open."""
    until(lambda: len(peer.connections) == pool.size)
    gevent.sleep(0.01)
    return pool


def take(pool):
    with pool.get() as connection:
        return connection


def test_a_pool_opens_as_many_connections_as_its_size_and_no_more(new_pool, peer):
    filled(new_pool(3), peer)
    gevent.sleep(0.05)
    assert peer.attempts == 3


def test_with_get_hands_out_what_new_connection_returned(new_pool, peer):
    pool = new_pool(1)
    with pool.get() as connection:
        assert connection is peer.connections[0]
        connection.ask()


def test_a_connection_is_used_by_one_at_a_time(new_pool, peer):
    pool = new_pool(2)
    most = []

    def use():
        with pool.get() as connection:
            connection.ask(0.002)
            most.append(sum(c.users for c in peer.connections))

    with within(5, "the users do not come to an end"):
        gevent.joinall([gevent.spawn(use) for _ in range(20)], raise_error=True)
    assert len(most) == 20
    assert max(most) <= 2


def test_the_connection_returned_first_is_handed_out_first(new_pool, peer):
    pool = filled(new_pool(3), peer)
    assert [take(pool) for _ in range(6)] == peer.connections * 2
    with pool.get() as first, pool.get() as second:
        pass
    # The inner block ends first.
    assert [take(pool) for _ in range(3)] == [peer.connections[2], second, first]


def test_who_waits_longest_is_served_first(new_pool, peer):
    pool = new_pool(1)
    served = []

    def wait(number):
        with pool.get():
            served.append(number)
            gevent.sleep(0)

    with pool.get():
        waiting = [gevent.spawn(wait, number) for number in range(5)]
        gevent.sleep(0.01)
        assert served == []
    gevent.joinall(waiting, raise_error=True)
    assert served == [0, 1, 2, 3, 4]


def test_get_waits_until_a_connection_is_free(new_pool):
    pool = new_pool(1)
    with pool.get() as held:
        waiter = gevent.spawn(take, pool)
        gevent.sleep(0.02)
        assert not waiter.dead
    assert waiter.get(timeout=2) is held


def test_get_waits_until_a_connection_is_open(new_pool, peer):
    peer.connect_gate = gevent.event.Event()
    waiter = gevent.spawn(take, new_pool(1))
    gevent.sleep(0.02)
    assert not waiter.dead
    peer.connect_gate.set()
    assert waiter.get(timeout=2) is peer.connections[0]


def test_nothing_is_acquired_before_the_with_begins(new_pool, peer):
    pool = filled(new_pool(1), peer)
    leases = [pool.get() for _ in range(3)]
    assert take(pool) is peer.connections[0]
    with leases[2] as connection:
        assert connection is peer.connections[0]


def test_one_greenlet_holds_several_connections(new_pool, peer):
    pool = new_pool(3)
    with ExitStack() as stack:
        held = {stack.enter_context(pool.get()) for _ in range(3)}
    assert held == set(peer.connections)


def test_the_lease_lets_an_exception_through(new_pool):
    stack = ExitStack()
    stack.enter_context(new_pool(1).get())
    error = ValueError()
    assert not stack.__exit__(ValueError, error, None)


def test_what_waits_may_be_bounded_by_a_timeout_from_outside(new_pool, peer):
    pool = new_pool(1)
    with pool.get(), pytest.raises(gevent.Timeout), gevent.Timeout(0.02):
        take(pool)
    assert take(pool) is peer.connections[0]


@pytest.mark.parametrize("way", ["killed", "timed out", "killed as it is served"])
def test_a_waiter_that_gives_up_takes_nothing_with_it(new_pool, peer, way):
    pool = filled(new_pool(2), peer)
    served = []

    def wait():
        limit = gevent.Timeout(0.02 if way == "timed out" else None, False)
        with limit, pool.get():
            served.append(gevent.getcurrent())

    with pool.get():
        with pool.get():
            giving_up = [gevent.spawn(wait) for _ in range(4)]
            staying = gevent.spawn(take, pool)
            gevent.sleep(0.01)
            if way == "killed":
                gevent.killall(giving_up)
            elif way == "timed out":
                gevent.joinall(giving_up)
            assert served == []
        if way == "killed as it is served":
            # The connection was returned, and nobody has run since.
            gevent.killall(giving_up, block=False)
        assert staying.get(timeout=2) in peer.connections
    with within(2, "a slot is lost"), pool.get() as one, pool.get() as other:
        assert {one, other} == set(peer.connections)


def test_no_meeting_of_kills_timeouts_and_returns_costs_a_slot(implementation):
    lost = [
        seed for seed in range(40) if play(implementation.ConnectionPool, seed) != 2
    ]
    assert lost == []
